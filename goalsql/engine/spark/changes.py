"""What a table holds after a DELETE or an UPDATE, as a query: plain tables only take new rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp


def target(change: exp.Delete | exp.Update) -> exp.Table:
    """The table that is changed."""
    table = change.this
    assert isinstance(table, exp.Table)
    return table


def rows_left(delete: exp.Delete) -> exp.Query | None:
    """The rows that a DELETE leaves; None where it leaves none."""
    where, using = delete.args.get("where"), delete.args.get("using")
    if where is None:
        return None
    left = _every_column(target(delete))
    if using:
        [other] = using
        return left.join(other, on=where.this, join_type="left anti")
    return left.where(exp.not_(exp.func("COALESCE", exp.paren(where.this), exp.false())))


def rows_updated(update: exp.Update, columns: Sequence[str]) -> exp.Query:
    """All rows after an `UPDATE ... FROM`, of which no row matches twice.

    Args:
        update: the statement.
        columns: those of the table, in its order.
    """
    table, other, where = target(update), update.args["from_"].this, update.args["where"].this
    new = {one.this.name: one.expression for one in update.expressions}
    values = [
        (new[name] if name in new else exp.column(name, table=table.alias_or_name)).copy().as_(name)
        for name in columns
    ]
    changed = exp.select(*values).from_(table.copy()).join(other.copy(), on=where.copy())
    others = _every_column(table).join(other.copy(), on=where.copy(), join_type="left anti")
    return exp.union(changed, others, distinct=False)


def _every_column(table: exp.Table) -> exp.Select:
    star = exp.Column(this=exp.Star(), table=exp.to_identifier(table.alias_or_name))
    return exp.select(star).from_(table.copy())
