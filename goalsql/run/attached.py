"""The databases that goalsql.yml attaches, to read only (SPEC 2)."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from goalsql.codes import Code
from goalsql.compile.statements import Statement
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError, Problem
from goalsql.model.project import Definitions


def attach(engine: Engine, definitions: Definitions) -> list[Problem]:
    """Attaches every database, and returns what was wrong with those that could not be."""
    problems = []
    for alias, path in definitions.attach.items():
        place = definitions.attach_places[alias]
        if not engine.local:
            problem = "is a DuckDB file, which only DuckDB reads"
            mend = "write its tables as Parquet, and leave it out"
            problems.append(Problem(Code.ONLY_HERE, place, problem, mend))
            continue
        if not path.is_file():
            problems.append(Problem(Code.NOTHING_THERE, place, f"there is no file {path}"))
            continue
        ast = sqlglot.parse_one("ATTACH 'path' AS alias (READ_ONLY, TYPE duckdb)", read="duckdb")
        ast.find_all(exp.Literal).__next__().replace(exp.Literal.string(str(path)))
        ast.this.set("alias", exp.to_identifier(alias, quoted=True))
        statement = Statement(f"attach.{alias}", "Attaches a database, to read only.", ast)
        try:
            engine.execute(statement.name, statement.text)
        except EngineError as error:
            problem = f"cannot be attached: {error.cause.splitlines()[0]}"
            problems.append(Problem(Code.UNREADABLE_SOURCE, place, problem))
    return problems
