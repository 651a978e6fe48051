"""Which workflows need which, and the order in which a tick takes them (SPEC 3.3)."""

from __future__ import annotations

from collections.abc import Mapping

from goalsql.model.criteria import (
    Criteria,
    EventLeaf,
    Leaf,
    SegmentLeaf,
    WorkflowLeaf,
    field_tests,
    leaves,
)
from goalsql.model.project import CriteriaSegment, Definitions, Segment
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.model.workflow import Workflow, criteria_of


def leaves_of(workflow: Workflow, segments: Mapping[str, Segment]) -> list[Leaf]:
    """Every leaf that any rule of the workflow uses, through segments too."""
    found: list[Leaf] = [SegmentLeaf(name) for name in workflow.suppression]
    for criteria in criteria_of(workflow):
        found += _leaves(criteria)
    return _through_segments(found, segments)


def _leaves(criteria: Criteria) -> list[Leaf]:
    return [leaf for leaf, _ in leaves(criteria)]


def _through_segments(found: list[Leaf], segments: Mapping[str, Segment]) -> list[Leaf]:
    """The leaves with those of the segments that they name, appended as they are met."""
    taken: set[str] = set()
    for leaf in found:
        if isinstance(leaf, SegmentLeaf) and leaf.segment not in taken:
            taken.add(leaf.segment)
            segment = segments[leaf.segment]
            if isinstance(segment, CriteriaSegment):
                found += _leaves(segment.criteria)
    return found


def needs(workflow: Workflow, definitions: Definitions) -> set[str]:
    """The workflows whose state the workflow's rules look at."""
    found: set[str] = set()
    for leaf in leaves_of(workflow, definitions.segments):
        if isinstance(leaf, WorkflowLeaf):
            found.add(leaf.workflow)
        if isinstance(leaf, EventLeaf) and leaf.event in BUILT_IN_EVENTS:
            assert leaf.where is not None
            for test in field_tests(leaf.where):
                if test.name == "workflow_id":
                    found.update(*(condition.values for condition in test.conditions))
    return found & set(definitions.workflows)


def in_order(definitions: Definitions) -> list[Workflow]:
    """The workflows in the order in which a tick takes them; a circle's in the order of ids."""
    needed = {name: needs(each, definitions) for name, each in definitions.workflows.items()}
    reached = {name: _reach(name, needed) for name in needed}
    circles = {
        name: {name} | {other for other in reached[name] if name in reached[other]}
        for name in needed
    }
    taken: list[str] = []
    waiting = sorted(needed)
    while waiting:
        ready = next(name for name in waiting if reached[name] - circles[name] <= set(taken))
        taken += sorted(circles[ready])
        waiting = [name for name in waiting if name not in circles[ready]]
    return [definitions.workflows[name] for name in taken]


def _reach(name: str, needed: Mapping[str, set[str]]) -> set[str]:
    """All that a workflow needs, directly or by way of others."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = needed[waiting.pop()] - found
        found |= new
        waiting += new
    return found
