"""A database in memory beside the project's own: everything is found, nothing is written."""

from __future__ import annotations

from pathlib import Path

from goalsql.compile.statements import named
from goalsql.engine.protocol import Engine
from goalsql.run.state import run


def look_into(engine: Engine, database: Path) -> None:
    """Lets an engine in memory read the project's database by the names that are used in it.

    Args:
        engine: an engine in memory, to which nothing is attached yet.
        database: the project's database, which must exist.

    Raises:
        EngineError: if it cannot be read.
    """
    beside = named("whatif/beside.sql")
    run(engine, beside["beside.attach"].given({"path": str(database)}).literal())
    schemas = [str(name) for (name,) in run(engine, beside["beside.schemas"])]
    search_path = ",".join(["memory.main", *schemas])
    run(engine, beside["beside.look_up"].given({"search_path": search_path}).literal())
