"""ClickHouse."""

from __future__ import annotations

from sqlglot import exp

from goalsql.compile.dialects import plain
from goalsql.compile.dialects.checks import SAME, STATEMENTS
from goalsql.compile.dialects.dialect import Clearing, Dialect

_KINDS = exp.DataType.Type


def spans(node: exp.Expr) -> exp.Expr:
    """So many microseconds."""
    microseconds = plain.span_of(node)
    if microseconds is None:
        return node
    return exp.Anonymous(this="toIntervalMicrosecond", expressions=[microseconds])


def hashes(node: exp.Expr) -> exp.Expr:
    """The hash of one value."""
    value = plain.hashed(node)
    return node if value is None else exp.Anonymous(this="sipHash64", expressions=[value])


def zones(node: exp.Expr) -> exp.Expr:
    """From one zone to another, naive instants all."""
    found = plain.between_zones(node)
    if found is None:
        return node
    instant, source, target = found
    utc = exp.Anonymous(this="toUTCTimestamp", expressions=[instant, source])
    return exp.Anonymous(this="fromUTCTimestamp", expressions=[utc, target])


def truths(node: exp.Expr) -> exp.Expr:
    """`BOOL_AND` and `BOOL_OR`: the least and the greatest of true and false."""
    if isinstance(node, exp.LogicalAnd | exp.LogicalOr):
        kind = exp.Min if isinstance(node, exp.LogicalAnd) else exp.Max
        return kind(this=node.this)
    return node


CLICKHOUSE = Dialect(
    name="clickhouse",
    settings=(
        "SET join_use_nulls = 1",
        "SET aggregate_functions_null_for_empty = 1",
        "SET data_type_default_nullable = 1",
        "SET cast_keep_nullable = 1",
        "SET prefer_column_name_to_alias = 1",
        "SET transform_null_in = 0",
        "CREATE DATABASE IF NOT EXISTS goalsql_tick",
    ),
    workspace="goalsql_tick",
    mends=(plain.readings, plain.frames, plain.defaults, spans, hashes, zones, truths),
    types=plain.kinds("TEXT BOOLEAN DATE32 DATETIME64 SMALLINT INT BIGINT UBIGINT DOUBLE")
    | {
        _KINDS.TIMESTAMP: _KINDS.DATETIME64,
        _KINDS.TIMESTAMPNTZ: _KINDS.DATETIME64,
        _KINDS.DATE: _KINDS.DATE32,
        _KINDS.VARCHAR: _KINDS.TEXT,
        _KINDS.TINYINT: _KINDS.SMALLINT,
        _KINDS.JSON: _KINDS.TEXT,
    },
    nodes=SAME | STATEMENTS,
    functions=frozenset(
        {"FROMUTCTIMESTAMP", "SIPHASH64", "TOINTERVALMICROSECOND", "TOJSONSTRING", "TOUTCTIMESTAMP"}
    ),
    read_as=frozenset(plain.kinds("DATE SMALLINT INT BIGINT DOUBLE")),
    clearing=Clearing.COPY,
    has_semi_joins=True,
)
