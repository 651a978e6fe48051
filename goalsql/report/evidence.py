"""What was found out about one contact, and the tree of criteria that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from goalsql.compile.graph import Graph
from goalsql.compile.inquiry import members
from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Criteria,
    During,
    EventLeaf,
    Not,
    PropertyLeaf,
    SegmentLeaf,
    WorkflowLeaf,
)
from goalsql.model.literals import Day, instant_or_day
from goalsql.model.wording import criteria_words
from goalsql.report.explanation import CountedEvent, Criterion, Entry, Window

NOW, ENDED = "now", "ended"


@dataclass(frozen=True, slots=True)
class Turned:
    """What a node is at a moment, since when, and when it last became true and false."""

    holds: bool
    since: datetime
    last_true: datetime | None
    last_false: datetime | None


@dataclass(frozen=True, slots=True)
class Truth:
    """What criteria are at a moment; `last_true` is when they last became true, None for never."""

    holds: bool = False
    since: datetime | None = None
    last_true: datetime | None = None


@dataclass(slots=True)
class Evidence:
    """What the statements of an inquiry found.

    Args:
        graph: the rules that they were compiled from.
        timezone: the project's.
        moments: the instants by name at which truth was looked up: `now` is T, `ended` when the
            enrollment did; the others are decisions.
        created_at: of the contact; None where the source has none.
        enrolled_at: of its latest enrollment; None where it has none.
    """

    graph: Graph
    timezone: str
    moments: dict[str, datetime]
    created_at: datetime | None
    enrolled_at: datetime | None
    turned: dict[tuple[str, bool, int], Turned] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    events: dict[int, list[CountedEvent]] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def truth(self, criteria: Criteria, moment: str = NOW) -> Truth:
        """What criteria of the workflow, or a part of one, are at a moment."""
        if self.created_at is None or self.moments[moment] < self.created_at:
            return Truth()
        signed = self.graph.rules.add(criteria)
        # A decision comes before the enrollment: what counts since then has nothing to count yet.
        scoped = signed.node in self.graph.rules.scoped and moment in (NOW, ENDED)
        enrolled_at = self.enrolled_at if scoped else None
        found = self.turned.get((moment, enrolled_at is not None, signed.node))
        starts_at = enrolled_at or self.created_at
        if found is None:
            opposite = not signed.positive
            return Truth(opposite, starts_at, starts_at if opposite else None)
        since = max(found.since, starts_at)
        if signed.positive:
            return Truth(found.holds, since, found.last_true)
        # The opposite of what was true from the start on has never been true before.
        began = None if found.last_true == starts_at else starts_at
        return Truth(not found.holds, since, found.last_false or began)

    def criterion(self, criteria: Criteria) -> Criterion:
        """The criteria at T with all that they are made of and what decides them."""
        truth = self.truth(criteria)
        parts = members(criteria, self.graph.rules.segments)
        nodes = list(self._leaves(criteria))
        events = {one.number: one for node in nodes for one in self.events.get(node, ())}
        counts = [self.counts[node] for node in nodes if node in self.counts]
        is_event = isinstance(criteria, EventLeaf)
        name = criteria.property if isinstance(criteria, PropertyLeaf) else ""
        return Criterion(
            kind=_kind(criteria),
            text=criteria_words(criteria),
            holds=truth.holds,
            since=truth.since,
            window=self._window(criteria),
            count=max(counts, default=0) if is_event else None,
            events=tuple(events[number] for number in sorted(events)),
            entries=tuple(self.entries.get(name, ())),
            members=tuple(self.criterion(part) for part in parts),
        )

    def last_event(self, leaves: Iterable[EventLeaf]) -> datetime | None:
        """When an event that any of the leaves takes last happened."""
        nodes = [node for leaf in leaves for node in self._leaves(leaf)]
        found = (event.occurred_at for node in nodes for event in self.events.get(node, ()))
        return max(found, default=None)

    def _leaves(self, criteria: Criteria) -> Iterator[int]:
        """The nodes of the leaves that a leaf of criteria stands for: two, for a range."""
        if not isinstance(criteria, EventLeaf | PropertyLeaf):
            return
        todo = [self.graph.rules.add(criteria).node]
        while todo:
            node = todo.pop()
            combination = self.graph.combinations_by_node.get(node)
            if combination is None:
                yield node
            else:
                todo.extend(combination.members)

    def _window(self, criteria: Criteria) -> Window | None:
        now = self.moments[NOW]
        if isinstance(criteria, EventLeaf) and criteria.during is not None:
            return self._during(criteria.during, now)
        if isinstance(criteria, PropertyLeaf):
            for condition in criteria.conditions:
                if condition.duration is not None:
                    return _looked_at(condition.operator, condition.duration, now)
        return None

    def _during(self, during: During, now: datetime) -> Window | None:
        if during.duration is not None:
            return Window(now - during.duration, now)
        if during.form == "since_enrollment":
            return None if self.enrolled_at is None else Window(self.enrolled_at, now)
        edges = [instant_or_day(text, self.timezone) for text in during.bounds]
        starts = [edge.start if isinstance(edge, Day) else edge for edge in edges]
        ends = [edge.end if isinstance(edge, Day) else edge for edge in edges]
        if during.form == "after":
            return Window(ends[0], None)
        return Window(None, starts[0]) if during.form == "before" else Window(starts[0], ends[1])


def _looked_at(operator: str, duration: timedelta, now: datetime) -> Window:
    """Where a property's value, or its change, must lie (SPEC 3.1)."""
    return {
        "within_next": Window(now, now + duration),
        "more_than_ago": Window(None, now - duration),
        "more_than_ahead": Window(now + duration, None),
    }.get(operator, Window(now - duration, now))


def _kind(criteria: Criteria) -> str:
    match criteria:
        case AllOf():
            return "all"
        case AnyOf():
            return "any"
        case Not():
            return "not"
        case PropertyLeaf():
            return "property"
        case EventLeaf():
            return "event"
        case SegmentLeaf():
            return "segment"
        case WorkflowLeaf():
            return "workflow"
