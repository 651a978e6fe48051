"""Runs many small ticks in a row; prints what grew meanwhile, and whether the end state is right.

    python -m tests.soak                            2,000 ticks: half an hour or more
    python -m tests.soak --ticks 200 --seed 7       fewer, another story
    python -m tests.soak --without-full             half the time
    python -m tests.soak --keep DIR                 leave the projects and figures there

Before each tick a few events, property changes, changed or vanished contacts arrive, some late, in
files that are added or rewritten and in a table of an attached database; now and then definitions
are edited or applied, contacts enrolled by hand, copies published. The same ticks are run with
--full, and by the reference interpreter.

It fails if any relation differs from the reference's at any tenth of the ticks, or if something has
grown from the first tenth to the end that does not hold the data.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.soak.figures import Figures, grown
from tests.soak.harness import Soak

MEGABYTE = 1_000_000


def main() -> None:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--keep", type=Path, help="an empty directory for all that is written")
    parser.add_argument(
        "--without-full", action="store_true", help="leave out the ticks with --full"
    )
    arguments = parser.parse_args()
    console = Console()
    folder = (
        nullcontext(str(arguments.keep))
        if arguments.keep
        else tempfile.TemporaryDirectory(prefix="goalsql-soak-")
    )
    names = ["incremental", *([] if arguments.without_full else ["full"])]
    with folder as name:
        Path(name).mkdir(exist_ok=True)
        soak = Soak.of(Path(name), arguments.ticks, arguments.seed)
        soak.run(*names, "reference")
        found, wrong = soak.figures(), soak.wrong(*names)
    console.print(table(found, f"{arguments.ticks:,} ticks, seed {arguments.seed}"))
    more = grown(found[1], found[-1])
    console.print(f"compared at {len(soak.compared)} ticks; wrong: {', '.join(wrong) or 'none'}")
    console.print(f"grown: {', '.join(more) or 'nothing'}")
    sys.exit(bool(wrong or more))


def table(found: list[Figures], title: str) -> Table:
    """The figures, a column for each tick that was looked at."""
    made = Table(title=title)
    made.add_column("after tick")
    for each in found:
        made.add_column(f"{each.tick:,}", justify="right")
    rows = {
        "rows of state": [f"{each.rows:,}" for each in found],
        "files of sources": [f"{each.source_files:,}" for each in found],
        "database, MB": [_mb(each.database) for each in found],
        "newly written, MB": [_mb(each.compact) for each in found],
        "times that": [f"{each.ratio:.2f}" for each in found],
        "bytes a row": [f"{each.database / each.rows:,.0f}" for each in found],
        "write-ahead log, MB": [_mb(each.wal) for each in found],
        "published, MB": [_mb(each.published) for each in found],
        "other files": [str(each.files) for each in found],
        "open files": [str(each.handles) for each in found],
        "threads": [str(each.threads) for each in found],
        "resident memory, MB": [_mb(each.resident) for each in found],
        "Python objects": [f"{each.objects:,}" for each in found],
        "held by DuckDB, MB": [_mb(each.engine) for each in found],
        "spilled by DuckDB, MB": [_mb(each.spilled) for each in found],
        "seconds a tick": [f"{each.seconds:.2f}" for each in found],
        "of a processor": [f"{each.cpu:.2f}" for each in found],
    }
    for name, values in rows.items():
        made.add_row(name, *values)
    return made


def _mb(size: int) -> str:
    return f"{size / MEGABYTE:,.1f}"


if __name__ == "__main__":
    main()
