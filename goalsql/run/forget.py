"""Forgets persons: removes every row of theirs, and keeps them out of later ticks."""

from __future__ import annotations

import ast
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from goalsql.codes import Code
from goalsql.compile.arrivals import EVERYTHING, News, Reading
from goalsql.compile.graph import Row
from goalsql.compile.relations import event_view, table
from goalsql.compile.statements import Statement, insert_rows, named, rule_table
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError, UsageError
from goalsql.model.project import Definitions
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.run.counts import Counts, counted, note_counts
from goalsql.run.forgotten import Forgotten, contact_name, none_but
from goalsql.run.sources import OpenSources, open_sources
from goalsql.run.state import State, contact_id_type, create_schema, read_state, run

_EVENT_OF = re.compile(r"EventLeaf\(event=('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What `Project.forget` did, by contact.

    `removed` has the rows of each table of schema goalsql that were removed, nothing for a contact
    of whom nothing was known; `already` names those that had been forgotten before.
    """

    removed: Mapping[str, Mapping[str, int]]
    already: tuple[str, ...] = ()

    @property
    def contacts(self) -> tuple[str, ...]:
        """Their ids as text."""
        return tuple(self.removed)

    @property
    def rows(self) -> int:
        """How many rows were removed in all."""
        return sum(sum(rows.values()) for rows in self.removed.values())


def named_contacts(contacts: Sequence[object], contact_id: str) -> tuple[str, ...]:
    """The ids as the sources show them as text, each once.

    Args:
        contacts: the ids as they were given.
        contact_id: the type of the contacts source's ids.

    Raises:
        UsageError: if no contact can have one of these ids, or there is none.
    """
    if not contacts:
        raise UsageError(Code.WRONG_OPTIONS, "name the contacts that are to be forgotten")
    return tuple(dict.fromkeys(contact_name(str(one), contact_id) for one in contacts))


def forget(
    engine: Engine,
    definitions: Definitions,
    contacts: Sequence[str],
    contact_id: str,
    forgotten_at: datetime,
) -> Forgetting:
    """Removes contacts from every table, and notes that they are to be kept out.

    The sources are read for what ticks have counted of these contacts; where they cannot be read,
    the counts stay as they are, until the next tick that reads them whole.

    Args:
        engine: the project's database.
        definitions: the project.
        contacts: as `named_contacts` returns them.
        contact_id: the type of contact ids.
        forgotten_at: now.
    """
    state = read_state(engine) if contact_id_type(engine) is not None else State()
    known = state.forgotten if state.forgotten.digests else Forgotten(secrets.token_hex(16))
    fresh = [contact for contact in contacts if not known.has(contact)]
    forgetting = named("forget/forget.sql")
    run(engine, forgetting["forget.leaving_event"])
    seen = _traces(engine, definitions, state, fresh)
    comment = "The contacts that are to be forgotten."
    leaving = rule_table("leaving", comment, {"contact_id": contact_id}, [[c] for c in contacts])
    comment = "What the numbers of matches stand for."
    columns = {"matcher": "INTEGER", "event": "VARCHAR"}
    matchers = rule_table("matcher_event", comment, columns, _events(state))
    removed: dict[str, dict[str, int]] = {contact: {} for contact in contacts}
    with engine.transaction():
        create_schema(engine, contact_id)
        for statement in (leaving, matchers):
            run(engine, statement)
        for relation, contact, rows in sorted(run(engine, forgetting["forget.count"])):
            removed[contact][relation] = rows
        for name, statement in forgetting.items():
            if name not in ("forget.leaving_event", "forget.count"):
                run(engine, statement)
        if fresh:
            _uncount(engine, state, seen)
        rows = [(known.digest(contact), known.salt, forgotten_at) for contact in fresh]
        columns = {"digest": "VARCHAR", "salt": "VARCHAR", "forgotten_at": "TIMESTAMP"}
        run(engine, insert_rows("forgotten", "Notes who is forgotten.", columns, rows))
    return Forgetting(removed, tuple(c for c in contacts if c not in fresh))


def _events(state: State) -> list[Row]:
    """The event that each matcher is asked of, from the text that it is remembered by."""
    found: list[Row] = []
    for asked, (matcher, _) in state.remembered.kept.matchers.items():
        event = _EVENT_OF.match(asked)
        if event is not None:
            found.append((matcher, ast.literal_eval(event[1])))
    return found


def _traces(
    engine: Engine, definitions: Definitions, state: State, contacts: Sequence[str]
) -> Counts:
    """How many rows of contacts ticks have seen in each source; notes the ids of their events."""
    if not contacts or state.tick_at is None:
        return {}
    opened = open_sources(engine, definitions, state.remembered, none_but(contacts))
    if opened.problems:
        return {}
    try:
        for name, columns in opened.catalog.events.items():
            if name not in BUILT_IN_EVENTS and {"contact_id", "event_id"} <= columns.keys():
                run(engine, _source_events(name))
        seen = _counted(engine, opened, EVERYTHING, state.tick_at)
        readings: dict[str, Reading] = {
            view: "more" if delivery.reading == "more" else "same"
            for view, delivery in opened.deliveries.items()
        }
        return _minus(seen, _counted(engine, opened, News(True, readings), state.tick_at))
    except EngineError:
        return {}


def _source_events(event: str) -> Statement:
    event_id = exp.cast(exp.column("event_id"), exp.DataType.build("VARCHAR"))
    query = exp.select(exp.Literal.string(event), event_id).from_(table(event_view(event)))
    comment = "Their events in a source."
    return Statement(f"forget.events.{event}", comment, exp.insert(query, "leaving_event"))


def _counted(engine: Engine, opened: OpenSources, news: News, tick_at: datetime) -> Counts:
    found = counted(engine, opened.catalog, news, tick_at)
    return {one.source: (one.seen_rows, one.orphan_rows, one.bad_rows) for one in found}


def _minus(some: Counts, others: Counts) -> Counts:
    """Counts without others of the same source.

    None is below zero: a source that was rewritten since may have more rows of theirs than it had.
    """
    return {
        source: (max(0, a - x), max(0, b - y), max(0, c - z))
        for source, (a, b, c) in some.items()
        for x, y, z in [others.get(source, (0, 0, 0))]
    }


def _uncount(engine: Engine, state: State, seen: Counts) -> None:
    """Takes rows out of what is remembered of the sources.

    Of those that are tables the hashes are no longer right, so the next tick reads them whole.
    """
    run(engine, named("tick/state.sql")["state.forget_seen_rows"])
    note_counts(engine, _minus(state.sources, seen))
