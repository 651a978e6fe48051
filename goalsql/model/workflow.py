"""A workflow as it stands in its file (SPEC 2, 4, 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from goalsql.errors import Place
from goalsql.model.criteria import NOWHERE, Criteria, EventLeaf
from goalsql.model.wording import criteria_in_full, duration_words
from goalsql.notebook import html_table


@dataclass(frozen=True, slots=True)
class FilterTrigger:
    """Fires once for each truth interval of its criteria (SPEC 4.1)."""

    criteria: Criteria
    enroll_existing: bool = True


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """Fires for each new event that matches one of its leaves, if `also` is true then."""

    events: tuple[EventLeaf, ...]
    also: Criteria | None = None


@dataclass(frozen=True, slots=True)
class ManualTrigger:
    """Fires only for contacts queued by `goalsql enroll`."""


Trigger: TypeAlias = FilterTrigger | EventTrigger | ManualTrigger


@dataclass(frozen=True, slots=True)
class SendEmail:
    """Writes a `send_email` row to the outbox; `marketing` emails can be receipts (SPEC 6)."""

    step_id: str
    email: str
    marketing: bool = True
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Delay:
    """Makes the next step due `duration` after this one ran; writes nothing."""

    step_id: str
    duration: timedelta
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SetProperty:
    """Writes a `set_property` row to the outbox: names and new values, as they stand."""

    step_id: str
    values: Mapping[str, object]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Action:
    """Writes an `action` row to the outbox: any other action, as it is."""

    step_id: str
    action: str
    parameters: object = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a branch; `when` is None for `otherwise`."""

    when: Criteria | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """Takes the first arm whose criteria are true when it runs, or none (SPEC 4)."""

    step_id: str
    arms: tuple[Arm, ...]
    place: Place = field(default=NOWHERE, compare=False)


Step: TypeAlias = SendEmail | Delay | SetProperty | Action | Branch


@dataclass(frozen=True, slots=True)
class Goal:
    """What success is."""

    criteria: Criteria
    name: str | None = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file.

    `triggers` are the forms of the enrollment trigger: one, or several for `any_of`.
    `active_from` None means: the instant of the first tick that sees the workflow enabled.
    `suppression_places` says where each name of `suppression` stands.
    `definition` is the file's content as plain data, kept in `goalsql.workflow_versions`;
    `vanished` says that the file is gone and this is what was kept.
    """

    workflow_id: str
    name: str
    triggers: tuple[Trigger, ...]
    steps: tuple[Step, ...] = ()
    goal: Goal | None = None
    suppression: tuple[str, ...] = ()
    unenroll_when: Criteria | None = None
    enabled: bool = True
    re_enroll: bool = False
    active_from: datetime | None = None
    suppression_places: tuple[Place, ...] = field(default=(), compare=False)
    definition: object = None
    vanished: bool = False
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def sends_marketing_email(self) -> bool:
        """Whether any step, in whatever arm, sends a marketing email (SPEC 6)."""
        return any(isinstance(step, SendEmail) and step.marketing for step in walk(self.steps))

    def _repr_html_(self) -> str:
        facts = [("enabled", "yes" if self.enabled else "no")]
        facts += [("trigger", trigger_words(trigger)) for trigger in self.triggers]
        facts += [("suppression", name) for name in self.suppression]
        if self.unenroll_when is not None:
            facts.append(("unenroll when", criteria_in_full(self.unenroll_when)))
        if self.goal is not None:
            name = "" if self.goal.name is None else f"{self.goal.name}: "
            facts.append(("goal", f"{name}{criteria_in_full(self.goal.criteria)}"))
        steps = [(f"step {step_id}", words) for step_id, words in _outline(self.steps)]
        title = f"{self.name} ({self.workflow_id})"
        return html_table(("", "definition"), [*facts, *steps], title=title)


def walk(steps: tuple[Step, ...]) -> list[Step]:
    """All steps in the order of the file, those inside branches after their branch."""
    found: list[Step] = []
    for step in steps:
        found.append(step)
        if isinstance(step, Branch):
            for arm in step.arms:
                found.extend(walk(arm.steps))
    return found


def trigger_words(trigger: Trigger) -> str:
    """A trigger in words.

    Example:
        >>> trigger_words(ManualTrigger())
        'by `goalsql enroll`'
    """
    match trigger:
        case FilterTrigger(criteria):
            return criteria_in_full(criteria)
        case EventTrigger(events, also):
            words = " or ".join(criteria_in_full(event) for event in events)
            return f"event {words}{'' if also is None else f', if {criteria_in_full(also)}'}"
        case ManualTrigger():
            return "by `goalsql enroll`"


def step_words(step: Step) -> str:
    """What a step does, in words.

    Example:
        >>> step_words(SendEmail("hello", "welcome")), step_words(Delay("w", timedelta(days=3)))
        ('send email welcome', 'wait 3 days')
    """
    match step:
        case SendEmail():
            return f"send {'' if step.marketing else 'non-marketing '}email {step.email}"
        case Delay():
            return f"wait {duration_words(step.duration)}"
        case SetProperty():
            return "set " + ", ".join(f"{name} to {value}" for name, value in step.values.items())
        case Action():
            return f"do {step.action}"
        case Branch():
            return "take the first arm that holds"


def _outline(steps: tuple[Step, ...], arm: str = "") -> Iterator[tuple[str, str]]:
    """Every step's id and words; those inside a branch say when they are done."""
    for step in steps:
        yield step.step_id, f"{arm}{step_words(step)}"
        if isinstance(step, Branch):
            for one in step.arms:
                when = "otherwise" if one.when is None else f"if {criteria_in_full(one.when)}"
                yield from _outline(one.steps, f"{arm}{when}: ")


def criteria_of(workflow: Workflow) -> Iterator[Criteria]:
    """Every criteria that the workflow's own file holds, in the order in which they act."""
    for trigger in workflow.triggers:
        if isinstance(trigger, FilterTrigger):
            yield trigger.criteria
        elif isinstance(trigger, EventTrigger):
            yield from trigger.events
            if trigger.also is not None:
                yield trigger.also
    if workflow.unenroll_when is not None:
        yield workflow.unenroll_when
    if workflow.goal is not None:
        yield workflow.goal.criteria
    for step in walk(workflow.steps):
        if isinstance(step, Branch):
            yield from (arm.when for arm in step.arms if arm.when is not None)
