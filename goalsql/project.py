"""The Python API: a project directory and everything that can be done with it (SPEC 8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb
import polars as pl

from goalsql.asking import what_if, why
from goalsql.compile.plan import Clock
from goalsql.compile.statements import Statement
from goalsql.engine.duckdb import Tracer
from goalsql.errors import Problem, UsageError
from goalsql.model.loading import Loaded, load
from goalsql.model.project import Definitions
from goalsql.model.reading_whatif import Part
from goalsql.opening import Database
from goalsql.report.comparison import WhatIf
from goalsql.report.explanation import Explanation
from goalsql.report.export import export
from goalsql.report.files import replaced
from goalsql.report.html import page_of
from goalsql.report.project_table import project_table
from goalsql.report.publish import check_places, publish
from goalsql.report.report import Period, Report
from goalsql.report.views import RELATIONS, known_relations, read_relation, report_statements
from goalsql.run.apply import apply_definitions
from goalsql.run.dry_run import stages_of
from goalsql.run.enroll import enroll
from goalsql.run.instants import given_instant
from goalsql.run.tick import Progress, TickResult, run_tick
from goalsql.run.windows import ineffective


@dataclass(frozen=True, slots=True)
class Applying:
    """What `Project.apply` did: the workflows with a new version, and the tick run before."""

    workflows: tuple[str, ...]
    tick: TickResult | None


class Project:
    """A project directory.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from goalsql.examples import init
        >>> with TemporaryDirectory() as parent:
        ...     directory = init(Path(parent) / "shop", contacts=1000).directory
        ...     project = Project.load(directory)
        ...     result = project.tick(at="2026-01-01T00:00:00Z", clock="event")
        ...     metrics = project.relation("report.workflow_goal_metrics")
        >>> result.enrolled
        530
        >>> dict(metrics.select("workflow_id", "converted").rows())["nurture"]
        38
    """

    def __init__(
        self, directory: Path, loaded: Loaded, tracer: Tracer | None = None, wait: float = 0
    ) -> None:
        self.directory = directory
        self._database = Database(directory, loaded, tracer, wait)

    @classmethod
    def load(
        cls, path: str | Path = ".", tracer: Tracer | None = None, *, wait: float = 0
    ) -> Project:
        """Reads a project directory; mistakes in it are raised by whatever uses it.

        Args:
            path: the directory of goalsql.yml.
            tracer: called with the name and text of every SQL statement before it runs.
            wait: how many seconds to wait where another process has the database.
        """
        directory = Path(path).absolute()
        return cls(directory, load(directory), tracer, wait)

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
        with self._database.open(read_only=True) as opened:
            return (*opened.warnings, *ineffective(opened.definitions, opened.state))

    def tick(
        self,
        at: datetime | str | None = None,
        clock: Clock = "tick",
        *,
        full: bool = False,
        allow_gone: bool = False,
        progress: Progress = lambda stage: None,
    ) -> TickResult:
        """Runs one tick (SPEC 4).

        Args:
            at: T; naive is UTC, a date is its first instant in the project's timezone; default
                now, cut to the minute.
            clock: `tick` runs due steps at T, `event` at the instants at which they are due.
            full: take no shortcut.
            allow_gone: go on although more than `max_gone` of the active contacts are gone.
            progress: told the name of each stage as it begins.

        Raises:
            DefinitionError: if the project's files are wrong; nothing is changed.
            SourceError: if the sources' data cannot be used; nothing is changed.
            UsageError: if a later tick has been run, or a copy could not be published.
            PublishError: if the tick is done, but a copy of it could not be published.
        """
        tick_at = self._instant(at)
        check_places(self.definitions.publish)
        if not self.database.exists():
            self.validate()
        with self._database.open() as opened:
            result = run_tick(
                opened.engine,
                opened.definitions,
                opened.sources,
                report_statements(),
                tick_at,
                clock,
                full=full,
                allow_gone=allow_gone,
                progress=progress,
            )
            publish(
                opened.engine,
                self.definitions.publish,
                done="the tick is done",
                again=not result.already_done,
            )
            return result

    def apply(self, at: datetime | str | None = None, clock: Clock = "tick") -> Applying:
        """Records every change of the definitions since they were last applied (SPEC 5).

        Args:
            at: T of a tick that is run before, under the definitions as last applied, where there
                are any; None for no tick.
            clock: of that tick.

        Raises:
            DefinitionError: if the project's files are wrong; nothing is changed.
            SourceError: if the sources' data cannot be used by the tick; nothing is changed.
            UsageError: if a later tick has been run, or a copy could not be published.
            PublishError: if all that is done, but a copy of it could not be published.
        """
        check_places(self.definitions.publish)
        if at is not None or not self.database.exists():
            self.validate()
        tick = None
        if at is not None:
            with self._database.open(applied=True) as opened:
                if opened.definitions.workflows:
                    views = report_statements()
                    old = (opened.engine, opened.definitions, opened.sources, views)
                    tick = run_tick(*old, self._instant(at), clock)
        with self._database.open() as opened:
            now = datetime.now(UTC).replace(tzinfo=None)
            found = (opened.engine, opened.definitions, opened.catalog, report_statements())
            result = Applying(tuple(apply_definitions(*found, now)), tick)
            publish(opened.engine, self.definitions.publish, done="the definitions are applied")
            return result

    def enroll(self, workflow_id: str, contacts: Sequence[object]) -> int:
        """Queues contacts for a workflow; the next tick decides them (SPEC 4.1).

        Args:
            workflow_id: an enabled workflow.
            contacts: their ids.

        Returns:
            How many were queued that were not waiting already.

        Raises:
            UsageError: if the workflow is unknown or disabled, or a contact unknown.
        """
        if not self.database.exists():
            self.validate()
        with self._database.open() as opened:
            names = [str(contact) for contact in contacts]
            return enroll(opened.engine, opened.definitions, opened.catalog, workflow_id, names)

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
            UsageError: if no tick has been run.
        """
        with self._database.reading() as engine:
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
            return why(opened, workflow_id, str(contact), None if at is None else self._instant(at))

    def compile(self, workflow_id: str | None = None) -> list[tuple[str, tuple[Statement, ...]]]:
        """The statements of a tick by stage, for all workflows or one.

        Raises:
            DefinitionError: if the project's files are wrong.
            UsageError: if there is no such workflow.
        """
        with self._database.open(read_only=True) as opened:
            asked = (opened.definitions, opened.catalog)
            return stages_of(*asked, workflow_id, self._instant(None))

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
            return what_if(opened, workflow_id, files, tick_at, progress)

    def publish(self) -> tuple[Path, ...]:
        """Puts a copy of state and reports wherever goalsql.yml says; ticks do so themselves.

        Returns:
            The places.

        Raises:
            PublishError: if a copy cannot be written; the one before is as it was.
            UsageError: if goalsql.yml names no place, one cannot be written or holds something
                else, or no tick has been run.
        """
        publications = self.definitions.publish
        if not publications:
            mend = f"add e.g. `publish: {{to: published/{self.database.stem}.duckdb}}`"
            raise UsageError(f"goalsql.yml does not say where to publish: {mend}")
        check_places(publications)
        with self._database.reading(alone=True) as engine:
            publish(engine, publications)
        return tuple(publication.to for publication in publications)

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

    def _repr_html_(self) -> str:
        database = self._database
        return project_table(self.directory, database.loaded, lambda: database.state().tick_at)

    def _instant(self, at: datetime | str | None) -> datetime:
        return given_instant(at, self.definitions.timezone)
