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


def count_rows(catalog: Catalog, news: News) -> list[Statement]:
    """Selects source, view, seen_rows, orphan_rows, bad_rows, pending_rows: one row a source.

    A row is pending until ticks see it: one that occurred, was created or loaded after the tick
    (SPEC 4). Of what is seen a row is bad where its contact_id, event_id or instant is NULL, else
    counted as seen; such an event is an orphan where its contact does not exist. Of a source that
    is as it was nothing is counted, and of one that is read for its new rows only these.
    """
    counts = [_count("contacts", CONTACTS, ["contact_id", "created_at"], "created_at", [], news)]
    if fields := list(catalog.property_changes):
        needed, at = ["contact_id", "property", "occurred_at"], "occurred_at"
        counts.append(_count("property_changes", PROPERTY_CHANGES, needed, at, fields, news))
    for name, columns in catalog.events.items():
        if name not in BUILT_IN_EVENTS:
            needed = ["contact_id", "event_id", "occurred_at"]
            fields = list(columns)
            counts.append(_count(name, event_view(name), needed, "occurred_at", fields, news))
    for name, columns in catalog.segments.items():
        needed = ["contact_id", *(["added_at"] if "added_at" in columns else [])]
        counts.append(_count(name, segment_view(name), needed, None, [], news))
    parts = [one for one in counts if one is not None]
    comment = "Counts the rows of each source: seen, orphaned, bad."
    return [Statement("count", comment, union_all(parts))] if parts else []


def _count(
    name: str,
    view: str,
    needed: Sequence[str],
    waits_for: str | None,
    columns: Sequence[str],
    news: News,
) -> exp.Select | None:
    if news.of(view) == "same":
        return None

    def column(of: str) -> exp.Expr:
        return exp.column(of, "rows_of")

    whole = exp.and_(*[known(column(one)) for one in needed], copy=False)
    tests = loaded_by_tick(columns, "rows_of")
    if waits_for is not None:
        tests.append(exp.func("COALESCE", by_tick(column(waits_for)), exp.true()))
    seen = exp.and_(*tests) if tests else exp.true()
    rows = exp.select().from_(table(news.rows(view), "rows_of"))
    orphan: exp.Expr = exp.false()
    if "event_id" in needed:
        same = column("contact_id").eq(exp.column("contact_id", "owner"))
        rows = rows.join("goalsql.known_contacts AS owner", on=same, join_type="left")
        orphan = exp.Is(this=exp.column("contact_id", "owner"), expression=exp.null())
    kinds = {
        "seen_rows": exp.and_(whole, seen),
        "orphan_rows": exp.and_(whole, seen, orphan),
        "bad_rows": exp.and_(exp.not_(exp.paren(whole.copy())), seen),
        "pending_rows": exp.not_(exp.paren(seen.copy())),
    }
    counts = [exp.Count(this=exp.case().when(t, exp.true())).as_(n) for n, t in kinds.items()]
    names = {"source": name, "view": view}
    literals = [exp.Literal.string(text).as_(called) for called, text in names.items()]
    return rows.select(*literals, *counts)
