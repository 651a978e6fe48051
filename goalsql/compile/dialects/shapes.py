"""What makes, fills and clears tables, for engines with fewer ways to do so than DuckDB."""

from __future__ import annotations

from sqlglot import exp

from goalsql.compile.dialects.checks import Refused
from goalsql.compile.dialects.dialect import Clearing, Dialect, Making
from goalsql.compile.dialects.qualified import real_tables

ASIDE = "_aside"
_ARGUMENTS = {
    exp.Create: {"this", "kind", "replace", "properties", "expression"},
    exp.Insert: {"this", "expression"},
    exp.Delete: {"this", "using", "where"},
}


def check_arguments(ast: exp.Expr) -> None:
    """Refuses statements with parts of which nothing is known here, and other kinds of statements.

    Raises:
        Refused: with the part, or the kind.
    """
    if isinstance(ast, exp.Query):
        return
    known = _ARGUMENTS.get(type(ast))
    if known is None:
        raise Refused([f"{ast.key.upper()} statements"])
    if strange := sorted(key for key, value in ast.args.items() if value and key not in known):
        raise Refused([f"{ast.key.upper()} with {', '.join(strange)}"])


def made(
    table: exp.Table, kind: str, what: exp.Expr, own: bool, dialect: Dialect
) -> list[exp.Expr]:
    """What creates or replaces a table or view.

    Where a table cannot be replaced in one step, one that is made of its own rows is made aside
    first.

    Args:
        table: its name in the engine.
        kind: TABLE or VIEW.
        what: the query whose rows it holds, or its columns.
        own: whether it is one of the run's own, which may be temporary.
        dialect: the engine's.
    """
    if kind == "VIEW" or dialect.making is Making.REPLACE:
        return [_create(table, kind, what, own, dialect, replace=True)]
    if isinstance(what, exp.Query) and _reads(what, table):
        aside = exp.table_(f"{table.name}{ASIDE}", db=dialect.workspace)
        rows = exp.select("*").from_(aside.copy())
        return [
            *made(aside, kind, what, True, dialect),
            *made(table, kind, rows, own, dialect),
            _drop(aside, True, dialect),
        ]
    return [_drop(table, own, dialect), _create(table, kind, what, own, dialect)]


def _reads(query: exp.Query, table: exp.Table) -> bool:
    place = (table.db, table.name)
    return any((one.db, one.name) == place for one in real_tables(query))


def _create(
    table: exp.Table, kind: str, what: exp.Expr, own: bool, dialect: Dialect, replace: bool = False
) -> exp.Create:
    properties: list[exp.Expr] = []
    if own and dialect.temporary:
        properties.append(exp.TemporaryProperty())
    if kind == "TABLE":
        properties.extend(one.copy() for one in dialect.table_properties)
    named: exp.Expr = table.copy()
    if isinstance(what, exp.Schema):
        named, what = exp.Schema(this=named, expressions=what.expressions), exp.Schema()
    return exp.Create(
        this=named,
        kind=kind,
        replace=replace,
        properties=exp.Properties(expressions=properties) if properties else None,
        expression=what if isinstance(what, exp.Query) else None,
    )


def _drop(table: exp.Table, own: bool, dialect: Dialect) -> exp.Drop:
    """Views on a temporary table go with it: a run makes them anew, after the table."""
    cascade = own and dialect.temporary
    return exp.Drop(tables=[table.copy()], kind="TABLE", exists=True, cascade=cascade)


def cleared(table: exp.Table, dialect: Dialect) -> list[exp.Expr]:
    """What takes all rows out of a table."""
    if dialect.clearing is Clearing.COPY:
        return [exp.TruncateTable(expressions=[table.copy()], kind="TABLE")]
    always = exp.Where(this=exp.true()) if dialect.clearing is Clearing.WHERE else None
    return [exp.Delete(this=table.copy(), where=always)]


def condition_of(ast: exp.Delete) -> exp.Expr | None:
    """Which rows of its table a DELETE is about; None: all. Columns have the table's own name."""
    where, using, table = ast.args.get("where"), ast.args.get("using"), ast.this
    alias, name = table.alias_or_name, table.name
    for column in list(ast.find_all(exp.Column)):
        if column.table == alias:
            column.set("table", exp.to_identifier(name))
    table.set("alias", None)
    if where is None:
        return None
    test: exp.Expr = where.this
    if using:
        first, *others = using
        some = exp.select(exp.Literal.number(1)).from_(first).where(test)
        for other in others:
            some = some.join(other, join_type="cross")
        test = exp.Exists(this=some)
    return test


def kept(table: exp.Table, test: exp.Expr) -> exp.Select:
    """The rows that a DELETE leaves: those of which its condition is not true."""
    known = (
        test if isinstance(test, exp.Exists) else exp.Coalesce(this=test, expressions=[exp.false()])
    )
    star = exp.Column(this=exp.Star(), table=exp.to_identifier(table.name))
    return exp.select(star).from_(table.copy()).where(exp.not_(known))
