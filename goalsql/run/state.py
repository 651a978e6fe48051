"""What earlier ticks left in the database (SPEC 7)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from goalsql.codes import Code
from goalsql.compile.asked import NOTHING, Kept
from goalsql.compile.statements import Parameter, Statement, named, template
from goalsql.engine.protocol import Engine
from goalsql.errors import SourceError
from goalsql.run.arrivals import Part
from goalsql.run.forgotten import NOBODY, Forgotten

SCHEMA_VERSION = 3
"""Of the tables of state, and of what the columns of `goalsql.matches` and the like mean.

A change of either is a new version, with its migration in `sql/schema/migrations/`.
"""

_HELD = re.compile(r'STRUCT\("?value"? (.*)\)')
"""The type of a column of `last_found`; only that of the contact's id is no struct."""

_APPLIED = ("read.tick", "read.workflows", "read.versions")


@dataclass(frozen=True, slots=True)
class Applied:
    """A workflow as last applied; `active_from` None until a tick has seen it enabled.

    See `goalsql.compile.graph.Window` for the rest.
    """

    enabled: bool = True
    goal_epoch: int | None = None
    epoch_from: datetime | None = None
    epoch_tick: int | None = None
    active_from: datetime | None = None
    trigger_from: datetime | None = None
    trigger_tick: int | None = None
    re_enroll_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The last version of a workflow, and the last goal epoch of any that was in force."""

    number: int
    definition: str
    last_epoch: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """How many rows of a table the last tick had seen, and the sum of their hashes."""

    rows: int
    hashes: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier ticks read of the sources: the last T, files by view, properties with rows.

    `rules` stands for all that the rest of what is remembered depends on, the definitions of
    workflows aside: `workflows` has a digest of each, `kept` what was asked of the sources.
    """

    tick_at: datetime | None = None
    parts: Mapping[str, Sequence[Part]] = field(default_factory=dict)
    changed_properties: frozenset[str] = frozenset()
    rules: str | None = None
    workflows: Mapping[str, str] = field(default_factory=dict)
    kept: Kept = NOTHING
    seen: Mapping[str, Seen] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """What the database holds of earlier ticks."""

    tick_id: int = 0
    tick_at: datetime | None = None
    workflows: dict[str, Applied] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    sources: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    views: str | None = None
    held: dict[str, str] = field(default_factory=dict)
    remembered: Remembered = Remembered()
    forgotten: Forgotten = NOBODY


def run(engine: Engine, statement: Statement, **values: Parameter) -> list[tuple[Any, ...]]:
    """Runs one statement, with values for its placeholders if there are any left."""
    filled = statement.given(values) if values else statement
    return engine.execute(filled.name, filled.text, filled.parameters)


def create_schema(engine: Engine, contact_id: str) -> None:
    """Creates the tables of state where they are missing, and says which version they are of.

    Args:
        engine: the project's database.
        contact_id: the type of the contacts source's ids.

    Raises:
        SourceError: if the state was made with contact ids of another type.
    """
    found = contact_id_type(engine)
    if found is None:
        for statement in template("schema/state.sql", contact_id=contact_id):
            run(engine, statement)
        begin = named("schema/version.sql")["version.begin"]
        run(engine, begin, schema_version=SCHEMA_VERSION)
    elif found != contact_id:
        raise SourceError(
            Code.OTHER_IDS,
            f"contacts: contact_id is now {contact_id}, but the state was made with {found}; "
            "cast it back in a query, or start with a new database",
        )


def read_applied(engine: Engine) -> State:
    """Reads the last tick and the workflows as applied: as much as a published copy holds."""
    ticks, workflows, versions = (run(engine, named("tick/read.sql")[name]) for name in _APPLIED)
    state = State()
    for tick_id, tick_at in ticks:
        state.tick_id, state.tick_at = tick_id, tick_at
    state.workflows = {str(row[0]): Applied(*row[1:]) for row in workflows}
    state.versions = {str(row[0]): Version(*row[1:]) for row in versions}
    return state


def contact_id_type(engine: Engine) -> str | None:
    """The type of contact ids in the state; None if there is no state yet."""
    return engine.columns("decisions").get("contact_id")


def read_state(engine: Engine) -> State:
    """Reads what earlier ticks left; the tables must exist."""
    state = read_applied(engine)
    reads = {
        name: run(engine, statement)
        for name, statement in named("tick/read.sql").items()
        if name not in _APPLIED
    }
    state.sources = {str(row[0]): (row[1], row[2], row[3]) for row in reads["read.sources"]}
    state.waiting = dict(reads["read.waiting"])
    kept = engine.columns("last_found").items()
    state.held = {name: struct[1] for name, sql in kept if (struct := _HELD.fullmatch(sql))}
    parts: dict[str, list[Part]] = defaultdict(list)
    for source, *part in reads["read.parts"]:
        parts[source].append(Part(*part))
    remembered: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for kind, *asked_for in reads["read.remembered"]:
        remembered[kind].append(tuple(asked_for))
    state.views, rules = next(iter(reads["read.project"]), (None, None))
    state.remembered = Remembered(
        state.tick_at,
        parts,
        frozenset(str(name) for (name,) in reads["read.changed_properties"]),
        rules,
        {asked: uses for asked, _, uses in remembered["workflow"]},
        Kept(
            {asked: (number, uses) for asked, number, uses in remembered["matcher"]},
            frozenset(asked for asked, *_ in remembered["property"]),
            frozenset(asked for asked, *_ in remembered["segment"]),
        ),
        {view: Seen(*seen) for view, *seen in reads["read.seen_rows"]},
    )
    state.forgotten = _read_forgotten(engine)
    return state


def _read_forgotten(engine: Engine) -> Forgotten:
    known = named("forget/known.sql")
    if not engine.columns("forgotten"):  # in the database of an earlier version
        return NOBODY
    rows = run(engine, known["forgotten.read"])
    return Forgotten(rows[0][0], frozenset(digest for _, digest in rows)) if rows else NOBODY
