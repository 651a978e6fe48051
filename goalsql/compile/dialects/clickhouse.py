"""ClickHouse."""

from __future__ import annotations

from sqlglot import exp

from goalsql.compile.dialects import plain
from goalsql.compile.dialects.checks import SAME, STATEMENTS
from goalsql.compile.dialects.dialect import Clearing, Dialect
from goalsql.compile.statements import render

_KINDS = exp.DType
_READ_AS = {
    _KINDS.DATE: "Date32",
    _KINDS.TINYINT: "Int8",
    _KINDS.SMALLINT: "Int16",
    _KINDS.INT: "Int32",
    _KINDS.BIGINT: "Int64",
    _KINDS.DOUBLE: "Float64",
}
_INSTANTS = (_KINDS.TIMESTAMP, _KINDS.TIMESTAMPNTZ)


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
    """From one zone to another, naive instants all: what a clock in either shows."""
    found = plain.between_zones(node)
    if found is None:
        return node
    instant, source, target = found
    known = exp.Anonymous(this="toTimeZone", expressions=[_written(instant, source), target])
    return _written(known, exp.Literal.string("UTC"))


def _written(instant: exp.Expr, zone: exp.Expr) -> exp.Expr:
    """The instant that is written in a zone as another one is in its own."""
    text = exp.Anonymous(this="toString", expressions=[instant])
    return exp.Anonymous(this="toDateTime64", expressions=[text, exp.Literal.number(6), zone])


def truths(node: exp.Expr) -> exp.Expr:
    """`BOOL_AND` and `BOOL_OR`: the least and the greatest of true and false."""
    if isinstance(node, exp.LogicalAnd | exp.LogicalOr):
        kind = exp.Min if isinstance(node, exp.LogicalAnd) else exp.Max
        return kind(this=node.this)
    return node


def instants(node: exp.Expr) -> exp.Expr:
    """Instants to the microsecond; a plain DateTime cuts them to the second."""
    if isinstance(node, exp.DataType) and node.this in _INSTANTS:
        return exp.DataType.build("DateTime64(6, 'UTC')", dialect="clickhouse")
    return node


def readings(node: exp.Expr) -> exp.Expr:
    """Numbers that are too large would be read as others, 2026-02-30 as the second of March.

    The one is NULL by a cast that is accurate; a day has to be written as it was.
    """
    if not isinstance(node, exp.TryCast) or node.to.this not in _READ_AS:
        return node
    kind = exp.Literal.string(_READ_AS[node.to.this])
    read = exp.Anonymous(this="accurateCastOrNull", expressions=[node.this, kind])
    if node.to.this != _KINDS.DATE:
        return read
    written = exp.cast(read, exp.DataType.build("TEXT")).eq(node.this.copy())
    return exp.case().when(written, read.copy())


def texts(node: exp.Expr) -> exp.Expr:
    """`CONTAINS`, and lower case of all letters, not of ASCII's."""
    if isinstance(node, exp.Contains):
        place = exp.Anonymous(this="position", expressions=[node.this, node.expression])
        return exp.GT(this=place, expression=exp.Literal.number(0))
    if isinstance(node, exp.Lower):
        return exp.Anonymous(this="lowerUTF8", expressions=[node.this])
    return node


def members(node: exp.Expr) -> exp.Expr:
    """A member of JSON as text, be it a text or not."""
    if not isinstance(node, exp.JSONExtractScalar):
        return node
    path = exp.Literal.string(render(node.expression, "duckdb").strip("'"))
    return exp.Anonymous(this="JSON_VALUE", expressions=[node.this, path])


def structs(node: exp.Expr) -> exp.Expr:
    """A value that may be NULL in an object that is not: as JSON text, as no struct can be NULL."""
    found = plain.objects(node, "map")
    return node if found is node else exp.Anonymous(this="toJSONString", expressions=[found])


CLICKHOUSE = Dialect(
    name="clickhouse",
    settings=(
        "SET join_use_nulls = 1",
        "SET aggregate_functions_null_for_empty = 1",
        "SET data_type_default_nullable = 1",
        "SET cast_keep_nullable = 1",
        "SET prefer_column_name_to_alias = 1",
        "SET transform_null_in = 0",
        "SET function_json_value_return_type_allow_nullable = 1",
        "SET default_table_engine = 'MergeTree'",
        "SET create_table_empty_primary_key_by_default = 1",
        "CREATE DATABASE IF NOT EXISTS goalsql_tick",
    ),
    workspace="goalsql_tick",
    mends=(
        plain.readings,
        plain.frames,
        plain.defaults,
        readings,
        spans,
        hashes,
        zones,
        truths,
        texts,
        members,
        structs,
        instants,
    ),
    types=plain.kinds("TEXT BOOLEAN DATE32 DATETIME64 SMALLINT INT BIGINT UBIGINT DOUBLE")
    | {
        _KINDS.DATE: _KINDS.DATE32,
        _KINDS.VARCHAR: _KINDS.TEXT,
        _KINDS.TINYINT: _KINDS.SMALLINT,
        _KINDS.JSON: _KINDS.TEXT,
    },
    nodes=(SAME | STATEMENTS | {"DataTypeParam", "EndsWith"}) - {"Lower", "TryCast"},
    functions=frozenset(
        {
            *(
                "ACCURATECASTORNULL",
                "JSON_VALUE",
                "LOWERUTF8",
                "MAP",
                "POSITION",
                "SIPHASH64",
                "TODATETIME64",
            ),
            *("TOINTERVALMICROSECOND", "TOJSONSTRING", "TOSTRING", "TOTIMEZONE"),
        }
    ),
    clearing=Clearing.COPY,
    has_semi_joins=True,
)
