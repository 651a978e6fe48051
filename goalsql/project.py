"""The Python API: a project directory and everything that can be done with it (SPEC 8)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from goalsql.asking import Asking
from goalsql.codes import Code
from goalsql.compile.plan import Clock
from goalsql.errors import EngineError, ForgetError, LockedError, UsageError
from goalsql.moving import import_state
from goalsql.report.publish import check_places, publish
from goalsql.report.views import report_statements
from goalsql.rewriting import rewriting
from goalsql.run.apply import apply_definitions
from goalsql.run.enroll import enroll
from goalsql.run.forget import Forgetting, forget, named_contacts
from goalsql.run.result import TickResult
from goalsql.run.tick import Progress, run_tick


@dataclass(frozen=True, slots=True)
class Applying:
    """What `Project.apply` did: the workflows with a new version, and the tick run before."""

    workflows: tuple[str, ...]
    tick: TickResult | None


class Project(Asking):
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
        self._check_places()
        if not self._database.exists():
            self._check_definitions()
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
        self._check_places()
        if at is not None or not self._database.exists():
            self._check_definitions()
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
        if not self._database.exists():
            self._check_definitions()
        with self._database.open() as opened:
            names = [str(contact) for contact in contacts]
            found = (opened.engine, opened.definitions, opened.catalog, opened.state.forgotten)
            return enroll(*found, workflow_id, names)

    def forget(self, contacts: Sequence[object]) -> Forgetting:
        """Removes every row of contacts, here and in the published copies, and keeps them out.

        It cannot be undone. No later tick sees the contacts, whatever the sources say. The sources,
        exports, pages, backups and the project's files are left as they are.

        Args:
            contacts: their ids.

        Raises:
            UsageError: if no contact can have one of the ids, or a copy could not be published;
                nothing is changed.
            ForgetError: if the contacts are forgotten, but the database file still has to be freed
                of what was deleted; forgetting them again does that.
            PublishError: if all that is done, but a copy of it could not be published.
        """
        publications = self.definitions.publish
        self._check_places()
        contact_id = self._database.contact_id()
        names = named_contacts(contacts, contact_id)
        with self._database.alone() as engine:
            now = datetime.now(UTC).replace(tzinfo=None)
            result = forget(engine, self.definitions, names, contact_id, now)
        done = "the contacts are forgotten"
        try:
            with rewriting(self._database) as engine:
                publish(engine, publications, done=done)
        except (EngineError, OSError) as error:
            raise ForgetError(
                Code.NOT_FREED,
                f"{done}, but what was deleted is not gone from {self.database} yet: {error}; "
                "`goalsql forget` again finishes it",
            ) from error
        return result

    def import_state(self, directory: str | Path) -> dict[str, int]:
        """Takes over a state, mostly that of the same project on another engine.

        The next tick goes on from there; it reads the sources whole.

        Args:
            directory: what `export_state` wrote.

        Returns:
            The rows of each table.

        Raises:
            DefinitionError: if the project's files are wrong; nothing is changed.
            SourceError: if the state was made with contact ids of another type.
            UsageError: if the project has a state already, or the directory holds none.
        """
        contact_id = self._database.contact_id()
        with closing(self._database.place.connect(read_only=False)) as engine:
            return import_state(engine, Path(directory), contact_id, report_statements())

    def compact(self) -> None:
        """Puts the small files that ticks leave on Spark together, one for each table.

        Ticks do so themselves where a table has many.

        Raises:
            UsageError: if the state is in DuckDB's file, or not there yet.
        """
        self._database.place.compact()

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
            raise UsageError(
                Code.NO_PUBLICATION, f"goalsql.yml does not say where to publish: {mend}"
            )
        self._check_places()
        with self._database.reading(alone=True) as engine:
            publish(engine, publications)
        return tuple(publication.to for publication in publications)

    def _check_definitions(self) -> None:
        """Finds mistakes before anything is made or changed.

        Where another process has the database, it is the opening that waits for it, or says so.
        """
        with suppress(LockedError):
            self.validate()

    def _check_places(self) -> None:
        """Finds out before the work starts whether copies can be put where they belong."""
        check_places(self.definitions.publish, self._database.place.formats)
