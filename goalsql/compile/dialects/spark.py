"""What Spark SQL wants said differently; each mend takes a node and returns the one in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sqlglot import exp

Mend: TypeAlias = Callable[[exp.Expr], exp.Expr]

MICROSECONDS_OF = {"MICROSECOND": 1, "SECOND": 1_000_000, "MINUTE": 60_000_000}
_KINDS = exp.DataType.Type
_TYPES = {
    _KINDS.TIMESTAMP: _KINDS.TIMESTAMPNTZ,
    _KINDS.TIMESTAMPTZ: _KINDS.TIMESTAMPLTZ,
    _KINDS.UTINYINT: _KINDS.SMALLINT,
    _KINDS.USMALLINT: _KINDS.INT,
    _KINDS.UINT: _KINDS.BIGINT,
    _KINDS.UBIGINT: _KINDS.BIGINT,
    _KINDS.JSON: _KINDS.TEXT,
    _KINDS.UUID: _KINDS.TEXT,
}


def types(node: exp.Expr) -> exp.Expr:
    """Naive instants, and types that are not there: the hash of a row is a signed number."""
    if isinstance(node, exp.DataType):
        if node.this == _KINDS.INT128:
            return exp.DataType.build("DECIMAL(38, 0)")
        node.set("this", _TYPES.get(node.this, node.this))
    return node


def rows_of_lists(node: exp.Expr) -> exp.Expr:
    """`SELECT UNNEST(list) AS a, UNNEST(list) AS b`: lists side by side are rows of VALUES."""
    if not isinstance(node, exp.Select) or node.args.get("from_") is not None:
        return node
    columns = [_list_of(one) for one in node.expressions]
    found = [column for column in columns if column is not None]
    if not found or len(found) < len(columns):
        return node
    names = [one.alias for one in node.expressions]
    typed = [
        exp.cast(exp.column(f"c{number}"), kind).as_(name, quoted=True)
        for number, (name, (_, kind)) in enumerate(zip(names, found, strict=True))
    ]
    rows = list(zip(*(values for values, _ in found), strict=True))
    if not rows:
        empty = [exp.cast(exp.null(), kind).as_(n) for n, (_, kind) in zip(names, found, strict=True)]
        return exp.select(*empty).where(exp.false())
    listed = exp.values([tuple(row) for row in rows], "listed", [f"c{n}" for n in range(len(names))])
    return exp.select(*typed).from_(listed)


def _list_of(column: exp.Expr) -> tuple[list[exp.Expr], exp.DataType] | None:
    """The values and the type of `UNNEST(CAST([...] AS type[]))`."""
    lists = column.unalias()
    cast = lists.expressions[0] if isinstance(lists, exp.Unnest) else lists.this
    if not isinstance(lists, exp.Explode | exp.Unnest) or not isinstance(cast, exp.Cast):
        return None
    if not isinstance(cast.this, exp.Array):
        return None
    return cast.this.expressions, cast.to.expressions[0]


def tuples(node: exp.Expr) -> exp.Expr:
    """`(a, b) IS DISTINCT FROM (c, d)`: tuples are structs, and only `<=>` is there."""
    if isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ):
        sides = [_struct(node.this), _struct(node.expression)]
        same = exp.NullSafeEQ(this=sides[0], expression=sides[1])
        return same if isinstance(node, exp.NullSafeEQ) else exp.paren(exp.not_(exp.paren(same)))
    return node


def _struct(side: exp.Expr) -> exp.Expr:
    if isinstance(side, exp.Tuple):
        return exp.Anonymous(this="STRUCT", expressions=side.expressions)
    return side


def memberships(node: exp.Expr) -> exp.Expr:
    """`(a, b) IN (SELECT (a, b) ...)`: the columns are selected one by one."""
    if isinstance(node, exp.In) and isinstance(node.this, exp.Tuple):
        query = node.args["query"].this
        [row] = query.expressions
        query.set("expressions", row.expressions)
    return node


def texts(node: exp.Expr) -> exp.Expr:
    """What is put together is text, and what is unknown of it is nothing."""
    if not isinstance(node, exp.Concat) or not node.args.get("coalesce"):
        return node
    known = [
        exp.func("COALESCE", exp.cast(one, exp.DataType.build("TEXT")), exp.Literal.string(""))
        for one in node.expressions
    ]
    return exp.Concat(expressions=known, safe=False, coalesce=False)


def functions(node: exp.Expr) -> exp.Expr:
    """Functions that are called otherwise."""
    if not isinstance(node, exp.Anonymous):
        return node
    arguments, name = node.expressions, node.name.upper()
    if name == "TO_MICROSECONDS":
        return _span(arguments[0])
    if name == "TO_WEEKS":
        days = exp.Mul(this=exp.paren(arguments[0]), expression=exp.Literal.number(7))
        return exp.Anonymous(this="MAKE_DT_INTERVAL", expressions=[days])
    if name == "EPOCH_US":
        zoned = exp.cast(arguments[0], exp.DataType.build("TIMESTAMPLTZ"))
        return exp.Anonymous(this="UNIX_MICROS", expressions=[zoned])
    if name == "HASH":
        return exp.Anonymous(this="XXHASH64", expressions=arguments)
    if name == "LIST_WHERE":
        values, tests = (one.expressions for one in arguments)
        chosen = [exp.case().when(t, v) for v, t in zip(values, tests, strict=True)]
        return exp.Anonymous(this="ARRAY_COMPACT", expressions=[exp.array(*chosen)])
    return node


def _span(microseconds: exp.Expr) -> exp.Expr:
    """A span of so many microseconds, of which there may be more than 2^31."""
    whole = exp.cast(exp.paren(microseconds), exp.DataType.build("DECIMAL(20, 0)"))
    seconds = exp.Mul(this=whole, expression=exp.Literal.number("0.000001"))
    exact = exp.cast(seconds, exp.DataType.build("DECIMAL(18, 6)"))
    zero = [exp.Literal.number(0)] * 3
    return exp.Anonymous(this="MAKE_DT_INTERVAL", expressions=[*zero, exact])


def json_texts(node: exp.Expr) -> exp.Expr:
    """A list as JSON text."""
    if isinstance(node, exp.JSONArray):
        texts = [exp.cast(one, exp.DataType.build("TEXT")) for one in node.expressions]
        return exp.Anonymous(this="TO_JSON", expressions=[exp.array(*texts)])
    return node


def buckets(node: exp.Expr) -> exp.Expr:
    """The start of the bucket of minutes that an instant lies in."""
    if not isinstance(node, exp.DateBin):
        return node
    width = node.this
    size = int(width.this.name) * MICROSECONDS_OF[width.unit.name.upper()]
    micros = exp.Anonymous(
        this="UNIX_MICROS",
        expressions=[exp.cast(node.expression, exp.DataType.build("TIMESTAMPLTZ"))],
    )
    past = exp.Anonymous(this="PMOD", expressions=[micros, exp.Literal.number(size)])
    return exp.paren(exp.Sub(this=node.expression.copy(), expression=_span(past)))


def zones(node: exp.Expr) -> exp.Expr:
    """From one zone to another, naive instants all; what has a zone is turned into UTC."""
    if not isinstance(node, exp.AtTimeZone):
        return node
    inner = node.this.unnest()
    if isinstance(inner, exp.AtTimeZone):
        arguments = [inner.args["zone"], node.args["zone"], inner.this]
        return exp.Anonymous(this="CONVERT_TIMEZONE", expressions=arguments)
    return exp.cast(node.this, exp.DataType.build("TIMESTAMP"))


def percentiles(node: exp.Expr) -> exp.Expr:
    """An interpolated percentile."""
    if isinstance(node, exp.PercentileCont) and node.expression is not None:
        return exp.Anonymous(this="PERCENTILE", expressions=[node.this, node.expression])
    return node


def defaults(node: exp.Expr) -> exp.Expr:
    """LAG and LEAD fall back on a constant only: the first row is found by its number."""
    if not isinstance(node, exp.Window) or not isinstance(node.this, exp.Lag):
        return node
    default = node.this.args.get("default")
    if default is None or isinstance(default, exp.Literal | exp.Boolean | exp.Null):
        return node
    number = node.copy()
    number.set("this", exp.RowNumber())
    node.this.set("default", None)
    return exp.case().when(number.eq(exp.Literal.number(1)), default).else_(node)


MENDS: tuple[Mend, ...] = (
    rows_of_lists,
    tuples,
    memberships,
    texts,
    functions,
    json_texts,
    zones,
    buckets,
    percentiles,
    defaults,
    types,
)
