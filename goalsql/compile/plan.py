"""The plan of a tick: every statement, in order, as data (DESIGN 2, 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from goalsql.compile.events import match_events
from goalsql.compile.graph import Graph, Window
from goalsql.compile.properties import (
    bad_values,
    contact_spans,
    contacts,
    entries,
    histories,
    history_spans,
    holds_on_columns,
    is_counted,
    match_history,
    segment_spans,
)
from goalsql.compile.rules import ColumnTests, PropertyTest
from goalsql.compile.statements import Parameter, Statement, named, template
from goalsql.model.catalog import Catalog
from goalsql.model.project import Definitions

Clock = Literal["tick", "event"]
Statements = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A tick's statements by stage, in the order in which the stages run.

    `rules` to `carry` run once: `match` reads the sources, `trigger_truth` finds the truth of
    filter triggers, `fire` who fires, `truth` what else must be known of them. Then rounds follow
    until no enrollment moves: `scope`, `leave`, the steps (`walk`, and `walk_on` until no
    enrollment walks), `settle`. With the tick clock the steps run once, after the last round:
    `walk` and `walk_on`, then `settle_steps`. `store` writes what came out.
    `bad_values` is empty where no property has a history.
    """

    rules: Statements
    bad_values: Statements
    match: Statements
    trigger_truth: Statements
    fire: Statements
    truth: Statements
    carry: Statements
    scope: Statements
    leave: Statements
    walk: Statements
    walk_on: Statements
    settle: Statements
    settle_steps: Statements
    store: Statements

    def stages(self) -> list[tuple[str, Statements]]:
        """Each stage's name with its statements."""
        return [(one.name, getattr(self, one.name)) for one in fields(self)]


def build_plan(
    definitions: Definitions,
    catalog: Catalog,
    windows: Sequence[Window],
    tick_at: datetime,
    tick_id: int,
    clock: Clock,
) -> Plan:
    """Compiles the rules of all workflows that have a window to the statements of one tick.

    Args:
        definitions: what the project's files say.
        catalog: the sources' columns.
        windows: what is to be decided, workflow by workflow.
        tick_at: T.
        tick_id: the number of the tick.
        clock: when due steps run (SPEC 4).
    """
    graph = Graph.of(definitions, catalog, windows)
    values: dict[str, Parameter] = {
        "tick_at": tick_at,
        "tick_id": tick_id,
        "receipt_event": definitions.receipt_event,
    }
    contact_id = catalog.contacts["contact_id"].sql
    scoped = "yes" if graph.has_scope else ""

    def given(statements: Sequence[Statement]) -> Statements:
        return tuple(statement.given(values) for statement in statements)

    def literal(statements: Sequence[Statement]) -> Statements:
        return tuple(statement.literal() for statement in given(statements))

    properties = graph.properties()
    from_history = _with_history(properties, catalog)
    bad = [bad_values(from_history, catalog, definitions.timezone)] if from_history else []
    steps = named("tick/steps.sql", contact_id=contact_id)
    start = f"steps.start_{clock}_clock"
    rounds = template("tick/round.sql", scoped=scoped)
    email = catalog.events.get("marketing_email", {})
    receipts = template(
        "tick/receipts.sql",
        source="yes" if email else "",
        loaded_at="yes" if "loaded_at" in email else "",
        email_type="yes" if "email_type" in email else "",
    )
    return Plan(
        rules=(
            *graph.tables(),
            *template("tick/tables.sql", contact_id=contact_id),
            *literal([contacts(properties, catalog)]),
        ),
        bad_values=literal(bad),
        match=literal(_match(graph, definitions, catalog)),
        trigger_truth=given(_truth(graph, "yes")),
        fire=given(template("tick/firings.sql")),
        truth=given([*_truth(graph, ""), *template("tick/outcomes.sql")]),
        carry=given(template("tick/carried.sql")),
        scope=given(_scope(graph)) if graph.has_scope else (),
        leave=given(rounds[:1]),
        walk=given([steps["steps.rested"], steps[start]]),
        walk_on=given(template("tick/pass.sql", scoped=scoped)),
        settle=given(rounds[1:]),
        settle_steps=given([steps["steps.settle_tick_clock"]]) if clock == "tick" else (),
        store=given([*template("tick/store.sql"), *receipts]),
    )


def _with_history(properties: Sequence[str], catalog: Catalog) -> list[str]:
    return [p for p in properties if p in catalog.history]


def _match(graph: Graph, definitions: Definitions, catalog: Catalog) -> list[Statement]:
    """Reads each source once for all that is asked of it."""
    timezone = definitions.timezone
    statements = [
        match_events(event, graph.matchers_of(event), graph.keeps_ids, catalog, timezone)
        for event in graph.events()
    ]
    from_history = _with_history(graph.properties(), catalog)
    statements.append(histories(from_history, catalog, timezone))
    tests = graph.tests()
    on_history = {
        leaf: node
        for leaf, node in tests.items()
        if isinstance(leaf, PropertyTest) and leaf.property in from_history
    }
    if on_history:
        statements.append(entries(from_history, catalog, timezone))
    standing = {leaf: node for leaf, node in on_history.items() if not is_counted(leaf)}
    if standing:
        statements.append(history_spans(standing, catalog, timezone))
    looked_for = {
        test: matcher
        for test, matcher in graph.history_matchers().items()
        if test.property in from_history
    }
    if looked_for:
        statements.append(match_history(looked_for, catalog, timezone))
    on_contacts = {
        leaf: node
        for leaf, node in tests.items()
        if isinstance(leaf, ColumnTests) or holds_on_columns(leaf, catalog)
    }
    if on_contacts:
        statements.append(contact_spans(on_contacts, catalog, timezone))
    for segment, node in graph.memberships().items():
        statements.append(segment_spans(segment, node, catalog))
    return [*statements, *template("tick/guards.sql")]


def _truth(graph: Graph, free: str) -> list[Statement]:
    """From the top down who needs what, then leaves, then each level of combinations.

    Args:
        graph: the rules.
        free: not empty where some nodes must be known of all contacts.
    """
    levels = range(1, graph.rules.depth + 1)
    return [
        *(s for level in reversed(levels) for s in template("tick/need.sql", level=str(level))),
        *template("tick/leaves.sql", free=free),
        *_levels(graph, turn="turn", key="contact_id", need="need", free=free, only=""),
    ]


def _levels(graph: Graph, **shape: str) -> list[Statement]:
    levels = range(1, graph.rules.depth + 1)
    return [s for level in levels for s in template("tick/level.sql", level=str(level), **shape)]


def _scope(graph: Graph) -> list[Statement]:
    needed, leaves, truth = template("tick/scoped.sql")
    shape = {"turn": "scoped_turn", "key": "contact_id, since", "need": "scoped_needed"}
    shape |= {"free": "", "only": " AND above.scoped"}
    return [needed, leaves, *_levels(graph, **shape), truth]
