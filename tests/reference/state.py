"""What the reference keeps between ticks, per workflow and contact."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from goalsql.model.workflow import Step, Workflow
from tests.reference.tables import ContactId


@dataclass
class Decision:
    """One firing of the trigger and what came of it; `edits`, how often it was edited by then."""

    triggered_at: datetime
    decided_at: datetime
    outcome: str
    edits: int


@dataclass
class Enrollment:
    """One passage; `remaining` are the steps still ahead, as they are known now.

    `epochs` are the goal epochs that could see it: it began in them, or was not unenrolled when
    they began.
    """

    number: int
    triggered_at: datetime
    enrolled_at: datetime
    remaining: tuple[Step, ...]
    due_at: datetime
    epochs: set[int]
    last_step: str | None = None
    status: str = "active"
    ended_at: datetime | None = None
    end_reason: str | None = None


@dataclass
class Completion:
    """The fact that an enrollment met the goal."""

    number: int
    epoch: int
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

    `workflow` and `trigger` are as last applied. `edited_at` and `re_enroll_from` are the S of the
    last edit of the trigger, of which there were `edits`, and of the last switch of re_enroll.
    `epochs` says when each goal epoch began; `epoch` is the current one. `receipts` are the
    contact, email and instant of each, as known when the workflow was last decided.
    """

    active_from: datetime | None = None
    workflow: Workflow | None = None
    trigger: object = None
    edited_at: datetime | None = None
    edits: int = 0
    re_enroll_from: datetime | None = None
    epoch: int | None = None
    epochs: dict[int, datetime] = field(default_factory=dict)
    passages: dict[ContactId, Passages] = field(default_factory=dict)
    seen_events: set[tuple[str, object]] = field(default_factory=set)
    receipts: list[tuple[ContactId, str, datetime]] = field(default_factory=list)

    def of(self, contact_id: ContactId) -> Passages:
        """The passages of a contact, empty at first."""
        return self.passages.setdefault(contact_id, Passages())
