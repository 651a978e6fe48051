"""What can be asked of a project directory; nothing here changes it (SPEC 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import duckdb
import polars as pl

from goalsql.codes import Code
from goalsql.compile.dialects.printed import DIALECTS, DUCKDB, stages_in
from goalsql.compile.statements import Statement
from goalsql.engine.duckdb import DuckDB
from goalsql.engine.protocol import Tracer
from goalsql.errors import Problem, UsageError, unknown
from goalsql.model.loading import Loaded, load
from goalsql.model.project import Definitions
from goalsql.model.reading_whatif import Part
from goalsql.model.stored import as_stored
from goalsql.moving import STATE
from goalsql.opening import NO_TICK, Database
from goalsql.report.comparison import WhatIf, read_comparison
from goalsql.report.explain import explain
from goalsql.report.explanation import Explanation
from goalsql.report.export import export
from goalsql.report.files import replaced
from goalsql.report.project_table import project_table
from goalsql.report.report import Period, Report
from goalsql.report.views import RELATIONS, known_relations, read_relation, report_statements
from goalsql.run.copying import check_place, check_replaceable, copy_database
from goalsql.run.dry_run import stages_of
from goalsql.run.enroll import known_workflow
from goalsql.run.forgotten import not_forgotten
from goalsql.run.instants import given_instant
from goalsql.run.tick import Progress
from goalsql.run.whatif import run_both
from goalsql.run.windows import ineffective
from goalsql.status import Status, status_of


class Asking:
    """A project directory, to be asked."""

    def __init__(
        self,
        directory: Path,
        loaded: Loaded,
        tracer: Tracer | None = None,
        wait: float = 0,
        notify: Callable[[str], None] = lambda line: None,
        spark: Any = None,
    ) -> None:
        self.directory = directory
        self._database = Database(directory, loaded, tracer, wait, notify, spark)

    @classmethod
    def load(
        cls,
        path: str | Path = ".",
        tracer: Tracer | None = None,
        *,
        wait: float = 0,
        notify: Callable[[str], None] = lambda line: None,
        spark: Any = None,
    ) -> Self:
        """Reads a project directory; mistakes in it are raised by whatever uses it.

        Args:
            path: the directory of goalsql.yml.
            tracer: called with the name and text of every SQL statement before it runs.
            wait: how many seconds to wait where another process has the database.
            notify: told in a line, once, where a published copy is read instead of the database
                because another process has it.
            spark: a SparkSession to run on, instead of what goalsql.yml says under `engine`.
        """
        directory = Path(path).absolute()
        return cls(directory, load(directory), tracer, wait, notify, spark)

    @property
    def definitions(self) -> Definitions:
        """What the files say.

        Raises:
            DefinitionError: where goalsql.yml cannot be used.
        """
        return self._database.definitions

    @property
    def database(self) -> Path:
        """The database file."""
        return self._database.path

    def validate(self) -> tuple[Problem, ...]:
        """Checks the files against the sources and returns the warnings.

        Raises:
            DefinitionError: with every mistake, each with file, line, and the mend.
        """
        with self._database.open(read_only=True, stateless=True, or_copy=True) as opened:
            return (*opened.warnings, *ineffective(opened.definitions, opened.state))

    def status(self) -> Status:
        """How the project stands: its database, the last tick, and what waits for the next one.

        Before the first tick, and while another process has the database, it says what can be seen.

        Raises:
            DefinitionError: if goalsql.yml cannot be read.
        """
        return status_of(self._database)

    def report(
        self,
        workflow: str | Sequence[str] | None = None,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        by: Period = "month",
    ) -> Report:
        """The report views as polars frames by name, of all workflows, one or several.

        Args:
            workflow: an id, or several; also of a workflow whose file is gone.
            since: the first day shown of the frames that have days or weeks; default all.
            until: the last one.
            by: the period of the frame `trend`.

        Raises:
            UsageError: if there is no such workflow or period, or the days cannot be.
        """
        wanted = [workflow] if isinstance(workflow, str) else workflow or ()
        reading = partial(self._database.reading, or_empty=True)
        return Report(reading, self.definitions, wanted, since=since, until=until, by=by)

    def report_html(self, to: str | Path, workflow: str | Sequence[str] | None = None) -> None:
        """Writes the report, of all workflows or some, as one HTML file that needs nothing else.

        Before the first tick it says what to run.

        Args:
            to: the file; one that is there is replaced when the new one is whole.
            workflow: as for `report`.

        Raises:
            UsageError: if there is no such workflow, or the file cannot be written.
        """
        # Altair takes as long to load as all the rest, and only this needs it.
        from goalsql.report.html import page_of

        with replaced(Path(to)) as new:
            report = self.report(workflow)
            with self._database.reading(or_empty=True) as engine:
                new.write_text(page_of(report, engine), encoding="utf-8")

    def relation(self, name: str) -> pl.DataFrame:
        """A table of state or a view as a polars frame, e.g. `report.goal_funnel` (SPEC 7).

        Raises:
            UsageError: if SPEC 7 has no such relation, or no tick has been run.
        """
        known_relations([name])
        with self._database.reading() as engine:
            return read_relation(engine, name)

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only DuckDB connection to the project's database, for SQL.

        Raises:
            UsageError: if no tick has been run, or the project does not run on DuckDB.
        """
        self._database.duckdb  # noqa: B018
        with self._database.reading() as engine:
            assert isinstance(engine, DuckDB)
            yield engine.connection

    def explain(
        self, workflow_id: str, contact: object, at: datetime | str | None = None
    ) -> Explanation:
        """Why a contact stands where it stands in a workflow (SPEC 8).

        Args:
            workflow_id: the workflow.
            contact: the contact's id.
            at: T, as for `tick`; default the last tick's.

        Raises:
            DefinitionError: if the project's files are wrong.
            UsageError: if there is no such workflow or contact, or no tick has been run.
        """
        with self._database.open(read_only=True) as opened:
            workflow = known_workflow(opened.definitions, workflow_id)
            state = opened.state
            if state.tick_at is None:
                raise UsageError(Code.NO_TICK, NO_TICK)
            self._database.check_views(state)
            contact_id = opened.catalog.contacts["contact_id"].sql
            not_forgotten(state.forgotten, [str(contact)], contact_id)
            version = state.versions.get(workflow_id)
            definition = as_stored(workflow, opened.definitions)
            return explain(
                opened.engine,
                opened.definitions,
                opened.catalog,
                workflow,
                str(contact),
                at=state.tick_at if at is None else self._instant(at),
                tick_at=state.tick_at,
                edited=version is None or version.definition != definition,
            )

    def compile(
        self, workflow_id: str | None = None, dialect: str = DUCKDB
    ) -> list[tuple[str, tuple[Statement, ...]]]:
        """The statements of a tick by stage, for all workflows or one.

        In another dialect than DuckDB's, some statements become several of one name.

        Args:
            workflow_id: the only workflow; None for all.
            dialect: duckdb, spark, databricks, snowflake, bigquery, clickhouse or postgres.

        Raises:
            DefinitionError: if the project's files are wrong.
            UsageError: if there is no such workflow or dialect, or a statement does not travel.
        """
        if dialect not in DIALECTS:
            raise unknown("dialect", dialect, DIALECTS)
        with self._database.open(read_only=True, stateless=True, or_copy=True) as opened:
            asked = (opened.definitions, opened.catalog)
            stages = stages_of(*asked, workflow_id, self._instant(None))
            return stages_in(stages, dialect, opened.catalog)

    def whatif(
        self,
        workflow_id: str,
        goal: str | Path | None = None,
        enrollment: str | Path | None = None,
        suppression: str | Path | None = None,
        *,
        at: datetime | str | None = None,
        progress: Progress = lambda stage: None,
    ) -> WhatIf:
        """The figures that a workflow would have had with other definitions; changes nothing.

        Today's definition and the other one are both run over all history, from active_from on,
        with the event clock. Contacts enrolled by hand are left out.

        Args:
            workflow_id: the workflow.
            goal: a YAML file with what would stand under `goal:`, or with criteria alone.
            enrollment: one with what would stand under `enrollment:`.
            suppression: one with what would stand under `suppression:`.
            at: T, as for `tick`; default that of the last tick, or now if there is none.
            progress: told the name of each stage as it begins.

        Raises:
            DefinitionError: if the project's files or these are wrong.
            SourceError: if the sources' data cannot be used.
            UsageError: if there is no such workflow, no file is named, or it is not known from when
                on the workflow is active.
        """
        named: dict[Part, str | Path | None] = {
            "goal": goal,
            "enrollment": enrollment,
            "suppression": suppression,
        }
        files = {part: Path(file) for part, file in named.items() if file is not None}
        with self._database.open(beside=True) as opened:
            tick_at = self._instant(at or opened.state.tick_at)
            history = run_both(
                opened.engine,
                opened.definitions,
                workflow_id,
                files,
                opened.sources,
                report_statements(),
                opened.state,
                partial(opened.place.take_observed, opened.engine),
                tick_at,
                progress,
            )
            return WhatIf(
                workflow_id,
                opened.definitions.workflows[workflow_id].name,
                history.active_from,
                tick_at,
                **read_comparison(opened.engine),
                warnings=history.warnings,
            )

    def export(
        self,
        to: str | Path,
        relations: Sequence[str] = RELATIONS,
        *,
        partition: bool = False,
        since_tick: int | None = None,
    ) -> dict[str, int]:
        """Writes relations of SPEC 7 as Parquet and returns their numbers of rows.

        Args:
            to: a directory, new, empty or holding an earlier export; it is replaced as a whole.
            relations: their names, such as `report.goal_funnel`; default all.
            partition: write those with a row for each contact as a directory, a folder for each
                workflow.
            since_tick: write only the rows of later ticks of those that say which tick a row is of:
                ticks, decisions, enrollments (as last changed), goal_completions, receipts, outbox.

        Raises:
            UsageError: if there is no such relation or tick, the directory holds something else or
                cannot be written, or no tick has been run.
        """
        chosen = known_relations(relations)
        with self._database.reading() as engine:
            return export(engine, Path(to), chosen, partition=partition, since_tick=since_tick)

    def export_state(self, to: str | Path) -> dict[str, int]:
        """Writes the whole state as Parquet, for `Project.import_state` of a project without any.

        Args:
            to: a directory, new, empty or holding an earlier export; it is replaced as a whole.

        Returns:
            The rows of each table.

        Raises:
            UsageError: if the directory holds something else or cannot be written, or no tick has
                been run.
        """
        with self._database.reading() as engine:
            return export(engine, Path(to), STATE)

    def backup(self, to: str | Path) -> Path:
        """Copies the whole database, all of it as of one instant, into one file.

        The file can be put in the place of the database: ticks go on from there.

        Args:
            to: a file, new or an earlier backup, which is replaced when the new one is whole.

        Returns:
            The file.

        Raises:
            LockedError: if another process has the database.
            EngineError: if the copy cannot be made, as on a full disk; nothing is left of it.
            UsageError: if there is no database yet, or the file is the database itself, the place
                of a published copy or anything else that is no backup, or cannot be written.
        """
        place = Path(to).absolute()
        check_place(place, self.database, self.definitions.publish)
        with self._database.whole() as engine:
            check_replaceable(engine, place)
            copy_database(engine, place)
        return place

    def _repr_html_(self) -> str:
        database = self._database
        return project_table(self.directory, database.loaded, lambda: database.state().tick_at)

    def _instant(self, at: datetime | str | None) -> datetime:
        return given_instant(at, self.definitions.timezone)
