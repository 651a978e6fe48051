"""A database in memory beside the project's own: everything is found, nothing is written."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from goalsql.compile.statements import Statement, named
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


def copy_observed(engine: Engine, database: Path) -> None:
    """Copies what ticks have observed of contacts and segments: it is part of their history.

    Args:
        engine: an engine in memory that looks into the project's database.
        database: the project's database.
    """
    beside = named("whatif/beside.sql")
    found = run(engine, beside["beside.observed"].given({"path": str(database)}).literal())
    run(engine, beside["beside.schema"])
    for catalog, name in found:
        own = exp.Table(
            this=exp.to_identifier(name),
            db=exp.to_identifier("goalsql"),
            catalog=exp.to_identifier(catalog, quoted=True),
        )
        copy = exp.Create(
            this=exp.to_table(f"memory.goalsql.{name}"),
            kind="TABLE",
            expression=exp.select("*").from_(own),
        )
        run(engine, Statement(f"beside.{name}", "Copies what was observed.", copy))
