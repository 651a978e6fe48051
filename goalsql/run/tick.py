"""One batch run: decides the instants up to T, in one transaction (SPEC 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from goalsql.codes import Code
from goalsql.compile.arrivals import EVERYTHING, build_arrivals
from goalsql.compile.asked import Asked
from goalsql.compile.observing import build_observation
from goalsql.compile.plan import Clock, Level, Plan, build_plan
from goalsql.compile.relations import CONTACTS
from goalsql.compile.statements import Statement, named
from goalsql.engine.protocol import Engine
from goalsql.errors import SourceError, UsageError, shortened
from goalsql.model.catalog import Catalog
from goalsql.model.project import Definitions
from goalsql.run.apply import write_definitions
from goalsql.run.counts import Counted, Counts, counted, note_counts
from goalsql.run.news import news_of, remember, remember_parts, rules_by_workflow, rules_of
from goalsql.run.result import Mode, TickResult
from goalsql.run.rounds import move
from goalsql.run.rows import remember_rows
from goalsql.run.sources import OpenSources
from goalsql.run.state import State, create_schema, read_state, run
from goalsql.run.windows import agenda

Progress = Callable[[str], None]
LONG_HISTORY = timedelta(days=1)
FEW_GONE = 10
MOST_LETTERS = 60  # of an id in an error


def run_tick(
    engine: Engine,
    definitions: Definitions,
    sources: OpenSources,
    views: Sequence[Statement],
    tick_at: datetime,
    clock: Clock,
    *,
    full: bool = False,
    allow_gone: bool = False,
    counting: bool = True,
    progress: Progress = lambda stage: None,
) -> TickResult:
    """Runs a tick; a tick that fails changes nothing.

    Args:
        engine: the project's database, where `open_sources` has made the sources' views.
        definitions: the project, valid.
        sources: as `open_sources` found them.
        views: what makes the report views, run where the database has others.
        tick_at: T, naive UTC.
        clock: when due steps run.
        full: take no shortcut: read the sources whole, look at every contact.
        allow_gone: go on although many contacts are gone.
        counting: count the rows of each source, for the tick's row and the warnings.
        progress: told the name of each stage as it begins.

    Raises:
        UsageError: if a later tick has been run.
        SourceError: if the sources' data cannot be used.
        EngineError: if a statement fails.
    """
    started_at = datetime.now(UTC).replace(tzinfo=None)
    with engine.transaction():
        create_schema(engine, sources.catalog.contacts["contact_id"].sql)
        state = read_state(engine)
        if state.tick_at is not None and tick_at <= state.tick_at:
            return _not_later(state, tick_at, clock)
        tick = _Tick(engine, definitions, sources, state, tick_at, clock, full, progress)
        return tick.run(views, started_at, allow_gone, counting)


def _not_later(state: State, tick_at: datetime, clock: Clock) -> TickResult:
    if state.tick_at is not None and tick_at < state.tick_at:
        raise UsageError(
            Code.EARLIER_TICK,
            f"a tick at {state.tick_at} has been run; {tick_at} is earlier, and ticks only go on",
        )
    return TickResult(state.tick_id, tick_at, clock, already_done=True)


class _Tick:
    def __init__(
        self,
        engine: Engine,
        definitions: Definitions,
        sources: OpenSources,
        state: State,
        tick_at: datetime,
        clock: Clock,
        full: bool,
        progress: Progress,
    ) -> None:
        self.engine = engine
        self.definitions = definitions
        self.sources = sources
        self.catalog = sources.catalog
        self.state = state
        self.tick_at = tick_at
        self.tick_id = state.tick_id + 1
        self.clock: Clock = clock
        self.progress = progress
        self.agenda = agenda(definitions, state, tick_at, tick_at)
        windows = self.agenda.windows
        self.rules = rules_of(definitions, self.catalog)
        self.by_workflow = rules_by_workflow(definitions, windows)
        self.news = EVERYTHING
        if not full:
            rules = (self.rules, self.by_workflow)
            self.news = news_of(engine, definitions, sources, state, windows, *rules)
        names = [window.workflow_id for window in windows]
        self.asked = Asked.of(definitions, self.catalog, names, self.news.kept)
        self.arrivals = build_arrivals(
            definitions,
            self.catalog,
            self.asked,
            self.news,
            state.tick_at,
            tick_at,
            self.tick_id,
        )
        self.mode: Mode = "incremental" if self.news.some else "full"
        self.warnings: list[str] = []

    def run(
        self, views: Sequence[Statement], started_at: datetime, allow_gone: bool, counting: bool
    ) -> TickResult:
        self._warn_of_long_history()
        write_definitions(self.engine, self.definitions, self.state, self.agenda, views, self.rules)
        self._warn_of_vanished()
        self._warn_of_rewritten()
        counts, catalog = self._observe(allow_gone, counting)
        plan = build_plan(
            self.definitions,
            catalog,
            self.agenda.windows,
            self.asked,
            self.tick_at,
            self.tick_id,
            self.clock,
            self.news,
        )
        run(self.engine, named("tick/state.sql")["state.tally"])
        self._decide(plan)
        if plan.rest:
            self._stage("contacts", self.arrivals.widen)
            self._decide(plan.rest)
        self._stage("store", self.arrivals.finish)
        remember(self.engine, self.state, self.asked, self.by_workflow)
        return self._finish(counts, started_at)

    def _decide(self, plan: Plan) -> None:
        self._stage("histories", plan.read)
        self._check_values(plan)
        for level in plan.levels:
            self._level(level)

    def _level(self, level: Level) -> None:
        self._stage("rules", level.rules)
        self._stage("sources", level.match)
        self._stage("triggers", level.trigger_truth)
        self._stage("firings", level.fire)
        self._stage("truth", level.truth)
        self._stage("enrollments", level.carry)
        move(self.engine, level, self.clock, self._stage)
        self._stage("store", level.store)

    def _warn(self, code: Code, message: str) -> None:
        self.warnings.append(code.says(message))

    def _stage(self, name: str, statements: Sequence[Statement]) -> None:
        self.progress(name)
        for statement in statements:
            run(self.engine, statement)

    def _warn_of_vanished(self) -> None:
        for workflow in self.definitions.workflows.values():
            if workflow.vanished:
                self._warn(
                    Code.FILE_GONE,
                    f"the file of workflow {workflow.workflow_id} is gone: it goes on as disabled, "
                    "with the rest of its last definition; to silence this, put the file back "
                    "with enabled: false",
                )

    def _warn_of_rewritten(self) -> None:
        """Contacts are a picture of now and come anew each time; other sources only grow."""
        if not self.news.some:
            return
        for view, delivery in self.sources.deliveries.items():
            if view == CONTACTS or self.news.of(view) != "whole" or delivery.unseen:
                continue
            if delivery.parts:
                self._warn(Code.REWRITTEN, f"{view}: its files were rewritten, so it is read whole")
            elif view in self.state.remembered.seen:
                self._warn(
                    Code.LATE_ROWS,
                    f"{view}: rows came late, are gone or are not what they were, so it is read "
                    "whole; rows with a loaded_at after the last tick are not late",
                )

    def _observe(self, allow_gone: bool, counting: bool) -> tuple[Counts, Catalog]:
        """Reads what is new and keeps what changed; only then is it known what has a history.

        Where no contact can be gone or another, it is the touched ones only that are read.
        """
        arrivals, known = self.arrivals, self.news.contacts_known
        observation = build_observation(
            self.definitions,
            self.catalog,
            self.state.held,
            self.state.tick_at,
            self.tick_at,
            among="touched" if known else "",
            touches=self.news.some and not known,
        )
        self._stage("sources", (*arrivals.begin, *arrivals.changes))
        if not known:
            self._check_contacts()
            self._stage("contacts", (*observation.contacts, *arrivals.contacts))
            self._check_gone(allow_gone)
            self._stage("changes", (*observation.members, *observation.observe))
            self._stage("sources", (*arrivals.events, *arrivals.narrow))
        else:
            self._stage("sources", (*arrivals.contacts, *observation.members, *arrivals.events))
            self._stage("contacts", (*observation.contacts, *arrivals.narrow))
            self._stage("changes", observation.observe)
        counts = self._count() if counting else {}
        found = run(self.engine, named("tick/observed.sql")["observed.properties"])
        return counts, replace(self.catalog, observed=frozenset(name for (name,) in found))

    def _warn_of_long_history(self) -> None:
        seen = {name for name, applied in self.state.workflows.items() if applied.active_from}
        first = [w for w in self.agenda.windows if w.enabled and w.workflow_id not in seen]
        long = [w.workflow_id for w in first if self.tick_at - w.starts_at > LONG_HISTORY]
        if self.clock == "tick" and long:
            self._warn(
                Code.LONG_HISTORY,
                f"the first tick of {', '.join(long)} decides more than a day of history with the "
                "tick clock: all steps due by now run now; --clock event runs them when they were "
                "due",
            )

    def _check_contacts(self) -> None:
        found = run(self.engine, named("tick/checks.sql")["check.duplicates"])
        if found:
            some = ", ".join(
                f"{shortened(str(contact), MOST_LETTERS)} ({times} times)"
                for contact, times in found
            )
            raise SourceError(
                Code.CONTACT_TWICE, f"contacts: contact_id stands more than once: {some}"
            )

    def _check_gone(self, allow_gone: bool) -> None:
        ((active, gone),) = run(self.engine, named("tick/checks.sql")["check.gone"])
        if gone > FEW_GONE and gone * 100 > self.definitions.max_gone * active and not allow_gone:
            raise SourceError(
                Code.MANY_GONE,
                f"contacts: {gone} of {active} contacts with an active enrollment are gone from "
                f"the source, more than max_gone ({self.definitions.max_gone} %); "
                "if that is meant, run with --allow-gone",
            )

    def _check_values(self, plan: Plan) -> None:
        found = [row for statement in plan.bad_values for row in run(self.engine, statement)]
        if not found:
            return
        name, contact, at, text, count = found[0]
        message = (
            f"property_changes: {count} values cannot be cast, the first: {name} of contact "
            f"{contact} at {at} is {text!r}, not {self.catalog.property_type(name).sql}"
        )
        if self.definitions.on_bad_value == "fail":
            raise SourceError(Code.BAD_VALUE, f"{message}; mend the data or set on_bad_value: skip")
        self._warn(Code.VALUES_SKIPPED, f"{message}; skipped")

    def _count(self) -> Counts:
        self.progress("counting rows")
        found = counted(self.engine, self.catalog, self.news, self.tick_at)
        later = {one.view: one.pending_rows for one in found}
        remember_parts(self.engine, self.sources, later, self.tick_at)
        seen = self.state.remembered.seen
        remember_rows(self.engine, self.sources, seen, self.news, self.tick_at)
        counts = self._totals(found)
        note_counts(self.engine, counts)
        return counts

    def _totals(self, found: Sequence[Counted]) -> Counts:
        """The rows of each source that ticks have seen: new ones are added to those before."""
        totals = dict(self.state.sources)
        for one in found:
            adds = self.news.of(one.view) == "more"
            seen, orphans, bad = totals.get(one.source, (0, 0, 0)) if adds else (0, 0, 0)
            totals[one.source] = (
                seen + one.seen_rows,
                orphans + one.orphan_rows,
                bad + one.bad_rows,
            )
        return totals

    def _finish(self, counts: Counts, started_at: datetime) -> TickResult:
        before = self.state.sources
        seen = orphans = bad = 0
        for source, (seen_rows, orphan_rows, bad_rows) in counts.items():
            was_seen, was_orphan, was_bad = before.get(source, (0, 0, 0))
            bad_now = max(0, bad_rows - was_bad)
            bad += bad_now
            if source in self.definitions.sources.event_sources():
                seen += max(0, seen_rows - was_seen)
                orphans += max(0, orphan_rows - was_orphan)
            if bad_now:
                self._warn(
                    Code.BAD_ROWS,
                    f"{source}: {bad_now} rows without contact_id, id or instant are ignored",
                )
        deciding = {window.workflow_id for window in self.agenda.windows if window.enabled}
        for workflow_id, waiting in self.state.waiting.items():
            if workflow_id not in deciding:
                self._warn(
                    Code.QUEUE_DROPPED,
                    f"{waiting} manual enrollments in {workflow_id} are dropped: "
                    "it is not enabled, or not active yet",
                )
        settings = named("tick/state.sql")
        run(self.engine, settings["state.clear_queue"])
        (row,) = run(
            self.engine,
            settings["state.tick"],
            tick_id=self.tick_id,
            tick_at=self.tick_at,
            clock=self.clock,
            mode=self.mode,
            started_at=started_at,
            finished_at=datetime.now(UTC).replace(tzinfo=None),
            new_events=seen,
            orphan_events=orphans,
            bad_rows=bad,
        )
        decisions, enrolled, unenrolled, completions, steps = row[-5:]
        return TickResult(
            tick_id=self.tick_id,
            tick_at=self.tick_at,
            clock=self.clock,
            mode=self.mode,
            new_events=seen,
            orphan_events=orphans,
            bad_rows=bad,
            decisions=decisions,
            enrolled=enrolled,
            unenrolled=unenrolled,
            goal_completions=completions,
            steps_run=steps,
            warnings=tuple(self.warnings),
        )
