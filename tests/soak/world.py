"""What a soak's project holds: the columns of its sources, and what comes before each tick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from goalsql.model.catalog import Catalog
from tests.property.pools import (
    BIGINT,
    EVENT_FIELDS,
    ONLY_IN_HISTORY,
    PROPERTIES,
    TIMESTAMP,
    VARCHAR,
)
from tests.property.world import Clock, Edit
from tests.reference.tables import Row, Tables

EMAIL = "marketing_email"
SETTINGS = {
    "name": "soak",
    "database": "soak.duckdb",
    "timezone": "Europe/Paris",
    "receipt_event": "delivered",
    "on_bad_value": "skip",
}


@dataclass
class Turn:
    """What is done before a tick, and the tick.

    Args:
        at: T.
        clock: its clock.
        contacts: all rows of the source, as they are from now on.
        members: those of the static segment.
        rows: by source, those that come to the other sources.
        edits: what the files hold; those that are applied at once, and last what the tick finds.
        enrolled: the workflows and contacts that are enrolled by hand.
    """

    at: datetime
    clock: Clock
    contacts: list[Row]
    members: list[Row]
    rows: dict[str, list[Row]]
    edits: list[Edit]
    enrolled: list[tuple[str, int]]


def catalog() -> Catalog:
    """The columns of all sources."""
    events = {
        name: {"contact_id": BIGINT, "event_id": BIGINT, "occurred_at": TIMESTAMP, **fields}
        for name, fields in EVENT_FIELDS.items()
    }
    emails = dict.fromkeys(("workflow_id", "email_id", "event", "email_type"), VARCHAR)
    events[EMAIL] = {
        "contact_id": BIGINT,
        "event_id": BIGINT,
        "occurred_at": TIMESTAMP,
        "loaded_at": TIMESTAMP,
        **emails,
    }
    return Catalog(
        contacts={
            "contact_id": BIGINT,
            "created_at": TIMESTAMP,
            "updated_at": TIMESTAMP,
            **PROPERTIES,
        },
        events=events,
        property_changes={
            "contact_id": BIGINT,
            "property": VARCHAR,
            "value": VARCHAR,
            "occurred_at": TIMESTAMP,
        },
        history=frozenset({*PROPERTIES, ONLY_IN_HISTORY}),
        segments={"people": {"contact_id": BIGINT}},
    )


def no_rows() -> Tables:
    """The sources before the first turn."""
    columns = catalog()
    return Tables(columns, [], [], {name: [] for name in columns.events}, {"people": []})


def take(turn: Turn, tables: Tables) -> None:
    """Brings the sources to what a turn finds."""
    tables.contacts, tables.segments["people"] = turn.contacts, turn.members
    for name, rows in turn.rows.items():
        held = tables.property_changes if name == "property_changes" else tables.events[name]
        held.extend(rows)
