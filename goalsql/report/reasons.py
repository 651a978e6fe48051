"""In one sentence, why a contact stands where it stands in a workflow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from goalsql.model.criteria import SegmentLeaf
from goalsql.model.wording import instant_words
from goalsql.model.workflow import EventTrigger, FilterTrigger, Trigger, Workflow
from goalsql.report.evidence import ENDED, Evidence, Truth

DECIDED = "decided"


def fired_moment(form: int) -> str:
    """The name of the moment at which a form of the trigger last fired, or would have."""
    return f"fired {form}"


@dataclass(frozen=True, slots=True)
class Enrollment:
    """The contact's latest enrollment at T, as the last tick left it."""

    enrollment_no: int
    enrolled_at: datetime
    status: str
    ended_at: datetime | None
    end_reason: str | None
    next_step: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The last decision by T."""

    decided_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Completion:
    """The goal completion of that enrollment, and what it counts (SPEC 6)."""

    met_at: datetime
    met_goal: bool
    converted: bool
    first_receipt_at: datetime | None
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What the state says of the contact in the workflow at T."""

    workflow: Workflow
    at: datetime
    tick_at: datetime
    active_from: datetime | None
    enrollment: Enrollment | None
    decision: Decision | None
    completion: Completion | None
    waiting: bool


def reason(facts: Facts, evidence: Evidence) -> str:
    """The sentence."""
    return _Reasons(facts, evidence).sentence()


@dataclass(frozen=True, slots=True)
class _Reasons:
    facts: Facts
    evidence: Evidence

    def sentence(self) -> str:
        enrollment, created_at = self.facts.enrollment, self.evidence.created_at
        if enrollment is not None:
            return f"{self._enrolled(enrollment)}{self._fired_again(enrollment)}"
        if created_at is not None and self.facts.at < created_at:
            return f"not enrolled: the contact was created only on {instant_words(created_at)}"
        return f"not enrolled: {'; '.join(self._not_enrolled())}"

    def _enrolled(self, enrollment: Enrollment) -> str:
        ended_at = enrollment.ended_at
        if ended_at is None or ended_at > self.facts.at:
            return f"active since {instant_words(enrollment.enrolled_at)}{self._next(enrollment)}"
        when = instant_words(ended_at)
        if enrollment.status == "completed":
            return f"completed on {when}{self._goal_after_the_end()}"
        if enrollment.end_reason == "goal_met":
            return self._met_goal()
        if enrollment.end_reason == "contact_deleted":
            return f"unenrolled on {when}: the contact was gone from the source"
        return f"unenrolled on {when}: {self._exit(enrollment.end_reason, ENDED)}"

    def _next(self, enrollment: Enrollment) -> str:
        if enrollment.due_at is None or self.facts.at < self.facts.tick_at:
            return ""
        step = "its end" if enrollment.next_step is None else f"step {enrollment.next_step}"
        return f": {step} is due on {instant_words(enrollment.due_at)}"

    def _goal_after_the_end(self) -> str:
        if self.facts.completion is not None:
            return f"; {self._met_goal()}"
        return "; the goal has not been met" if self.facts.workflow.goal else ""

    def _met_goal(self) -> str:
        met = self.facts.completion
        if met is None:
            return "met the goal"
        text = f"met the goal on {instant_words(met.met_at)}"
        if met.converted:
            return f"{text}, counted: the first email came on {_words(met.first_receipt_at)}"
        if not met.met_goal:
            return f"{text}, not counted: that was before this goal was set"
        if met.met_at < met.enrolled_at:
            return f"{text}, not counted: that was before the enrollment"
        later = met.first_receipt_at
        first = "" if later is None else f" (the first came on {instant_words(later)})"
        return f"{text}, not counted: no email from this workflow before{first}"

    def _fired_again(self, enrollment: Enrollment) -> str:
        decision = self.facts.decision
        ended_at = enrollment.ended_at
        if decision is None or ended_at is None or decision.decided_at <= ended_at:
            return ""
        again = decision.outcome == "not_re_enrollable"
        why = "re_enroll is false" if again else self._barred(decision)
        when = instant_words(decision.decided_at)
        return f"; the trigger fired again on {when}, not enrolled again: {why}"

    def _not_enrolled(self) -> Iterator[str]:
        decision = self.facts.decision
        if self.facts.waiting:
            yield "waits in the queue of `goalsql enroll` for the next tick"
        elif decision is not None:
            fired = instant_words(decision.decided_at)
            yield f"{self._barred(decision)} when the trigger fired on {fired}"
        elif self.evidence.created_at is None:
            yield "the contacts source does not have the contact"
        elif self.facts.active_from is None:
            yield "no tick has seen the workflow enabled"
        else:
            found = [self._trigger(trigger) for trigger in self.facts.workflow.triggers]
            yield from dict.fromkeys(found)

    def _barred(self, decision: Decision) -> str:
        if decision.outcome == "goal_already_met":
            goal = self.facts.workflow.goal
            truth = self.evidence.truth(goal.criteria, DECIDED) if goal else Truth()
            return f"goal already met{_since(truth)}"
        return self._exit(decision.outcome, DECIDED)

    def _exit(self, outcome: str | None, moment: str) -> str:
        """Which exit kept the contact out or took it out, as the rows say that are known now."""
        workflow, truth = self.facts.workflow, self.evidence.truth
        if outcome == "suppressed":
            for name in workflow.suppression:
                found = truth(SegmentLeaf(name), moment)
                if found.holds:
                    return f"in the suppression segment {name}{_since(found)}"
            return "in a suppression segment"
        if outcome == "unenrollment_trigger" and workflow.unenroll_when is not None:
            return f"unenroll_when true{_since(truth(workflow.unenroll_when, moment))}"
        return str(outcome)

    def _trigger(self, trigger: Trigger) -> str:
        """Why a form of the trigger has brought no decision."""
        if isinstance(trigger, FilterTrigger):
            return self._filter(trigger)
        if isinstance(trigger, EventTrigger):
            return self._event(trigger)
        return "the contact was never named to `goalsql enroll`"

    def _filter(self, trigger: FilterTrigger) -> str:
        truth = self.evidence.truth(trigger.criteria)
        began, active_from = truth.last_true, self.facts.active_from
        if began is None or active_from is None:
            return "the trigger has never been true"
        when = f"since {instant_words(began)}"
        if not truth.holds:
            when = f"from {instant_words(began)} to {_words(truth.since)}"
        text = f"the trigger {'is' if truth.holds else 'was'} true {when}"
        if not truth.holds and truth.since is not None and truth.since <= active_from:
            return f"{text}, before active_from ({instant_words(active_from)})"
        if began < active_from and not trigger.enroll_existing:
            return f"{text}, before active_from ({_words(active_from)}), not enroll_existing"
        return f"{text}, {self._undecided(began)}"

    def _event(self, trigger: EventTrigger) -> str:
        happened_at = self.evidence.last_event(trigger.events)
        if happened_at is None:
            return "the trigger's event has not happened"
        text = f"the trigger's event last happened on {instant_words(happened_at)}"
        active_from = self.facts.active_from
        if active_from is not None and happened_at < active_from:
            return f"{text}, before active_from ({instant_words(active_from)})"
        if trigger.also is not None:
            fired = fired_moment(self.facts.workflow.triggers.index(trigger))
            if not self.evidence.truth(trigger.also, fired).holds:
                return f"{text}, when `also` was false"
        return f"{text}, {self._undecided(happened_at)}"

    def _undecided(self, began: datetime) -> str:
        if began > self.facts.tick_at:
            return f"after the last tick ({instant_words(self.facts.tick_at)})"
        if not self.facts.workflow.enabled:
            return "but the workflow is disabled"
        return "but no tick has decided it: rows came late, or the workflow was changed"


def _since(truth: Truth) -> str:
    return f" since {_words(truth.since)}" if truth.holds else ""


def _words(instant: datetime | None) -> str:
    return "" if instant is None else instant_words(instant)
