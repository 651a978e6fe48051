"""What an edit of a workflow means for what goes on (SPEC 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from goalsql.model.criteria import Criteria, SegmentLeaf
from goalsql.model.project import CriteriaSegment, Definitions, Segment
from goalsql.model.workflow import Branch, FilterTrigger, Step, Trigger, Workflow
from tests.reference.dependence import leaves_of
from tests.reference.state import Enrollment, WorkflowState


def with_kept(files: Definitions, earlier: Definitions | None) -> Definitions:
    """What the files say, and the last of workflows whose files are gone, as disabled."""
    if earlier is None:
        return files
    kept = {
        name: replace(workflow, enabled=False)
        for name, workflow in earlier.workflows.items()
        if name not in files.workflows
    }
    segments = {**earlier.segments, **files.segments} if kept else files.segments
    return replace(files, workflows={**files.workflows, **kept}, segments=segments)


def take_in(
    workflow: Workflow,
    segments: Mapping[str, Segment],
    state: WorkflowState,
    previous: datetime | None,
    tick_at: datetime | None,
) -> datetime | None:
    """Notes a definition and what its differences from the one before mean.

    Args:
        workflow: as it is from now on.
        segments: as they are from now on.
        state: the workflow's own.
        previous: the last tick's instant.
        tick_at: T; None if the definitions are applied without a tick.

    Returns:
        S; None until a tick has seen the workflow enabled, edits only replace it until then.
    """
    trigger = _trigger(workflow, segments)
    start = None
    if state.active_from is not None:
        assert previous is not None
        assert state.workflow is not None
        start = max(previous, state.active_from)
        if trigger != state.trigger:
            state.edited_at = start
            state.edits += 1
        if workflow.re_enroll and not state.workflow.re_enroll:
            state.re_enroll_from = start
        if workflow.steps != state.workflow.steps:
            for passages in state.passages.values():
                active = passages.active()
                if active is not None:
                    _go_on(active, workflow.steps, start)
    elif workflow.enabled and tick_at is not None:
        start = state.active_from = workflow.active_from or tick_at
    state.workflow, state.trigger = workflow, trigger
    _begin_epoch(state, start)
    return start


def _begin_epoch(state: WorkflowState, start: datetime | None) -> None:
    """The goal that was removed ends its epoch; one that is set begins the next, at S."""
    assert state.workflow is not None
    if state.workflow.goal is None:
        state.epoch = None
    elif start is None:
        state.epoch = 1
    elif state.epoch is None or not state.epochs:
        state.epoch = len(state.epochs) + 1
        state.epochs[state.epoch] = start
        for passages in state.passages.values():
            for each in passages.enrollments:
                if each.status != "unenrolled":
                    each.epochs.add(state.epoch)


def _trigger(
    workflow: Workflow, segments: Mapping[str, Segment]
) -> tuple[tuple[Trigger, ...], dict[str, Criteria]]:
    """What counts as the trigger: its forms, and the criteria of the segments that they use."""
    only = replace(workflow, steps=(), goal=None, suppression=(), unenroll_when=None)
    names = {leaf.segment for leaf in leaves_of(only, segments) if isinstance(leaf, SegmentLeaf)}
    used = {name: segments[name] for name in names}
    forms = tuple(
        replace(form, enroll_existing=True) if isinstance(form, FilterTrigger) else form
        for form in workflow.triggers
    )
    return forms, {
        name: segment.criteria
        for name, segment in used.items()
        if isinstance(segment, CriteriaSegment)
    }


def _go_on(active: Enrollment, steps: tuple[Step, ...], start: datetime) -> None:
    """Finds an enrollment's place among other steps."""
    for ahead in active.remaining:
        found = _flow_from(steps, ahead.step_id)
        if found is not None:
            active.remaining = found
            return
    assert active.last_step is not None  # the tick that enrolls runs a step at least
    found = _flow_from(steps, active.last_step)
    if found is not None:
        active.remaining = found[1:]
    else:
        active.remaining = ()
        active.due_at = start


def _flow_from(steps: tuple[Step, ...], step_id: str) -> tuple[Step, ...] | None:
    """A step, the rest of its list, what follows the enclosing branch and so on up."""
    for number, step in enumerate(steps):
        if step.step_id == step_id:
            return steps[number:]
        if isinstance(step, Branch):
            for arm in step.arms:
                inner = _flow_from(arm.steps, step_id)
                if inner is not None:
                    return inner + steps[number + 1 :]
    return None
