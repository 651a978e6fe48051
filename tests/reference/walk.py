"""One workflow, one contact, one window: its instants in order (SPEC 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from goalsql.model.criteria import Criteria, SegmentLeaf
from goalsql.model.workflow import (
    Action,
    Branch,
    Delay,
    SendEmail,
    SetProperty,
    Step,
    Workflow,
)
from tests.reference.state import Completion, Decision, Enrollment, Passages, Sent, WorkflowState
from tests.reference.tables import Row
from tests.reference.truth import change_instants, criteria_true, intervals
from tests.reference.world import World

Clock: TypeAlias = Literal["event", "tick"]


@dataclass
class Window:
    """What a tick decides: the instants from `start` (S) to `end` (T), and by which clock."""

    start: datetime
    end: datetime
    clock: Clock


@dataclass
class Firing:
    """One firing of the trigger, and whether it lets in a contact that was in before."""

    triggered_at: datetime
    may_re_enroll: bool

    def merged(self, other: Firing) -> Firing:
        """Two firings at the same instant are one."""
        triggered_at = max(self.triggered_at, other.triggered_at)
        return Firing(triggered_at, self.may_re_enroll or other.may_re_enroll)


@dataclass
class Walk:
    """Takes one contact through one workflow; `firings` are by their d."""

    workflow: Workflow
    contact: Row
    world: World
    window: Window
    state: WorkflowState
    firings: dict[datetime, Firing]

    @property
    def passages(self) -> Passages:
        """All that happened to the contact in the workflow."""
        return self.state.of(self.contact["contact_id"])

    def run(self) -> None:
        """At each instant: goal, exits, enrollment, steps; steps at T under the tick clock."""
        instants_of_truth = self._instants_of_truth()
        now: datetime | None = self.window.start
        while now is not None and now <= self.window.end:
            self._goal(now)
            self._exits(now)
            self._enrollment(now)
            if self.window.clock == "event":
                self._steps(now)
            later = {instant for instant in instants_of_truth if instant > now}
            later |= {instant for instant in self.firings if instant > now}
            active = self.passages.active()
            if active is not None and active.due_at > now:
                later.add(active.due_at)
            now = min(later, default=None)
        if self.window.clock == "tick":
            self._steps(self.window.end)

    def _instants_of_truth(self) -> set[datetime]:
        """Whenever the truth of the goal or of an exit may change."""
        watched: list[Criteria] = [SegmentLeaf(name) for name in self.workflow.suppression]
        if self.workflow.goal is not None:
            watched.append(self.workflow.goal.criteria)
        if self.workflow.unenroll_when is not None:
            watched.append(self.workflow.unenroll_when)
        found: set[datetime] = set()
        for criteria in watched:
            found |= change_instants(criteria, self.contact, self.world)
        return found

    def _goal(self, now: datetime) -> None:
        latest, epoch = self.passages.latest(), self.state.epoch
        if latest is None or latest.status == "unenrolled" or epoch is None:
            return
        completed = [(each.number, each.epoch) for each in self.passages.completions]
        if (latest.number, epoch) in completed or not self._goal_is_true(now, latest.enrolled_at):
            return
        start = self._start_of_goal(now, latest.enrolled_at)
        if latest.status == "completed" and epoch > 1 and start < self.state.epochs[epoch]:
            return
        met_at = start if now == self.window.start else now
        self.passages.completions.append(Completion(latest.number, epoch, met_at, self.window.end))
        if latest.status == "active":
            end(latest, now, "goal_met")

    def _start_of_goal(self, now: datetime, since: datetime) -> datetime:
        """The start of the goal's truth interval that contains `now`."""
        assert self.workflow.goal is not None
        for start, stop in intervals(self.workflow.goal.criteria, self.contact, self.world, since):
            if start <= now and (stop is None or now < stop):
                return start
        raise AssertionError("true at an instant that no truth interval contains")

    def _exits(self, now: datetime) -> None:
        active = self.passages.active()
        if active is None:
            return
        if self._is_suppressed(now):
            end(active, now, "suppressed")
        elif self._leaves(now, active.enrolled_at):
            end(active, now, "unenrollment_trigger")

    def _enrollment(self, now: datetime) -> None:
        if now not in self.firings:
            return
        if self._can_never_be_enrolled_again() and self._a_later_firing_is_recorded():
            return
        triggered_at = self.firings[now].triggered_at
        decision = Decision(triggered_at, now, self._outcome(now), self.state.edits)
        self.passages.decisions.append(decision)
        if decision.outcome == "enrolled":
            self.passages.enrollments.append(
                Enrollment(
                    number=len(self.passages.enrollments) + 1,
                    triggered_at=decision.triggered_at,
                    enrolled_at=now,
                    remaining=self.workflow.steps,
                    due_at=now,
                    epochs=set() if self.state.epoch is None else {self.state.epoch},
                )
            )

    def _can_never_be_enrolled_again(self) -> bool:
        return bool(self.passages.enrollments) and not self.workflow.re_enroll

    def _a_later_firing_is_recorded(self) -> bool:
        """Whether a firing is on record since the latest that enrolled."""
        outcomes = [decision.outcome for decision in self.passages.decisions]
        later = outcomes[::-1][: outcomes[::-1].index("enrolled")]
        return "already_active" in later or "not_re_enrollable" in later

    def _outcome(self, now: datetime) -> str:
        if self.passages.active() is not None:
            return "already_active"
        if self.passages.enrollments and not self.firings[now].may_re_enroll:
            return "not_re_enrollable"
        if self._is_suppressed(now):
            return "suppressed"
        if self._leaves(now, now):
            return "unenrollment_trigger"
        if self._goal_is_true(now, now):
            return "goal_already_met"
        return "enrolled"

    def _steps(self, now: datetime) -> None:
        """Runs every step that is due by `now`, each at `now`."""
        if not self.workflow.enabled:
            return
        while True:
            active = self.passages.active()
            if active is None or active.due_at > now:
                return
            self.passages.ran_at.append(now)
            if not active.remaining:
                active.status = "completed"
                active.ended_at = now
                return
            step, active.remaining = active.remaining[0], active.remaining[1:]
            active.due_at, active.last_step = now, step.step_id
            if isinstance(step, Delay):
                active.due_at = now + step.duration
            elif isinstance(step, Branch):
                active.remaining = self._arm(step, active, now) + active.remaining
            else:
                self.passages.outbox.append(_sent(step, active.number, now))

    def _arm(self, branch: Branch, active: Enrollment, now: datetime) -> tuple[Step, ...]:
        for arm in branch.arms:
            if arm.when is None or self._is_true(arm.when, now, active.enrolled_at):
                return arm.steps
        return ()

    def _goal_is_true(self, now: datetime, since: datetime) -> bool:
        goal = self.workflow.goal
        return goal is not None and self._is_true(goal.criteria, now, since)

    def _leaves(self, now: datetime, since: datetime) -> bool:
        criteria = self.workflow.unenroll_when
        return criteria is not None and self._is_true(criteria, now, since)

    def _is_suppressed(self, now: datetime) -> bool:
        return any(
            self._is_true(SegmentLeaf(name), now, None) for name in self.workflow.suppression
        )

    def _is_true(self, criteria: Criteria, now: datetime, since: datetime | None) -> bool:
        return criteria_true(criteria, self.contact, now, self.world, since)


def end(enrollment: Enrollment, at: datetime, reason: str) -> None:
    """Unenrolls."""
    enrollment.status = "unenrolled"
    enrollment.ended_at = at
    enrollment.end_reason = reason


def _sent(step: SendEmail | SetProperty | Action, number: int, now: datetime) -> Sent:
    if isinstance(step, SendEmail):
        return Sent(number, step.step_id, "send_email", now, step.email, step.marketing)
    kind = "set_property" if isinstance(step, SetProperty) else "action"
    return Sent(number, step.step_id, kind, now, None, False)
