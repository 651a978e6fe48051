"""PostgreSQL, from version 16 on."""

from __future__ import annotations

from sqlglot import exp

from goalsql.compile.dialects import plain
from goalsql.compile.dialects.checks import SAME, STATEMENTS
from goalsql.compile.dialects.dialect import Dialect, Making
from goalsql.compile.statements import render

_KINDS = exp.DType
_ORDERING = (
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.Min,
    exp.Max,
    exp.Greatest,
    exp.Least,
    exp.Ordered,
)


def spans(node: exp.Expr) -> exp.Expr:
    """So many microseconds are a multiple of one."""
    microseconds = plain.span_of(node)
    if microseconds is None:
        return node
    one = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("MICROSECOND"))
    return exp.paren(exp.Mul(this=exp.paren(microseconds), expression=one))


def hashes(node: exp.Expr) -> exp.Expr:
    """The hash of one value, by its text."""
    value = plain.hashed(node)
    if value is None:
        return node
    text = exp.cast(value, exp.DataType.build("TEXT"))
    return exp.Anonymous(this="HASHTEXTEXTENDED", expressions=[text, exp.Literal.number(0)])


def readings(node: exp.Expr) -> exp.Expr:
    """There is no TRY_CAST: it is asked first whether the cast would work."""
    if not isinstance(node, exp.TryCast) or not node.args.get("requires_string"):
        return node
    kind = exp.Literal.string(render(node.to, "postgres").lower())
    works = exp.Anonymous(this="PG_INPUT_IS_VALID", expressions=[node.this.copy(), kind])
    return exp.case().when(works, exp.cast(node.this, node.to))


def collations(node: exp.Expr) -> exp.Expr:
    """Texts are ordered by their bytes, and lower case is that of all letters, not of ASCII's."""
    if isinstance(node, exp.Lower) and not isinstance(node.this, exp.Collate):
        node.set("this", _collated(node.this, "und-x-icu"))
    elif isinstance(node, _ORDERING) and _is_text(node.this):
        node.set("this", _collated(node.this, "C"))
    return node


def _is_text(node: exp.Expr) -> bool:
    return node.type is not None and node.type.is_type(*exp.DataType.TEXT_TYPES)


def _collated(text: exp.Expr, collation: str) -> exp.Expr:
    return exp.Collate(this=exp.paren(text), expression=exp.to_identifier(collation, quoted=True))


def texts(node: exp.Expr) -> exp.Expr:
    """`CONTAINS` and `ENDS_WITH`."""
    if isinstance(node, exp.EndsWith):
        end = exp.Anonymous(this="LENGTH", expressions=[node.expression.copy()])
        return exp.Anonymous(this="RIGHT", expressions=[node.this, end]).eq(node.expression)
    return plain.positions(node)


def structs(node: exp.Expr) -> exp.Expr:
    """A value that may be NULL in an object that is not: JSON, as structs want a type."""
    return plain.objects(node, "JSONB_BUILD_OBJECT")


POSTGRES = Dialect(
    name="postgres",
    settings=(
        "SET TIME ZONE 'UTC'",
        "SET datestyle = 'ISO'",
        "SET standard_conforming_strings = on",
    ),
    workspace="pg_temp",
    mends=(
        plain.aliases,
        plain.existence,
        plain.readings,
        plain.frames,
        spans,
        hashes,
        readings,
        collations,
        texts,
        structs,
    ),
    types=plain.kinds("TEXT BOOLEAN DATE TIMESTAMP SMALLINT INT BIGINT DOUBLE JSON")
    | {
        _KINDS.TIMESTAMPNTZ: _KINDS.TIMESTAMP,
        _KINDS.VARCHAR: _KINDS.TEXT,
        _KINDS.TINYINT: _KINDS.SMALLINT,
        _KINDS.UBIGINT: _KINDS.BIGINT,
    },
    nodes=(SAME | STATEMENTS | {"AtTimeZone", "Collate", "Interval", "Var"}) - {"TryCast"},
    functions=frozenset(
        {
            *("HASHTEXTEXTENDED", "JSONB_BUILD_OBJECT", "LENGTH", "PG_INPUT_IS_VALID"),
            *("RIGHT", "STRPOS"),
        }
    ),
    making=Making.DROP,
    temporary=True,
)
