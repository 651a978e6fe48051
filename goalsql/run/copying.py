"""A copy of the project's database: everything in it, in a file that is as small as can be."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from goalsql.compile.statements import Statement, named
from goalsql.engine.protocol import Engine
from goalsql.run.state import run

_COPY = exp.to_identifier("database copy", quoted=True)


def copy_database(engine: Engine, to: Path) -> None:
    """Writes all schemas, tables, views and comments to a new file; nothing that was deleted.

    Args:
        engine: the project's database, outside a transaction; to read only is enough.
        to: the file, which must not be there yet.

    Raises:
        EngineError: if it cannot be written; what there is of it then is to be removed.
    """
    fixed = named("forget/copying.sql")
    ((name,),) = run(engine, fixed["copying.name"])
    run(engine, fixed["copying.attach"].given({"path": str(to)}).literal())
    try:
        database = exp.Introducer(
            this=exp.var("DATABASE"), expression=exp.to_identifier(name, quoted=True)
        )
        copy = exp.Copy(this=exp.From(this=database), kind=False, files=[_COPY.copy()])
        run(engine, Statement("copying.copy", "Copies everything.", copy))
        run(engine, fixed["copying.checkpoint"])
    finally:
        run(engine, fixed["copying.detach"])
