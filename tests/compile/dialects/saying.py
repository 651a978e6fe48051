"""What the tests of dialects share: tables to ask of, and one statement in another dialect."""

from __future__ import annotations

import sqlglot

from goalsql.compile.dialects.columns import Tables
from goalsql.compile.dialects.registry import DIALECTS
from goalsql.compile.dialects.translate import translated
from goalsql.compile.statements import render

COLUMNS = {
    "a": {"k": "INTEGER", "n": "BIGINT", "t": "VARCHAR", "b": "BOOLEAN", "at": "TIMESTAMP"},
    "b": {"k": "INTEGER", "m": "BIGINT", "t": "VARCHAR", "d": "DATE", "at": "TIMESTAMP"},
    "spelt": {"Plan": "VARCHAR"},
}


def tables() -> Tables:
    state = {"kept": COLUMNS["a"]}
    return Tables(state=state, sources={"s s": COLUMNS["a"]}, own=dict(COLUMNS))


def said(sql: str, dialect: str) -> str:
    """One statement in a dialect: one text, in which `; ` parts several."""
    trees = translated(sqlglot.parse_one(sql, read="duckdb"), DIALECTS[dialect], tables())
    return "; ".join(render(tree, dialect) for tree in trees).replace("`", '"')
