"""Reads a workflow file (SPEC 2, 4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from goalsql.codes import Code
from goalsql.errors import Place, Problem
from goalsql.model import literals
from goalsql.model.criteria import AnyOf, Criteria, EventLeaf, Times
from goalsql.model.reading import Spot, guess, names, part, part_or
from goalsql.model.reading_criteria import forbid_since_enrollment, read_criteria
from goalsql.model.workflow import (
    Action,
    Arm,
    Branch,
    Delay,
    EventTrigger,
    FilterTrigger,
    Goal,
    ManualTrigger,
    SendEmail,
    SetProperty,
    Step,
    Trigger,
    Workflow,
)
from goalsql.model.yaml_tree import MapNode, TextNode, as_data, json_scalar

KEYS = (
    "id", "name", "enabled", "active_from", "enrollment",
    "suppression", "unenroll_when", "goal", "steps",
)  # fmt: skip
FORMS = {"filter": ("criteria", "enroll_existing"), "event": ("criteria", "also"), "manual": ()}
ENROLLMENT_KEYS = ("trigger", "criteria", "enroll_existing", "also", "of", "re_enroll")
STEP_KINDS = {
    "send_email": ("marketing",),
    "delay": (),
    "branch": (),
    "set_property": (),
    "action": ("with",),
}


def read_workflow(at: Spot, timezone: str) -> Workflow | None:
    """Reads a workflow; parts that cannot be read are logged and left out.

    Returns:
        The workflow, None where it has no id that could be read.
    """
    found = at.fields(KEYS, required=("id", "enrollment"))
    if found is None:
        return None
    workflow_id = part(found, "id", Spot.text)
    name = part(found, "name", Spot.text)
    triggers, re_enroll = part_or(found, "enrollment", read_enrollment, ((), False))
    goal = part(found, "goal", read_goal)
    unenroll_when = part(found, "unenroll_when", read_criteria)
    steps = part_or(found, "steps", read_steps, ())
    suppression = part_or(found, "suppression", read_suppression, [])
    enabled = part_or(found, "enabled", Spot.boolean, True)
    active_from = _instant(found["active_from"], timezone) if "active_from" in found else None
    if workflow_id is None:
        return None
    return Workflow(
        workflow_id=workflow_id,
        name=name or workflow_id,
        triggers=triggers,
        steps=steps,
        goal=goal,
        suppression=tuple(name for name, _ in suppression),
        suppression_places=tuple(place for _, place in suppression),
        unenroll_when=unenroll_when,
        enabled=enabled,
        re_enroll=re_enroll,
        active_from=active_from,
        definition=as_data(at.node, json_scalar),
        place=found["id"].place,
    )


def _instant(at: Spot, timezone: str) -> datetime | None:
    text = at.scalar()
    if text is None:
        return None
    try:
        return literals.instant(text, timezone)
    except ValueError as error:
        at.wrong(Code.WRONG_VALUE, f"`{text}` {error}", "write e.g. 2026-01-01T00:00:00Z")
        return None


def read_suppression(at: Spot) -> list[tuple[str, Place]]:
    """The names of the suppression segments, each with where it stands."""
    mend = f"write `[{at.node.text}]`" if isinstance(at.node, TextNode) else ""
    items = at.items(mend=mend, empty=True) or []
    return [(name, item.place) for item in items if (name := item.text()) is not None]


def read_goal(at: Spot) -> Goal | None:
    """What stands under `goal:`; None where it cannot be read."""
    found = at.fields(("name", "criteria"), required=("criteria",)) or {}
    name = part(found, "name", Spot.text)
    criteria = part(found, "criteria", read_criteria)
    return None if criteria is None else Goal(criteria, name, at.place)


def read_enrollment(at: Spot) -> tuple[tuple[Trigger, ...], bool]:
    """The forms of the trigger, and `re_enroll`."""
    found = at.fields(ENROLLMENT_KEYS, required=("trigger",)) or {}
    re_enroll = part_or(found, "re_enroll", Spot.boolean, False)
    trigger = found["trigger"].choice((*FORMS, "any_of")) if "trigger" in found else None
    if trigger is None:
        return (), re_enroll
    if trigger != "any_of":
        form = _form(found, trigger, at)
        return (() if form is None else (form,)), re_enroll
    for key in ("criteria", "enroll_existing", "also"):
        if key in found:
            found[key].wrong(
                Code.KEYS_CONFLICT, f"`{key}` stands in the forms of `any_of`", "move it into `of`"
            )
    if "of" not in found:
        at.wrong(Code.MISSING_KEY, "`of` is missing", "write `of: [{trigger: ...}, ...]`")
        return (), re_enroll
    read = (_member(spot) for spot in found["of"].items() or [])
    return tuple(form for form in read if form is not None), re_enroll


def _member(at: Spot) -> Trigger | None:
    """One form of `any_of`."""
    found = at.fields(ENROLLMENT_KEYS, required=("trigger",)) or {}
    if "re_enroll" in found:
        message = "`re_enroll` stands beside the list `of`, not in a form"
        found.pop("re_enroll").wrong(Code.KEYS_CONFLICT, message, "move it")
    trigger = found["trigger"].choice(tuple(FORMS)) if "trigger" in found else None
    return None if trigger is None else _form(found, trigger, at)


def _form(found: dict[str, Spot], trigger: str, at: Spot) -> Trigger | None:
    """A filter, event or manual trigger."""
    for key, spot in found.items():
        if key not in ("trigger", "re_enroll", *FORMS[trigger]):
            home = names(other for other, keys in FORMS.items() if key in keys)
            belongs = f"it belongs to trigger {home}" if home else "it belongs to `any_of`"
            spot.wrong(Code.KEYS_CONFLICT, f"`{key}` does not go with trigger `{trigger}`", belongs)
    if trigger == "manual":
        return ManualTrigger()
    if "criteria" not in found:
        at.wrong(Code.MISSING_KEY, "`criteria` is missing")
    criteria = part(found, "criteria", _timeless)
    if trigger == "filter":
        enroll_existing = part_or(found, "enroll_existing", Spot.boolean, True)
        return None if criteria is None else FilterTrigger(criteria, enroll_existing)
    also = part(found, "also", _timeless)
    if criteria is None:
        return None
    events = _events(criteria, found["criteria"])
    return EventTrigger(events, also) if events else None


def _timeless(at: Spot) -> Criteria | None:
    """Criteria that may not speak of the enrollment, as there is none yet."""
    criteria = read_criteria(at)
    if criteria is not None:
        forbid_since_enrollment(criteria, at)
    return criteria


def _events(criteria: Criteria, at: Spot) -> tuple[EventLeaf, ...]:
    """The leaves of an event trigger."""
    if isinstance(criteria, AnyOf):
        return tuple(leaf for member in criteria.members for leaf in _events(member, at))
    if isinstance(criteria, EventLeaf):
        if criteria.times == Times() and criteria.during is None:
            return (criteria,)
        place = criteria.place
        message = "an event trigger's event takes no `times`, `never` or `during`"
        mend = "it fires at each event; for counts use trigger: filter"
    else:
        place = getattr(criteria, "place", at.place)
        message = "an event trigger's criteria are an event leaf, or `any` of such"
        mend = "move other criteria to `also`, or use trigger: filter"
    at.log.problems.append(Problem(Code.EVENT_TRIGGER, place, message, mend))
    return ()


def read_steps(at: Spot) -> tuple[Step, ...]:
    """Reads a workflow's steps; ids default to positions and must be unique (SPEC 2)."""
    reader = _StepReader()
    steps = reader.steps(at, "")
    if reader.nameless:
        message = f"steps without an id: {len(reader.nameless)}; edits cannot follow them"
        at.log.warnings.append(
            Problem(Code.NAMELESS_STEPS, reader.nameless[0], message, "give every step an id")
        )
    return steps


@dataclass(slots=True)
class _StepReader:
    """Reads steps, in whatever arm, and remembers their ids."""

    ids: dict[str, Place] = field(default_factory=dict)
    nameless: list[Place] = field(default_factory=list)

    def steps(self, at: Spot, prefix: str) -> tuple[Step, ...]:
        items = at.items(empty=True) or []
        read = (self._step(item, f"{prefix}{number}") for number, item in enumerate(items, 1))
        return tuple(step for step in read if step is not None)

    def _step(self, at: Spot, position: str) -> Step | None:
        found = at.mapping()
        if found is None:
            return None
        kinds = [kind for kind in STEP_KINDS if kind in found]
        if len(kinds) != 1:
            near = next((mend for key in found if (mend := guess(key, STEP_KINDS))), "")
            message = f"a step has one of the keys {names(STEP_KINDS)}"
            code = Code.KEYS_CONFLICT if kinds else Code.UNKNOWN_KEY
            at.wrong(code, message, near or "for any other action write `action: name`")
            return None
        kind = kinds[0]
        found = at.fields(("id", kind, *STEP_KINDS[kind])) or {}
        step_id = self._id(at, found.get("id"), position)
        if kind == "branch":
            return Branch(step_id, self._arms(found["branch"], position), at.place)
        return _simple_step(kind, step_id, found, at)

    def _id(self, at: Spot, given: Spot | None, position: str) -> str:
        if given is None:
            self.nameless.append(at.place)
        step_id = (given and given.text()) or position
        where = given or at
        if step_id in self.ids:
            first = self.ids[step_id].line
            message = f"step id `{step_id}` stands twice: at line {first} and at line"
            where.wrong(
                Code.NAME_TWICE,
                f"{message} {where.place.line}",
                "step ids are unique in a workflow",
            )
        self.ids.setdefault(step_id, where.place)
        return step_id

    def _arms(self, at: Spot, position: str) -> tuple[Arm, ...]:
        items = at.items() or []
        arms = [self._arm(item, f"{position}.{number}.") for number, item in enumerate(items, 1)]
        for item in items[:-1]:
            if item.child("otherwise"):
                item.wrong(
                    Code.KEYS_CONFLICT,
                    "`otherwise` must be the last arm, and the only one",
                    "move it",
                )
        return tuple(arms)

    def _arm(self, at: Spot, prefix: str) -> Arm:
        found = at.fields(("when", "otherwise", "steps"), required=("steps",))
        if found is None:
            return Arm(None, ())
        if ("when" in found) == ("otherwise" in found):
            at.wrong(
                Code.KEYS_CONFLICT,
                "an arm has either `when` or `otherwise: true`",
                "write one of them",
            )
        if "otherwise" in found and found["otherwise"].boolean() is False:
            found["otherwise"].wrong(
                Code.SAYS_NOTHING, "`otherwise: false` says nothing", "write otherwise: true"
            )
        when = part(found, "when", read_criteria)
        return Arm(when, self.steps(found["steps"], prefix) if "steps" in found else ())


def _simple_step(kind: str, step_id: str, found: dict[str, Spot], at: Spot) -> Step | None:
    """Any step but a branch."""
    spot = found[kind]
    if kind == "delay":
        duration = spot.duration()
        return None if duration is None else Delay(step_id, duration, at.place)
    if kind == "set_property":
        values = spot.named()
        if isinstance(spot.node, MapNode) and not spot.node.entries:
            spot.wrong(Code.SAYS_NOTHING, "sets nothing", "write `{property: value}`")
        if not values:
            return None
        data = {name: as_data(value.node, json_scalar) for name, value in values.items()}
        return SetProperty(step_id, data, at.place)
    text = spot.text()
    if kind == "send_email":
        marketing = part_or(found, "marketing", Spot.boolean, True)
        return None if text is None else SendEmail(step_id, text, marketing, at.place)
    parameters = as_data(found["with"].node, json_scalar) if "with" in found else None
    return None if text is None else Action(step_id, text, parameters, at.place)
