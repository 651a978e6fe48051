"""What a tick remembers of the sources, so that the next one reads only what is new (SPEC 4).

Remembered are the events that any event leaf takes (`goalsql.matches`), the property changes that
rules use (`goalsql.changes`), the members of static segments and the contacts; and of every contact
when something turns that is known already (`goalsql.next_turns`). What is new in them, and what
falls due, touches contacts, and the tick looks at these only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Literal

from sqlglot import exp

from goalsql.compile.events import match_events, matcher_of
from goalsql.compile.history import changes
from goalsql.compile.observing import is_watched
from goalsql.compile.relations import (
    CONTACTS,
    PROPERTY_CHANGES,
    event_view,
    known,
    new_rows,
    segment_view,
    table,
)
from goalsql.compile.rules import is_scoped
from goalsql.compile.statements import (
    Parameter,
    Statement,
    create_table,
    insert_rows,
    named,
    rule_table,
    template,
    union_all,
)
from goalsql.model.catalog import Catalog
from goalsql.model.criteria import Criteria, EventLeaf, leaves
from goalsql.model.project import CriteriaSegment, Definitions, StaticSegment
from goalsql.model.reading_project import BUILT_IN_EVENTS, MARKETING_EMAIL
from goalsql.model.usage import properties_in_use, segments_in_use, segments_of
from goalsql.model.workflow import EventTrigger, criteria_of

Reading = Literal["same", "more", "whole"]
Statements = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class News:
    """How each source is read, by its view: not at all, its new rows, or whole.

    Where not `some`, the tick takes no shortcut: it reads everything and looks at every contact.
    """

    some: bool = False
    readings: Mapping[str, Reading] = field(default_factory=dict)

    def of(self, view: str) -> Reading:
        """How a source is read."""
        return self.readings.get(view, "whole") if self.some else "whole"

    def rows(self, view: str) -> str:
        """The view of the rows that are read."""
        return new_rows(view) if self.of(view) == "more" else view


EVERYTHING = News()


@dataclass(frozen=True, slots=True)
class Asked:
    """The matchers of all event leaves of some workflows, numbered in an order of their own.

    The numbers depend on the definitions only, so they mean the same in the next tick. `triggers`
    and `counted` are what `match_events` says.
    """

    numbers: dict[EventLeaf, int]
    triggers: frozenset[int]
    counted: frozenset[int]

    @classmethod
    def of(cls, definitions: Definitions, workflows: Sequence[str]) -> Asked:
        """What the workflows ask for."""
        matchers: set[EventLeaf] = set()
        triggers: set[EventLeaf] = set()
        counted: set[EventLeaf] = set()
        for leaf, is_trigger in _event_leaves(definitions, workflows):
            matcher = matcher_of(leaf)
            matchers.add(matcher)
            if is_trigger:
                triggers.add(matcher)
            if leaf.times.low > 1 or (leaf.times.high or 0) > 0 or is_scoped(leaf):
                counted.add(matcher)
        numbers = {leaf: number for number, leaf in enumerate(sorted(matchers, key=repr), start=1)}
        return cls(
            numbers,
            frozenset(numbers[leaf] for leaf in triggers),
            frozenset(numbers[leaf] for leaf in counted),
        )

    def of_source(self, event: str) -> dict[EventLeaf, int]:
        """What is asked of one event source."""
        return {leaf: number for leaf, number in self.numbers.items() if leaf.event == event}

    def sources(self) -> list[str]:
        """The event sources that anything is asked of, but for those made of state."""
        return sorted({leaf.event for leaf in self.numbers} - set(BUILT_IN_EVENTS))


def _event_leaves(
    definitions: Definitions, workflows: Sequence[str]
) -> Iterator[tuple[EventLeaf, bool]]:
    several: list[Criteria] = []
    for name in workflows:
        workflow = definitions.workflows[name]
        several.extend(criteria_of(workflow))
        for segment in segments_of(workflow, definitions.segments).values():
            if isinstance(segment, CriteriaSegment):
                several.append(segment.criteria)
        for trigger in workflow.triggers:
            if isinstance(trigger, EventTrigger):
                yield from ((leaf, True) for leaf in trigger.events)
    for criteria in several:
        for leaf, _ in leaves(criteria):
            if isinstance(leaf, EventLeaf):
                yield leaf, False


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A tick's statements on what is new, in the order of the fields.

    `begin` makes room; `changes` reads property changes; `contacts` remembers the contacts, where
    their source is read; `events` reads events, members and receipts and says who is touched;
    `narrow` leaves only these in `contact`; `finish` notes when contacts are to be looked at again.
    """

    begin: Statements
    changes: Statements
    contacts: Statements
    events: Statements
    narrow: Statements
    finish: Statements

    def stages(self) -> list[tuple[str, Statements]]:
        """Each stage's name with its statements."""
        return [(one.name, getattr(self, one.name)) for one in fields(self)]


def build_arrivals(
    definitions: Definitions,
    catalog: Catalog,
    workflows: Sequence[str],
    news: News,
    last_tick_at: datetime | None,
    tick_at: datetime,
) -> Arrivals:
    """Compiles what a tick reads of its sources and remembers.

    Args:
        definitions: what the project's files say.
        catalog: the sources' columns.
        workflows: those that the tick decides something of.
        news: how the sources are read.
        last_tick_at: the previous tick's T.
        tick_at: T.
    """
    compiler = _Compiler(definitions, catalog, Asked.of(definitions, workflows), news)
    values: dict[str, Parameter] = {
        "tick_at": tick_at,
        "last_tick_at": last_tick_at,
        "receipt_event": definitions.receipt_event,
    }

    def given(statements: Sequence[Statement]) -> Statements:
        return tuple(one.given(values) for one in statements)

    return Arrivals(
        begin=given(compiler.begin()),
        changes=given(compiler.changes()),
        contacts=given(compiler.contacts()),
        events=given(compiler.events()),
        narrow=given(compiler.narrow()),
        finish=given(compiler.some("forget_turns", "keep_turns")),
    )


@dataclass(frozen=True, slots=True)
class _Compiler:
    definitions: Definitions
    catalog: Catalog
    asked: Asked
    news: News

    def some(self, *names: str) -> list[Statement]:
        """Statements of `sql/tick/arrivals.sql`."""
        same = self.news.of(CONTACTS) == "same"
        shape = {"some": "yes" if self.news.some else "", "same": "yes" if same else ""}
        contact_id = self.catalog.contacts["contact_id"].sql
        fixed = named("tick/arrivals.sql", contact_id=contact_id, **shape)
        return [fixed[f"arrivals.{name}"] for name in names]

    def begin(self) -> list[Statement]:
        contact_id = self.catalog.contacts["contact_id"].sql
        return [
            *template("tick/later.sql", contact_id=contact_id),
            *self.some("touched", "arrived", "arrived_again"),
        ]

    def changes(self) -> list[Statement]:
        """Property changes are read before contacts: who has rows has no observed values."""
        reading = self.news.of(PROPERTY_CHANGES)
        if not self.catalog.property_changes or reading == "same":
            return [] if reading == "same" else self.some("forget_changes")
        used = properties_in_use(self.definitions)
        properties = [name for name in used if name in self.catalog.history]
        query = exp.select("*").from_("goalsql.changes").where(exp.false())
        if properties:
            query = changes(properties, self.catalog, self.news.rows(PROPERTY_CHANGES))
        found = self._changed_properties()
        comment = "Reads the property changes."
        if not self.news.some:
            read = Statement("changes", comment, exp.insert(query, "goalsql.changes"))
            return [*found, *self.some("forget_changes"), read]
        found.append(Statement("arrived_change", comment, create_table("arrived_change", query)))
        if reading == "more":
            return [*found, *self.some("touch_changes", "keep_changes")]
        return [*found, *self.some("touch_changes_again", "forget_changes", "keep_changes")]

    def _changed_properties(self) -> list[Statement]:
        """Remembers which properties have rows, as they were found when the sources were opened."""
        comment = "Remembers which properties have rows."
        names = [(name,) for name in sorted(self.catalog.history)]
        keep = insert_rows("changed_properties", comment, {"property": "VARCHAR"}, names)
        return [*self.some("forget_changed_properties"), keep]

    def contacts(self) -> list[Statement]:
        if self.news.of(CONTACTS) == "same":
            return self.some("gone")
        touch = ["touch_contacts"] if self.news.some else []
        return self.some(*touch, "forget_contacts", "keep_contacts", "gone", "change")

    def events(self) -> list[Statement]:
        """Reads each event source once for all that is asked of it."""
        found = [] if self.news.some else self.some("forget_matches")
        again: list[int] = []
        for event in self.asked.sources():
            reading = self.news.of(event_view(event))
            matchers = self.asked.of_source(event)
            into = "arrived"
            if not self.news.some:
                into = "goalsql.matches"
            elif reading == "whole":
                into = "arrived_again"
                again.extend(matchers.values())
            if reading == "same":
                continue
            view = self.news.rows(event_view(event))
            zone = self.definitions.timezone
            triggers, counted = self.asked.triggers, self.asked.counted
            found.append(
                match_events(event, matchers, triggers, counted, self.catalog, zone, view, into)
            )
        if again:
            comment = "What is asked of sources that are read whole."
            rows = [(number,) for number in again]
            found.append(rule_table("again", comment, {"matcher": "INTEGER"}, rows))
            found += self.some("touch_matches_again", "forget_matches_again", "keep_matches_again")
        if self.news.some:
            found += self.some("touch_matches", "keep_matches")
        return [*found, *self._members(), *self._receipts(), *self._touched()]

    def _members(self) -> list[Statement]:
        """Reads the static segments whose members have instants, if any of them may be new."""
        dated = [
            name
            for name, segment in sorted(segments_in_use(self.definitions).items())
            if isinstance(segment, StaticSegment) and not is_watched(name, self.catalog)
        ]
        if self.news.some and all(self.news.of(segment_view(n)) == "same" for n in dated):
            return []
        parts: list[exp.Query] = [
            exp.select(exp.Literal.string(name).as_("segment"), "contact_id", "added_at")
            .from_(table(segment_view(name)))
            .where(known(exp.column("contact_id")), known(exp.column("added_at")))
            for name in dated
        ]
        if not parts:
            return self.some("forget_members")
        create = create_table("arrived_member", union_all(parts))
        reads = Statement("arrived_member", "Reads the members of static segments.", create)
        touch = ["touch_members"] if self.news.some else []
        return [reads, *self.some(*touch, "forget_members", "keep_members")]

    def _receipts(self) -> list[Statement]:
        """New receipts; a tick without shortcuts reads them level by level."""
        if not self.news.some or MARKETING_EMAIL not in self.catalog.events:
            return []
        reading = self.news.of(event_view(MARKETING_EMAIL))
        if reading == "same":
            return []
        email = self.catalog.events[MARKETING_EMAIL]
        shape = {
            "loaded_at": "yes" if "loaded_at" in email else "",
            "email_type": "yes" if "email_type" in email else "",
            "view": self.news.rows(event_view(MARKETING_EMAIL)),
            "whole": "yes" if reading == "whole" else "",
        }
        return list(template("tick/new_receipts.sql", **shape))

    def _touched(self) -> list[Statement]:
        if not self.news.some:
            return []
        created = ["touch_created"] if self.news.of(CONTACTS) == "same" else []
        return self.some("touch_observed_members", *created, "touch_due")

    def narrow(self) -> list[Statement]:
        if not self.news.some:
            return []
        if self.news.of(CONTACTS) == "same":
            return self.some("keep_created", "change", "matches")
        return self.some("narrow", "matches")
