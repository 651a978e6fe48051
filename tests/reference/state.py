"""What the reference keeps between ticks, per workflow and contact."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from goalsql.model.workflow import Step
from tests.reference.tables import ContactId


@dataclass
class Decision:
    """One firing of the trigger and what came of it."""

    triggered_at: datetime
    decided_at: datetime
    outcome: str


@dataclass
class Enrollment:
    """One passage; `remaining` are the steps still ahead, as they are known now."""

    number: int
    triggered_at: datetime
    enrolled_at: datetime
    remaining: tuple[Step, ...]
    due_at: datetime
    status: str = "active"
    ended_at: datetime | None = None
    end_reason: str | None = None


@dataclass
class Completion:
    """The fact that an enrollment met the goal."""

    number: int
    met_at: datetime
    observed_at: datetime


@dataclass
class Sent:
    """One row of the outbox."""

    number: int
    step_id: str
    kind: str
    executed_at: datetime
    email: str | None
    marketing: bool


@dataclass
class Passages:
    """All that happened to one contact in one workflow.

    `ran_at` are the instants at which steps ran, delays, branches and the end too.
    """

    decisions: list[Decision] = field(default_factory=list)
    enrollments: list[Enrollment] = field(default_factory=list)
    completions: list[Completion] = field(default_factory=list)
    outbox: list[Sent] = field(default_factory=list)
    ran_at: list[datetime] = field(default_factory=list)

    def latest(self) -> Enrollment | None:
        """The latest enrollment, if there is any."""
        return self.enrollments[-1] if self.enrollments else None

    def active(self) -> Enrollment | None:
        """The latest enrollment if it is active."""
        latest = self.latest()
        return latest if latest is not None and latest.status == "active" else None

    def instants(self) -> set[datetime]:
        """Every instant at which something happened."""
        found = {decision.decided_at for decision in self.decisions}
        found |= {each.ended_at for each in self.enrollments if each.ended_at is not None}
        found |= {completion.met_at for completion in self.completions}
        return found | set(self.ran_at)


@dataclass
class WorkflowState:
    """All that happened in one workflow; `active_from` is None until a tick saw it enabled.

    `receipts` are the contact, email and instant of each, as known when it was last decided.
    """

    active_from: datetime | None = None
    passages: dict[ContactId, Passages] = field(default_factory=dict)
    seen_events: set[tuple[str, object]] = field(default_factory=set)
    receipts: list[tuple[ContactId, str, datetime]] = field(default_factory=list)

    def of(self, contact_id: ContactId) -> Passages:
        """The passages of a contact, empty at first."""
        return self.passages.setdefault(contact_id, Passages())
