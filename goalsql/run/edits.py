"""What an edit of a workflow means for the contacts in it (SPEC 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from goalsql.model.criteria import Criteria
from goalsql.model.project import CriteriaSegment, Definitions, Segment
from goalsql.model.stored import Stored
from goalsql.model.usage import segments_in
from goalsql.model.workflow import Branch, EventTrigger, FilterTrigger, Step, Workflow, walk


def is_trigger_edited(old: Stored, new: Workflow, definitions: Definitions) -> bool:
    """Whether the trigger's forms, their criteria or segments below them differ.

    `enroll_existing` and `re_enroll` are no criteria.
    """
    if _forms(old.workflow) != _forms(new):
        return True
    return _segments(old.workflow, old.segments) != _segments(new, definitions.segments)


def _forms(workflow: Workflow) -> list[object]:
    return [
        replace(form, enroll_existing=True) if isinstance(form, FilterTrigger) else form
        for form in workflow.triggers
    ]


def _segments(workflow: Workflow, segments: Mapping[str, Segment]) -> dict[str, Criteria]:
    found = segments_in((), _criteria_of_triggers(workflow), segments)
    return {
        name: segment.criteria
        for name, segment in found.items()
        if isinstance(segment, CriteriaSegment)
    }


def _criteria_of_triggers(workflow: Workflow) -> Iterator[Criteria]:
    for form in workflow.triggers:
        if isinstance(form, FilterTrigger):
            yield form.criteria
        elif isinstance(form, EventTrigger) and form.also is not None:
            yield form.also


@dataclass(frozen=True, slots=True)
class StepMoves:
    """Where active enrollments go on when the steps of a workflow were edited.

    `to_step` maps the next step that they had to the one that they have now, where there is one:
    the same, or the first that followed it and is left. `after` maps each step that is left to the
    one that now follows it (None: the end). `first_step` is where a workflow begins now.
    """

    to_step: Mapping[str, str]
    after: Mapping[str, str | None]
    first_step: str | None

    @classmethod
    def of(cls, old: Sequence[Step], new: Sequence[Step]) -> StepMoves:
        """The moves from the old steps of a workflow to its new ones."""
        left = {step.step_id for step in walk(tuple(new))}
        to_step: dict[str, str] = {}
        for step_id, following in _followers(old, ()):
            survivor = next((one for one in (step_id, *following) if one in left), None)
            if survivor is not None:
                to_step[step_id] = survivor
        after = {step_id: next(iter(following), None) for step_id, following in _followers(new, ())}
        return cls(to_step, after, next((step.step_id for step in new), None))


def _followers(
    steps: Sequence[Step], afterwards: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each step with those that follow it: the rest of its list, then what follows its branch."""
    for place, step in enumerate(steps):
        following = (*(one.step_id for one in steps[place + 1 :]), *afterwards)
        yield step.step_id, following
        if isinstance(step, Branch):
            for arm in step.arms:
                yield from _followers(arm.steps, following)
