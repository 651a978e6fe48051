"""How a project stands: its database, the last tick, what waits for the next (`goalsql status`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from goalsql.compile.statements import named
from goalsql.engine.duckdb import DuckDB
from goalsql.engine.files import wal_of
from goalsql.engine.locks import Lock, lock_on
from goalsql.errors import LockedError, UsageError
from goalsql.model.project import Publication
from goalsql.opening import Database
from goalsql.report.publish import tick_of
from goalsql.run.migrations import schema_version
from goalsql.run.state import SCHEMA_VERSION, run
from goalsql.run.unseen import SourceNews, unseen_in
from goalsql.run.windows import unapplied
from goalsql.version import __version__

Schema = Literal["none", "current", "older", "newer", "other views"]


@dataclass(frozen=True, slots=True)
class LastTick:
    """The last tick's row of `goalsql.ticks`."""

    tick_id: int
    tick_at: datetime
    clock: str
    mode: str
    started_at: datetime
    finished_at: datetime
    new_events: int
    orphan_events: int
    bad_rows: int
    decisions: int
    enrolled: int
    unenrolled: int
    goal_completions: int
    steps_run: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy for readers: its place, the tick that it is of (None: there is none), its size.

    The size of a directory is that of its last version.
    """

    to: Path
    format: str
    tick_id: int | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Status:
    """How a project stands; None is what cannot be seen, and `hidden` says why.

    Attributes:
        project: its name.
        goalsql: the version of goalsql.
        database: the file.
        size: its size in bytes; None where it is not there yet.
        log_size: that of what DuckDB has not yet written to it.
        lock: which other process has it; None where it is free.
        hidden: why the database could not be looked into, or not everywhere.
        schema_version: that of its tables; None before they are made.
        schema: whether that is today's, an earlier one, which the next tick or apply upgrades, or a
            later one, which needs a newer goalsql; `other views` where only the report views are
            another goalsql's, `none` before the first tick.
        last_tick: what it did.
        edited: the workflows whose edits have not been applied.
        mistakes: how many there are in the project's files.
        waiting: how many contacts wait to be enrolled, by workflow.
        rows: of the tables of state that can become large.
        sources: what each holds that no tick has seen.
        copies: those for readers.
    """

    project: str
    goalsql: str
    database: Path
    size: int | None
    log_size: int
    lock: Lock | None
    mistakes: int
    copies: tuple[Copy, ...]
    hidden: str | None = None
    schema_version: int | None = None
    schema: Schema | None = None
    last_tick: LastTick | None = None
    edited: tuple[str, ...] | None = None
    waiting: Mapping[str, int] | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[SourceNews, ...] | None = None

    @property
    def has_unseen_rows(self) -> bool | None:
        """Whether a source has rows that no tick has seen; None where that is not known."""
        found = [source.unseen for source in self.sources or ()]
        if True in found:
            return True
        return None if self.sources is None or None in found else False


def status_of(database: Database) -> Status:
    """How a project stands; reads no more than it takes, and changes nothing.

    Args:
        database: the project's.

    Raises:
        DefinitionError: if goalsql.yml cannot be read.
        EngineError: if the file is no database.
    """
    definitions, path = database.definitions, database.path
    status = Status(
        definitions.name,
        __version__,
        path,
        _size(path),
        _size(wal_of(path)) or 0,
        lock_on(path),
        len(database.loaded.problems),
        _copies(definitions.publish),
    )
    try:
        with database.looking() as engine:
            return _seen(database, engine, status)
    except LockedError as error:
        lock = status.lock or Lock(error.holder, error.since)
        return replace(status, lock=lock, hidden="another process has the database")


def _seen(database: Database, engine: DuckDB, status: Status) -> Status:
    """Adds what stands in the database, and what the sources hold."""
    found = schema_version(engine)
    schema: Schema = "none" if found is None else "current"
    if found is not None and found > SCHEMA_VERSION:
        hidden = "a newer goalsql has written the database"
        return replace(status, schema_version=found, schema="newer", hidden=hidden)
    if found is not None and found < SCHEMA_VERSION:
        schema = "older"
    opened, problems = database.examined(engine, current=schema != "older")
    status = replace(status, schema_version=found, schema=schema, mistakes=len(problems))
    if found is not None:
        statements = named("schema/status.sql")
        ticks = run(engine, statements["status.last_tick"])
        status = replace(
            status,
            last_tick=LastTick(*ticks[0]) if ticks else None,
            waiting=dict(run(engine, statements["status.waiting"])),
            rows=dict(run(engine, statements["status.rows"])),
        )
    if schema == "older":
        return replace(status, hidden="its tables are of an earlier version of goalsql")
    try:
        database.check_views(opened.state)
    except UsageError:
        status = replace(status, schema="other views")
    return replace(
        status,
        edited=unapplied(opened.definitions, opened.state),
        waiting=status.waiting or {},
        sources=unseen_in(engine, opened.definitions, opened.sources, opened.state.remembered),
    )


def _copies(publications: Sequence[Publication]) -> tuple[Copy, ...]:
    if not publications:
        return ()
    with closing(DuckDB(None)) as engine:
        return tuple(
            Copy(one.to, one.format, tick_of(engine, one), _copy_size(one)) for one in publications
        )


def _copy_size(publication: Publication) -> int | None:
    if publication.format == "duckdb":
        return _size(publication.to)
    sizes = [path.stat().st_size for path in publication.to.glob("latest/**/*") if path.is_file()]
    return sum(sizes) if sizes else None


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
