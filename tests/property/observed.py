"""Strategies for what goalsql observes itself: columns and members that change (SPEC 3.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from goalsql.model.catalog import Kind
from tests.property.pools import CHANGED_TEXTS, INSTANTS, PROPERTIES, VALUES, chance
from tests.property.world import Change, LateRow, Listing, RowChange, World
from tests.reference.tables import Row

OFTEN_USED = ("stage", "score", "vip")


@st.composite
def observe(draw: st.DrawFn, world: World) -> None:
    """Adds changes of contacts rows, late property changes, members that come and go."""
    later = range(1, len(world.ticks))
    for tick in later:
        for _ in range(draw(st.integers(1, 4))):
            world.row_changes.append(draw(row_change(world, tick)))
    if world.tables.property_changes and draw(chance(2, 3)):
        # Few rows at first: columns are observed only where there are none.
        del world.tables.property_changes[:-1]
        for change in world.row_changes:
            if draw(chance(1, 3)):
                world.late_rows.append(draw(row_after(world, change)))
    if "added_at" not in world.tables.catalog.segments.get("people", {"added_at": None}):
        for tick in later:
            if draw(chance(1, 2)):
                world.listings.append(Listing(tick, draw(listed(world))))
    for deleted in [each for each in world.changes if each.what == "delete"]:
        tick = deleted.tick + draw(st.integers(1, 2))
        world.changes.append(Change(tick, "restore", contact_id=deleted.contact_id))


@st.composite
def row_change(draw: st.DrawFn, world: World, tick: int) -> RowChange:
    """Other values in one row; `updated_at` is in the window, or at its edges, or wrong."""
    contact_id = draw(st.sampled_from([row["contact_id"] for row in world.tables.contacts]))
    properties = st.sampled_from((*OFTEN_USED, *OFTEN_USED, *PROPERTIES))
    names = draw(st.lists(properties, min_size=1, max_size=2))
    columns: dict[str, Any] = {
        name: draw(st.sampled_from((*VALUES[PROPERTIES[name].kind], None))) for name in names
    }
    if "updated_at" in world.tables.catalog.contacts:
        before, at = world.ticks[tick - 1], world.ticks[tick]
        between = before + (at - before) / 2
        near = (before, before + timedelta(microseconds=1), between, between, at)
        columns["updated_at"] = draw(st.sampled_from((*near, *near, None, *INSTANTS)))
    return RowChange(tick, contact_id, columns)


@st.composite
def row_after(draw: st.DrawFn, world: World, change: RowChange) -> LateRow:
    """A property change that comes with a change of the column, or later, for the same property."""
    name = next(iter(change.columns))
    as_text = world.tables.catalog.property_changes["contact_id"].kind is Kind.TEXT
    row = {
        "contact_id": str(change.contact_id) if as_text else change.contact_id,
        "property": name,
        "value": draw(st.sampled_from((*CHANGED_TEXTS[PROPERTIES[name].kind], None))),
        "occurred_at": draw(st.sampled_from((*INSTANTS, *world.ticks))),
    }
    return LateRow(change.tick + draw(st.integers(0, 2)), "property_changes", row)


@st.composite
def listed(draw: st.DrawFn, world: World) -> list[Row]:
    """The rows of the static segment, anew."""
    ids = [row["contact_id"] for row in world.tables.contacts]
    some = draw(st.lists(st.sampled_from(ids), max_size=4))
    return [{"contact_id": contact_id} for contact_id in some]
