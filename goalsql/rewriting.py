"""The database's file written anew, so that what was deleted is not in it any more."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from goalsql.engine.duckdb import DuckDB
from goalsql.engine.files import new_database, wal_of
from goalsql.errors import EngineError
from goalsql.opening import Database
from goalsql.run.copying import write_copy

_SHORTLY = 10  # seconds in which a command is done that got in between
_TRIES = 5


@contextmanager
def rewriting(database: Database) -> Iterator[DuckDB]:
    """The database, to read only, while a copy without what was deleted takes its place.

    It does so in one step when the block ends, however it ends. Until then every other process is
    kept from writing to the old file, and none that waits for it gets hold of it later.

    Raises:
        EngineError: if the copy cannot be made; the database is as it was.
        OSError: if it cannot be put in place.
    """
    path = database.path.resolve()
    failure: Exception | None = None
    with closing(_settled(database, path)) as engine:
        with new_database(path, stat.S_IMODE(path.stat().st_mode)) as new:
            write_copy(engine, new)
            try:
                yield engine
            except Exception as error:
                failure = error
        if failure is not None:
            raise failure


def _settled(database: Database, path: Path) -> DuckDB:
    """The database, to read only, without anything of it in a log beside it."""
    patient = replace(database, wait=max(database.wait, _SHORTLY))
    for _ in range(_TRIES):
        engine = patient.duckdb.connect(read_only=True)
        if not wal_of(path).exists():
            return engine
        engine.close()
        patient.duckdb.connect(read_only=False).close()
    raise EngineError("open", "", f"others go on writing to {path}: try again when none does")
