"""The graph of rules: what is shared, what is turned round, what is merged."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goalsql.compile.asked import Asked, Kept
from goalsql.compile.graph import Graph, Window
from goalsql.compile.plan import build_plan
from goalsql.compile.rule_tables import rule_tables
from goalsql.compile.rules import (
    KNOWN,
    ColumnTests,
    Membership,
    PropertyTest,
    Rules,
    Signed,
)
from goalsql.model.catalog import Catalog
from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Criteria,
    During,
    EventLeaf,
    Not,
    Operator,
    PropertyLeaf,
    SegmentLeaf,
    Times,
    WorkflowLeaf,
)
from goalsql.model.project import (
    CriteriaSegment,
    Definitions,
    Segment,
    Source,
    Sources,
    StaticSegment,
)
from goalsql.model.workflow import FilterTrigger, Workflow
from tests.compile.cases import CATALOG, NOW, day

A, B, C, D = (EventLeaf(name) for name in "abcd")
LAST = During("last", timedelta(days=3))
SINCE = During("since_enrollment")


def rules(columns: tuple[str, ...] = (), **segments: Segment) -> Rules:
    return Rules(segments, frozenset(columns))


def is_(name: str, value: str, operator: Operator = "is") -> PropertyLeaf:
    return PropertyLeaf(name, (Condition(operator, (value,)),))


def test_the_same_leaf_is_one_node_wherever_it_stands() -> None:
    graph = rules()
    first = graph.add(AllOf((A, B)))
    assert graph.add(AllOf((EventLeaf("b"), EventLeaf("a")))) == first
    assert graph.add(AllOf((A, A))) == graph.add(A)
    assert len(graph.leaves) == 2
    assert len(graph.combinations) == 1


def test_double_negation_is_none() -> None:
    graph = rules()
    assert graph.add(Not(Not(A))) == graph.add(A) == Signed(1)
    assert graph.add(Not(A)) == Signed(1, positive=False)


def test_de_morgan_gives_one_node() -> None:
    graph = rules()
    assert graph.add(AllOf((Not(A), Not(B)))) == graph.add(Not(AnyOf((A, B))))
    assert graph.add(AnyOf((Not(A), Not(B)))) == graph.add(Not(AllOf((A, B))))
    assert graph.add(AnyOf((A, Not(B)))) == graph.add(Not(AllOf((Not(A), B))))


TREES = st.recursive(
    st.sampled_from([A, B, C, D, EventLeaf("a", times=Times(0, 1)), is_("p", "x")]),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=4).map(lambda some: AllOf(tuple(some))),
        st.lists(inner, min_size=1, max_size=4).map(lambda some: AnyOf(tuple(some))),
    ),
    max_leaves=12,
)


def truth(graph: Rules, node: int, held: set[int]) -> bool:
    """The truth of a node where these leaves hold."""
    for combination, number in graph.combinations.items():
        if number == node:
            positive = sum(truth(graph, member, held) for member in combination.positive)
            negative = any(truth(graph, member, held) for member in combination.negative)
            return positive >= combination.low and not negative
    return node in held


def plain(graph: Rules, criteria: Criteria, held: set[int]) -> bool:
    """The truth of the criteria as they are written."""
    match criteria:
        case AllOf(members):
            return all(plain(graph, member, held) for member in members)
        case AnyOf(members):
            return any(plain(graph, member, held) for member in members)
        case Not(member):
            return not plain(graph, member, held)
    found = graph.add(criteria)
    return (found.node in held) == found.positive


@given(TREES, st.sets(st.integers(1, 6)))
def test_no_node_is_dense_and_each_means_what_was_written(
    criteria: Criteria, held: set[int]
) -> None:
    graph = rules()
    found = graph.add(criteria)
    assert all(one.positive and one.low >= 1 for one in graph.combinations)
    assert not any(truth(graph, node, set()) for node in graph.levels), "true of nobody's nothing"
    held &= set(graph.leaves.values())
    assert (truth(graph, found.node, held) == found.positive) == plain(graph, criteria, held)


@pytest.mark.parametrize(
    ("times", "lows", "positive"),
    [
        (Times(3), [3], True),
        (Times(0, 2), [3], False),
        (Times(0, 0), [1], False),
        (Times(2, 2), [2, 3], True),
        (Times(2, 5), [2, 6], True),
    ],
)
def test_counts_are_nodes_of_at_least(times: Times, lows: list[int], positive: bool) -> None:
    graph = rules()
    found = graph.add(EventLeaf("a", times=times))
    leaves = [leaf.times for leaf in graph.leaves if isinstance(leaf, EventLeaf)]
    assert leaves == [Times(low) for low in lows]
    assert found.positive is positive
    if len(lows) == 2:
        (both,) = graph.combinations
        assert (both.positive, both.negative, both.low) == (frozenset({1}), frozenset({2}), 1)


def test_a_count_of_at_least_one_is_the_leaf_itself() -> None:
    graph = rules()
    found = graph.add(EventLeaf("a", times=Times(1, None)))
    assert found == Signed(1)


def test_never_and_not_changed_are_opposites() -> None:
    graph = rules()
    ever, never = graph.add(is_("p", "x", "ever")), graph.add(is_("p", "x", "never"))
    assert never == ever.opposite()
    span = timedelta(days=1)
    changed = graph.add(PropertyLeaf("p", (Condition("changed_within", duration=span),)))
    other = graph.add(PropertyLeaf("p", (Condition("not_changed_within", duration=span),)))
    assert other == changed.opposite()


def test_unknown_is_the_opposite_of_known() -> None:
    graph = rules()
    known = graph.add(PropertyLeaf("p", (KNOWN,)))
    assert known == Signed(1)
    assert graph.add(is_("p", "false", "known")) == known.opposite()


def test_include_unknown_is_any_of_the_test_and_unknown() -> None:
    graph = rules()
    leaf = PropertyLeaf("p", (Condition("is", ("x",)),), include_unknown=True)
    test = PropertyTest("p", Condition("is", ("x",)))
    found = graph.add(leaf)
    (both,) = graph.combinations
    assert not found.positive, "the opposite of: known, and not x"
    assert both.positive == {graph.leaf(PropertyTest("p", KNOWN))}
    assert both.negative == {graph.leaf(test)}


def test_an_any_of_many_members_is_not_split() -> None:
    graph = rules()
    graph.add(AnyOf(tuple(EventLeaf(f"e{number}") for number in range(150))))
    (only,) = graph.combinations
    assert (len(only.positive), only.low) == (150, 1)


def test_segments_of_criteria_are_taken_in() -> None:
    graph = rules(some=CriteriaSegment(A), list=StaticSegment(Source("list", "x.csv")))
    assert graph.add(SegmentLeaf("some")) == graph.add(A)
    assert graph.add(SegmentLeaf("some", negated=True)) == graph.add(Not(A))
    member = graph.add(SegmentLeaf("list"))
    assert graph.leaves_by_node[member.node] == Membership("list")
    assert graph.any_segment(["some", "list"]) == graph.add(AnyOf((A, SegmentLeaf("list"))))


def test_not_met_goal_is_the_opposite_of_met_goal() -> None:
    graph = rules()
    met = graph.add(WorkflowLeaf("w", "met_goal"))
    assert graph.add(WorkflowLeaf("w", "not_met_goal")) == met.opposite()
    assert graph.add(WorkflowLeaf("v", "met_goal")) != met


def test_tests_of_columns_are_one_leaf() -> None:
    graph = rules(columns=("city", "age"))
    found = graph.add(AllOf((is_("city", "x"), is_("age", "1", "gt"), A)))
    tests = {
        PropertyTest("city", Condition("is", ("x",))),
        PropertyTest("age", Condition("gt", ("1",))),
    }
    (both,) = graph.combinations
    assert graph.leaf(ColumnTests(frozenset(tests))) in both.positive
    assert both.members == {graph.leaf(A), graph.leaf(ColumnTests(frozenset(tests)))}
    assert found.positive
    assert graph.column_tests(graph.leaf(A)) == frozenset()


def test_one_leaf_of_several_operators_is_one_look() -> None:
    graph = rules(columns=("age",))
    several = PropertyLeaf("age", (Condition("gte", ("1",)), Condition("lt", ("9",))))
    leaf = graph.leaves_by_node[graph.add(several).node]
    assert isinstance(leaf, ColumnTests)
    assert len(leaf.tests) == 2
    assert graph.combinations == {}


def test_tests_that_change_with_time_are_not_merged() -> None:
    graph = rules(columns=("city", "renewal"))
    soon = PropertyLeaf("renewal", (Condition("within_next", duration=timedelta(1)),))
    graph.add(AllOf((is_("city", "x"), soon, is_("stage", "lead"))))
    assert not any(isinstance(leaf, ColumnTests) for leaf in graph.leaves)
    (both,) = graph.combinations
    assert len(both.positive) == 3


def test_levels_stand_above_their_members() -> None:
    graph = rules()
    graph.add(AllOf((A, AnyOf((B, AllOf((C, D)))))))
    assert graph.depth == 3
    assert rules().depth == 0
    for combination, node in graph.combinations.items():
        assert graph.levels[node] == 1 + max(graph.levels[one] for one in combination.members)
    assert {graph.levels[node] for node in graph.leaves.values()} == {0}


def test_what_counts_since_the_enrollment_is_scoped_all_the_way_up() -> None:
    graph = rules()
    scoped = graph.add(EventLeaf("a", during=SINCE))
    above = graph.add(Not(AllOf((EventLeaf("a", during=SINCE), B))))
    free = graph.add(AllOf((B, C)))
    assert {scoped.node, above.node} == graph.scoped
    assert free.node not in graph.scoped


def definitions_of(criteria: dict[str, Criteria]) -> tuple[Definitions, list[Window]]:
    """Workflows with nothing but a filter trigger, and a window of each."""
    workflows = {
        name: Workflow(name, name, (FilterTrigger(one),)) for name, one in criteria.items()
    }
    sources = Sources(Source("contacts", "contacts"))
    windows = [Window(name, day(2), day(2), True, False, None) for name in workflows]
    return Definitions(Path(), "x", Path("x.db"), sources, workflows=workflows), windows


def graph_of(**criteria: Criteria) -> Graph:
    definitions, windows = definitions_of(criteria)
    return Graph.of(definitions, CATALOG, list(criteria), windows)


def test_workflows_share_their_leaves_and_roots() -> None:
    one = graph_of(v=AllOf((EventLeaf("form"), is_("stage", "lead"))), w=EventLeaf("form"))
    assert len(one.leaves()) == 2
    assert len(one.roots) == 2
    same = graph_of(v=EventLeaf("form"), w=EventLeaf("form"))
    assert len(same.roots) == 1
    assert [form[2] for form in same.filter_forms] == [1, 1]


def test_leaves_that_only_count_otherwise_share_a_matcher() -> None:
    leaves = (
        EventLeaf("form"),
        EventLeaf("form", times=Times(3)),
        EventLeaf("form", times=Times(0, 4), during=LAST),
    )
    one = graph_of(w=AllOf(leaves))
    assert len(one.leaves()) == 3
    assert list(one.matchers_of("form").values()) == [1]
    bounded = graph_of(
        w=AllOf((*leaves, EventLeaf("form", during=During("after", bounds=("2026-01-05",)))))
    )
    assert len(bounded.matchers_of("form")) == 2


def test_changed_within_of_two_durations_shares_a_matcher() -> None:
    spans = (timedelta(days=1), timedelta(days=2))
    parts = tuple(
        PropertyLeaf("stage", (Condition("changed_within", duration=span),)) for span in spans
    )
    one = graph_of(w=AnyOf(parts))
    leaf = next(table for table in rule_tables(one) if table.name == "rules.leaf")
    assert len(one.leaves()) == 2
    assert len(one.history_matchers()) == 1
    assert leaf.parameters["kind"] == ["count", "count"]


def test_leaves_that_were_merged_away_are_not_read() -> None:
    one = graph_of(w=AllOf((is_("city", "x"), is_("age", "1"))))
    (leaf,) = one.leaves()
    assert isinstance(leaf, ColumnTests)
    assert one.properties() == ["age", "city"]


def test_column_tests_guard_the_all_they_stand_in() -> None:
    one = graph_of(w=AllOf((is_("city", "x"), is_("stage", "lead"), EventLeaf("form"))))
    city = one.rules.leaf(PropertyTest("city", Condition("is", ("x",))))
    stage = one.rules.leaf(PropertyTest("stage", Condition("is", ("lead",))))
    ((node, guard),) = one.guards.items()
    assert node in one.rules.combinations.values()
    assert guard == (city, stage)
    assert city in one.free
    assert one.rules.leaf(EventLeaf("form")) not in one.free, "asked only of those in the city"


@pytest.mark.parametrize("number", [1, 30])
def test_the_number_of_statements_does_not_depend_on_the_number_of_workflows(number: int) -> None:
    criteria: dict[str, Criteria] = {f"w{i}": is_("city", str(i)) for i in range(number)}
    plan = build_plan(*_around(definitions_of(criteria)), NOW, 1, "event")
    one = build_plan(*_around(definitions_of({"w": is_("city", "x")})), NOW, 1, "event")
    assert [len(stage) for _, stage in plan.stages()] == [len(stage) for _, stage in one.stages()]


def _around(
    found: tuple[Definitions, list[Window]],
) -> tuple[Definitions, Catalog, list[Window], Asked]:
    definitions, windows = found
    names = [window.workflow_id for window in windows]
    return definitions, CATALOG, windows, Asked.of(definitions, CATALOG, names, Kept())
