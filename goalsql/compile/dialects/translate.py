"""From DuckDB's SQL to another's: what is said otherwise is mended, what strays is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from goalsql.compile.dialects import plain
from goalsql.compile.dialects.checks import Refused, check, check_details
from goalsql.compile.dialects.columns import Columns, Tables
from goalsql.compile.dialects.dialect import Clearing, Dialect, mended
from goalsql.compile.dialects.nearest import nearest
from goalsql.compile.dialects.qualified import qualified, real_tables
from goalsql.compile.dialects.shapes import check_arguments, cleared, condition_of, kept, made
from goalsql.compile.dialects.spark import ENGINE
from goalsql.compile.statements import render
from goalsql.errors import InternalError

FIRST = (nearest, plain.rows_of_lists, plain.chosen, plain.memberships, plain.tuples)
"""Mends of what has to be gone before columns can be told apart."""


def translated(ast: exp.Expr, dialect: Dialect, tables: Tables) -> list[exp.Expr]:
    """The statements that do in another engine what one does in DuckDB; mostly one.

    Takes note in `tables` of a table that the statement makes, also where it is refused.

    Args:
        ast: the statement, which is changed.
        dialect: the other engine's.
        tables: the columns of the tables that the statement may name.

    Raises:
        Refused: with every construct that does not travel.
    """
    tables.made(ast)
    check_arguments(ast)
    found = _statements(ast, dialect, tables)
    for one in found:
        mended(one, plain.quoted)
        check_details(one)
        check(one, dialect)
    return found


def _statements(ast: exp.Expr, dialect: Dialect, tables: Tables) -> list[exp.Expr]:
    def place(table: exp.Table) -> exp.Table:
        return _place(table.copy(), dialect, tables)

    def query(rows: exp.Query) -> exp.Query:
        return _query(rows, dialect, tables, lambda found: None)

    match ast:
        case exp.Create(this=exp.Table() as table, expression=exp.Query() as rows):
            own = tables.is_own(table)

            def note(found: exp.Query) -> None:
                tables.note(table, _columns(found))

            rows = _query(rows, dialect, tables, note)
            return made(place(table), ast.args["kind"], rows, own, dialect)
        case exp.Create(this=exp.Schema(this=exp.Table() as table) as schema):
            own = tables.is_own(table)
            return made(place(table), ast.args["kind"], _said(schema, dialect), own, dialect)
        case exp.Insert(expression=exp.Query() as rows):
            ast.set("expression", query(rows))
            into = ast.this if isinstance(ast.this, exp.Table) else ast.this.this
            into.replace(place(into))
            return [ast]
        case exp.Delete(this=exp.Table() as table):
            test = condition_of(ast)
            if test is None:
                return cleared(place(table), dialect)
            if dialect.clearing is Clearing.COPY:
                own = tables.is_own(table)
                return made(place(table), "TABLE", query(kept(table, test)), own, dialect)
            rows = query(exp.select(exp.Literal.number(1)).from_(table.copy()).where(test))
            return [exp.Delete(this=place(table), where=rows.args["where"])]
        case exp.Query():
            return [query(ast)]
    raise Refused([f"{ast.key.upper()} statements"])


def _query(
    query: exp.Query, dialect: Dialect, tables: Tables, note: Callable[[exp.Query], None]
) -> exp.Query:
    """A query as the dialect has it; `note` is told what it is before the dialect's own mends."""
    plainer: exp.Expr = query.copy()
    for mend in FIRST:
        plainer = mended(plainer, mend)
    found = qualified(plainer, tables.by_schema())
    note(found)
    for table in real_tables(found):
        if not tables.knows(table):
            raise Refused([f"table {table.name}, of which nothing is known"])
        _place(table, dialect, tables)
    result = _said(found, dialect)
    assert isinstance(result, exp.Query)
    return result


def _columns(query: exp.Query) -> Columns:
    """The names and types of what a query finds."""
    return {
        column.alias_or_name: column.type.sql("duckdb") if column.type else "UNKNOWN"
        for column in query.selects
    }


def _place(table: exp.Table, dialect: Dialect, tables: Tables) -> exp.Table:
    """The table where the engine has it: the run's own ones are in a schema of theirs."""
    if tables.is_own(table):
        table.set("db", exp.to_identifier(dialect.workspace))
    return table


def _said(tree: exp.Expr, dialect: Dialect) -> exp.Expr:
    """The tree as the dialect has it."""
    for mend in (*dialect.mends, _types(dialect)):
        tree = mended(tree, mend)
    return tree


def _types(dialect: Dialect) -> Callable[[exp.Expr], exp.Expr]:
    def mend(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.DataType):
            node.set("this", dialect.types.get(node.this, node.this))
        return node

    return mend


def to_spark(query: exp.Expr, tables: Mapping[str, Columns]) -> str:
    """The text of a query for the Spark engine, which knows tables by names without a schema.

    Args:
        query: what DuckDB would run; placeholders have been replaced.
        tables: the columns of the tables that it may name.

    Raises:
        InternalError: if the query holds what does not travel.
    """
    found = query.copy()
    for mend in FIRST:
        found = mended(found, mend)
    try:
        if found.find(exp.Join, exp.JSONArray) is not None:
            found = qualified(found, tables)
        found = mended(_said(found, ENGINE), plain.quoted)
        check(found, ENGINE)
    except Refused as refused:
        raise InternalError(f"does not travel: {refused}") from refused
    return render(found, "spark")
