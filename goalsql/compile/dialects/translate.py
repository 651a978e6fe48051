"""From DuckDB's dialect to another: what travels is listed, what is said differently is mended."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from goalsql.compile.dialects.spark import MENDS, Mend
from goalsql.compile.statements import render
from goalsql.errors import InternalError

Columns = Mapping[str, str]
"""The types of a table's columns by their names."""


def flat_name(table: exp.Table) -> str:
    """The name of a table in one piece: `goalsql.ticks` is `goalsql__ticks`."""
    return "__".join(part for part in (table.db, table.name) if part)


def flattened(ast: exp.Expr) -> exp.Expr:
    """The tree with the names of all tables in one piece, for engines whose views have no schema."""
    for table in list(ast.find_all(exp.Table)):
        if isinstance(table.this, exp.Identifier):
            name = flat_name(table)
            if table.db and not table.alias:
                table.set("alias", exp.TableAlias(this=table.this))
            table.set("this", exp.to_identifier(name, quoted=True))
            table.set("db", None)
            table.set("catalog", None)
    return ast


def to_spark(query: exp.Expr, tables: Mapping[str, Columns]) -> str:
    """The text of a query for Spark.

    Args:
        query: what DuckDB would run; placeholders have been replaced.
        tables: the columns of the tables that it may name, by their names in one piece.

    Raises:
        InternalError: if the query holds what does not travel.
    """
    mended = flattened(query.copy())
    for mend in MENDS:
        mended = _mended(mended, mend)
    if mended.find(exp.Join) is not None:
        mended = _qualified(mended, tables)
    refuse(mended)
    return render(mended, "spark")


def _mended(node: exp.Expr, mend: Mend) -> exp.Expr:
    """The tree with every node as the mend wants it, those that it brings in too."""
    new = mend(node)
    if new is not node and node.parent is not None:
        node.replace(new)
    for child in list(new.iter_expressions()):
        _mended(child, mend)
    return new


def _qualified(query: exp.Expr, tables: Mapping[str, Columns]) -> exp.Expr:
    """Every column with its table: of `USING`, each engine thinks otherwise.

    `a.key` after `JOIN b USING (key)` is an error to some, and of an outer join not the same to all.
    """
    named = {name: dict.fromkeys(columns, "VARCHAR") for name, columns in tables.items()}
    schema = MappingSchema(named, normalize=False)
    return qualify(
        query,
        dialect="duckdb",
        schema=schema,
        quote_identifiers=False,
        identify=False,
        validate_qualify_columns=False,
        canonicalize_table_aliases=False,
    )


TRAVELS: frozenset[str] = frozenset(
    """
    Add Alias And Anonymous ArgMax ArgMin Array Between Boolean Case Cast Coalesce Column Concat
    Contains Count CTE DataType DataTypeParam Date DateTrunc Distinct Div Dot DPipe EndsWith EQ Exists Explode Filter
    From FromUtcTimestamp GenerateSeries Greatest Group GT GTE Having Identifier If In Interval Is
    Join JSONExtractScalar JSONExtract JSONPath JSONPathKey JSONPathRoot Lag Lead Least Length Limit
    Literal LogicalAnd LogicalOr Lower LT LTE Max Min Mod Mul Neg NEQ Not Null Nullif NullSafeEQ Or
    Order Ordered Paren PercentileCont Pow Properties RegexpExtract Round RegexpLike RowNumber Select Sqrt
    Star StartsWith Struct StructExtract Sub Subquery Sum Table TableAlias TimestampTrunc TimeToUnix
    TryCast Tuple Union Values Var Where Window WindowSpec With AtTimeZone PropertyEQ Unnest
    """.split()
)
"""The kinds of nodes that have been found to mean the same on every engine, once mended."""


def refuse(query: exp.Expr) -> None:
    """Refuses what is not known to travel, before any engine sees it.

    Raises:
        InternalError: with the kinds of nodes.
    """
    kinds = {type(node).__name__ for node in query.walk()}
    if strange := sorted(kinds - TRAVELS):
        raise InternalError(f"does not travel: {', '.join(strange)}")
