"""How many rows of each source a tick sees, and how many it cannot use (SPEC 4, 7)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from goalsql.compile.arrivals import News
from goalsql.compile.relations import (
    CONTACTS,
    PROPERTY_CHANGES,
    by_tick,
    event_view,
    known,
    loaded_by_tick,
    segment_view,
    table,
)
from goalsql.compile.statements import Statement, union_all
from goalsql.model.catalog import Catalog
from goalsql.model.reading_project import BUILT_IN_EVENTS


def count_rows(catalog: Catalog, news: News) -> Statement | None:
    """Selects source, view, seen_rows, orphan_rows, bad_rows, pending_rows: one row a source.

    A row is pending until a tick reads it: one that was loaded after the tick and, as events are
    read once they have occurred, an event that lies after it. The rows of other sources are read
    when they are there, whatever their instants. Of what is read a row is bad where its contact_id,
    event_id or instant is NULL, else seen; a seen event is an orphan where its contact does not
    exist. Sources that are as they were are left out; None if all are.
    """
    keys = ["contact_id", "event_id", "occurred_at"]
    parts = [_count("contacts", CONTACTS, ["contact_id", "created_at"], [], news)]
    if catalog.property_changes:
        columns = ["contact_id", "property", "occurred_at"]
        parts.append(
            _count(
                "property_changes", PROPERTY_CHANGES, columns, list(catalog.property_changes), news
            )
        )
    for name, fields in catalog.events.items():
        if name in BUILT_IN_EVENTS:
            continue
        parts.append(_count(name, event_view(name), keys, list(fields), news, events=True))
    for name, fields in catalog.segments.items():
        columns = ["contact_id", *(["added_at"] if "added_at" in fields else [])]
        parts.append(_count(name, segment_view(name), columns, [], news))
    counted = [part for part in parts if part is not None]
    if not counted:
        return None
    query = union_all(counted)
    return Statement("count", "Counts the rows of each source: seen, orphaned, bad.", query)


def _count(
    name: str,
    view: str,
    needed: Sequence[str],
    columns: Sequence[str],
    news: News,
    events: bool = False,
) -> exp.Select | None:
    if news.of(view) == "same":
        return None

    def column(of: str) -> exp.Expr:
        return exp.column(of, "rows_of")

    whole = exp.and_(*[known(column(one)) for one in needed], copy=False)
    tests = loaded_by_tick(columns, "rows_of")
    if events:
        tests.append(exp.func("COALESCE", by_tick(column("occurred_at")), exp.true()))
    read = exp.and_(*tests) if tests else exp.true()
    rows_of = exp.select().from_(table(news.rows(view), "rows_of"))
    orphan: exp.Expr = exp.false()
    if events:
        same = column("contact_id").eq(exp.column("contact_id", "owner"))
        rows_of = rows_of.join("goalsql.known_contacts AS owner", on=same, join_type="left")
        orphan = exp.Is(this=exp.column("contact_id", "owner"), expression=exp.null())
    kinds = {
        "seen_rows": exp.and_(whole, read),
        "orphan_rows": exp.and_(whole, read, orphan),
        "bad_rows": exp.and_(exp.not_(exp.paren(whole.copy())), read),
        "pending_rows": exp.not_(exp.paren(read.copy())),
    }
    counts = [exp.Count(this=exp.case().when(t, exp.true())).as_(n) for n, t in kinds.items()]
    names = {"source": name, "view": view}
    literals = [exp.Literal.string(text).as_(called) for called, text in names.items()]
    return rows_of.select(*literals, *counts)
