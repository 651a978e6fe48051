"""Small projects for the reference's own tests: one workflow, a few rows, days as numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from goalsql.model.catalog import Catalog, ColumnType, Kind
from goalsql.model.loading import load
from goalsql.model.project import Definitions
from tests.reference.interpreter import Reference
from tests.reference.tables import ContactId, Row, Tables
from tests.reference.walk import Clock

TEXT = ColumnType(Kind.TEXT, "VARCHAR")
INTEGER = ColumnType(Kind.INTEGER, "BIGINT")
INSTANT = ColumnType(Kind.INSTANT, "TIMESTAMP")
CONTACTS = {
    "contact_id": INTEGER,
    "created_at": INSTANT,
    "updated_at": INSTANT,
    "stage": TEXT,
    "score": INTEGER,
    "vip": ColumnType(Kind.BOOLEAN, "BOOLEAN"),
    "birthday": ColumnType(Kind.DATE, "DATE"),
    "renewal": INSTANT,
}
VISIT = {
    "contact_id": INTEGER,
    "event_id": INTEGER,
    "occurred_at": INSTANT,
    "loaded_at": INSTANT,
    "path": TEXT,
    "amount": INTEGER,
}
EMAIL = {
    "contact_id": INTEGER,
    "event_id": INTEGER,
    "occurred_at": INSTANT,
    "workflow_id": TEXT,
    "email_id": TEXT,
    "event": TEXT,
    "email_type": TEXT,
}
SETTINGS = """
name: story
database: story.duckdb
timezone: {timezone}
account: {{marketing_hub: {hub}}}
on_bad_value: {on_bad_value}
sources: {{contacts: {{from: c.csv}}, events: {{visit: {{from: v.csv}}}}}}
"""


def day(number: float) -> datetime:
    """Day 1 is 2026-01-01, UTC; 1.5 is its noon."""
    return datetime(2025, 12, 31) + timedelta(days=number)


@dataclass
class Story:
    """The rows of a project: contacts, visits, property changes, emails; and its files."""

    contacts: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    emails: list[Row] | None = None
    members: list[Row] = field(default_factory=list)
    segments: str = ""
    timezone: str = "UTC"
    hub: str = "enterprise"
    on_bad_value: str = "fail"
    members_have_added_at: bool = True

    def contact(self, contact_id: ContactId = 1, created: float = 1, **columns: Any) -> Story:
        """Adds a contact."""
        row = {"contact_id": contact_id, "created_at": day(created)} | columns
        self.contacts.append(row)
        return self

    def visit(self, *days: float, contact_id: Any = 1, **columns: Any) -> Story:
        """Adds a visit on each of the days."""
        for number in days:
            row = {"contact_id": contact_id, "event_id": len(self.visits)}
            self.visits.append(row | {"occurred_at": day(number)} | columns)
        return self

    def change(self, name: str, value: str | None, on: float, contact_id: Any = 1) -> Story:
        """Adds a property change."""
        row = {"contact_id": contact_id, "property": name, "value": value}
        self.changes.append(row | {"occurred_at": day(on)})
        return self

    def email(self, on: float, contact_id: Any = 1, **columns: Any) -> Story:
        """Adds a delivered marketing email of the workflow w."""
        self.emails = [] if self.emails is None else self.emails
        row = {
            "contact_id": contact_id,
            "event_id": len(self.emails),
            "occurred_at": day(on),
            "workflow_id": "w",
            "email_id": "hello",
            "event": "delivered",
            "email_type": "marketing",
        }
        self.emails.append(row | columns)
        return self

    def tables(self) -> Tables:
        """The rows as the reference reads them."""
        member = {"contact_id": INTEGER}
        if self.members_have_added_at:
            member["added_at"] = INSTANT
        catalog = Catalog(
            contacts=CONTACTS,
            events={"visit": VISIT, "marketing_email": EMAIL},
            segments={"people": member},
        )
        events = {"visit": self.visits}
        if self.emails is not None:
            events["marketing_email"] = self.emails
        return Tables(catalog, self.contacts, self.changes, events, {"people": self.members})

    def definitions(self, workflow: str = "", **others: str) -> Definitions:
        """The definitions of a project with a workflow `w`, and others by their ids."""
        with tempfile.TemporaryDirectory() as name:
            path = Path(name)
            settings = SETTINGS.format(
                timezone=self.timezone, hub=self.hub, on_bad_value=self.on_bad_value
            )
            (path / "goalsql.yml").write_text(settings, encoding="utf-8")
            for folder in ("segments", "workflows"):
                (path / folder).mkdir()
            people = "people: {static: {from: people.csv}}\n"
            (path / "segments" / "all.yml").write_text(people + self.segments, encoding="utf-8")
            for name, text in {"w": workflow, **others}.items():
                if text:
                    file = path / "workflows" / f"{name}.yml"
                    file.write_text(f"id: {name}\n{text}", encoding="utf-8")
            loaded = load(path)
        assert not loaded.problems, loaded.problems
        assert loaded.definitions is not None
        return loaded.definitions

    def run(
        self, workflow: str, *ticks: float, clock: Clock = "event", hand: Sequence[ContactId] = ()
    ) -> Outcome:
        """Runs a workflow over ticks on the given days; `hand` are enrolled before the first."""
        reference = Reference(self.definitions(workflow))
        for contact_id in hand:
            reference.enroll("w", contact_id)
        for number in ticks:
            reference.tick(self.tables(), day(number), clock)
        return Outcome(reference, self)

    def run_together(self, workflows: dict[str, str], *ticks: float) -> Outcome:
        """Runs workflows by their ids over ticks on the given days, with the event clock."""
        reference = Reference(self.definitions(**workflows))
        for number in ticks:
            reference.tick(self.tables(), day(number))
        return Outcome(reference, self)


@dataclass
class Outcome:
    """What came of a story, with instants as days: short rows to compare by hand."""

    reference: Reference
    story: Story
    workflow: str = "w"

    def of(self, workflow: str) -> Outcome:
        """What came of it in another workflow."""
        return replace(self, workflow=workflow)

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """A relation of one workflow, without its workflow_id; instants as days."""
        found = self.reference.relations(self.story.tables())[name]
        own = [row[1:] for row in found if row[0] == self.workflow]
        return sorted((tuple(as_day(value) for value in row) for row in own), key=repr)

    def decisions(self) -> list[tuple[Any, ...]]:
        """(decided_at, outcome) in their order."""
        return sorted((row[2], row[3]) for row in self.rows("decisions"))

    def enrollments(self) -> list[tuple[Any, ...]]:
        """(enrolled_at, status, ended_at, end_reason) in their order."""
        return sorted((row[3], *row[4:7]) for row in self.rows("enrollments"))

    def completions(self) -> list[tuple[Any, ...]]:
        """(enrollment_no, met_at) in their order."""
        return sorted((row[2], row[3]) for row in self.rows("goal_completions"))

    def outbox(self) -> list[tuple[Any, ...]]:
        """(step_id, executed_at) in the order of time."""
        found = [(row[2], row[4]) for row in self.rows("outbox")]
        return sorted(found, key=lambda row: row[::-1])

    def metrics(self) -> tuple[Any, ...]:
        """recipients, met_goal, converted, both rates, reason."""
        (row,) = self.rows("workflow_goal_metrics")
        return row[8:]

    def bucket(self) -> list[tuple[str, int]]:
        """The buckets of the funnel that are not empty."""
        return [(row[0], row[1]) for row in self.rows("goal_funnel") if row[1]]

    def edit(self, workflow: str = "", **others: str) -> Outcome:
        """Writes the workflow files anew, and the segments as the story has them by now."""
        self.reference.replace(self.story.definitions(workflow, **others))
        return self

    def tick(self, number: float, clock: Clock = "event", enabled: bool = True) -> Outcome:
        """Ticks once more, on the rows as the story has them by now."""
        definitions = self.reference.definitions
        if "w" in definitions.workflows:
            workflow = replace(definitions.workflows["w"], enabled=enabled)
            workflows = {**definitions.workflows, "w": workflow}
            self.reference.replace(replace(definitions, workflows=workflows))
        self.reference.tick(self.story.tables(), day(number), clock)
        return self


def as_day(value: Any) -> Any:
    """An instant as the number of its day; anything else as it is."""
    if not isinstance(value, datetime):
        return value
    number = (value - day(0)) / timedelta(days=1)
    return int(number) if number == int(number) else number
