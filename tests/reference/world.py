"""What one tick knows: the rows of the sources that are seen at T (SPEC 3.1, 3.2, 4)."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from goalsql.errors import SourceError
from goalsql.model.catalog import Kind
from goalsql.model.criteria import PropertyLeaf
from goalsql.model.project import Definitions
from goalsql.model.reading_project import BUILT_IN_EVENTS
from tests.reference import values
from tests.reference.dependence import leaves_of
from tests.reference.state import WorkflowState
from tests.reference.statuses import built_in_events
from tests.reference.tables import ContactId, Row, Tables
from tests.reference.values import Value

History: TypeAlias = list[tuple[datetime, Value | None]]


class World:
    """The rows seen at T, by contact: what criteria are evaluated on.

    `workflows` are the states of the workflows that criteria see at this point of the tick.
    """

    def __init__(
        self,
        definitions: Definitions,
        tables: Tables,
        at: datetime,
        workflows: dict[str, WorkflowState] | None = None,
    ) -> None:
        self.definitions = definitions
        self.tables = tables
        self.at = at
        self.workflows = workflows or {}
        self.timezone = definitions.timezone
        self.contacts = self._seen_contacts()
        self._events: dict[tuple[str, ContactId], list[Row]] = {}
        for name in tables.events:
            for row in self.seen_events(name):
                self._events.setdefault((name, row["contact_id"]), []).append(row)
        self._histories: dict[tuple[ContactId, str], History] = {}
        self._changes: dict[tuple[ContactId, str], list[Row]] = {}
        for row in tables.property_changes:
            if row["contact_id"] is not None and row["occurred_at"] is not None:
                key = (self.contact_id(row["contact_id"]), row["property"])
                self._changes.setdefault(key, []).append(row)
        if definitions.on_bad_value == "fail":
            self._fail_on_bad_values()

    def contact_id(self, value: object) -> ContactId:
        """A contact id of any source, cast to the type of the contacts source's."""
        is_integer = self.tables.catalog.contacts["contact_id"].kind is Kind.INTEGER
        return int(str(value)) if is_integer else str(value)

    def seen_events(self, name: str) -> list[Row]:
        """All rows of an event source that are seen at T, each event_id once, in time order."""
        found: dict[object, Row] = {}
        for row in self.tables.events[name]:
            if None in (row["contact_id"], row["event_id"], row["occurred_at"]):
                continue
            if self._is_seen(row) and row["event_id"] not in found:
                found[row["event_id"]] = row | {"contact_id": self.contact_id(row["contact_id"])}
        return sorted(found.values(), key=lambda row: row["occurred_at"])

    def events(self, name: str, contact_id: ContactId) -> list[Row]:
        """One contact's events that are seen at T, in time order."""
        if name not in BUILT_IN_EVENTS:
            return self._events.get((name, contact_id), [])
        found = [
            row
            for workflow_id, state in self.workflows.items()
            for row in built_in_events(name, workflow_id, state, contact_id)
        ]
        return sorted(found, key=lambda row: row["occurred_at"])

    def history(self, contact: Row, name: str) -> History:
        """The value history of a property: entries in their order, from created_at on."""
        key = (contact["contact_id"], name)
        if key not in self._histories:
            self._histories[key] = self._make_history(contact, name)
        return self._histories[key]

    def joined_at(self, segment: str, contact: Row) -> datetime | None:
        """From when on a contact is in a static segment, None if it is not in it."""
        joined: list[datetime] = []
        for row in self.tables.segments[segment]:
            if row["contact_id"] is None:
                continue
            if self.contact_id(row["contact_id"]) != contact["contact_id"]:
                continue
            if "added_at" not in self.tables.catalog.segments[segment]:
                joined.append(contact["created_at"])
            elif row["added_at"] is not None:
                joined.append(max(row["added_at"], contact["created_at"]))
        return min(joined, default=None)

    def _is_seen(self, row: Row) -> bool:
        if row["occurred_at"] > self.at:
            return False
        return row.get("loaded_at") is None or row["loaded_at"] <= self.at

    def _seen_contacts(self) -> dict[ContactId, Row]:
        found: dict[ContactId, Row] = {}
        for row in self.tables.contacts:
            if row["contact_id"] is None or row["created_at"] is None:
                continue
            if row["contact_id"] in found:
                raise SourceError(f"contacts: contact_id {row['contact_id']!r} stands twice")
            found[row["contact_id"]] = row
        return {name: row for name, row in found.items() if row["created_at"] <= self.at}

    def _make_history(self, contact: Row, name: str) -> History:
        column = self.tables.catalog.property_type(name)
        rows = [
            row
            for row in self._changes.get((contact["contact_id"], name), [])
            if self._can_be_cast(row)
        ]
        if not rows:
            return [(contact["created_at"], contact.get(name))]
        history: History = [(contact["created_at"], None)]
        for row in sorted(rows, key=_order_of_change):
            if self._is_seen(row):
                value = values.cast(row["value"], column, self.timezone)
                history.append((max(row["occurred_at"], contact["created_at"]), value))
        return history

    def _can_be_cast(self, row: Row) -> bool:
        column = self.tables.catalog.property_type(row["property"])
        try:
            values.cast(row["value"], column, self.timezone)
        except ValueError:
            return False
        return True

    def _fail_on_bad_values(self) -> None:
        used = properties_used(self.definitions)
        for (contact_id, name), rows in self._changes.items():
            if name not in used or contact_id not in self.contacts:
                continue
            for row in rows:
                if self._is_seen(row) and not self._can_be_cast(row):
                    raise SourceError(f"property_changes: {row} cannot be cast")


def _order_of_change(row: Row) -> tuple[datetime, bool, str]:
    """In the order of instant; at the same instant by value as text, NULL first."""
    return row["occurred_at"], row["value"] is not None, row["value"] or ""


def properties_used(definitions: Definitions) -> set[str]:
    """The properties that any rule of the project uses, through segments too."""
    return {
        leaf.property
        for workflow in definitions.workflows.values()
        for leaf in leaves_of(workflow, definitions.segments)
        if isinstance(leaf, PropertyLeaf)
    }
