"""How a project's database is opened: to read, or with its sources once they are found valid."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from goalsql.engine.duckdb import DuckDB, Tracer
from goalsql.errors import DefinitionError, EngineError, Problem, UsageError
from goalsql.model.catalog import Catalog
from goalsql.model.loading import Loaded
from goalsql.model.project import Definitions
from goalsql.model.stored import as_applied, with_vanished
from goalsql.model.validation import validate
from goalsql.report.views import report_statements
from goalsql.run.beside import look_into
from goalsql.run.copying import copy_database
from goalsql.run.forgotten import all_but
from goalsql.run.sources import OpenSources, open_sources
from goalsql.run.state import (
    State,
    contact_id_type,
    create_schema,
    has_schema,
    read_state,
    run,
)

_SHORTLY = 10  # seconds in which a command is done that got in between
_TRIES = 5

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
    """The database of a project directory; `wait` seconds for another process that has it."""

    directory: Path
    loaded: Loaded
    tracer: Tracer | None = None
    wait: float = 0

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
        """The database, to read only.

        Args:
            alone: keep every other process out meanwhile.
            or_empty: before the first tick, open one in memory with the tables and views of a
                project to which nothing has happened.

        Raises:
            UsageError: if no tick has been run, unless `or_empty`.
        """
        exists = self.path.exists()
        if exists:
            with closing(self._engine(read_only=not alone)) as engine:
                if _state_of(engine).tick_id:
                    yield engine
                    return
        if not or_empty:
            missing = f"there is no {self.definitions.database} yet: run `goalsql tick`"
            raise UsageError(NO_TICK if exists else missing)
        with closing(DuckDB(None, tracer=self.tracer)) as engine:
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
        self, *, read_only: bool = False, applied: bool = False, beside: bool = False
    ) -> Iterator[Opened]:
        """The database with the sources' views in it, once everything has been found valid.

        Args:
            read_only: open the database beside other readers.
            applied: with the definitions as they were last applied, not as the files say now.
            beside: open one in memory instead, from which the database can be read.

        Raises:
            DefinitionError: with every mistake in the project's files.
        """
        exists = self.path.exists()
        in_memory = beside or (read_only and not exists)
        state = self.state() if beside else None
        engine = (
            DuckDB(None, tracer=self.tracer) if in_memory else self._engine(read_only=read_only)
        )
        try:
            state = state or _state_of(engine)
            definitions = self._definitions(state, applied)
            if beside and exists:
                look_into(engine, self.path)
            remembered = None if beside else state.remembered
            sources = open_sources(engine, definitions, remembered, all_but(state.forgotten))
            errors, warnings = validate(definitions, sources.catalog)
            problems = [*(() if applied else self.loaded.problems), *sources.problems, *errors]
            if problems:
                raise DefinitionError(problems, in_force=bool(state.versions))
            yield Opened(engine, definitions, sources, state, tuple(warnings))
        finally:
            engine.close()

    def contact_id(self) -> str:
        """The type of contact ids: that of the state, or before there is any of the sources.

        Raises:
            DefinitionError: if it has to be looked up in the sources, with every mistake.
        """
        if self.path.exists():
            with closing(self._engine(read_only=True)) as engine:
                found = contact_id_type(engine)
            if found is not None:
                return found
        with self.open(read_only=True) as opened:
            return opened.catalog.contacts["contact_id"].sql

    @contextmanager
    def alone(self) -> Iterator[DuckDB]:
        """The database without the sources' views, and nothing that a killed process spilled."""
        with closing(self._engine(read_only=False)) as engine:
            shutil.rmtree(f"{self.path}.tmp", ignore_errors=True)
            yield engine

    @contextmanager
    def rewriting(self) -> Iterator[DuckDB]:
        """The database, to read only, while a copy without what was deleted takes its place.

        It does so in one step when the block ends, however it ends. Until then every other process
        is kept from writing to the old file, and none that waits for it gets hold of it later.
        """
        path = self.path.resolve()
        new = path.with_name(f".{path.name}.new")
        with closing(self._settled(path)) as engine:
            try:
                _remove(new)  # of a process that was killed
                copy_database(engine, new)
                shutil.copymode(path, new)
                _sync(new)
                try:
                    yield engine
                finally:
                    new.replace(path)
                    _sync(path.parent)
            finally:
                _remove(new)

    def _settled(self, path: Path) -> DuckDB:
        """The database, to read only, without anything of it in a log beside it."""
        patient = replace(self, wait=max(self.wait, _SHORTLY))
        for _ in range(_TRIES):
            engine = patient._engine(read_only=True)
            if not path.with_name(f"{path.name}.wal").exists():
                return engine
            engine.close()
            patient._engine(read_only=False).close()
        raise EngineError("open", "", f"others go on writing to {path}: try again when none does")

    def _engine(self, *, read_only: bool) -> DuckDB:
        return DuckDB(self.path, read_only=read_only, tracer=self.tracer, wait=self.wait)

    def _definitions(self, state: State, applied: bool) -> Definitions:
        versions = {name: version.definition for name, version in state.versions.items()}
        if not applied:
            return with_vanished(self.definitions, versions)
        disabled = {name for name, one in state.workflows.items() if not one.enabled}
        return as_applied(self.definitions, versions, disabled)


def _state_of(engine: DuckDB) -> State:
    return read_state(engine) if has_schema(engine) else State()


def _remove(new: Path) -> None:
    """Removes a copy that is not finished."""
    new.unlink(missing_ok=True)
    new.with_name(f"{new.name}.wal").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a directory, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
