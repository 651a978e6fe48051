"""BigQuery."""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from goalsql.compile.dialects import plain
from goalsql.compile.dialects.checks import SAME, STATEMENTS
from goalsql.compile.dialects.dialect import Clearing, Dialect

_KINDS = exp.DType


def spans(node: exp.Expr) -> exp.Expr:
    """So many microseconds are added by a function."""
    found = plain.shift(node)
    if found is None:
        return node
    microseconds, instant = found
    span = exp.Interval(this=exp.paren(microseconds), unit=exp.var("MICROSECOND"))
    return exp.Anonymous(this="DATETIME_ADD", expressions=[instant, span])


def hashes(node: exp.Expr) -> exp.Expr:
    """The hash of one value, by its text."""
    value = plain.hashed(node)
    if value is None:
        return node
    text = exp.cast(value, exp.DataType.build("TEXT"))
    return exp.Anonymous(this="FARM_FINGERPRINT", expressions=[text])


def zones(node: exp.Expr) -> exp.Expr:
    """From one zone to another, naive instants all."""
    found = plain.between_zones(node)
    if found is None:
        return node
    instant, source, target = found
    zoned = exp.Anonymous(this="TIMESTAMP", expressions=[instant, source])
    return exp.Anonymous(this="DATETIME", expressions=[zoned, target])


def extremes(node: exp.Expr) -> exp.Expr:
    """The greatest and the least of what is known, two at a time."""
    if not isinstance(node, exp.Greatest | exp.Least):
        return node
    name = node.sql_name()

    def two(first: exp.Expr, second: exp.Expr) -> exp.Expr:
        both = exp.Anonymous(this=name, expressions=[first.copy(), second.copy()])
        return exp.Coalesce(this=both, expressions=[first.copy(), second.copy()])

    each: list[exp.Expr] = [node.this, *node.expressions]
    return reduce(two, each)


def orders(node: exp.Expr) -> exp.Expr:
    """NULLs come first, and a window cannot say otherwise: whether it is NULL goes before."""
    if not isinstance(node, exp.Order):
        return node
    parts = []
    for one in node.expressions:
        first, usual = bool(one.args.get("nulls_first")), not one.args.get("desc")
        if first != usual:
            is_null = exp.Is(this=one.this.copy(), expression=exp.null())
            parts.append(exp.Ordered(this=is_null, desc=first, nulls_first=not first))
            one.set("nulls_first", usual)
        parts.append(one)
    node.set("expressions", parts)
    return node


BIGQUERY = Dialect(
    name="bigquery",
    settings=("CREATE SCHEMA IF NOT EXISTS goalsql_tick",),
    workspace="goalsql_tick",
    mends=(
        plain.aliases,
        plain.existence,
        plain.readings,
        plain.frames,
        plain.defaults,
        plain.positions,
        spans,
        hashes,
        zones,
        extremes,
        orders,
    ),
    types=plain.kinds("TEXT BOOLEAN DATE DATETIME SMALLINT INT BIGINT DOUBLE")
    | {
        _KINDS.TIMESTAMP: _KINDS.DATETIME,
        _KINDS.TIMESTAMPNTZ: _KINDS.DATETIME,
        _KINDS.VARCHAR: _KINDS.TEXT,
        _KINDS.TINYINT: _KINDS.SMALLINT,
        _KINDS.UBIGINT: _KINDS.BIGINT,
        _KINDS.JSON: _KINDS.TEXT,
    },
    nodes=(SAME | STATEMENTS | {"EndsWith", "Interval", "PropertyEQ", "Struct", "Var"})
    - {"Greatest", "Least"},
    functions=frozenset(
        {
            *("DATETIME", "DATETIME_ADD", "FARM_FINGERPRINT", "GREATEST", "LEAST", "STRPOS"),
            "TIMESTAMP",
        }
    ),
    read_as=frozenset(plain.kinds("DATE SMALLINT INT BIGINT DOUBLE")),
    clearing=Clearing.WHERE,
)
