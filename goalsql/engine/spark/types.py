"""What DuckDB calls a type or a value of Spark's."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

_KINDS = exp.DType
_NAMES = {
    _KINDS.TEXT: "VARCHAR",
    _KINDS.INT: "INTEGER",
    _KINDS.BINARY: "BLOB",
    _KINDS.TIMESTAMPNTZ: "TIMESTAMP",
    _KINDS.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    _KINDS.TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE",
    _KINDS.TIMESTAMPLTZ: "TIMESTAMP WITH TIME ZONE",
    _KINDS.INTERVAL: "INTERVAL",
    _KINDS.NULL: '"NULL"',
}


def duckdb_type(spark: str) -> str:
    """DuckDB's name of a type of Spark's.

    Example:
        >>> duckdb_type("struct<value:string>"), duckdb_type("array<timestamp_ntz>")
        ('STRUCT("value" VARCHAR)', 'TIMESTAMP[]')
    """
    return _named(exp.DataType.build(spark.replace("void", "null"), dialect="spark"))


def _named(kind: exp.Expr) -> str:
    if isinstance(kind, exp.Interval):
        return "INTERVAL"
    if kind.this == _KINDS.STRUCT:
        fields = (f'"{one.name}" {_named(one.args["kind"])}' for one in kind.expressions)
        return f"STRUCT({', '.join(fields)})"
    if kind.this == _KINDS.ARRAY:
        return f"{_named(kind.expressions[0])}[]"
    return _NAMES.get(kind.this) or kind.sql(dialect="duckdb")


def plain(row: Any) -> tuple[Any, ...]:
    """A row as DuckDB would give it: whole numbers of any size are int."""
    return tuple(_plain(value) for value in row)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value.asDict() if hasattr(value, "asDict") else value


def literal(value: object) -> exp.Expr:
    """A value as DuckDB would take it in the place of a parameter."""
    if isinstance(value, list):
        return exp.Array(expressions=[literal(one) for one in value])
    if isinstance(value, datetime):
        text = exp.Literal.string(value.isoformat(sep=" "))
        return exp.cast(text, exp.DataType.build("TIMESTAMP"))
    return exp.convert(value)
