"""The plan of a tick: every statement, in order, as data (DESIGN 2, 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Literal

from sqlglot import exp

from goalsql.compile.arrivals import EVERYTHING, News
from goalsql.compile.asked import Asked
from goalsql.compile.events import match_events
from goalsql.compile.graph import Graph, Window
from goalsql.compile.history import bad_values, changes, entries, histories
from goalsql.compile.observing import is_watched
from goalsql.compile.properties import (
    contact_spans,
    contacts,
    history_spans,
    holds_on_columns,
    is_counted,
    match_history,
    segment_spans,
)
from goalsql.compile.relations import PROPERTY_CHANGES, event_view, segment_view, table
from goalsql.compile.rule_tables import rule_tables
from goalsql.compile.rules import ColumnTests, PropertyTest
from goalsql.compile.statements import (
    Parameter,
    Statement,
    create_table,
    named,
    rule_table,
    template,
)
from goalsql.model.catalog import Catalog
from goalsql.model.criteria import EventLeaf
from goalsql.model.dependence import levels
from goalsql.model.project import Definitions
from goalsql.model.reading_project import BUILT_IN_EVENTS, MARKETING_EMAIL

Clock = Literal["tick", "event"]
Statements = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """The statements of workflows that are taken together, by stage, in the order of the stages.

    `rules` to `carry` run once: `match` reads the sources, `trigger_truth` finds the truth of
    filter triggers, `fire` who fires, `truth` what else must be known of them, `carry` who is
    enrolled. Then rounds follow until no enrollment moves: `open` lets the next firings enrol,
    `scope` and `leave` find where those enrollments end, the steps run (`walk`, and `walk_on` until
    no enrollment walks), and of several of one contact those come to be that a chain leads to
    (`settle`, and `follow` until it leads no further), and these are kept (`keep`). `decide` tells
    what came of each firing. With the tick clock the steps run once, after that: `walk` and
    `walk_on`, then `settle_steps`. `store` writes what came out, for people and for the levels
    after this one.
    """

    rules: Statements
    match: Statements
    trigger_truth: Statements
    fire: Statements
    truth: Statements
    carry: Statements
    open: Statements
    scope: Statements
    leave: Statements
    walk: Statements
    walk_on: Statements
    settle: Statements
    follow: Statements
    keep: Statements
    decide: Statements
    settle_steps: Statements
    store: Statements


@dataclass(frozen=True, slots=True)
class Plan:
    """A tick's statements: value histories are read once, then follows level after level.

    `bad_values` is empty where no property has a history. `rest` is the plan of the workflows that
    are looked at for every contact, where the others are for some; none of these needs any of them.
    """

    read: Statements
    bad_values: Statements
    levels: tuple[Level, ...]
    rest: Plan | None = None

    def stages(self) -> list[tuple[str, Statements]]:
        """Each stage's name with its statements."""
        found = [("read", self.read), ("bad_values", self.bad_values)]
        for number, level in enumerate(self.levels, start=1):
            prefix = f"level {number}: " if len(self.levels) > 1 else ""
            found.extend((f"{prefix}{one.name}", getattr(level, one.name)) for one in fields(level))
        return found


def build_plan(
    definitions: Definitions,
    catalog: Catalog,
    windows: Sequence[Window],
    asked: Asked,
    tick_at: datetime,
    tick_id: int,
    clock: Clock,
    news: News = EVERYTHING,
) -> Plan:
    """Compiles the rules of all workflows that have a window to the statements of one tick.

    Args:
        definitions: what the project's files say.
        catalog: the sources' columns.
        windows: what is to be decided, workflow by workflow.
        asked: what they ask of event sources.
        tick_at: T.
        tick_id: the number of the tick.
        clock: when due steps run (SPEC 4).
        news: how the sources are read, and whether the tick looks at some contacts only.
    """
    by_name = {window.workflow_id: window for window in windows}
    numbers: dict[EventLeaf | PropertyTest, int] = {
        leaf: number for leaf, number in asked.numbers.items()
    }

    def plan_of(several: Sequence[Sequence[str]], some: bool) -> Plan:
        graphs = []
        for names in several:
            found = [by_name[name] for name in names if name in by_name]
            graphs.append(Graph.of(definitions, catalog, names, found, numbers))
        compiler = _Compiler(definitions, catalog, tick_at, tick_id, clock, some)
        properties = sorted({name for graph in graphs for name in graph.properties()})
        return Plan(
            read=compiler.read(properties),
            bad_values=compiler.bad_values(properties),
            levels=tuple(compiler.level(graph) for graph in graphs),
        )

    in_order = levels(definitions)
    if not news.whole:
        return plan_of(in_order or [()], news.some)
    others = [[n for n in names if n not in news.whole] for names in in_order]
    whole = [[n for n in names if n in news.whole] for names in in_order]
    plan = plan_of([names for names in others if names], some=True)
    return replace(plan, rest=plan_of([names for names in whole if names], some=False))


@dataclass(frozen=True, slots=True)
class _Compiler:
    definitions: Definitions
    catalog: Catalog
    tick_at: datetime
    tick_id: int
    clock: Clock
    some: bool = False
    kept: bool = True

    def read(self, properties: Sequence[str]) -> Statements:
        """Reads the value histories."""
        changing = [name for name in properties if name in self.catalog.changing]
        if not changing:
            return ()
        return self._given([entries(changing, self.catalog, self.definitions.timezone)])

    def bad_values(self, properties: Sequence[str]) -> Statements:
        """Finds texts that cannot be cast."""
        with_rows = [name for name in properties if name in self.catalog.history]
        if not with_rows:
            return ()
        return self._given([bad_values(with_rows, self.catalog, self.definitions.timezone)])

    def level(self, graph: Graph) -> Level:
        """Compiles the workflows of a level."""
        contact_id = self.catalog.contacts["contact_id"].sql
        scoped = "yes" if graph.has_scope else ""
        some = "yes" if self.some else ""
        steps = named("tick/steps.sql", contact_id=contact_id)
        rounds = template("tick/round.sql", scoped=scoped)
        settle_steps = [steps["steps.settle_tick_clock"]] if self.clock == "tick" else []
        return Level(
            rules=(*rule_tables(graph), *self._tables()),
            match=self._given(self._match(graph)),
            trigger_truth=self._given(_truth(graph, "yes")),
            fire=self._given(template("tick/firings.sql", some=some)),
            truth=self._given([*_truth(graph, ""), *template("tick/outcomes.sql")]),
            carry=self._given(
                [*template("tick/carried.sql", some=some), *_scope(graph, "finished")]
            ),
            open=template("tick/open.sql"),
            scope=self._given(_scope(graph, "moving")),
            leave=self._given(rounds[:1]),
            walk=self._given([steps["steps.rested"], steps[f"steps.start_{self.clock}_clock"]]),
            walk_on=self._given(template("tick/pass.sql", scoped=scoped)),
            settle=self._given(rounds[1:]),
            follow=template("tick/chain.sql"),
            keep=template("tick/keep.sql"),
            decide=self._given(template("tick/decide.sql", scoped=scoped)),
            settle_steps=self._given(settle_steps),
            store=self._given([*template("tick/store.sql"), *self._receipts()]),
        )

    def truth(self, graph: Graph) -> Statements:
        """Finds the truth of filter triggers, and of what counts since an enrollment."""
        properties = graph.properties()
        with_rows = [name for name in properties if name in self.catalog.history]
        contact_id = self.catalog.contacts["contact_id"].sql
        later = named("tick/later.sql", contact_id=contact_id)["later"]
        known = [
            later,
            contacts(properties, self.catalog),
            *([self._change(with_rows)] if with_rows else []),
            histories(with_rows, self.catalog, self.definitions.timezone),
        ]
        found = [*_truth(graph, "yes"), *_scope(graph, "moving")]
        return (
            *self._given(known),
            named("tick/observed.sql")["observed.histories"],
            *self.read(properties),
            *rule_tables(graph),
            *self._tables(),
            *self._given([*self._events(graph), *self._match(graph)]),
            *self._given(found),
        )

    def _tables(self) -> Statements:
        contact_id = self.catalog.contacts["contact_id"].sql
        kept = "touched_match" if self.some else "goalsql.matches" if self.kept else ""
        return template("tick/tables.sql", contact_id=contact_id, kept=kept)

    def _change(self, properties: Sequence[str]) -> Statement:
        """Property changes as they stand in the source, where nothing is remembered of it."""
        query = changes(properties, self.catalog, PROPERTY_CHANGES)
        return Statement("change", "Reads the property changes.", create_table("change", query))

    def _members(self, segment: str) -> exp.Select:
        if not self.kept:
            return exp.select("*").from_(table(segment_view(segment)))
        same = exp.column("segment").eq(exp.Literal.string(segment))
        return exp.select("*").from_("goalsql.members").where(same)

    def _events(self, graph: Graph) -> list[Statement]:
        """Reads each source once, where nothing is remembered of it."""
        sources = (event for event in graph.events() if event not in BUILT_IN_EVENTS)
        return [s for event in sources for s in self._match_event(graph, event)]

    def _match_event(self, graph: Graph, event: str) -> list[Statement]:
        return match_events(
            event,
            graph.matchers_of(event),
            graph.triggers,
            graph.counted,
            self.catalog,
            self.definitions.timezone,
            view=event_view(event),
            into="made_match",
        )

    def _given(self, statements: Sequence[Statement]) -> Statements:
        values: dict[str, Parameter] = {
            "tick_at": self.tick_at,
            "tick_id": self.tick_id,
            "receipt_event": self.definitions.receipt_event,
        }
        return tuple(statement.given(values) for statement in statements)

    def _receipts(self) -> Statements:
        email = self.catalog.events.get(MARKETING_EMAIL, {})
        if self.some:
            return () if email else template("tick/sent_receipts.sql")
        return template(
            "tick/receipts.sql",
            source="yes" if email else "",
            loaded_at="yes" if "loaded_at" in email else "",
            email_type="yes" if "email_type" in email else "",
        )

    def _match(self, graph: Graph) -> list[Statement]:
        """Finds what the level asks of state, of histories, of contacts and of segments."""
        catalog, timezone = self.catalog, self.definitions.timezone
        built_in = named("tick/built_in.sql")
        made = [event for event in graph.events() if event in BUILT_IN_EVENTS]
        statements = [built_in[f"view.{event}"] for event in made]
        statements.extend(s for event in made for s in self._match_event(graph, event))
        tests = graph.tests()
        on_history = {
            leaf: node
            for leaf, node in tests.items()
            if isinstance(leaf, PropertyTest) and leaf.property in catalog.changing
        }
        standing = {leaf: node for leaf, node in on_history.items() if not is_counted(leaf)}
        if standing:
            statements.append(history_spans(standing, catalog, timezone))
        looked_for = {
            test: matcher
            for test, matcher in graph.history_matchers().items()
            if test.property in catalog.changing
        }
        if looked_for:
            statements.append(match_history(looked_for, catalog, timezone))
        on_contacts = {
            leaf: node
            for leaf, node in tests.items()
            if isinstance(leaf, ColumnTests) or holds_on_columns(leaf, catalog)
        }
        if on_contacts:
            statements.extend(contact_spans(on_contacts, catalog, timezone))
        watched = []
        for segment, node in graph.memberships().items():
            if is_watched(segment, catalog):
                watched.append((segment, node))
            else:
                statements.append(segment_spans(segment, node, self._members(segment)))
        if watched:
            comment = "Static segments whose members are as observed, with their nodes."
            columns = {"segment": "VARCHAR", "node": "INTEGER"}
            statements.append(rule_table("watched", comment, columns, watched))
            statements.extend(template("tick/members.sql"))
        if graph.statuses():
            statements.extend(template("tick/statuses.sql"))
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


def _scope(graph: Graph, enrollments: str) -> list[Statement]:
    """The truth of what counts since an enrollment, of those that a table holds."""
    if not graph.has_scope:
        return []
    needed, leaves, truth = template("tick/scoped.sql", enrollments=enrollments)
    shape = {"turn": "scoped_turn", "key": "contact_id, since", "need": "scoped_needed"}
    shape |= {"free": "", "only": " AND above.scoped"}
    return [needed, leaves, *_levels(graph, **shape), truth]


def truth_statements(
    graph: Graph, definitions: Definitions, catalog: Catalog, until: datetime
) -> Statements:
    """What a tick runs to find the truth of a graph's filter triggers, at every instant up to one.

    And of its criteria that count since an enrollment: of those in `moving`.

    Args:
        graph: the rules.
        definitions: what the project's files say.
        catalog: the sources' columns.
        until: the last instant; what lies or was loaded after it is not seen.
    """
    return _Compiler(definitions, catalog, until, 0, "event", kept=False).truth(graph)
