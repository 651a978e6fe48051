"""The rules of a level as temporary tables, and the one list of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import timedelta

from goalsql.compile.graph import Graph, Row
from goalsql.compile.predicates import microseconds
from goalsql.compile.properties import is_counted
from goalsql.compile.rules import Combination, PropertyTest, is_scoped
from goalsql.compile.statements import Statement, rule_table
from goalsql.model.criteria import EventLeaf


def rule_tables(graph: Graph) -> list[Statement]:
    """What the workflows of a level ask for, as temporary tables."""
    return [
        rule_table(name, comment, columns, rows) for name, comment, columns, rows in _rows(graph)
    ]


def _leaf_rows(graph: Graph) -> Iterator[Row]:
    for leaf, node in graph.leaves().items():
        within: timedelta | None = None
        if isinstance(leaf, EventLeaf):
            if leaf.during is not None and leaf.during.form == "last":
                within = leaf.during.duration
            counts = leaf.times.low > 1 or within is not None
            kind = "scoped" if is_scoped(leaf) else "count" if counts else "first"
        elif isinstance(leaf, PropertyTest) and is_counted(leaf):
            within = leaf.condition.duration
            kind = "first" if within is None else "count"
        else:
            continue
        yield node, graph.matcher(leaf), kind, None if within is None else microseconds(within)


def _node_rows(graph: Graph) -> Iterator[Row]:
    rules = graph.rules
    for leaf, node in graph.leaves().items():
        low = leaf.times.low if isinstance(leaf, EventLeaf) else 1
        yield node, 0, low, node in rules.scoped, node in graph.free
    for combination, node in _combinations(graph):
        level = rules.levels[node]
        yield node, level, combination.low, node in rules.scoped, node in graph.free


def _combinations(graph: Graph) -> list[tuple[Combination, int]]:
    found = graph.rules.combinations.items()
    return [(combination, node) for combination, node in found if node in graph.live]


def _member_rows(graph: Graph) -> Iterator[Row]:
    for combination, node in _combinations(graph):
        yield from ((node, child, 1) for child in sorted(combination.positive))
        yield from ((node, child, -1) for child in sorted(combination.negative))


def _scoped_rows(graph: Graph) -> Iterator[Row]:
    """Every node that a workflow's scoped roots need, the roots' own among them."""
    nodes = {root: signed.node for signed, root in graph.roots.items()}
    for workflow_id, roots in graph.scoped_roots.items():
        found = graph.below([nodes[root] for root in roots], only_scoped=True)
        yield from ((workflow_id, node) for node in sorted(found))


def _rows(graph: Graph) -> Iterator[tuple[str, str, dict[str, str], Iterable[Row]]]:
    text, number, instant, flag = "VARCHAR", "INTEGER", "TIMESTAMP", "BOOLEAN"
    yield (
        "in_level",
        "The workflows that are taken together.",
        {"workflow_id": text},
        [(workflow_id,) for workflow_id in graph.workflows],
    )
    yield (
        "in_window",
        "Those that the tick decides something of: from starts_at (S) on.",
        {"workflow_id": text, "starts_at": instant, "active_from": instant, "enabled": flag,
         "re_enroll": flag, "goal_epoch": number, "epoch_from": instant, "trigger_from": instant,
         "trigger_tick": number, "re_enroll_from": instant},
        [astuple(window) for window in graph.windows],
    )  # fmt: skip
    yield (
        "node",
        "Leaves (level 0) and combinations: true while at least low of what they count holds.",
        {"node": number, "level": number, "low": number, "scoped": flag, "free": flag},
        _node_rows(graph),
    )
    yield (
        "leaf",
        "Which events each event leaf takes, and how it counts them: within in microseconds.",
        {"node": number, "matcher": number, "kind": text, "within": "BIGINT"},
        _leaf_rows(graph),
    )
    yield (
        "member",
        "The members of each combination; sign -1 where the member's opposite is meant.",
        {"parent": number, "child": number, "sign": number},
        _member_rows(graph),
    )
    yield (
        "guard",
        "Guarded combinations, and the leaves whose contacts alone they can be true for.",
        {"node": number, "leaf": number, "other_leaf": number},
        [(node, *leaves) for node, leaves in graph.guards.items()],
    )
    yield (
        "root",
        "Criteria as a whole: a node, or its opposite.",
        {"root": number, "node": number, "positive": flag},
        [(root, signed.node, signed.positive) for signed, root in graph.roots.items()],
    )
    yield (
        "filter_form",
        "Filter triggers.",
        {"workflow_id": text, "form": number, "root": number, "enroll_existing": flag},
        graph.filter_forms,
    )
    yield (
        "event_form",
        "Event triggers: a row for each leaf.",
        {"workflow_id": text, "form": number, "event": text, "matcher": number, "also": number},
        graph.event_forms,
    )
    yield (
        "role",
        "The criteria that end an enrollment or keep a contact out.",
        {"workflow_id": text, "role": text, "root": number, "scoped": flag,
         "decision_rank": number},
        graph.roles,
    )  # fmt: skip
    yield (
        "asked",
        "Which criteria each workflow asks for beside its filter triggers.",
        {"workflow_id": text, "root": number},
        sorted(graph.asked),
    )
    yield (
        "item",
        "The steps as straight runs: wait sums the delays before, last_wait those of last_step.",
        {"workflow_id": text, "block": number, "place": number, "step_id": text, "kind": text,
         "payload": "JSON", "wait": "BIGINT", "to_block": number, "last_wait": "BIGINT",
         "last_step": text},
        graph.items,
    )  # fmt: skip
    yield (
        "arm",
        "The arms of branches in their order; the last leads on past the branch.",
        {"workflow_id": text, "block": number, "place": number, "arm": number, "root": number,
         "scoped": flag, "to_block": number},
        graph.arms,
    )  # fmt: skip
    if graph.statuses():
        yield (
            "status",
            "The statuses of workflows that criteria ask for.",
            {"node": number, "workflow_id": text, "status": text},
            [(node, leaf.workflow, leaf.status) for leaf, node in graph.statuses().items()],
        )
    if graph.has_scope:
        yield (
            "scoped_node",
            "The nodes below criteria that count since the enrollment.",
            {"workflow_id": text, "node": number},
            _scoped_rows(graph),
        )
