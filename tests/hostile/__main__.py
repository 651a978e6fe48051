"""Puts hostile words into every place of a project, and prints what came of them.

    python -m tests.hostile                              10,000 inputs
    python -m tests.hostile --inputs 1000 --seed 7       fewer, and others

It fails if any statement has changed its shape, anything but a clear mistake was raised, a file
outside of the project was read, or a tick with hostile names left other rows than with plain ones.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from rich.console import Console
from rich.table import Table

from tests.hostile.harness import NAMES, OUTCOMES, WRONG, Ground, Outcome, is_text
from tests.hostile.places import PLACES
from tests.hostile.words import sheets


def main() -> None:
    """Runs the trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--ticks", type=int, default=20, help="how many sheets a tick runs with")
    arguments = parser.parse_args()
    sheets_wanted = -(-arguments.inputs // (2 * len(PLACES)))
    found: dict[str, Counter[str]] = {place: Counter() for place in PLACES}
    ticks: Counter[str] = Counter()
    began = time.monotonic()

    def tell(place: str, word: str, outcome: Outcome) -> None:
        if place in found:
            found[place][outcome.kind] += 1
        if outcome.kind in WRONG:
            sys.stderr.write(f"{place}: {word!r}: {outcome.kind}\n{outcome.detail}\n")
            sys.stderr.flush()

    with tempfile.TemporaryDirectory(prefix="goalsql-hostile-") as temporary:
        ground = Ground(Path(temporary))
        plain = ground.rows({})
        assert isinstance(plain, dict), plain.detail
        assert all(plain.values()), plain

        @seed(arguments.seed)
        @settings(
            max_examples=sheets_wanted, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(sheets(PLACES))
        def run(sheet: dict[str, str]) -> None:
            for raw in (False, True):
                for place, outcome in ground.outcomes(sheet, raw).items():
                    tell(place, sheet[place], outcome)
            if sum(ticks.values()) < arguments.ticks:
                rows = ground.rows({one: sheet[one] for one in NAMES if is_text(sheet[one])})
                kind = "the same rows" if rows == plain else "other rows"
                if isinstance(rows, Outcome):
                    kind = rows.kind
                    tell("ticks", repr(sheet), rows)
                ticks[kind] += 1

        run()
    table = Table("place", "inputs", *OUTCOMES, title="Hostile words in every place of a project")
    for place, counts in (*found.items(), ("all", sum(found.values(), Counter()))):
        numbers = [counts.total(), *(counts[kind] for kind in OUTCOMES)]
        table.add_row(
            place, *(f"{number:,}" for number in numbers), end_section=place == PLACES[-1]
        )
    console = Console()
    console.print(table)
    console.print(f"Ticks with hostile names: {dict(ticks)}; {time.monotonic() - began:,.0f} s")
    wrong = sum(counts[kind] for counts in found.values() for kind in WRONG)
    sys.exit(bool(wrong or ticks["other rows"] or ticks["traceback"]))


if __name__ == "__main__":
    main()
