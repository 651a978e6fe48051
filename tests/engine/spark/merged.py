"""Several worlds as one: their contacts and workflows side by side, under names of their own.

What a tick costs Spark is its two hundred queries, however few the rows. In a merged world each
workflow has the contacts of all before it: it is no test of the worlds one by one, but engines
that agree on it agree on more than they would there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any, TypeVar

from goalsql.model.catalog import Catalog, ColumnType
from tests.engine.spark.naming import with_names
from tests.property.transforms import renamed
from tests.property.workflows import WORKFLOW_IDS
from tests.property.world import Clock, Edit, Listing, World
from tests.reference.tables import ContactId, Row, Tables

Held = TypeVar("Held", Edit, Listing)
APART = 100_000
"""Integer ids of one world and of the next, and event ids."""


def merged(drawn: Iterable[tuple[World, Clock]], most: int) -> Iterator[tuple[World, Clock, int]]:
    """Worlds in lots of at most so many that can share a project, with how many each is of."""
    alike: dict[object, list[tuple[World, Clock]]] = defaultdict(list)
    for world, clock in drawn:
        catalog = world.tables.catalog
        ids = (catalog.contacts["contact_id"], catalog.events["form"]["contact_id"])
        alike[len(world.ticks), *ids].append((world, clock))
    for several in alike.values():
        for at in range(0, len(several), most):
            worlds, (clock, *_) = zip(*several[at : at + most], strict=True)
            yield (_one(worlds) if len(worlds) > 1 else worlds[0]), clock, len(worlds)


def _one(worlds: Sequence[World]) -> World:
    several = [_apart(world, number) for number, world in enumerate(worlds)]
    skips = any(world.settings["on_bad_value"] == "skip" for world in several)
    return replace(
        several[0],
        settings=several[0].settings
        | {"on_bad_value": "skip" if skips else "fail", "max_gone": "100 %"},
        segments={name: one for world in several for name, one in world.segments.items()},
        workflows=[workflow for world in several for workflow in world.workflows],
        tables=reduce(_both, (world.tables for world in several)),
        late_rows=[one for world in several for one in world.late_rows],
        changes=[one for world in several for one in world.changes],
        edits=list(_edits(several)),
        row_changes=[one for world in several for one in world.row_changes],
        listings=list(_listings(several)),
    )


def _apart(world: World, number: int) -> World:
    """A world with ids and names that no other has."""
    known = [row["contact_id"] for row in world.tables.contacts]
    ids: list[ContactId] = [*known, 99 if isinstance(known[0], int) else "nobody"]
    new: dict[str, ContactId] = {
        str(old): old + APART * number if isinstance(old, int) else f"{old} {number}" for old in ids
    }
    defined = [name for files in (world, *world.edits) for name in files.segments]
    names = {name: f"{name} {number}" for name in (*WORKFLOW_IDS, *defined)}
    # Static segments are one where they have the same columns: each is a source to be read.
    static = {name: _static(name, each) for name, each in world.tables.catalog.segments.items()}
    names |= static
    found = renamed(world, new)
    found.tables.segments = {static[name]: rows for name, rows in found.tables.segments.items()}
    found.tables.catalog = replace(
        found.tables.catalog,
        segments={static[name]: each for name, each in found.tables.catalog.segments.items()},
    )
    found.listings = [replace(each, segment=static[each.segment]) for each in found.listings]
    found.segments = _segments(found.segments, names)
    found.workflows = _workflows(found.workflows, names)
    found.edits = [
        replace(
            edit,
            segments=_segments(edit.segments, names),
            workflows=_workflows(edit.workflows, names),
        )
        for edit in found.edits
    ]
    for change in found.changes:
        if change.workflow_id is not None:
            change.workflow_id = names[change.workflow_id]
    late = [one.row for one in found.late_rows if one.source != "property_changes"]
    rows = [row for rows in found.tables.events.values() for row in rows]
    for row in {id(row): row for row in (*rows, *late)}.values():
        if row["event_id"] is not None:
            row["event_id"] += APART * number
        if "workflow_id" in row:
            row["workflow_id"] = names.get(row["workflow_id"], row["workflow_id"])
    return found


def _segments(segments: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[name]: with_names(each, names) for name, each in segments.items()}


def _workflows(
    workflows: Iterable[dict[str, Any]], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [with_names(each, names) | {"id": names[each["id"]]} for each in workflows]


def _static(name: str, columns: Iterable[str]) -> str:
    return f"{name} by {' and '.join(columns)}"


def _edits(worlds: Sequence[World]) -> Iterator[Edit]:
    first = [Edit(0, world.segments, world.workflows) for world in worlds]
    for edit, held in _changing(first, [world.edits for world in worlds]):
        yield Edit(
            edit.tick,
            {name: one for each in held for name, one in each.segments.items()},
            [workflow for each in held for workflow in each.workflows],
            edit.is_applied,
        )


def _listings(worlds: Sequence[World]) -> Iterator[Listing]:
    for segment in sorted({each.segment for world in worlds for each in world.listings}):
        first = [Listing(0, world.tables.segments.get(segment, []), segment) for world in worlds]
        for listing, held in _changing(first, [world.listings for world in worlds]):
            yield Listing(listing.tick, [row for each in held for row in each.rows], segment)


def _changing(
    first: Iterable[Held], later: Iterable[Iterable[Held]]
) -> Iterator[tuple[Held, list[Held]]]:
    """Each change of one world, in the order of the ticks, with what all worlds hold then."""
    held = list(first)
    changes = [(number, change) for number, some in enumerate(later) for change in some]
    for number, change in sorted(changes, key=lambda each: each[1].tick):
        held[number] = change
        yield change, held


def _both(one: Tables, other: Tables) -> Tables:
    catalogs = (one.catalog, other.catalog)
    catalog = Catalog(
        contacts={**one.catalog.contacts, **other.catalog.contacts},
        events=_columns(each.events for each in catalogs),
        property_changes=one.catalog.property_changes,
        history=one.catalog.history | other.catalog.history,
        segments=_columns(each.segments for each in catalogs),
    )
    return Tables(
        catalog,
        one.contacts + other.contacts,
        one.property_changes + other.property_changes,
        _rows(one.events, other.events),
        _rows(one.segments, other.segments),
    )


def _columns(
    several: Iterable[Mapping[str, Mapping[str, ColumnType]]],
) -> dict[str, dict[str, ColumnType]]:
    found: dict[str, dict[str, ColumnType]] = defaultdict(dict)
    for sources in several:
        for name, columns in sources.items():
            found[name] |= columns
    return dict(found)


def _rows(one: Mapping[str, list[Row]], other: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    return {name: [*one.get(name, []), *other.get(name, [])] for name in {**one, **other}}
