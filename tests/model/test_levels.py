"""In what order a tick takes workflows that look at each other (SPEC 3.3)."""

from __future__ import annotations

from pathlib import Path

from goalsql.model.criteria import AllOf, WorkflowLeaf
from goalsql.model.dependence import circles, levels
from goalsql.model.project import Definitions, Source, Sources
from goalsql.model.workflow import FilterTrigger, Workflow


def definitions(uses: dict[str, list[str]]) -> Definitions:
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
    sources = Sources(Source("contacts", "contacts"))
    return Definitions(Path(), "x", Path("x.db"), sources, workflows=workflows)


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
