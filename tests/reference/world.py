"""What one tick knows: the rows of the sources that are seen at T (SPEC 3.1, 3.2, 4)."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from goalsql.codes import Code
from goalsql.errors import SourceError
from goalsql.model.catalog import Kind
from goalsql.model.criteria import PropertyLeaf, SegmentLeaf
from goalsql.model.project import CriteriaSegment, Definitions
from goalsql.model.reading_project import BUILT_IN_EVENTS
from tests.reference import values
from tests.reference.dependence import leaves_of
from tests.reference.observed import Observed
from tests.reference.state import WorkflowState
from tests.reference.statuses import built_in_events
from tests.reference.tables import ContactId, Row, Tables
from tests.reference.values import Value

History: TypeAlias = list[tuple[datetime, Value | None]]
Span: TypeAlias = tuple[datetime, datetime | None]


class World:
    """The rows seen at T, by contact: what criteria are evaluated on.

    `workflows` are the states of the workflows that criteria see at this point of the tick.
    `observed` is what was observed up to the tick at `previous`; this one's is added to it.
    """

    def __init__(
        self,
        definitions: Definitions,
        tables: Tables,
        at: datetime,
        workflows: dict[str, WorkflowState] | None = None,
        observed: Observed | None = None,
        previous: datetime | None = None,
    ) -> None:
        self.definitions = definitions
        self.tables = tables
        self.at = at
        self.workflows = workflows or {}
        self.observed = observed or Observed()
        self._leaves = [
            leaf
            for workflow in definitions.workflows.values()
            for leaf in leaves_of(workflow, definitions.segments)
        ]
        self._properties_used = {
            leaf.property for leaf in self._leaves if isinstance(leaf, PropertyLeaf)
        }
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
        self._observe(previous)

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

    def member_spans(self, segment: str, contact: Row) -> list[Span]:
        """From when until when a contact is in a static segment; None is for ever."""
        contact_id, created_at = contact["contact_id"], contact["created_at"]
        if "added_at" in self.tables.catalog.segments.get(segment, {}):
            return [
                (max(row["added_at"], created_at), None)
                for row in self.tables.segments[segment]
                if row["contact_id"] is not None and row["added_at"] is not None
                if self.contact_id(row["contact_id"]) == contact_id
            ]
        if segment not in self.observed.members:
            return [(created_at, None)] if contact_id in self._listed(segment) else []
        return [
            (created_at if since is None else max(since, created_at), until)
            for since, until in self.observed.members[segment].get(contact_id, [])
        ]

    def _listed(self, segment: str) -> set[ContactId]:
        rows = self.tables.segments.get(segment, [])
        return {self.contact_id(row["contact_id"]) for row in rows if row["contact_id"] is not None}

    def _observe(self, previous: datetime | None) -> None:
        names = self._properties_used & set(self.tables.catalog.contacts)
        with_rows = {
            key for key, rows in self._changes.items() if any(map(self._can_be_cast, rows))
        }
        self.observed.look_at_values(self.contacts, names, with_rows, previous, self.at)
        for name in self._static_segments_used():
            if "added_at" not in self.tables.catalog.segments.get(name, {}):
                self.observed.look_at_members(name, self._listed(name), self.at)

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
                raise SourceError(
                    Code.CONTACT_TWICE, f"contacts: contact_id {row['contact_id']!r} stands twice"
                )
            found[row["contact_id"]] = row
        return {name: row for name, row in found.items() if row["created_at"] <= self.at}

    def _make_history(self, contact: Row, name: str) -> History:
        column = self.tables.catalog.property_type(name)
        created_at = contact["created_at"]
        key = (contact["contact_id"], name)
        rows = [row for row in self._changes.get(key, []) if self._can_be_cast(row)]
        observed = self.observed.values.get(key, [(None, contact.get(name))])
        observed = [(max(at or created_at, created_at), value) for at, value in observed]
        if not rows:
            return observed
        history: History = [(created_at, None), *observed[1:]]
        for row in sorted(rows, key=_order_of_change):
            if self._is_seen(row):
                value = values.cast(row["value"], column, self.timezone)
                history.append((max(row["occurred_at"], created_at), value))
        return sorted(history, key=lambda entry: entry[0])

    def _can_be_cast(self, row: Row) -> bool:
        column = self.tables.catalog.property_type(row["property"])
        try:
            values.cast(row["value"], column, self.timezone)
        except ValueError:
            return False
        return True

    def _static_segments_used(self) -> set[str]:
        segments = self.definitions.segments
        return {
            leaf.segment
            for leaf in self._leaves
            if isinstance(leaf, SegmentLeaf)
            and not isinstance(segments[leaf.segment], CriteriaSegment)
        }

    def _fail_on_bad_values(self) -> None:
        for (contact_id, name), rows in self._changes.items():
            if name not in self._properties_used or contact_id not in self.contacts:
                continue
            for row in rows:
                if self._is_seen(row) and not self._can_be_cast(row):
                    raise SourceError(Code.BAD_VALUE, f"property_changes: {row} cannot be cast")


def _order_of_change(row: Row) -> tuple[datetime, bool, str]:
    """In the order of instant; at the same instant by value as text, NULL first."""
    return row["occurred_at"], row["value"] is not None, row["value"] or ""
