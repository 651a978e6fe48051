"""A run's statements in another dialect: all, or an error that names what does not travel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from sqlglot import exp

from goalsql.codes import Code
from goalsql.compile.dialects import registry
from goalsql.compile.dialects.checks import Refused
from goalsql.compile.dialects.columns import Tables, parsed
from goalsql.compile.dialects.translate import translated
from goalsql.compile.statements import Statement
from goalsql.errors import UsageError
from goalsql.model.catalog import Catalog

Stages: TypeAlias = list[tuple[str, tuple[Statement, ...]]]

DUCKDB = "duckdb"
DIALECTS = (DUCKDB, *registry.DIALECTS)


def stages_in(stages: Stages, name: str, catalog: Catalog) -> Stages:
    """The statements of a run, stage by stage, in a dialect; before them what it has to be told.

    Args:
        stages: what DuckDB would run, in the order of running.
        name: the dialect's.
        catalog: the sources' columns.

    Raises:
        UsageError: with every statement that does not travel, and the constructs in it.
    """
    if name == DUCKDB:
        return stages
    dialect, tables = registry.DIALECTS[name], Tables.of(catalog)
    problems: list[str] = []

    def said(statement: Statement) -> list[Statement]:
        try:
            trees = translated(parsed(statement), dialect, tables)
        except Refused as refused:
            problems.append(f"{statement.name}: {refused}")
            return []
        return [Statement(statement.name, statement.comment, tree) for tree in trees]

    found: Stages = [("settings", tuple(map(_setting, dialect.settings)))]
    for stage, statements in stages:
        found.append((stage, tuple(one for statement in statements for one in said(statement))))
    if problems:
        raise UsageError(Code.NO_DIALECT, _message(problems, name))
    return found


def _setting(text: str) -> Statement:
    word, _, rest = text.partition(" ")
    comment = "What the statements take for granted."
    return Statement("settings", comment, exp.Command(this=word, expression=f" {rest}"))


def _message(problems: Sequence[str], name: str) -> str:
    each = list(dict.fromkeys(problems))
    what = "a statement does" if len(each) == 1 else f"{len(each)} statements do"
    lines = [f"{what} not travel to {name}, so that none is printed:", *(f"  {p}" for p in each)]
    return "\n".join(lines)
