"""What the workflows of a level ask for: nodes, and who needs which of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from goalsql.compile.events import matcher_of
from goalsql.compile.flow import Flow
from goalsql.compile.properties import is_counted
from goalsql.compile.rules import (
    ColumnTests,
    Combination,
    Leaf,
    Membership,
    PropertyTest,
    Rules,
    Signed,
    is_scoped,
)
from goalsql.model.catalog import Catalog
from goalsql.model.criteria import Criteria, EventLeaf, WorkflowLeaf
from goalsql.model.project import Definitions
from goalsql.model.workflow import EventTrigger, FilterTrigger, Workflow

DECISION_RANK = {"suppressed": 1, "unenrollment_trigger": 2, "goal": 3}


@dataclass(frozen=True, slots=True)
class Window:
    """What a tick decides of one workflow: the instants from `starts_at` (S) on (SPEC 4, 5).

    `epoch_from` is when the goal epoch began, None for the first. `trigger_from` is the S from
    which an edited trigger counts, `trigger_tick` the first tick that used it; `re_enroll_from` the
    S from which `re_enroll` is on. They are None where there was no such edit.
    """

    workflow_id: str
    starts_at: datetime
    active_from: datetime
    enabled: bool
    re_enroll: bool
    goal_epoch: int | None
    epoch_from: datetime | None = None
    trigger_from: datetime | None = None
    trigger_tick: int | None = None
    re_enroll_from: datetime | None = None


Row = tuple[object, ...]


@dataclass
class Graph:
    """The shared rules of the workflows of a level, and which workflow asks for what."""

    rules: Rules
    workflows: Sequence[str]
    windows: Sequence[Window]
    numbers: dict[EventLeaf | PropertyTest, int]
    roots: dict[Signed, int] = field(default_factory=dict)
    filter_forms: list[tuple[str, int, int, bool]] = field(default_factory=list)
    event_forms: list[Row] = field(default_factory=list)
    roles: list[Row] = field(default_factory=list)
    arms: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    asked: set[tuple[str, int]] = field(default_factory=set)
    matchers: dict[EventLeaf | PropertyTest, int] = field(default_factory=dict)
    triggers: set[int] = field(default_factory=set)
    counted: set[int] = field(default_factory=set)
    free: set[int] = field(default_factory=set)
    guards: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    live: set[int] = field(default_factory=set)
    scoped_roots: dict[str, set[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        definitions: Definitions,
        catalog: Catalog,
        workflows: Sequence[str],
        windows: Sequence[Window],
        numbers: dict[EventLeaf | PropertyTest, int] | None = None,
    ) -> Graph:
        """The graph of those workflows of a level that have a window.

        Args:
            definitions: what the project's files say.
            catalog: the sources' columns.
            workflows: those of the level.
            windows: what is to be decided of them.
            numbers: the matchers of the levels before; those of this one are added.
        """
        columns = frozenset(catalog.contacts) - catalog.changing
        rules = Rules(definitions.segments, columns)
        graph = cls(rules, workflows, windows, {} if numbers is None else numbers)
        for window in windows:
            graph._add(definitions.workflows[window.workflow_id])
        nodes = {root: signed.node for signed, root in graph.roots.items()}
        graph.live = graph.below(nodes.values())
        for leaf in graph.leaves():
            if isinstance(leaf, EventLeaf):
                matcher = graph.matcher(leaf)
                if leaf.times.low > 1 or is_scoped(leaf):
                    graph.counted.add(matcher)
            elif isinstance(leaf, PropertyTest) and is_counted(leaf):
                graph.matcher(leaf)
            else:
                # The spans of all other leaves are at hand for all contacts.
                graph.free.add(graph.rules.leaves[leaf])
        for _, _, root, _ in graph.filter_forms:
            graph._set_free(nodes[root])
        return graph

    @property
    def has_scope(self) -> bool:
        """Whether any criteria count since the enrollment."""
        return bool(self.scoped_roots)

    def leaves(self) -> dict[Leaf, int]:
        """The leaves that some criteria stand on, with their nodes."""
        return {leaf: node for leaf, node in self.rules.leaves.items() if node in self.live}

    def matchers_of(self, event: str) -> dict[EventLeaf, int]:
        """What is asked of one event source."""
        return {
            leaf: matcher
            for leaf, matcher in self.matchers.items()
            if isinstance(leaf, EventLeaf) and leaf.event == event
        }

    def events(self) -> list[str]:
        """The event sources that anything is asked of."""
        return sorted({leaf.event for leaf in self.matchers if isinstance(leaf, EventLeaf)})

    def tests(self) -> dict[PropertyTest | ColumnTests, int]:
        """The property leaves, with their nodes."""
        found = self.leaves().items()
        return {leaf: n for leaf, n in found if isinstance(leaf, PropertyTest | ColumnTests)}

    def history_matchers(self) -> dict[PropertyTest, int]:
        """What is asked of entries of the property history as if they were events."""
        found = self.matchers.items()
        return {leaf: matcher for leaf, matcher in found if isinstance(leaf, PropertyTest)}

    def properties(self) -> list[str]:
        """The properties that any rule uses."""
        used = set()
        for leaf in self.tests():
            tests = leaf.tests if isinstance(leaf, ColumnTests) else [leaf]
            used |= {test.property for test in tests}
        return sorted(used)

    def memberships(self) -> dict[str, int]:
        """The static segments in use, with their nodes."""
        found = self.leaves().items()
        return {leaf.segment: node for leaf, node in found if isinstance(leaf, Membership)}

    def statuses(self) -> dict[WorkflowLeaf, int]:
        """The workflow statuses in use, with their nodes."""
        found = self.leaves().items()
        return {leaf: node for leaf, node in found if isinstance(leaf, WorkflowLeaf)}

    def _add(self, workflow: Workflow) -> None:
        for form, trigger in enumerate(workflow.triggers):
            if isinstance(trigger, FilterTrigger):
                root = self._root(self.rules.add(trigger.criteria))
                self.filter_forms.append(
                    (workflow.workflow_id, form, root, trigger.enroll_existing)
                )
            elif isinstance(trigger, EventTrigger):
                self._add_events(workflow, form, trigger)
        if workflow.suppression:
            self._role(workflow, "suppressed", self.rules.any_segment(workflow.suppression))
        if workflow.unenroll_when is not None:
            signed = self.rules.add(workflow.unenroll_when)
            self._role(workflow, "unenrollment_trigger", signed)
        if workflow.goal is not None:
            self._role(workflow, "goal", self.rules.add(workflow.goal.criteria))
        self._add_steps(workflow)

    def _add_events(self, workflow: Workflow, form: int, trigger: EventTrigger) -> None:
        also = None if trigger.also is None else self._asked(workflow, trigger.also)
        for leaf in trigger.events:
            matcher = self.matcher(leaf)
            self.triggers.add(matcher)
            self.event_forms.append((workflow.workflow_id, form, leaf.event, matcher, also))

    def matcher(self, leaf: EventLeaf | PropertyTest) -> int:
        """The number of what the leaf takes; leaves that only count otherwise share it."""
        if isinstance(leaf, EventLeaf):
            taken: EventLeaf | PropertyTest = matcher_of(leaf)
        else:
            taken = replace(leaf, condition=replace(leaf.condition, duration=None))
        if taken not in self.numbers:
            self.numbers[taken] = max(self.numbers.values(), default=0) + 1
        return self.matchers.setdefault(taken, self.numbers[taken])

    def _set_free(self, node: int) -> None:
        """Marks what must be known of every contact, from a filter trigger down.

        An `all` that tests columns without history is guarded: it is false for every contact but
        those whom the tests hold for, and only of them must its other members be known.
        """
        combination = self.combinations_by_node.get(node)
        guard = None if combination is None else self._guard(combination)
        if guard is not None:
            self.guards[node] = guard
        elif node not in self.free:
            self.free.add(node)
            for member in sorted(combination.members if combination else ()):
                self._set_free(member)

    @cached_property
    def combinations_by_node(self) -> dict[int, Combination]:
        """The combinations by their nodes."""
        return {node: combination for combination, node in self.rules.combinations.items()}

    def _guard(self, combination: Combination) -> tuple[int, int | None] | None:
        """The column tests of an `all`, and another property leaf of it to narrow them with."""
        if combination.low < len(combination.positive):
            return None
        members = sorted(combination.positive)
        tested = [node for node in members if self.rules.column_tests(node)]
        others = [node for node in members if self._stands(node) and node not in tested]
        return (tested[0], next(iter(others), None)) if tested else None

    def _stands(self, node: int) -> bool:
        leaf = self.rules.leaves_by_node.get(node)
        return isinstance(leaf, PropertyTest) and not is_counted(leaf)

    def below(self, nodes: Iterable[int], only_scoped: bool = False) -> set[int]:
        """The nodes and all that stand below them; only below scoped ones, if so wanted."""
        found: set[int] = set()
        todo = list(nodes)
        while todo:
            node = todo.pop()
            if node in found:
                continue
            found.add(node)
            combination = self.combinations_by_node.get(node)
            if combination is not None and (node in self.rules.scoped or not only_scoped):
                todo.extend(combination.members)
        return found

    def _add_steps(self, workflow: Workflow) -> None:
        flow = Flow.of(workflow.steps)
        name = workflow.workflow_id
        for item in flow.items:
            self.items.append(
                (name, item.block, item.place, item.step_id, item.kind, item.payload, item.wait,
                 item.to_block, item.last_wait, item.last_step)
            )  # fmt: skip
        for arm in flow.arms:
            root = None if arm.criteria is None else self._asked(workflow, arm.criteria)
            scoped = root is not None and root in self.scoped_roots.get(name, ())
            self.arms.append((name, arm.block, arm.place, arm.arm, root, scoped, arm.to_block))

    def _role(self, workflow: Workflow, role: str, signed: Signed) -> None:
        root = self._ask(workflow, signed)
        scoped = signed.node in self.rules.scoped
        self.roles.append((workflow.workflow_id, role, root, scoped, DECISION_RANK[role]))

    def _asked(self, workflow: Workflow, criteria: Criteria) -> int:
        return self._ask(workflow, self.rules.add(criteria))

    def _ask(self, workflow: Workflow, signed: Signed) -> int:
        root = self._root(signed)
        self.asked.add((workflow.workflow_id, root))
        if signed.node in self.rules.scoped:
            self.scoped_roots.setdefault(workflow.workflow_id, set()).add(root)
        return root

    def _root(self, signed: Signed) -> int:
        return self.roots.setdefault(signed, len(self.roots) + 1)
