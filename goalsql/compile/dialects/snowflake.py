"""Snowflake."""

from __future__ import annotations

from sqlglot import exp

from goalsql.compile.dialects import plain
from goalsql.compile.dialects.checks import SAME, STATEMENTS
from goalsql.compile.dialects.dialect import Dialect

_KINDS = exp.DType


def spans(node: exp.Expr) -> exp.Expr:
    """So many microseconds are added by a function."""
    found = plain.shift(node)
    if found is None:
        return node
    return exp.Anonymous(this="TIMESTAMPADD", expressions=[exp.var("MICROSECOND"), *found])


def zones(node: exp.Expr) -> exp.Expr:
    """From one zone to another, naive instants all."""
    found = plain.between_zones(node)
    if found is None:
        return node
    instant, source, target = found
    return exp.Anonymous(this="CONVERT_TIMEZONE", expressions=[source, target, instant])


def patterns(node: exp.Expr) -> exp.Expr:
    """A pattern is always that of the whole text."""
    if not isinstance(node, exp.RegexpLike):
        return node
    pattern = node.expression.name
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return node
    return exp.Anonymous(this="REGEXP_LIKE", expressions=[node.this, node.expression])


def extremes(node: exp.Expr) -> exp.Expr:
    """The greatest and the least of what is known."""
    if isinstance(node, exp.Greatest | exp.Least):
        name = f"{node.sql_name()}_IGNORE_NULLS"
        return exp.Anonymous(this=name, expressions=[node.this, *node.expressions])
    return node


def structs(node: exp.Expr) -> exp.Expr:
    """A value that may be NULL in an object that is not."""
    return plain.objects(node, "OBJECT_CONSTRUCT_KEEP_NULL")


SNOWFLAKE = Dialect(
    name="snowflake",
    settings=(
        "ALTER SESSION SET TIMEZONE = 'UTC'",
        "ALTER SESSION SET DATE_INPUT_FORMAT = 'YYYY-MM-DD'",
        "ALTER SESSION SET DATE_OUTPUT_FORMAT = 'YYYY-MM-DD'",
        'CREATE SCHEMA IF NOT EXISTS "goalsql_tick"',
    ),
    workspace="goalsql_tick",
    mends=(
        plain.aliases,
        plain.existence,
        plain.readings,
        plain.frames,
        spans,
        zones,
        patterns,
        extremes,
        structs,
    ),
    types=plain.kinds("TEXT BOOLEAN DATE TIMESTAMPNTZ SMALLINT INT BIGINT DOUBLE")
    | {
        _KINDS.TIMESTAMP: _KINDS.TIMESTAMPNTZ,
        _KINDS.VARCHAR: _KINDS.TEXT,
        _KINDS.TINYINT: _KINDS.SMALLINT,
        _KINDS.UBIGINT: _KINDS.BIGINT,
        _KINDS.JSON: _KINDS.TEXT,
    },
    nodes=(SAME | STATEMENTS | {"Contains", "EndsWith", "Var"})
    - {"Greatest", "Least", "RegexpLike"},
    functions=frozenset(
        {
            *("CONVERT_TIMEZONE", "GREATEST_IGNORE_NULLS", "HASH", "LEAST_IGNORE_NULLS"),
            *("OBJECT_CONSTRUCT_KEEP_NULL", "REGEXP_LIKE", "TIMESTAMPADD"),
        }
    ),
    read_as=frozenset({_KINDS.DATE, _KINDS.SMALLINT, _KINDS.INT, _KINDS.BIGINT}),
    temporary=True,
)
