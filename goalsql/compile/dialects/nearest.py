"""`ASOF JOIN`, which few engines have, as a join that all have."""

from __future__ import annotations

from sqlglot import exp

_LATER = (exp.GT, exp.GTE)
_OTHER_WAY: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}
_NEIGHBOUR = "nearest"


def nearest(node: exp.Expr) -> exp.Expr:
    """`a ASOF JOIN b ON b.key = a.key AND b.at <= a.at`: b's row knows where the next one begins.

    Of rows of b at one instant, one is taken, as DuckDB does.
    """
    if not isinstance(node, exp.Join) or node.args.get("method") != "ASOF":
        return node
    right = node.this
    name = right.alias_or_name
    order, keys = None, []
    for test in (
        node.args["on"].flatten() if isinstance(node.args["on"], exp.And) else [node.args["on"]]
    ):
        mine, theirs = _sides(test, name)
        if isinstance(test, exp.EQ):
            keys.append(mine)
        else:
            kind = type(test) if test.this is mine else _OTHER_WAY[type(test)]
            order = (kind, mine, theirs)
    assert order is not None
    kind, mine, theirs = order
    later = kind in _LATER
    bounds = exp.LT if kind in (exp.LTE, exp.GTE) else exp.LTE
    window = exp.Window(
        this=(exp.Lag if later else exp.Lead)(this=mine.copy()),
        partition_by=[key.copy() for key in keys],
        order=exp.Order(expressions=[exp.Ordered(this=mine.copy())]),
    )
    rows = right.copy()
    if not rows.alias:
        rows.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
    star = exp.Column(this=exp.Star(), table=exp.to_identifier(name))
    known = exp.select(star, window.as_(_NEIGHBOUR)).from_(rows)
    beside = exp.column(_NEIGHBOUR, name)
    sides = (beside, theirs.copy()) if later else (theirs.copy(), beside)
    none = exp.Is(this=beside.copy(), expression=exp.null())
    near = exp.paren(exp.or_(none, bounds(this=sides[0], expression=sides[1])))
    return exp.Join(
        this=known.subquery(name),
        side=node.args.get("side"),
        on=exp.and_(node.args["on"].copy(), near),
    )


def _sides(test: exp.Expr, name: str) -> tuple[exp.Expr, exp.Expr]:
    """The side of a comparison that is the right table's, and the other."""
    of_right = all(column.table == name for column in test.this.find_all(exp.Column))
    mine, theirs = (test.this, test.expression) if of_right else (test.expression, test.this)
    return mine, theirs
