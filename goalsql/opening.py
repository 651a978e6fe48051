"""How a project's database is opened: to read, or with its sources once they are found valid."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from goalsql.codes import Code
from goalsql.engine.duckdb import DuckDB
from goalsql.engine.protocol import Engine, Place, Tracer
from goalsql.engine.spark.session import session_of
from goalsql.errors import DefinitionError, EngineError, LockedError, Problem, UsageError
from goalsql.model.catalog import Catalog
from goalsql.model.loading import Loaded
from goalsql.model.project import Definitions, DuckDBSettings, SparkSettings
from goalsql.model.stored import as_applied, with_vanished
from goalsql.model.validation import validate
from goalsql.report.export import last_tick
from goalsql.report.views import report_statements
from goalsql.report.wording import minute
from goalsql.run.apply import digest_of
from goalsql.run.damage import blamed
from goalsql.run.forgotten import all_but
from goalsql.run.migrations import check_not_newer, is_older, migrate
from goalsql.run.places import DuckDBFile, SparkFolder, not_yet
from goalsql.run.sources import OpenSources, open_sources
from goalsql.run.state import (
    SCHEMA_VERSION,
    Remembered,
    State,
    contact_id_type,
    create_schema,
    read_applied,
    read_state,
    run,
)

OneEngine = TypeVar("OneEngine", bound=Engine)
NO_TICK = "no tick has been run yet: run `goalsql tick`"
_RENEW = "run `goalsql apply`, or a tick, to bring it up to date: what only reads does not write"


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database with the sources' views, and what is known of the project.

    `definitions` are those of the files, with the workflows whose files are gone; `state` is what
    earlier ticks left in `place`.
    """

    engine: Engine
    definitions: Definitions
    sources: OpenSources
    state: State
    warnings: tuple[Problem, ...]
    place: Place

    @property
    def catalog(self) -> Catalog:
        """The sources' columns."""
        return self.sources.catalog


@dataclass(frozen=True, slots=True)
class Database:
    """The database of a project directory; `wait` seconds for another process that has it.

    `notify` is told, once, where a copy is read because another process has the database. `spark`
    is a SparkSession to run on, in the place of what goalsql.yml says under `engine`.
    """

    directory: Path
    loaded: Loaded
    tracer: Tracer | None = None
    wait: float = 0
    notify: Callable[[str], None] = lambda line: None
    spark: Any = None
    _told: set[str] = field(default_factory=set)

    @property
    def definitions(self) -> Definitions:
        """What the files say.

        Raises:
            DefinitionError: where goalsql.yml cannot be used.
        """
        if self.loaded.definitions is None:
            raise DefinitionError(self.loaded.problems)
        return self.loaded.definitions

    @property
    def path(self) -> Path:
        """The database file."""
        return self.directory / self.definitions.database

    @property
    def place(self) -> Place:
        """Where the state is.

        Raises:
            DefinitionError: if goalsql.yml is to say which, and says it wrongly.
            EngineError: if there is to be a Spark session, and none can be had.
        """
        settings = self.definitions.engine
        if isinstance(settings, DuckDBSettings):
            if self.spark is None:
                return DuckDBFile(self.path, self.tracer, self.wait, _config(settings))
            settings = SparkSettings()
        elif ("engine", "") in self.definitions.broken:
            raise DefinitionError(self.loaded.problems)
        session = session_of(settings.remote, settings.master, self.spark)
        root = settings.state or str(self.path.with_suffix(".state"))
        return SparkFolder(session, root, self.tracer)

    def exists(self) -> bool:
        """Whether there is any state yet."""
        return self.place.exists()

    @contextmanager
    def reading(self, *, alone: bool = False, or_empty: bool = False) -> Iterator[Engine]:
        """The database, to read only; while a process writes it, a published copy.

        Args:
            alone: keep every other process out meanwhile.
            or_empty: before the first tick, open one in memory with the tables and views of a
                project to which nothing has happened.

        Raises:
            LockedError: if a process writes the database, and there is no copy of it.
            UsageError: if no tick has been run, unless `or_empty`, or the tables or the report
                views are another version's.
        """
        exists = self.exists()
        if exists:
            engine, is_copy = (self._engine(read_only=False), False) if alone else self._to_read()
            with closing(engine):
                if self._has_ticks(engine, is_copy):
                    yield engine
                    return
        if not or_empty:
            raise UsageError(Code.NO_TICK, NO_TICK if exists else not_yet(self.place.name))
        with closing(DuckDB(None, tracer=self.tracer)) as empty:
            create_schema(empty, "VARCHAR")
            for view in report_statements():
                run(empty, view)
            yield empty

    @contextmanager
    def whole(self) -> Iterator[DuckDB]:
        """The database as it is, of whatever earlier version, with every other process kept out.

        Raises:
            UsageError: if it is not there yet.
        """
        exists = self.duckdb.exists()
        if exists:
            with closing(self._checked(self.duckdb.connect(read_only=False))) as engine:
                if contact_id_type(engine) is not None:
                    yield engine
                    return
        raise UsageError(Code.NO_TICK, NO_TICK if exists else not_yet(self.place.name))

    def state(self) -> State:
        """What earlier ticks left, if any."""
        if not self.exists():
            return State()
        with closing(self._engine(read_only=True)) as engine:
            return self._state(engine)

    @contextmanager
    def open(
        self,
        *,
        read_only: bool = False,
        applied: bool = False,
        beside: bool = False,
        stateless: bool = False,
        or_copy: bool = False,
    ) -> Iterator[Opened]:
        """The database with the sources' views in it, once everything has been found valid.

        If it is opened to be changed, its tables are first brought to today's version.

        Args:
            read_only: open the database beside other readers.
            applied: with the definitions as they were last applied, not as the files say now.
            beside: open one in memory instead, from which the database can be read.
            stateless: look at the state of an earlier version as if there were none.
            or_copy: open a published copy instead, with the applied workflows as the only state,
                where another process has the database.

        Raises:
            DefinitionError: with every mistake in the project's files.
            LockedError: if another process has the database, and a copy cannot stand in for it.
            SourceError: where what is done with it fails because a source cannot be read.
            UsageError: if the tables are another version's, and it may not change them.
        """
        in_memory = beside or (read_only and not self.exists())
        state = self.state() if beside else None
        locked = None
        try:
            engine = self.place.beside() if in_memory else self._engine(read_only=read_only)
        except LockedError as error:
            if not or_copy:
                raise
            engine, locked = self._copy(error), error
        try:
            if not (read_only or beside):
                migrate(engine)
            if locked:
                state = read_applied(engine)
            state = state or self._state(engine, stateless=stateless)
            remembered = None if beside else state.remembered
            opened, problems = self._opened(engine, state, remembered, applied=applied)
            if locked and opened.sources.problems:  # perhaps tables that the copy does not have
                raise locked
            if problems:
                raise DefinitionError(problems, in_force=bool(state.versions))
            try:
                yield opened
            except EngineError as error:
                if engine.local:
                    raise blamed(engine, opened.sources.readings, error) from error
                raise
        finally:
            engine.close()

    def contact_id(self) -> str:
        """The type of contact ids: that of the state, or before there is any of the sources.

        Raises:
            DefinitionError: if it has to be looked up in the sources, with every mistake.
        """
        if self.exists():
            with closing(self._engine(read_only=True)) as engine:
                found = contact_id_type(engine)
            if found is not None:
                return found
        with self.open(read_only=True) as opened:
            return opened.catalog.contacts["contact_id"].sql

    @contextmanager
    def alone(self) -> Iterator[DuckDB]:
        """The database without the sources' views, and nothing that a killed process spilled."""
        with closing(self._checked(self.duckdb.connect(read_only=False))) as engine:
            shutil.rmtree(engine.spills, ignore_errors=True)
            migrate(engine)
            yield engine

    @contextmanager
    def looking(self) -> Iterator[DuckDB]:
        """The database to look at, of whatever version; one in memory where it is not there."""
        there = self.duckdb.exists()
        engine = self.duckdb.connect(read_only=True) if there else self.duckdb.beside()
        with closing(engine):
            yield engine

    def examined(self, engine: Engine, *, current: bool) -> tuple[Opened, list[Problem]]:
        """The sources' views in an open database, and every mistake in the project's files.

        Args:
            engine: the database, or one in memory.
            current: whether its state can be read; where not, it is taken as if there were none.
        """
        state = self._state(engine) if current else State()
        return self._opened(engine, state, state.remembered)

    def check_views(self, state: State) -> None:
        """Finds out whether the report views are those that this goalsql knows.

        Raises:
            UsageError: if another version of goalsql has made them.
        """
        if state.views not in (None, digest_of(report_statements())):
            raise UsageError(
                Code.OLDER_DATABASE,
                f"the report views of {self.path.name} were made by another version of goalsql; "
                f"{_RENEW}",
            )

    def _opened(
        self,
        engine: Engine,
        state: State,
        remembered: Remembered | None,
        *,
        applied: bool = False,
    ) -> tuple[Opened, list[Problem]]:
        definitions = self._definitions(state, applied)
        sources = open_sources(engine, definitions, remembered, all_but(state.forgotten))
        errors, warnings = validate(definitions, sources.catalog)
        problems = [*(() if applied else self.loaded.problems), *sources.problems, *errors]
        return Opened(engine, definitions, sources, state, tuple(warnings), self.place), problems

    def _engine(self, *, read_only: bool) -> Engine:
        return self._checked(self.place.connect(read_only=read_only))

    def _checked(self, engine: OneEngine) -> OneEngine:
        """An engine whose state this goalsql knows."""
        try:
            check_not_newer(engine, self.place.name)
        except BaseException:
            engine.close()
            raise
        return engine

    @property
    def duckdb(self) -> DuckDBFile:
        """The database file, whatever version its tables have.

        Raises:
            UsageError: if the project runs on another engine.
        """
        place = self.place
        if not isinstance(place, DuckDBFile):
            message = f"this is for DuckDB's database file, and the state is in {place.name}"
            raise UsageError(Code.OTHER_ENGINE, message)
        return place

    def _has_ticks(self, engine: Engine, is_copy: bool) -> bool:
        """Whether any tick has been run; a copy has only what was published, of one version."""
        if is_copy:
            return last_tick(engine).tick_id is not None
        state = self._state(engine)
        if state.tick_id:
            self.check_views(state)
        return state.tick_id > 0

    def _state(self, engine: Engine, *, stateless: bool = False) -> State:
        if contact_id_type(engine) is None:
            return State()
        if not is_older(engine):
            return read_state(engine)
        if stateless:
            return State()
        raise UsageError(
            Code.OLDER_DATABASE,
            f"{self.place.name} has an earlier schema version than {SCHEMA_VERSION}, which this "
            f"goalsql reads; {_RENEW}",
        )

    def _to_read(self) -> tuple[Engine, bool]:
        """The database, or a copy; and whether it is that."""
        try:
            return self._engine(read_only=True), False
        except LockedError as locked:
            return self._copy(locked), True

    def _copy(self, locked: LockedError) -> DuckDB:
        """A published copy, in the place of the database."""
        places = [one.to for one in self.definitions.publish if one.format == "duckdb"]
        for to in places:
            with suppress(EngineError):  # not there yet, or nothing that can be read
                engine = self.duckdb.copy_at(to)
                tick = last_tick(engine)
                of = "" if tick.tick_at is None else f" at {minute(tick.tick_at)}"
                self._tell(
                    f"{locked.fact}: read from its copy {to} instead, as of tick {tick.tick_id}{of}"
                )
                return engine
        copy = f"{{to: published/{self.path.name}}}"
        mend = (
            ", or until it has published the first copy"
            if places
            else (f"; with `publish: {copy}` in goalsql.yml, what reads takes that copy meanwhile")
        )
        raise LockedError(str(self.path), locked.holder, locked.since, mend) from locked

    def _tell(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self.notify(line)

    def _definitions(self, state: State, applied: bool) -> Definitions:
        versions = {name: version.definition for name, version in state.versions.items()}
        if not applied:
            return with_vanished(self.definitions, versions)
        disabled = {name for name, one in state.workflows.items() if not one.enabled}
        return as_applied(self.definitions, versions, disabled)


def _config(settings: DuckDBSettings) -> dict[str, str]:
    """The settings by DuckDB's names, those that were made."""
    config = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": settings.temp_directory,
        "max_temp_directory_size": settings.max_temp_size,
    }
    return {name: str(value) for name, value in config.items() if value is not None}
