"""What the rules of workflows stand on, through segments too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from goalsql.model.criteria import Criteria, PropertyLeaf, SegmentLeaf, leaves
from goalsql.model.project import CriteriaSegment, Definitions, Segment
from goalsql.model.workflow import Workflow, criteria_of


def segments_of(workflow: Workflow, segments: Mapping[str, Segment]) -> dict[str, Segment]:
    """The segments that a workflow's rules use, and those that these use, by their names."""
    return segments_in(workflow.suppression, criteria_of(workflow), segments)


def segments_in(
    names: Iterable[str], criteria: Iterable[Criteria], segments: Mapping[str, Segment]
) -> dict[str, Segment]:
    """The named segments and those that the criteria use, with all that these use in turn."""
    used: dict[str, Segment] = {}
    todo = [*names, *_named(criteria)]
    while todo:
        name = todo.pop()
        segment = segments.get(name)
        if name in used or segment is None:
            continue
        used[name] = segment
        if isinstance(segment, CriteriaSegment):
            todo.extend(_named([segment.criteria]))
    return used


def segments_in_use(definitions: Definitions) -> dict[str, Segment]:
    """The segments that any workflow uses."""
    found: dict[str, Segment] = {}
    for workflow in definitions.workflows.values():
        found.update(segments_of(workflow, definitions.segments))
    return found


def properties_in_use(definitions: Definitions) -> list[str]:
    """The properties that any workflow's rules use, in the order of their names."""
    several = [c for workflow in definitions.workflows.values() for c in criteria_of(workflow)]
    for segment in segments_in_use(definitions).values():
        if isinstance(segment, CriteriaSegment):
            several.append(segment.criteria)
    found = (leaf for criteria in several for leaf, _ in leaves(criteria))
    return sorted({leaf.property for leaf in found if isinstance(leaf, PropertyLeaf)})


def _named(several: Iterable[Criteria]) -> list[str]:
    found = (leaf for criteria in several for leaf, _ in leaves(criteria))
    return [leaf.segment for leaf in found if isinstance(leaf, SegmentLeaf)]
