"""Every column with its table, so that no engine can take it for another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp
from sqlglot.errors import OptimizeError, SchemaError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from goalsql.compile.dialects.checks import Refused

_WRITTEN = "written"
_DUCKDB = "duckdb, normalization_strategy=case_sensitive"
"""Names stay as they are written: DuckDB takes `Plan` for `plan`, but other engines may not."""


def qualified(query: exp.Expr, columns: Mapping[str, Any]) -> exp.Query:
    """The query with `USING`, stars and names of other columns written out, and types noted.

    `a.key` after `JOIN b USING (key)` is an error to some engines, and of an outer join not the
    same to all. A name in WHERE that is both a column and an alias is one to some, the other to
    others.

    Args:
        query: a query as DuckDB would run it.
        columns: types by the names of columns, by tables, or by tables by schemas.

    Raises:
        Refused: if a column's table is not known.
    """
    schema = MappingSchema(dict(columns), normalize=False, dialect=_DUCKDB)
    for written in query.find_all(exp.Coalesce):
        written.meta[_WRITTEN] = True
    try:
        found = qualify(
            query,
            dialect=_DUCKDB,
            schema=schema,
            quote_identifiers=False,
            identify=False,
            canonicalize_table_aliases=False,
        )
        annotate_types(found, schema=schema, dialect=_DUCKDB)
    except (OptimizeError, SchemaError) as error:
        raise Refused(
            [f"columns whose table is not known: {str(error).splitlines()[0]}"]
        ) from error
    assert isinstance(found, exp.Query)
    for select in list(found.find_all(exp.Select)):
        _simplify(select)
    return found


def _simplify(select: exp.Select) -> None:
    """Where no outer join brings in rows of its own, the first of joined columns is the column."""
    if any(join.side in ("RIGHT", "FULL") for join in select.args.get("joins") or []):
        return
    for node in list(select.find_all(exp.Coalesce)):
        if _WRITTEN not in node.meta and node.parent_select is select:
            node.replace(node.this)


def real_tables(query: exp.Expr) -> list[exp.Table]:
    """The tables that a query reads, each where it stands; names of CTEs are none."""
    found = {
        id(source): source
        for scope in traverse_scope(query)
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    }
    return list(found.values())
