"""A small history with every kind of state, and databases that released versions made of it.

    python -m tests.run.versions        keeps the database of the version of today, for later ones

`fixtures/` has the project's files as they come, step by step, and `schema_N.duckdb.gz`, the
database that goalsql with schema version N left after the third step.
"""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

from goalsql import Project
from goalsql.run.state import SCHEMA_VERSION

FIXTURES = Path(__file__).parent / "fixtures"
DATABASE = "orchard.duckdb"
VERSIONS = sorted(
    int(path.name.split(".")[0].removeprefix("schema_"))
    for path in FIXTURES.glob("schema_*.duckdb.gz")
)
NEXT_TICK = "2026-02-01T00:00:00Z"


def files_of(version: int) -> Path:
    """The database that a version left, packed."""
    return FIXTURES / f"schema_{version}.duckdb.gz"


def arrive(directory: Path, *steps: int) -> None:
    """Puts the files of some steps in place, as they came."""
    for step in steps:
        shutil.copytree(FIXTURES / str(step), directory, dirs_exist_ok=True)
    crm = directory / "data" / "crm.duckdb"
    if not crm.exists():
        with duckdb.connect(str(crm)) as connection:
            connection.read_csv(str(directory / "data" / "calls.csv")).create("calls")


def live(directory: Path) -> None:
    """Two ticks, an edit that is applied without one, and contacts that wait for the next.

    Between the ticks somebody is forgotten of whom nothing was known; version 1 could not forget.
    """
    arrive(directory, 1)
    Project.load(directory).enroll("by_hand", [8, 10])
    Project.load(directory).tick("2026-01-10T00:00:00Z", "event")
    Project.load(directory).forget([99])
    arrive(directory, 2)
    Project.load(directory).tick("2026-01-20T00:00:00Z", "tick")
    arrive(directory, 3)
    Project.load(directory).apply()
    Project.load(directory).enroll("by_hand", [1, 9])


def restore(directory: Path, version: int) -> None:
    """The project where that history has been lived with a version of goalsql."""
    arrive(directory, 1, 2, 3)
    with gzip.open(files_of(version)) as packed:
        (directory / DATABASE).write_bytes(packed.read())


def go_on(directory: Path, *, full: bool = False) -> None:
    """What comes next: new rows, and a tick."""
    arrive(directory, 4)
    Project.load(directory).tick(NEXT_TICK, "event", full=full)


def main() -> None:
    """Keeps the database of the version of today."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder, "orchard")
        live(directory)
        packed = gzip.compress((directory / DATABASE).read_bytes(), 9, mtime=0)
    path = files_of(SCHEMA_VERSION)
    path.write_bytes(packed)
    sys.stdout.write(f"{path}: {len(packed):,} bytes\n")


if __name__ == "__main__":
    main()
