"""Strikes sources with faults of every kind and prints what came of it; or one contact with rows.

    python -m tests.fuzz --inputs 2000 --seed 6
    python -m tests.fuzz --one-contact 10000000

It fails if any input ended in anything but a correct result or one clear error; with
--one-contact, if ten times the rows of one contact take more than twenty times the time.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.fuzz.broken_files import FILES
from tests.fuzz.faults import ROWS
from tests.fuzz.harness import OUTCOMES, Verdict, World, trials
from tests.fuzz.one_contact import AGAIN, WORKFLOW, measured

MOST_SHARE = 2.0


def main() -> None:
    """Runs the trials, or the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--per-world", type=int, default=40, help="inputs to one project")
    parser.add_argument("--one-contact", type=int, metavar="ROWS", help="measure that instead")
    arguments = parser.parse_args()
    if arguments.one_contact:
        sys.exit(_measure(arguments.one_contact))
    sys.exit(_strike(arguments.inputs, arguments.per_world, arguments.seed))


def _strike(inputs: int, per_world: int, seed: int) -> bool:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for first in range(0, inputs, per_world):
        with tempfile.TemporaryDirectory(prefix="goalsql-fuzz-") as folder:
            world = World(Path(folder), seed + first)
            chance = random.Random(seed + first)
            count = min(per_world, inputs - first)
            for verdict in trials(world, (*ROWS, *FILES), count, chance):
                found[verdict.fault][verdict.outcome] += 1
                _tell(verdict, seed + first)
    table = Table("fault", "inputs", *OUTCOMES, title=f"{inputs:,} spoiled sources, seed {seed}")
    for fault, outcomes in sorted(found.items()):
        table.add_row(fault, *map(str, (outcomes.total(), *(outcomes[one] for one in OUTCOMES))))
    total = sum(found.values(), Counter())
    table.add_row("all", *map(str, (total.total(), *(total[one] for one in OUTCOMES))))
    Console().print(table)
    return bool(total["wrong"] + total["traceback"])


def _tell(verdict: Verdict, seed: int) -> None:
    if verdict.outcome in ("wrong", "traceback"):
        sys.stderr.write(f"world {seed}: {verdict.what}: {verdict.outcome}: {verdict.why}\n")


def _measure(rows: int) -> bool:
    titles = ("enrolled", "rows", "contacts", "first tick", "next tick")
    table = Table(*titles, title="All rows of one contact")
    taken = {}
    for how, workflow in (("once a month", WORKFLOW), ("at every row of two", AGAIN)):
        for count in (rows // 10, rows):
            for contacts in (1, count // 10):
                with tempfile.TemporaryDirectory(prefix="goalsql-fuzz-") as folder:
                    first, following = measured(Path(folder), count, contacts, workflow)
                taken[how, count, contacts] = first
                times = (f"{first:.1f} s", f"{following:.1f} s")
                table.add_row(how, f"{count:,}", f"{contacts:,}", *times)
    Console().print(table)
    return any(
        first > 10 * MOST_SHARE * taken[how, rows // 10, 1]
        for (how, count, contacts), first in taken.items()
        if (count, contacts) == (rows, 1)
    )


if __name__ == "__main__":
    main()
