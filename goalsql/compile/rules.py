"""Criteria of all workflows as one graph of shared nodes (DESIGN 1).

A node stands for the set of instants at which something is true, per contact. Every node is
*sparse*: it is false for a contact of whom the sources say nothing. A criterion is a node or its
opposite (`Signed`), so no node is ever as large as the contacts table because of a `not`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Criteria,
    EventLeaf,
    Not,
    Operator,
    PropertyLeaf,
    SegmentLeaf,
    Times,
    WorkflowLeaf,
)
from goalsql.model.project import CriteriaSegment, Segment

TIME_OPERATORS = ("within_last", "within_next", "more_than_ago", "more_than_ahead")
OPPOSITE: dict[Operator, Operator] = {"never": "ever", "not_changed_within": "changed_within"}
KNOWN = Condition("known", ("true",))


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """One operator on one property; true only where the value is known (SPEC 3.1)."""

    property: str
    condition: Condition
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """Being in a static segment (SPEC 3.3)."""

    segment: str


@dataclass(frozen=True, slots=True)
class ColumnTests:
    """Tests that must all hold of columns without history: one look at the contact's row."""

    tests: frozenset[PropertyTest]


Leaf: TypeAlias = PropertyTest | ColumnTests | EventLeaf | Membership | WorkflowLeaf


def is_constant(test: PropertyTest) -> bool:
    """Whether a test of a value that never changes is true always or never."""
    return test.condition.operator not in (*TIME_OPERATORS, "changed_within")


def is_scoped(leaf: EventLeaf) -> bool:
    """Whether a leaf counts from the enrollment on, so that its truth is the enrollment's own."""
    return leaf.during is not None and leaf.during.form == "since_enrollment"


@dataclass(frozen=True, slots=True)
class Signed:
    """A node, or (not `positive`) its opposite from the contact's created_at on."""

    node: int
    positive: bool = True

    def opposite(self) -> Signed:
        """The same node with the other sign."""
        return Signed(self.node, not self.positive)


@dataclass(frozen=True, slots=True)
class Combination:
    """True where at least `low` positive members are and no negative one is.

    With `low` = all positive members this is `all`; with `low` = 1 and no negative ones, `any`.
    """

    positive: frozenset[int]
    negative: frozenset[int]
    low: int

    @property
    def members(self) -> frozenset[int]:
        """All members, whatever their sign."""
        return self.positive | self.negative


@dataclass(slots=True)
class Rules:
    """The graph: nodes are numbered from 1 in the order in which they were first met.

    Args:
        segments: the project's segments, whose criteria are taken in where a leaf names them.
        columns: the properties that are columns of contacts without history.

    Example:
        >>> from goalsql.model.criteria import EventLeaf, Not
        >>> rules = Rules({}, frozenset())
        >>> rules.add(EventLeaf("page_view")), rules.add(Not(EventLeaf("page_view")))
        (Signed(node=1, positive=True), Signed(node=1, positive=False))
    """

    segments: Mapping[str, Segment]
    columns: frozenset[str]
    leaves: dict[Leaf, int] = field(default_factory=dict)
    leaves_by_node: dict[int, Leaf] = field(default_factory=dict)
    combinations: dict[Combination, int] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    scoped: set[int] = field(default_factory=set)

    def add(self, criteria: Criteria) -> Signed:
        """Takes criteria in and says which node, with which sign, stands for them."""
        match criteria:
            case AllOf(members):
                return self._all([self.add(member) for member in members])
            case AnyOf(members):
                return self._all([self.add(m).opposite() for m in members]).opposite()
            case Not(member):
                return self.add(member).opposite()
            case PropertyLeaf():
                return self._all([self._test(criteria, c) for c in criteria.conditions])
            case EventLeaf():
                return self._count(criteria)
            case SegmentLeaf(name, negated):
                found = self._segment(name)
                return found.opposite() if negated else found
            case WorkflowLeaf(_, "not_met_goal"):
                return self.add(replace(criteria, status="met_goal")).opposite()
            case WorkflowLeaf():
                return Signed(self.leaf(criteria))

    def any_segment(self, names: Iterable[str]) -> Signed:
        """The node for being in any of the segments: a workflow's suppression."""
        return self._all([self._segment(name).opposite() for name in names]).opposite()

    def leaf(self, leaf: Leaf) -> int:
        """The node of a leaf, made at the first call."""
        if leaf not in self.leaves:
            node = self._new(level=0)
            self.leaves[leaf] = node
            self.leaves_by_node[node] = leaf
            if isinstance(leaf, EventLeaf) and is_scoped(leaf):
                self.scoped.add(node)
        return self.leaves[leaf]

    @property
    def depth(self) -> int:
        """How many levels of combinations stand above the leaves."""
        return max(self.levels.values(), default=0)

    def _new(self, level: int) -> int:
        node = len(self.levels) + 1
        self.levels[node] = level
        return node

    def _segment(self, name: str) -> Signed:
        segment = self.segments[name]
        if isinstance(segment, CriteriaSegment):
            return self.add(segment.criteria)
        return Signed(self.leaf(Membership(name)))

    def _test(self, leaf: PropertyLeaf, condition: Condition) -> Signed:
        if condition.operator == "known":
            found = Signed(self.leaf(PropertyTest(leaf.property, KNOWN)))
            return found if condition == KNOWN else found.opposite()
        if condition.operator in OPPOSITE:
            positive = replace(condition, operator=OPPOSITE[condition.operator])
            test = PropertyTest(leaf.property, positive, leaf.ignore_case)
            return Signed(self.leaf(test), positive=False)
        found = Signed(self.leaf(PropertyTest(leaf.property, condition, leaf.ignore_case)))
        if leaf.include_unknown:
            known = Signed(self.leaf(PropertyTest(leaf.property, KNOWN)))
            return self._all([found.opposite(), known]).opposite()
        return found

    def _count(self, leaf: EventLeaf) -> Signed:
        """Counts as `at_least`: at most n is its opposite for n + 1, a range is both."""
        low, high = leaf.times.low, leaf.times.high
        bounds = [self._at_least(leaf, low)] if low > 0 else []
        if high is not None:
            bounds.append(self._at_least(leaf, high + 1).opposite())
        return self._all(bounds)

    def _at_least(self, leaf: EventLeaf, low: int) -> Signed:
        return Signed(self.leaf(replace(leaf, times=Times(low))))

    def _all(self, members: list[Signed]) -> Signed:
        """`all` of the members; of opposites only, it is the opposite of `any`."""
        if len(set(members)) == 1:
            return members[0]
        positive = frozenset(member.node for member in members if member.positive)
        negative = frozenset(member.node for member in members if not member.positive)
        if not positive:
            return Signed(self._combination(Combination(negative, frozenset(), 1)), positive=False)
        positive = self._merged(positive)
        if len(positive) == 1 and not negative:
            return Signed(next(iter(positive)))
        return Signed(self._combination(Combination(positive, negative, len(positive))))

    def _merged(self, positive: frozenset[int]) -> frozenset[int]:
        """The same members, with all tests of columns without history as one leaf."""
        found = {node: self.column_tests(node) for node in positive}
        merged = frozenset(node for node, tests in found.items() if tests)
        if len(merged) < 2:
            return positive
        tests = frozenset[PropertyTest]().union(*found.values())
        return positive - merged | {self.leaf(ColumnTests(tests))}

    def column_tests(self, node: int) -> frozenset[PropertyTest]:
        """What a leaf asks of columns without history; empty for any other node."""
        leaf = self.leaves_by_node.get(node)
        if isinstance(leaf, ColumnTests):
            return leaf.tests
        if isinstance(leaf, PropertyTest) and leaf.property in self.columns and is_constant(leaf):
            return frozenset([leaf])
        return frozenset()

    def _combination(self, combination: Combination) -> int:
        if combination not in self.combinations:
            level = 1 + max(self.levels[member] for member in combination.members)
            node = self._new(level)
            self.combinations[combination] = node
            if combination.members & self.scoped:
                self.scoped.add(node)
        return self.combinations[combination]
