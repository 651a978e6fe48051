"""Worlds changed in ways that must not matter: rows shuffled, doubled, contacts renamed."""

from __future__ import annotations

import copy
from random import Random

from tests.property.world import World
from tests.reference.measures import Relations
from tests.reference.tables import ContactId, Row

CONTACT_COLUMN = {
    "decisions": 1,
    "enrollments": 1,
    "goal_completions": 2,
    "goal_contacts": 2,
    "outbox": 1,
    "receipts": 1,
}
"""Where the contact_id stands in the tuples of a relation."""


def shuffled(world: World, random: Random) -> World:
    """The same rows in another order, some events twice."""
    other = copy.deepcopy(world)
    for rows in other.tables.events.values():
        rows += random.sample(rows, len(rows) // 2)
    for rows in _all_rows(other):
        random.shuffle(rows)
    return other


def new_names(world: World) -> dict[str, ContactId]:
    """Another id for each id of the world, by its text; the order of the ids is turned around."""
    ids = [row["contact_id"] for row in world.tables.contacts]
    strangers: list[ContactId] = [99] if isinstance(ids[0], int) else ["nobody"]
    if isinstance(ids[0], int):
        return {str(old): 1000 - 7 * old for old in [*ids, *strangers]}
    backwards = sorted([*ids, *strangers], reverse=True)
    return {str(old): f"{number}'{old}" for number, old in enumerate(backwards)}


def renamed(world: World, names: dict[str, ContactId]) -> World:
    """The same world with other contact ids."""
    other = copy.deepcopy(world)
    for row in {id(row): row for rows in _all_rows(other) for row in rows}.values():
        _rename(row, names)
    for late in other.late_rows:
        _rename(late.row, names)
    for listing in other.listings:
        for row in listing.rows:
            _rename(row, names)
    for row_change in other.row_changes:
        row_change.contact_id = names[str(row_change.contact_id)]
    for change in other.changes:
        if change.contact_id is not None:
            change.contact_id = names[str(change.contact_id)]
    return other


def renamed_rows(relations: Relations, names: dict[str, ContactId]) -> Relations:
    """Relations with other contact ids."""
    found = dict(relations)
    for relation, column in CONTACT_COLUMN.items():
        found[relation] = [
            (*row[:column], names[str(row[column])], *row[column + 1 :])
            for row in relations[relation]
        ]
    return found


def without(world: World, contact: ContactId) -> World:
    """The same world, in which nobody has ever heard of a contact."""
    other, name = copy.deepcopy(world), str(contact)
    for rows in [*_all_rows(other), *(listing.rows for listing in other.listings)]:
        rows[:] = [row for row in rows if str(row["contact_id"]) != name]
    other.late_rows = [late for late in other.late_rows if str(late.row["contact_id"]) != name]
    other.row_changes = [one for one in other.row_changes if one.contact_id != contact]
    other.changes = [change for change in other.changes if change.contact_id != contact]
    return other


def _rename(row: Row, names: dict[str, ContactId]) -> None:
    old = row["contact_id"]
    if old is not None:
        row["contact_id"] = type(old)(names[str(old)])


def _all_rows(world: World) -> list[list[Row]]:
    tables = world.tables
    return [
        tables.contacts,
        tables.property_changes,
        *tables.events.values(),
        *tables.segments.values(),
    ]
