"""The temporary views that stand for a project's sources, and which of their rows a tick sees."""

from __future__ import annotations

from collections.abc import Container

from sqlglot import exp

CONTACTS = "source contacts"
PROPERTY_CHANGES = "source property_changes"


def event_view(event: str) -> str:
    """The view of an event source by the name that criteria use."""
    return f"events {event}"


def segment_view(segment: str) -> str:
    """The view of a static segment."""
    return f"segment {segment}"


def new_rows(view: str) -> str:
    """The view of those rows of a source that no earlier tick has seen."""
    return f"new {view}"


def table(name: str, alias: str = "") -> exp.Table:
    """A table or view whose name a user may have chosen, always quoted."""
    named = exp.Table(this=exp.to_identifier(name, quoted=True))
    if alias:
        named.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    return named


def create_view(name: str, query: exp.Query) -> exp.Create:
    """`CREATE OR REPLACE TEMPORARY VIEW name AS query`."""
    return exp.Create(
        this=table(name),
        kind="VIEW",
        replace=True,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
        expression=query,
    )


def known(column: exp.Expr) -> exp.Expr:
    """The column is not NULL."""
    return exp.not_(exp.Is(this=column, expression=exp.null()))


def by_tick(column: exp.Expr) -> exp.Expr:
    """The column's instant is not after the tick."""
    return exp.LTE(this=column, expression=exp.Placeholder(this="tick_at"))


def loaded_by_tick(columns: Container[str], alias: str = "") -> list[exp.Expr]:
    """The row was not loaded after the tick; NULL is at once (SPEC 2). Empty without a column."""
    if "loaded_at" not in columns:
        return []
    loaded = exp.column("loaded_at", table=alias or None)
    at_once = exp.Is(this=loaded.copy(), expression=exp.null())
    return [exp.paren(exp.or_(at_once, by_tick(loaded), copy=False))]
