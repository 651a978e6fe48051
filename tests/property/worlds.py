"""Strategies for small but nasty worlds: ties, edges, duplicates, orphans, unknowns."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from hypothesis import strategies as st

from goalsql.model.catalog import Catalog, ColumnType, Kind
from tests.property.chains import chained
from tests.property.criteria import Vocabulary
from tests.property.edits import edits
from tests.property.observed import observe
from tests.property.pools import (
    BAD_TEXTS,
    BIGINT,
    CHANGED_TEXTS,
    DAYS,
    EMAIL_VALUES,
    END,
    EVENT_FIELDS,
    GRID,
    INSTANTS,
    INTEGER_IDS,
    ONLY_IN_HISTORY,
    PROPERTIES,
    START,
    TEXT_IDS,
    TIMESTAMP,
    VALUES,
    VARCHAR,
    chance,
)
from tests.property.workflows import WORKFLOW_IDS, segments, settings, workflow
from tests.property.world import Change, LateRow, World
from tests.reference.tables import ContactId, Row, Tables

CREATED = (*GRID[:5], *GRID[:5], START - timedelta(days=1), GRID[9], INSTANTS[-2])
AFTER_ALL = END + timedelta(days=30)
ROW_INSTANTS = (START - timedelta(days=1), *INSTANTS, *INSTANTS)
LATEST_ACTIVE_FROM = GRID[5]
EVENT_INSTANTS = {
    "page_view": (*ROW_INSTANTS, None),
    "form": (*ROW_INSTANTS, *GRID[8:], *GRID[8:], None),
    "marketing_email": (*GRID[1:9] * 3, None, *ROW_INSTANTS, *GRID[12:] * 2),
}
"""Emails come early or late and forms late, so that some convert, and some before an email."""
TICKS = (*GRID[2:], *INSTANTS[-5:], END + timedelta(days=2))


Feature: TypeAlias = Literal["chains", "circles", "edits", "apply", "observed"]
EVERYTHING: tuple[Feature, ...] = ("chains", "circles", "edits", "apply", "observed")
IN_THE_LAW: tuple[Feature, ...] = ("chains",)
"""The features that keep the conditions of The Law (SPEC 4)."""
IN_THE_ENGINE: tuple[Feature, ...] = EVERYTHING
"""The features that the engine has: the worlds that it is compared in."""


def lawful_worlds(features: tuple[Feature, ...] = EVERYTHING) -> st.SearchStrategy[World]:
    """Worlds that keep the conditions of The Law, with those of the features that do."""
    return worlds(tuple(each for each in features if each in IN_THE_LAW), lawful=True)


@st.composite
def worlds(draw: st.DrawFn, features: tuple[Feature, ...] = (), lawful: bool = False) -> World:
    """Any world; a `lawful` one keeps the conditions of The Law (SPEC 4).

    Each feature is in many of the worlds, not in all:

    - chains: workflows look at the state of others, never in a circle.
    - circles: workflows look at the state of others and of themselves.
    - edits: the files change between ticks.
    - observed: columns of contacts change between ticks, members come and go, contacts return.
    - apply: some of these changes are applied, and others follow before the next tick.
    """
    has_history = draw(chance(3, 4))
    has_emails = draw(chance(3, 4))
    static = draw(st.sampled_from((None, "added", "plain")))
    names = () if static is None else ("people",)
    vocabulary = Vocabulary(has_history, has_emails, names)
    dynamic = draw(segments(vocabulary))
    vocabulary = Vocabulary(has_history, has_emails, (*names, *dynamic))

    ids = draw(contact_ids())
    project = draw(settings())
    workflow_ids = WORKFLOW_IDS[: draw(st.integers(1, 3))]
    tables = draw(sources(ids, vocabulary, project["on_bad_value"] == "skip", lawful))
    if "observed" in features and draw(chance(1, 2)):
        _add_updated_at(tables)
    if static is not None:
        _add_static_segment(tables, draw(members(ids, static == "added")), static == "added")
    ways = [each for each in features if each in ("chains", "circles")]
    way = draw(st.sampled_from((None, *ways))) if ways else None
    if way is None:
        workflows = [
            (draw(workflow(name, vocabulary, lawful)), vocabulary) for name in workflow_ids
        ]
    else:
        workflows = draw(chained(workflow_ids, vocabulary, dynamic, lawful, way == "circles"))
    world = World(
        settings=project,
        segments=dynamic,
        workflows=[each for each, _ in workflows],
        tables=tables,
        ticks=draw(tick_instants(3 if {"edits", "observed"} & set(features) else 1)),
    )
    if not lawful:
        world.late_rows = draw(late_rows(world))
        if "edits" in features and draw(chance(2, 3)):
            vocabularies = {each["id"]: vocabulary for each, vocabulary in workflows}
            world.edits = draw(edits(world, vocabularies, "apply" in features))
        world.changes = draw(changes(world))
        if "observed" in features and draw(chance(2, 3)):
            draw(observe(world))
    return world


def tick_instants(fewest: int) -> st.SearchStrategy[list[Any]]:
    """So many ticks before the last or more, that one after nearly everything."""
    return st.lists(st.sampled_from(TICKS), min_size=fewest, max_size=4, unique=True).map(
        lambda some: sorted({*some, END})
    )


def contact_ids() -> st.SearchStrategy[list[ContactId]]:
    """Two to six ids, all integers or all texts."""
    return st.one_of(
        st.lists(st.sampled_from(INTEGER_IDS), min_size=2, max_size=6, unique=True),
        st.lists(st.sampled_from(TEXT_IDS), min_size=2, max_size=6, unique=True),
    )


@st.composite
def sources(
    draw: st.DrawFn, ids: list[ContactId], vocabulary: Vocabulary, bad_texts: bool, lawful: bool
) -> Tables:
    """The rows of all sources but static segments."""
    id_type = BIGINT if isinstance(ids[0], int) else VARCHAR
    text_ids = draw(st.booleans())
    other_id_type = VARCHAR if text_ids else id_type
    stranger: ContactId = 99 if isinstance(ids[0], int) else "nobody"
    owners = st.sampled_from([*ids, *ids, *ids, *ids, stranger, None])
    owners = owners.map(lambda owner: str(owner) if text_ids and owner is not None else owner)
    has_loaded_at = draw(st.booleans())

    columns: dict[str, dict[str, ColumnType]] = {name: dict(f) for name, f in EVENT_FIELDS.items()}
    if vocabulary.has_emails:
        names = [
            "workflow_id",
            "email_id",
            "event",
            *(["email_type"] if draw(st.booleans()) else []),
        ]
        columns["marketing_email"] = dict.fromkeys(names, VARCHAR)
    catalog = Catalog(
        contacts={"contact_id": id_type, "created_at": TIMESTAMP, **PROPERTIES},
        events={
            name: {
                "contact_id": other_id_type,
                "event_id": BIGINT,
                "occurred_at": TIMESTAMP,
                **({"loaded_at": TIMESTAMP} if has_loaded_at else {}),
                **fields,
            }
            for name, fields in columns.items()
        },
        property_changes={
            "contact_id": other_id_type,
            "property": VARCHAR,
            "value": VARCHAR,
            "occurred_at": TIMESTAMP,
        },
        history=frozenset({*PROPERTIES, ONLY_IN_HISTORY}),
        segments={},
    )
    tables = Tables(catalog, [draw(contact(name)) for name in ids])
    for name in columns:
        event = events(name, columns[name], owners, has_loaded_at, lawful)
        fewest = len(ids) * (2 if name == "marketing_email" else 1)
        rows = draw(st.lists(event, min_size=fewest, max_size=3 * len(ids)))
        tables.events[name] = draw(with_ids_and_duplicates(rows))
    if vocabulary.has_history:
        rows = draw(st.lists(property_change(owners, bad_texts), max_size=3 * len(ids)))
        some = rows[0]["contact_id"] if rows else None
        known = {"property": ONLY_IN_HISTORY, "value": "pro", "occurred_at": GRID[0]}
        tables.property_changes = [*rows, {"contact_id": some} | known]
    return tables


@st.composite
def contact(draw: st.DrawFn, contact_id: ContactId) -> Row:
    """One contact, created early as a rule, with a value or none for each property."""
    rarely_late = (*CREATED, *CREATED, AFTER_ALL)
    row: Row = {"contact_id": contact_id, "created_at": draw(st.sampled_from(rarely_late))}
    for name, column in PROPERTIES.items():
        row[name] = draw(st.sampled_from((*VALUES[column.kind], None)))
    return row


@st.composite
def events(
    draw: st.DrawFn,
    source: str,
    fields: dict[str, ColumnType],
    owners: st.SearchStrategy[Any],
    has_loaded_at: bool,
    lawful: bool,
) -> Row:
    """One event without its id; under The Law it is loaded when it occurs."""
    occurred_at = draw(st.sampled_from(EVENT_INSTANTS[source]))
    row: Row = {"contact_id": draw(owners), "event_id": None, "occurred_at": occurred_at}
    if has_loaded_at:
        row["loaded_at"] = draw(st.sampled_from((None, occurred_at, occurred_at)))
        if not lawful and draw(chance(1, 5)):
            row["loaded_at"] = draw(st.sampled_from(INSTANTS))
    for name, column in fields.items():
        row[name] = draw(_field_values(source, name, column))
    return row


def _field_values(source: str, name: str, column: ColumnType) -> st.SearchStrategy[Any]:
    if source != "marketing_email":
        return st.sampled_from((*VALUES[column.kind], None))
    if name == "workflow_id":
        return st.sampled_from((*("w1",) * 4, "other", None, *WORKFLOW_IDS, *("w1",) * 2))
    return st.sampled_from(EMAIL_VALUES[name])


@st.composite
def with_ids_and_duplicates(draw: st.DrawFn, rows: list[Row]) -> list[Row]:
    """Numbers the events; some rows stand twice, some ids are missing."""
    for number, row in enumerate(rows):
        row["event_id"] = number
    copies = draw(st.lists(st.sampled_from(rows), max_size=2))
    missing = draw(st.integers(0, 3 * len(rows)))
    if missing < len(rows):
        rows[missing] = rows[missing] | {"event_id": None}
    return rows + copy.deepcopy(copies)


@st.composite
def property_change(draw: st.DrawFn, owners: st.SearchStrategy[Any], bad_texts: bool) -> Row:
    """One row of property_changes, now and then with a text that cannot be cast."""
    name = draw(st.sampled_from((*PROPERTIES, "stage", "score", ONLY_IN_HISTORY)))
    kind = PROPERTIES[name].kind if name in PROPERTIES else Kind.TEXT
    texts = CHANGED_TEXTS[kind]
    if bad_texts and draw(chance(1, 6)):
        texts = BAD_TEXTS[kind]
    return {
        "contact_id": draw(owners),
        "property": name,
        "value": draw(st.sampled_from((*texts, None))),
        "occurred_at": draw(st.sampled_from((*ROW_INSTANTS, AFTER_ALL, None))),
    }


@st.composite
def members(draw: st.DrawFn, ids: list[ContactId], has_added_at: bool) -> list[Row]:
    """The rows of a static segment: some contacts, some twice."""
    rows: list[Row] = []
    for contact_id in draw(st.lists(st.sampled_from((*ids, None)), min_size=1, max_size=3)):
        row: Row = {"contact_id": contact_id}
        if has_added_at:
            row["added_at"] = draw(st.sampled_from((*INSTANTS, None)))
        rows.append(row)
    return rows


def _add_static_segment(tables: Tables, rows: list[Row], has_added_at: bool) -> None:
    columns = {"contact_id": tables.catalog.contacts["contact_id"]}
    if has_added_at:
        columns["added_at"] = TIMESTAMP
    tables.segments["people"] = rows
    assert isinstance(tables.catalog.segments, dict)
    tables.catalog.segments["people"] = columns


def _add_updated_at(tables: Tables) -> None:
    assert isinstance(tables.catalog.contacts, dict)
    tables.catalog.contacts["updated_at"] = TIMESTAMP
    for row in tables.contacts:
        row["updated_at"] = row["created_at"]


@st.composite
def late_rows(draw: st.DrawFn, world: World) -> list[LateRow]:
    """Takes some events out of the sources, to arrive before a later tick, or never."""
    found: list[LateRow] = []
    for source, rows in world.tables.events.items():
        for index in sorted(draw(st.sets(st.integers(0, 20), max_size=2)), reverse=True):
            if index < len(rows) and [row["event_id"] for row in rows].count(index) == 1:
                tick = draw(st.integers(1, DAYS))
                found.append(LateRow(tick, source, rows.pop(index)))
    return found


@st.composite
def changes(draw: st.DrawFn, world: World) -> list[Change]:
    """Contacts deleted and enrolled by hand, workflows switched off and on."""
    found: list[Change] = []
    ids = st.sampled_from([row["contact_id"] for row in world.tables.contacts])
    names = st.sampled_from([workflow["id"] for workflow in world.workflows])
    numbers = st.sampled_from(range(len(world.ticks)))
    if draw(chance(1, 2)):
        found.append(
            Change(
                draw(numbers.map(lambda n: max(n, len(world.ticks) // 2))),
                "delete",
                contact_id=draw(ids),
            )
        )
    if draw(chance(1, 4)):
        first, name = draw(numbers), draw(names)
        found.append(Change(first, "disable", name))
        found.append(Change(first + draw(st.integers(1, 2)), "enable", name))
    world.changes = found
    by_hand = [
        Change(draw(numbers), "enroll", draw(names), draw(ids))
        for _ in range(draw(st.integers(0, 2)))
    ]
    return found + [change for change in by_hand if _can_be_enrolled(world, change)]


def _can_be_enrolled(world: World, change: Change) -> bool:
    """Whether the contact is known, and the workflow on and begun, before the tick and at it."""
    at = world.ticks[change.tick]
    known = {row["contact_id"]: row["created_at"] for row in world.tables_at(change.tick).contacts}
    if change.contact_id not in known or known[change.contact_id] > at or at < LATEST_ACTIVE_FROM:
        return False
    return all(
        any(
            workflow["id"] == change.workflow_id and workflow.get("enabled", True)
            for workflow in world.workflows_at(tick)
        )
        for tick in (change.tick - 1, change.tick)
    )
