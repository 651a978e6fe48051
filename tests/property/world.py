"""A world: the files of a project, the rows of its sources, and what is done to it over time."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from tests.reference.tables import ContactId, Row, Tables

Clock: TypeAlias = Literal["event", "tick"]


@dataclass
class LateRow:
    """A row of events or of property_changes that comes just before the tick of this number."""

    tick: int
    source: str
    row: Row


@dataclass
class Change:
    """What else is done just before the tick of this number."""

    tick: int
    what: Literal["delete", "restore", "enroll", "disable", "enable"]
    workflow_id: str | None = None
    contact_id: ContactId | None = None


@dataclass
class RowChange:
    """Other values that a row of contacts has from just before the tick of this number on."""

    tick: int
    contact_id: ContactId
    columns: dict[str, Any]


@dataclass
class Listing:
    """The rows of a static segment from just before the tick of this number on."""

    tick: int
    rows: list[Row]
    segment: str = "people"


@dataclass
class Edit:
    """What the files hold from just before the tick of this number on.

    One that `is_applied` is recorded by `goalsql apply` at once, before further ones.
    """

    tick: int
    segments: dict[str, Any]
    workflows: list[dict[str, Any]]
    is_applied: bool = False


@dataclass
class World:
    """Project data (what the YAML files hold), source rows, and a history of ticks."""

    settings: dict[str, Any]
    segments: dict[str, Any]
    workflows: list[dict[str, Any]]
    tables: Tables
    ticks: list[datetime]
    late_rows: list[LateRow] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    row_changes: list[RowChange] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)

    def tables_at(self, tick: int) -> Tables:
        """The rows as the tick of this number finds them in the sources."""
        tables = copy.copy(self.tables)
        tables.events = {name: list(rows) for name, rows in self.tables.events.items()}
        tables.property_changes = list(self.tables.property_changes)
        for late in self.late_rows:
            if late.tick <= tick and late.source == "property_changes":
                tables.property_changes.append(late.row)
            elif late.tick <= tick:
                tables.events[late.source].append(late.row)
        for listing in self.listings:
            if listing.tick <= tick:
                tables.segments = tables.segments | {listing.segment: listing.rows}
        rows = {row["contact_id"]: dict(row) for row in self.tables.contacts}
        for row_change in self.row_changes:
            if row_change.tick <= tick:
                rows[row_change.contact_id] |= row_change.columns
        deleted: set[ContactId | None] = set()
        for change in sorted(self.changes, key=lambda change: change.tick):
            if change.what == "delete" and change.tick <= tick:
                deleted.add(change.contact_id)
            if change.what == "restore" and change.tick <= tick:
                deleted.discard(change.contact_id)
        tables.contacts = [row for name, row in rows.items() if name not in deleted]
        return tables

    def files_at(self, tick: int) -> list[Edit]:
        """What the files hold before the tick of this number.

        Returns:
            Each edit that is applied, and last what the tick finds.
        """
        own = [edit for edit in self.edits if edit.tick == tick and edit.is_applied]
        earlier = [edit for edit in self.edits if edit.tick <= tick]
        last = earlier[-1] if earlier else Edit(tick, self.segments, self.workflows)
        if own and own[-1] is last:
            own.pop()
        return [
            replace(edit, workflows=self._switched(edit.workflows, tick)) for edit in (*own, last)
        ]

    def workflows_at(self, tick: int) -> list[dict[str, Any]]:
        """The workflow files as the tick of this number finds them."""
        return self.files_at(tick)[-1].workflows

    def _switched(self, workflows: list[dict[str, Any]], tick: int) -> list[dict[str, Any]]:
        """The workflows, switched off and on."""
        workflows = [dict(workflow) for workflow in workflows]
        for change in self.changes:
            if change.what in ("disable", "enable") and change.tick <= tick:
                for workflow in workflows:
                    if workflow["id"] == change.workflow_id:
                        workflow["enabled"] = change.what == "enable"
        return workflows

    def enrolled_by_hand(self, tick: int) -> list[tuple[str, ContactId]]:
        """Which contacts are queued for which workflow just before the tick of this number."""
        return [
            (change.workflow_id, change.contact_id)
            for change in self.changes
            if change.what == "enroll" and change.tick == tick
            if change.workflow_id is not None and change.contact_id is not None
        ]
