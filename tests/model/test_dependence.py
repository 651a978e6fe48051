"""Which workflows use the state of which others, and in what order they are taken (SPEC 3.3)."""

from __future__ import annotations

from pathlib import Path

from goalsql.model.criteria import (
    AllOf,
    Condition,
    Criteria,
    EventLeaf,
    FieldTest,
    Not,
    SegmentLeaf,
    WorkflowLeaf,
)
from goalsql.model.dependence import circles, depends_on, levels, segments_of
from goalsql.model.project import CriteriaSegment, Definitions, Source, Sources
from goalsql.model.workflow import FilterTrigger, Workflow


def definitions(
    uses: dict[str, list[str]], segments: dict[str, Criteria] | None = None
) -> Definitions:
    """Workflows that each ask whether contacts are enrolled in others."""
    workflows = {
        name: Workflow(
            name,
            name,
            (FilterTrigger(AllOf(tuple(WorkflowLeaf(other, "enrolled") for other in others))),)
            if others
            else (),
        )
        for name, others in uses.items()
    }
    found = {name: CriteriaSegment(criteria) for name, criteria in (segments or {}).items()}
    sources = Sources(Source("contacts", "contacts"))
    return Definitions(Path(), "x", Path("x.db"), sources, segments=found, workflows=workflows)


def test_a_chain_is_taken_in_its_own_order_whatever_the_ids() -> None:
    assert levels(definitions({"a": ["b"], "b": ["c"], "c": []})) == [("c",), ("b",), ("a",)]


def test_workflows_that_do_not_need_each_other_are_taken_together() -> None:
    found = levels(definitions({"a": [], "b": ["a"], "c": [], "d": ["a", "c"]}))
    assert found == [("a", "c"), ("b", "d")]


def test_a_circle_is_taken_one_by_one_after_what_it_needs_and_before_what_needs_it() -> None:
    needs = definitions({"c": ["a", "z"], "a": ["b"], "b": ["c"], "z": [], "end": ["b"]})
    assert levels(needs) == [("z",), ("a",), ("b",), ("c",), ("end",)]
    assert circles(needs) == [("a", "b", "c")]


def test_a_workflow_that_needs_itself_is_a_circle() -> None:
    needs = definitions({"a": ["a"], "b": []})
    assert levels(needs) == [("b",), ("a",)]
    assert circles(needs) == [("a",)]


def test_dependence_goes_through_segments_events_and_branches_of_criteria() -> None:
    met = FieldTest("workflow_id", (Condition("any_of", ("b", "c")),))
    segments: dict[str, Criteria] = {
        "outer": Not(SegmentLeaf("inner")),
        "inner": EventLeaf("workflow_goal_met", met),
        "unused": WorkflowLeaf("d", "active"),
    }
    needs = definitions({"b": [], "c": [], "d": []}, segments)
    one = Workflow("a", "a", (FilterTrigger(SegmentLeaf("outer", negated=True)),))
    assert depends_on(one, needs) == {"b", "c"}
    assert set(segments_of(one, needs)) == {"outer", "inner"}
    other = Workflow("a", "a", (), suppression=("unused",))
    assert depends_on(other, needs) == {"d"}


def test_other_event_sources_with_such_a_field_are_no_dependence() -> None:
    clicked = EventLeaf("marketing_email", FieldTest("workflow_id", (Condition("is", ("b",)),)))
    one = Workflow("a", "a", (FilterTrigger(clicked),))
    assert depends_on(one, definitions({"b": []})) == set()
