"""Lets commands meet faults, many times at random; prints what came of it.

    python -m tests.faults                           the quickstart with 1,000 contacts
    python -m tests.faults --times 50                how often each fault meets each command
    python -m tests.faults --fault "database gone"   one of them; may be given again
    python -m tests.faults --ticks 20                how often two ticks begin at once

It fails if anything was left half done, said badly, or wrong after the next run.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from goalsql import examples
from tests.faults.harness import CASES, Outcome, prepared
from tests.faults.kinds import KINDS, Kind
from tests.faults.trouble import NoMount
from tests.faults.two import both_at_once


def main() -> None:
    """Runs the trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=10, help="trials of each fault and command")
    parser.add_argument("--ticks", type=int, default=20, help="times that two ticks begin at once")
    parser.add_argument("--fault", choices=KINDS, action="append")
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--seed", type=int, default=6)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    kinds = [kind for kind in KINDS.values() if kind.name in (given.fault or KINDS)]
    outcomes: dict[str, list[Outcome]] = {kind.name: [] for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="goalsql-faults-") as temporary:
        project = Path(temporary, "project")
        examples.init(project, contacts=given.contacts)
        for name in given.case or CASES:
            with ExitStack() as stack:
                ready = prepared(CASES[name], project, Path(temporary, "case"), stack)
                for kind in (kind for kind in kinds if name in kind.cases):
                    for _ in range(given.times):
                        try:
                            outcome = kind.meet(ready, chance)
                        except NoMount as error:
                            sys.stderr.write(f"{kind.name}: not tried: {error}\n")
                            break
                        outcomes[kind.name].append(outcome)
                        if outcome.wrong:
                            what = "; ".join(outcome.wrong)
                            sys.stderr.write(f"{kind.name}, {name}: {what}\n")
        both = both_at_once(project, Path(temporary, "two"), given.ticks)
    Console().print(_table(kinds, outcomes, given.contacts))
    sys.stdout.write(f"two ticks at once: {given.ticks} times, wrong: {len(both)}\n")
    for problem in both:
        sys.stderr.write(f"two ticks at once: {problem}\n")
    sys.exit(bool(both) or any(one.wrong for found in outcomes.values() for one in found))


def _table(kinds: list[Kind], outcomes: dict[str, list[Outcome]], contacts: int) -> Table:
    titles = ("fault", "tried", "failed", "wrong", "time to recover")
    table = Table(*titles, title=f"Faults met and run again, {contacts:,} contacts")
    for kind in kinds:
        found = outcomes[kind.name]
        failed = [outcome.seconds for outcome in found if outcome.failed]
        counts = (len(found), len(failed), sum(bool(outcome.wrong) for outcome in found))
        table.add_row(
            kind.name, *map(str, counts), f"{median(failed):.2f} s" if failed else "nothing failed"
        )
    return table


if __name__ == "__main__":
    main()
