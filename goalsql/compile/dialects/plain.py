"""Mends that any engine can take: what only DuckDB says, said in the SQL that all have."""

from __future__ import annotations

from sqlglot import exp

from goalsql.compile.dialects.dialect import Kind
from goalsql.compile.predicates import DATE, DAY

_LISTED = "listed"
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
_INSTANT = rf"^{DAY}([ T]{_TIME}{_OFFSET}?)?$"
_NUMBER = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_LOOKS_LIKE = {
    exp.DType.DATE: DATE,
    exp.DType.TIMESTAMP: _INSTANT,
    exp.DType.TIMESTAMPNTZ: _INSTANT,
    exp.DType.TIMESTAMPTZ: _INSTANT,
    exp.DType.FLOAT: _NUMBER,
    exp.DType.DOUBLE: _NUMBER,
    exp.DType.DECIMAL: _NUMBER,
}
_WHOLE = r"^\s*[+-]?[0-9]+\s*$"
_AGGREGATES = (exp.Sum, exp.Min, exp.Max, exp.Count)


def rows_of_lists(node: exp.Expr) -> exp.Expr:
    """`SELECT UNNEST(list) AS a, UNNEST(list) AS b`: lists side by side are rows of VALUES."""
    if not isinstance(node, exp.Select) or node.args.get("from_") is not None:
        return node
    columns = [_list_of(one) for one in node.expressions]
    found = [column for column in columns if column is not None]
    if not found or len(found) < len(columns):
        return node
    names = [one.alias for one in node.expressions]
    rows = list(zip(*(values for values, _ in found), strict=True))
    typed = [
        exp.cast(exp.column(f"c{number}", _LISTED), kind).as_(name, quoted=True)
        for number, (name, (_, kind)) in enumerate(zip(names, found, strict=True))
    ]
    kinds = [kind for _, kind in found]
    none = tuple(exp.null() for _ in names)
    values = [tuple(map(_typed, row, kinds)) for row in rows or [none]]
    listed = exp.values(values, _LISTED, [f"c{n}" for n in range(len(names))])
    query = exp.select(*typed).from_(listed)
    return query if rows else query.where(exp.false())


def _typed(value: exp.Expr, kind: exp.DataType) -> exp.Expr:
    """NULL with its type, which no other row may tell."""
    return exp.cast(value, kind.copy()) if isinstance(value, exp.Null) else value


def _list_of(column: exp.Expr) -> tuple[list[exp.Expr], exp.DataType] | None:
    """The values and the type of `UNNEST(CAST([...] AS type[]))`."""
    cast = _unnested(column)
    if not isinstance(cast, exp.Cast) or not isinstance(cast.this, exp.Array):
        return None
    return cast.this.expressions, cast.to.expressions[0]


def _unnested(column: exp.Expr) -> exp.Expr | None:
    """What stands in `UNNEST(...)`."""
    lists = column.unalias()
    if not isinstance(lists, exp.Explode | exp.Unnest):
        return None
    inner: exp.Expr = lists.expressions[0] if isinstance(lists, exp.Unnest) else lists.this
    return inner


def chosen(node: exp.Expr) -> exp.Expr:
    """`UNNEST(LIST_WHERE([1, 2], [a, b])) AS rule`: a row for each value whose test holds.

    Values that are not the same for every row are told by their places.
    """
    if not isinstance(node, exp.Select):
        return node
    for place, column in enumerate(node.expressions):
        lists = _unnested(column)
        if isinstance(lists, exp.Anonymous) and lists.name.upper() == "LIST_WHERE":
            values, tests = (one.expressions for one in lists.expressions)
            constant = all(isinstance(one, exp.Literal) for one in values)
            keys = values if constant else [exp.Literal.number(n) for n in range(len(values))]
            key = exp.column("value", "chosen")
            value = key if constant else _by(key, keys, values)
            node.expressions[place] = value.as_(column.alias, quoted=True)
            node.set("expressions", node.expressions)
            listed = exp.values([(one.copy(),) for one in keys], "chosen", ["value"])
            node.join(listed, join_type="cross", copy=False)
            return node.where(_by(key, keys, tests).else_(exp.false()), copy=False)
    return node


def _by(key: exp.Expr, keys: list[exp.Expr], values: list[exp.Expr]) -> exp.Case:
    """The value that stands where the key stands among the keys."""
    found = exp.case(key.copy())
    for one, value in zip(keys, values, strict=True):
        found = found.when(one.copy(), value.copy())
    return found


def memberships(node: exp.Expr) -> exp.Expr:
    """`(a, b) IN (SELECT (a, b) ...)`: the columns are selected one by one."""
    if isinstance(node, exp.In) and isinstance(node.this, exp.Tuple) and node.args.get("query"):
        query = node.args["query"].this
        if len(query.expressions) == 1 and isinstance(query.expressions[0], exp.Tuple):
            query.set("expressions", query.expressions[0].expressions)
    return node


def tuples(node: exp.Expr) -> exp.Expr:
    """`(a, b) IS DISTINCT FROM (c, d)`: one by one."""
    if not isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ):
        return node
    sides = (node.this.unnest(), node.expression.unnest())
    if not all(isinstance(side, exp.Tuple) for side in sides):
        return node
    pairs = zip(*(side.expressions for side in sides), strict=True)
    tests = [type(node)(this=mine, expression=theirs) for mine, theirs in pairs]
    both = exp.and_ if isinstance(node, exp.NullSafeEQ) else exp.or_
    return exp.paren(both(*tests))


def existence(node: exp.Expr) -> exp.Expr:
    """`a SEMI JOIN b ON ...`: a row of b exists; `ANTI`: none does.

    Left alone where an outer join behind it could bring in rows of its own.
    """
    if not isinstance(node, exp.Select):
        return node
    joins = node.args.get("joins") or []
    outer = any(join.side in ("RIGHT", "FULL") for join in joins)
    for join in [one for one in joins if one.kind in ("SEMI", "ANTI")]:
        if outer or join.args.get("on") is None:
            continue
        some = exp.select(exp.Literal.number(1)).from_(join.this).where(join.args["on"])
        found: exp.Expr = exp.Exists(this=some)
        node.where(exp.not_(found) if join.kind == "ANTI" else found, copy=False)
        joins.remove(join)
    node.set("joins", joins)
    return node


def frames(node: exp.Expr) -> exp.Expr:
    """A running aggregate says its frame, which engines assume differently."""
    if not isinstance(node, exp.Window) or not isinstance(node.this, _AGGREGATES):
        return node
    if node.args.get("order") is not None and node.args.get("spec") is None:
        spec = exp.WindowSpec(
            kind="RANGE", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"
        )
        node.set("spec", spec)
    return node


def readings(node: exp.Expr) -> exp.Expr:
    """A text is tried to be read as what a number, a day, an instant, true and false look like.

    Every engine takes some further texts, and each others.
    """
    if not isinstance(node, exp.Cast) or node.args.get("requires_string"):
        return node
    told = node.is_type("boolean") and isinstance(node.this, exp.JSONExtractScalar)
    if not told and not isinstance(node, exp.TryCast):
        return node
    text, kind = exp.cast(node.this, exp.DataType.build("TEXT")), node.to.this
    if kind == exp.DType.BOOLEAN:
        word = exp.Lower(this=text)
        return (
            exp.case()
            .when(word.isin(*_TRUE), exp.true())
            .when(word.copy().isin(*_FALSE), exp.false())
            .else_(exp.null())
        )
    tried = exp.TryCast(this=exp.Trim(this=text.copy()), to=node.to, requires_string=True)
    if _is_looked_at(node):
        return tried
    pattern = exp.Literal.string(_LOOKS_LIKE.get(kind, _WHOLE))
    return exp.case().when(exp.RegexpLike(this=text, expression=pattern), tried)


def _is_looked_at(node: exp.Cast) -> bool:
    """Whether it stands in a CASE that asks what the text looks like."""
    asked = node.parent.this if isinstance(node.parent, exp.If) else None
    return isinstance(asked, exp.RegexpLike) and asked.this == node.this


def defaults(node: exp.Expr) -> exp.Expr:
    """LAG falls back on a constant only: the first row is found by its number."""
    if not isinstance(node, exp.Window) or not isinstance(node.this, exp.Lag):
        return node
    default = node.this.args.get("default")
    if default is None or isinstance(default, exp.Literal | exp.Boolean | exp.Null):
        return node
    number = node.copy()
    number.set("this", exp.RowNumber())
    node.this.set("default", None)
    return exp.case().when(number.eq(exp.Literal.number(1)), default).else_(node)


def quoted(node: exp.Expr) -> exp.Expr:
    """Names in quotes, as some are words of the language elsewhere."""
    if isinstance(node, exp.Identifier):
        node.set("quoted", True)
    return node


def kinds(names: str) -> dict[Kind, Kind]:
    """Types that are called alike, by their names."""
    found = [exp.DType[name] for name in names.split()]
    return dict(zip(found, found, strict=True))


def span_of(node: exp.Expr) -> exp.Expr | None:
    """The microseconds of `TO_MICROSECONDS(n)`; None if the node is something else."""
    if isinstance(node, exp.Anonymous) and node.name.upper() == "TO_MICROSECONDS":
        microseconds: exp.Expr = node.expressions[0]
        return microseconds
    return None


def shift(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Of `instant + TO_MICROSECONDS(n)` and `instant - ...`: by how many, and the instant."""
    if not isinstance(node, exp.Add | exp.Sub):
        return None
    microseconds = span_of(node.expression.unnest())
    if microseconds is None:
        return None
    if isinstance(node, exp.Sub):
        microseconds = exp.Neg(this=exp.paren(microseconds))
    return microseconds, node.this


def between_zones(node: exp.Expr) -> tuple[exp.Expr, exp.Expr, exp.Expr] | None:
    """Of `instant AT TIME ZONE a AT TIME ZONE b`: the instant, a and b."""
    if not isinstance(node, exp.AtTimeZone):
        return None
    inner = node.this.unnest()
    if not isinstance(inner, exp.AtTimeZone):
        return None
    return inner.this, inner.args["zone"], node.args["zone"]


def hashed(node: exp.Expr) -> exp.Expr | None:
    """The value of `HASH(value)`; None if the node is something else, or has several."""
    if not isinstance(node, exp.Anonymous) or node.name.upper() != "HASH":
        return None
    values: list[exp.Expr] = node.expressions
    return values[0] if len(values) == 1 else None


def positions(node: exp.Expr) -> exp.Expr:
    """`CONTAINS(a, b)`: b stands somewhere in a."""
    if isinstance(node, exp.Contains):
        place = exp.Anonymous(this="STRPOS", expressions=[node.this, node.expression])
        return exp.GT(this=place, expression=exp.Literal.number(0))
    return node


def objects(node: exp.Expr, function: str) -> exp.Expr:
    """`{'name': value}` by a function of names and values."""
    if not isinstance(node, exp.Struct):
        return node
    parts = [
        part
        for one in node.expressions
        for part in (exp.Literal.string(one.this.name), one.expression)
    ]
    return exp.Anonymous(this=function, expressions=parts)


def aliases(node: exp.Expr) -> exp.Expr:
    """A column is called what it is called."""
    if not isinstance(node, exp.Alias) or not isinstance(node.this, exp.Column):
        return node
    return node.this if node.alias == node.this.name else node
