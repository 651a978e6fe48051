"""How a project's database is opened: to read, or with its sources once they are found valid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from goalsql.engine.duckdb import DuckDB, Tracer
from goalsql.errors import DefinitionError, EngineError, LockedError, Problem, UsageError
from goalsql.model.catalog import Catalog
from goalsql.model.loading import Loaded
from goalsql.model.project import Definitions, DuckDBSettings
from goalsql.model.stored import as_applied, with_vanished
from goalsql.model.validation import validate
from goalsql.report.export import last_tick
from goalsql.report.views import report_statements
from goalsql.report.wording import minute
from goalsql.run.beside import look_into
from goalsql.run.sources import OpenSources, open_sources
from goalsql.run.state import State, create_schema, has_schema, read_applied, read_state, run

NO_TICK = "no tick has been run yet: run `goalsql tick`"


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database with the sources' views, and what is known of the project.

    `definitions` are those of the files, with the workflows whose files are gone; `state` is what
    earlier ticks left.
    """

    engine: DuckDB
    definitions: Definitions
    sources: OpenSources
    state: State
    warnings: tuple[Problem, ...]

    @property
    def catalog(self) -> Catalog:
        """The sources' columns."""
        return self.sources.catalog


@dataclass(frozen=True, slots=True)
class Database:
    """The database of a project directory; `wait` seconds for another process that has it.

    `notify` is told, once, where a copy is read because another process has the database.
    """

    directory: Path
    loaded: Loaded
    tracer: Tracer | None = None
    wait: float = 0
    notify: Callable[[str], None] = lambda line: None
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

    @contextmanager
    def reading(self, *, alone: bool = False, or_empty: bool = False) -> Iterator[DuckDB]:
        """The database, to read only; while a process writes it, a published copy.

        Args:
            alone: keep every other process out meanwhile.
            or_empty: before the first tick, open one in memory with the tables and views of a
                project to which nothing has happened.

        Raises:
            LockedError: if a process writes the database, and there is no copy of it.
            UsageError: if no tick has been run, unless `or_empty`.
        """
        exists = self.path.exists()
        if exists:
            with closing(self._engine(read_only=False) if alone else self._to_read()) as engine:
                if has_schema(engine) and last_tick(engine).tick_id:
                    yield engine
                    return
        if not or_empty:
            missing = f"there is no {self.definitions.database} yet: run `goalsql tick`"
            raise UsageError(NO_TICK if exists else missing)
        with closing(self._in_memory()) as engine:
            create_schema(engine, "VARCHAR")
            for view in report_statements():
                run(engine, view)
            yield engine

    def state(self) -> State:
        """What earlier ticks left, if any."""
        if not self.path.exists():
            return State()
        with closing(self._engine(read_only=True)) as engine:
            return _state_of(engine)

    @contextmanager
    def open(
        self,
        *,
        read_only: bool = False,
        applied: bool = False,
        beside: bool = False,
        or_copy: bool = False,
    ) -> Iterator[Opened]:
        """The database with the sources' views in it, once everything has been found valid.

        Args:
            read_only: open the database beside other readers.
            applied: with the definitions as they were last applied, not as the files say now.
            beside: open one in memory instead, from which the database can be read.
            or_copy: open a published copy instead, with the applied workflows as the only state,
                where another process has the database.

        Raises:
            DefinitionError: with every mistake in the project's files.
            LockedError: if another process has the database, and a copy cannot stand in for it.
        """
        exists = self.path.exists()
        in_memory = beside or (read_only and not exists)
        state = self.state() if beside else None
        locked = None
        try:
            engine = self._in_memory() if in_memory else self._engine(read_only=read_only)
        except LockedError as error:
            if not or_copy:
                raise
            engine, locked = self._copy(error), error
        try:
            state = state or (read_applied(engine) if locked else _state_of(engine))
            definitions = self._definitions(state, applied)
            if beside and exists:
                look_into(engine, self.path)
            sources = open_sources(engine, definitions, None if beside else state.remembered)
            if locked and sources.problems:  # perhaps tables that the copy does not have
                raise locked
            errors, warnings = validate(definitions, sources.catalog)
            problems = [*(() if applied else self.loaded.problems), *sources.problems, *errors]
            if problems:
                raise DefinitionError(problems, in_force=bool(state.versions))
            yield Opened(engine, definitions, sources, state, tuple(warnings))
        finally:
            engine.close()

    def _engine(self, *, read_only: bool) -> DuckDB:
        config = _config(self.definitions.duckdb)
        return DuckDB(
            self.path, read_only=read_only, tracer=self.tracer, wait=self.wait, config=config
        )

    def _to_read(self) -> DuckDB:
        try:
            return self._engine(read_only=True)
        except LockedError as locked:
            return self._copy(locked)

    def _copy(self, locked: LockedError) -> DuckDB:
        """A published copy, in the place of the database."""
        places = [one.to for one in self.definitions.publish if one.format == "duckdb"]
        config = _config(self.definitions.duckdb)
        for to in places:
            with suppress(EngineError):  # not there yet, or nothing that can be read
                engine = DuckDB(to, read_only=True, tracer=self.tracer, config=config)
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

    def _in_memory(self) -> DuckDB:
        return DuckDB(None, tracer=self.tracer, config=_config(self.definitions.duckdb))

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


def _state_of(engine: DuckDB) -> State:
    return read_state(engine) if has_schema(engine) else State()
