"""What definitions may say (SPEC 3.3) and this version cannot evaluate yet."""

from __future__ import annotations

from collections.abc import Iterator

from goalsql.errors import Problem
from goalsql.model.criteria import Criteria, EventLeaf, WorkflowLeaf, leaves
from goalsql.model.project import CriteriaSegment, Definitions
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.model.workflow import criteria_of


def unsupported(definitions: Definitions) -> Iterator[Problem]:
    """Workflow statuses and the built-in workflow events, wherever criteria use them."""
    for segment in definitions.segments.values():
        if isinstance(segment, CriteriaSegment):
            yield from _in(segment.criteria)
    for workflow in definitions.workflows.values():
        for criteria in criteria_of(workflow):
            yield from _in(criteria)


def _in(criteria: Criteria) -> Iterator[Problem]:
    for leaf, _ in leaves(criteria):
        if isinstance(leaf, WorkflowLeaf):
            yield Problem(leaf.place, "workflow statuses are not evaluated by this version yet")
        elif isinstance(leaf, EventLeaf) and leaf.event in BUILT_IN_EVENTS:
            message = f"the built-in event {leaf.event} is not evaluated by this version yet"
            yield Problem(leaf.place, message)
