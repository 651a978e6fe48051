"""What a tick remembers of the sources, so that the next one reads only what is new (SPEC 4).

Remembered are the events that any event leaf takes (`goalsql.matches`), the property changes that
rules use (`goalsql.changes`), the members of static segments and the contacts; and of every contact
when something turns that is known already (`goalsql.next_turns`). What is new in them, and what
falls due, touches contacts, and the tick looks at these only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlglot import exp

from goalsql.compile.asked import NOTHING, Asked, Kept
from goalsql.compile.events import match_events
from goalsql.compile.history import changes
from goalsql.compile.relations import (
    CONTACTS,
    PROPERTY_CHANGES,
    event_view,
    known,
    new_rows,
    segment_view,
    table,
)
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
from goalsql.model.criteria import EventLeaf
from goalsql.model.project import Definitions
from goalsql.model.reading_project import MARKETING_EMAIL

Reading = Literal["same", "more", "whole"]
Statements = tuple[Statement, ...]
Matchers = dict[EventLeaf, int]


@dataclass(frozen=True, slots=True)
class News:
    """How each source is read, by its view: not at all, its new rows, or whole.

    Where not `some`, the tick takes no shortcut: it reads everything and looks at every contact.
    Otherwise it looks at every contact for the workflows `whole` only, and what is asked that is
    not `kept` is looked for in all rows.
    """

    some: bool = False
    readings: Mapping[str, Reading] = field(default_factory=dict)
    kept: Kept = NOTHING
    whole: frozenset[str] = frozenset()

    def of(self, view: str) -> Reading:
        """How a source is read."""
        return self.readings.get(view, "whole") if self.some else "whole"

    def rows(self, view: str) -> str:
        """The view of the rows that are read."""
        return new_rows(view) if self.of(view) == "more" else view

    @property
    def contacts_known(self) -> bool:
        """Whether the contacts are those that were known, and such as were created since."""
        return self.of(CONTACTS) != "whole"


EVERYTHING = News()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A tick's statements on what is new, in the order of the fields.

    `begin` makes room; `changes` reads property changes; `contacts` remembers the contacts, where
    their source is read; `events` reads events, members and receipts and says who is touched;
    `narrow` leaves only these in `contact`, and `widen` goes back to all of them, for the workflows
    that are looked at whole; `finish` notes when contacts are to be looked at again.
    """

    begin: Statements
    changes: Statements
    contacts: Statements
    events: Statements
    narrow: Statements
    widen: Statements
    finish: Statements


def build_arrivals(
    definitions: Definitions,
    catalog: Catalog,
    asked: Asked,
    news: News,
    last_tick_at: datetime | None,
    tick_at: datetime,
    tick_id: int,
) -> Arrivals:
    """Compiles what a tick reads of its sources and remembers.

    Args:
        definitions: what the project's files say.
        catalog: the sources' columns.
        asked: what the workflows ask for that the tick decides something of.
        news: how the sources are read.
        last_tick_at: the previous tick's T.
        tick_at: T.
        tick_id: the number of the tick.
    """
    compiler = _Compiler(definitions, catalog, asked, news)
    values: dict[str, Parameter] = {
        "tick_at": tick_at,
        "tick_id": tick_id,
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
        widen=given(compiler.widen()),
        finish=given(compiler.finish()),
    )


@dataclass(frozen=True, slots=True)
class _Compiler:
    definitions: Definitions
    catalog: Catalog
    asked: Asked
    news: News

    def some(self, *names: str) -> list[Statement]:
        """Statements of `sql/tick/arrivals.sql`."""
        shape = {
            "some": "yes" if self.news.some else "",
            "contacts_known": "yes" if self.news.contacts_known else "",
            "whole": "yes" if self.news.whole else "",
        }
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
        if not self.catalog.property_changes:
            return self.some("forget_changes")
        reading = self.news.of(PROPERTY_CHANGES)
        kept, used = self.news.kept.properties, self.asked.kept.properties
        found = [] if reading == "same" else self._changed_properties()
        if not self.news.some:
            found += self.some("forget_changes")
        elif reading != "same":
            comment = "Reads the property changes."
            query = self._changes(kept & used, self.news.rows(PROPERTY_CHANGES))
            create = create_table("arrived_change", query)
            found.append(Statement("arrived_change", comment, create))
            if reading == "more":
                found += self.some("new_changes", "touch_changes", "keep_changes")
            else:
                found += self.some("touch_changes_again", "forget_changes", "keep_changes")
        if dropped := sorted(kept - used):
            comment = "Properties that no rule uses any more."
            rows = [(name,) for name in dropped]
            found.append(rule_table("dropped_property", comment, {"property": "VARCHAR"}, rows))
            found += self.some("forget_dropped_changes")
        if fresh := (used - kept) & self.catalog.history:
            comment = "Reads all changes of properties that no rule used before."
            query = self._changes(fresh, PROPERTY_CHANGES)
            found.append(Statement("changes", comment, exp.insert(query, "goalsql.changes")))
        return found

    def _changes(self, properties: Collection[str], view: str) -> exp.Select:
        with_rows = sorted(name for name in properties if name in self.catalog.history)
        if not with_rows:
            return exp.select("*").from_("goalsql.changes").where(exp.false())
        return changes(with_rows, self.catalog, view)

    def _changed_properties(self) -> list[Statement]:
        """Remembers which properties have rows, as they were found when the sources were opened."""
        comment = "Remembers which properties have rows."
        names = [(name,) for name in sorted(self.catalog.history)]
        keep = insert_rows("changed_properties", comment, {"property": "VARCHAR"}, names)
        return [*self.some("forget_changed_properties"), keep]

    def contacts(self) -> list[Statement]:
        if self.news.contacts_known:
            return self.some("gone")
        touch = ["touch_contacts"] if self.news.some else []
        return self.some(*touch, "forget_contacts", "keep_contacts", "gone", "change")

    def events(self) -> list[Statement]:
        """Reads each event source once for all that is asked of it: whole for what is fresh."""
        found = [] if self.news.some else self.some("forget_matches")
        if self.asked.dropped:
            comment = "What no rule asks of events any more."
            found.append(self._numbers("dropped", comment, self.asked.dropped))
            found += self.some("forget_dropped_matches")
        again: list[int] = []
        for event in self.asked.sources():
            view, reading = event_view(event), self.news.of(event_view(event))
            fresh, kept, renewed = self._by_age(event)
            if reading == "whole":
                kept, renewed = {}, kept | renewed
            if kept and reading == "more":
                found.extend(self._match(event, kept, self.news.rows(view), "arrived"))
            if renewed:
                found.extend(self._match(event, renewed, view, "arrived_again"))
                again.extend(renewed.values())
            if fresh:
                found.extend(self._match(event, fresh, view, "goalsql.matches"))
        if again:
            comment = "What is asked of sources that are read whole."
            found.append(self._numbers("again", comment, again))
            found += self.some("touch_matches_again", "forget_matches_again", "keep_matches_again")
        if self.news.some:
            found += self.some("touch_matches", "keep_matches")
        return [*found, *self._members(), *self._emails(), *self._touched()]

    def _by_age(self, event: str) -> tuple[Matchers, Matchers, Matchers]:
        """What is asked for the first time, as before, and for another use than before."""
        fresh: Matchers = {}
        kept: Matchers = {}
        renewed: Matchers = {}
        for leaf, number in self.asked.of_source(event).items():
            if number in self.asked.fresh:
                fresh[leaf] = number
            elif number in self.asked.renewed:
                renewed[leaf] = number
            else:
                kept[leaf] = number
        return fresh, kept, renewed

    def _match(
        self, event: str, matchers: Mapping[EventLeaf, int], view: str, into: str
    ) -> list[Statement]:
        triggers, counted = self.asked.triggers, self.asked.counted
        zone = self.definitions.timezone
        return match_events(event, matchers, triggers, counted, self.catalog, zone, view, into)

    def _numbers(self, name: str, comment: str, matchers: Iterable[int]) -> Statement:
        rows = [(number,) for number in sorted(matchers)]
        return rule_table(name, comment, {"matcher": "INTEGER"}, rows)

    def _members(self) -> list[Statement]:
        """Reads the static segments whose members have instants, if any of them may be new."""
        dated, kept = sorted(self.asked.kept.segments), self.news.kept.segments
        same = all(self.news.of(segment_view(name)) == "same" for name in dated)
        if self.news.some and same and self.asked.kept.segments == kept:
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

    def _emails(self) -> list[Statement]:
        """Responses and receipts of the rows of marketing_emails that are read."""
        view = event_view(MARKETING_EMAIL)
        columns = self.catalog.events.get(MARKETING_EMAIL, {})
        reading = self.news.of(view)
        shape = {
            "loaded_at": "yes" if "loaded_at" in columns else "",
            "email_type": "yes" if "email_type" in columns else "",
            "view": self.news.rows(view),
        }
        responses = named("tick/responses.sql", **shape)
        if not columns:
            return [] if self.news.some else [responses["responses.forget"]]
        if reading == "same":
            return []
        again = ("forget", "found", "keep")
        steps = again if reading == "whole" else ("found", "known", "forget_known", "keep")
        found = [responses[f"responses.{name}"] for name in steps]
        return [*found, *(self._receipts(reading, shape) if self.news.some else [])]

    def _receipts(self, reading: Reading, shape: Mapping[str, str]) -> list[Statement]:
        """New receipts; those of workflows that are looked at whole are read level by level."""
        comment = "The workflows that may have new receipts before any level is taken."
        names = [(name,) for name in sorted(self.definitions.workflows.keys() - self.news.whole)]
        receiving = rule_table("receiving", comment, {"workflow_id": "VARCHAR"}, names)
        whole = "yes" if reading == "whole" else ""
        return [receiving, *template("tick/new_receipts.sql", **shape, whole=whole)]

    def _touched(self) -> list[Statement]:
        if not self.news.some:
            return []
        created = ["touch_created"] if self.news.of(CONTACTS) == "more" else []
        return self.some("touch_observed_members", *created, "touch_due")

    def narrow(self) -> list[Statement]:
        if not self.news.some:
            return []
        if self.news.contacts_known:
            created = ["keep_created"] if self.news.of(CONTACTS) == "more" else []
            return self.some(*created, "change", "matches")
        every = ["everyone"] if self.news.whole else []
        return self.some(*every, "narrow", "matches")

    def widen(self) -> list[Statement]:
        return self.some("widen") if self.news.whole else []

    def finish(self) -> list[Statement]:
        others = ["other_turns"] if self.news.whole else []
        return self.some(*others, "forget_turns", "keep_turns")
