"""What `explain` tells: the criteria of a workflow for one contact, its history, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Window:
    """The edges of the time that a leaf looks at; None is open."""

    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountedEvent:
    """An event that a leaf counts; `number` is its place among them, from 1.

    What `ever` and `changed_within` look for in a property's history is an event without an id.
    """

    number: int
    occurred_at: datetime
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a property, and from when it stood; None is unknown."""

    starts_at: datetime
    value: str | None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion, or a part of one, for one contact at one instant.

    `kind` is all, any, not, property, event, segment or workflow. `since` is None while the contact
    did not exist. What counts since the enrollment counts nothing before there is one. `count` is
    how many events stand in the window; `events` are those that decide: the one that made the
    number full and the last one. `entries` are the last few values of the property. `members` are
    what it is made of; of a segment, the segment's criteria.
    """

    kind: str
    text: str
    holds: bool
    since: datetime | None
    window: Window | None = None
    count: int | None = None
    events: tuple[CountedEvent, ...] = ()
    entries: tuple[Entry, ...] = ()
    members: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One of the workflow's criteria; a manual trigger has none.

    `role` is trigger, also, suppression, unenroll_when, goal or branch; `name` is the trigger's
    form, the goal's name, or the branch's step and arm.
    """

    role: str
    name: str
    criterion: Criterion | None


@dataclass(frozen=True, slots=True)
class Happening:
    """A row of report.enrollment_history."""

    happened_at: datetime
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a contact stands where it stands in a workflow at an instant.

    `reason` says it in one sentence; `notes` what else to know. `created_at` is None for a contact
    that the source no longer has: nothing is true of it.
    """

    workflow_id: str
    workflow_name: str
    contact_id: object
    at: datetime
    tick_at: datetime
    created_at: datetime | None
    reason: str
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    history: tuple[Happening, ...]
