"""What the figures would be: a workflow under two definitions, over all history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from goalsql.codes import Code
from goalsql.compile.statements import Statement, named, template
from goalsql.engine.protocol import Engine
from goalsql.errors import DefinitionError, Problem, UsageError
from goalsql.model.catalog import Catalog
from goalsql.model.dependence import depends_on
from goalsql.model.project import Definitions
from goalsql.model.reading_project import MARKETING_EMAIL
from goalsql.model.reading_whatif import Part, read_other
from goalsql.model.validation import validate
from goalsql.model.workflow import ManualTrigger, Workflow
from goalsql.run.enroll import known_workflow
from goalsql.run.sources import OpenSources
from goalsql.run.state import Applied, State, run
from goalsql.run.tick import Progress, run_tick

Side = Literal["today", "other"]


@dataclass(frozen=True, slots=True)
class History:
    """What was run: from when on, and what there is to say of it."""

    active_from: datetime
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One tick from scratch: of one side or of both, and of all that they depend on."""

    sides: Mapping[Side, Workflow]
    definitions: Definitions


def run_both(
    engine: Engine,
    definitions: Definitions,
    workflow_id: str,
    files: Mapping[Part, Path],
    sources: OpenSources,
    views: Sequence[Statement],
    state: State,
    take_observed: Callable[[], None],
    tick_at: datetime,
    progress: Progress,
) -> History:
    """Runs a workflow under today's definition and another from scratch, with the event clock.

    Both are workflows of one tick, so that every source is read once; but those in a circle, where
    it matters who comes first, have a run each. What comes out is in the temporary tables
    `today_contact`, `today_metrics`, `today_funnel` and `other_contact` to `other_funnel`.

    Args:
        engine: in memory, where `open_sources` has made the sources' views.
        definitions: the project, valid.
        workflow_id: one of its workflows.
        files: the other definition, as `read_other` takes it.
        sources: as `open_sources` found them.
        views: what makes the report views.
        state: what earlier ticks left in the project's database.
        take_observed: copies what they have observed from there.
        tick_at: T.
        progress: told the name of each stage as it begins.

    Raises:
        DefinitionError: if the other definition is wrong.
        UsageError: if there is no such workflow, no file is named, or it is not known from when on
            the workflow is active.
        SourceError: if the sources' data cannot be used.
    """
    other, doubts = _other(definitions, workflow_id, files, sources.catalog)
    past = {name: _over_history(each, state) for name, each in definitions.workflows.items()}
    today = past[workflow_id]
    if today.active_from is None:
        raise UsageError(
            Code.NO_START,
            f"workflow {workflow_id} has no active_from, and no tick has seen it enabled: "
            "say in its file from when on its history counts",
        )
    runs = _runs(
        replace(today, enabled=True),
        replace(_over_history(other, state), enabled=True),
        replace(definitions, workflows=past),
    )
    warnings = [doubt.as_warning() for doubt in doubts]
    for number, each in enumerate(runs):
        if number:
            run(engine, named("whatif/runs.sql")["whatif.clear_report"])
            run(engine, named("whatif/runs.sql")["whatif.clear_state"])
        if state.tick_at is not None:
            take_observed()
        found = _tick(engine, each, sources, views, tick_at, progress)
        warnings += [warning for warning in found if warning not in warnings]
    if any(isinstance(form, ManualTrigger) for each in (today, other) for form in each.triggers):
        message = "contacts that were enrolled by hand are not in these figures"
        warnings.append(Code.BY_HAND.says(message))
    return History(today.active_from, tuple(warnings))


def _other(
    definitions: Definitions, workflow_id: str, files: Mapping[Part, Path], catalog: Catalog
) -> tuple[Workflow, list[Problem]]:
    """The other definition, found valid, and the warnings of it."""
    today = known_workflow(definitions, workflow_id)
    if not files:
        raise UsageError(
            Code.WRONG_OPTIONS, "name a file with another goal, enrollment or suppression"
        )
    other, problems = read_other(today, files)
    changed = _changed(definitions, other)
    errors, warnings = validate(changed, catalog)
    if problems := [*problems, *errors]:
        raise DefinitionError(problems)
    places = {str(file) for file in files.values()}
    return other, [warning for warning in warnings if warning.place.file in places]


def _changed(definitions: Definitions, other: Workflow) -> Definitions:
    return replace(definitions, workflows={**definitions.workflows, other.workflow_id: other})


def _over_history(workflow: Workflow, state: State) -> Workflow:
    """The workflow from its first tick on, whatever has become of `active_from` and `enabled`."""
    fixed = state.workflows.get(workflow.workflow_id, Applied()).active_from
    if fixed is None:
        return workflow
    return replace(workflow, active_from=fixed, enabled=True)


def _runs(today: Workflow, other: Workflow, definitions: Definitions) -> list[Run]:
    needed = depends_on(today, definitions)
    needed_by_other = depends_on(other, _changed(definitions, other))
    if today.workflow_id in needed | needed_by_other:
        return [
            _run({"today": today}, needed, definitions),
            _run({"other": other}, needed_by_other, definitions),
        ]
    beside = f"{other.workflow_id} (other)"
    while beside in definitions.workflows:
        beside += "'"
    both: dict[Side, Workflow] = {"today": today, "other": replace(other, workflow_id=beside)}
    return [_run(both, needed | needed_by_other, definitions)]


def _run(sides: Mapping[Side, Workflow], needed: set[str], definitions: Definitions) -> Run:
    workflows = {name: each for name, each in definitions.workflows.items() if name in needed}
    workflows |= {each.workflow_id: each for each in sides.values()}
    return Run(sides, replace(definitions, workflows=workflows))


def _tick(
    engine: Engine,
    asked: Run,
    sources: OpenSources,
    views: Sequence[Statement],
    tick_at: datetime,
    progress: Progress,
) -> tuple[str, ...]:
    """Runs the tick, keeps what came out for each side, and returns the warnings."""
    result = run_tick(
        engine,
        asked.definitions,
        sources,
        views,
        tick_at,
        "event",
        counting=False,
        progress=progress,
    )
    if len(asked.sides) == 2 and MARKETING_EMAIL in sources.catalog.events:
        ids = {"workflow_id": asked.sides["today"].workflow_id}
        ids["other_id"] = asked.sides["other"].workflow_id
        run(engine, named("whatif/runs.sql")["whatif.receipts"], **ids)
    for side, workflow in asked.sides.items():
        for statement in template("whatif/kept.sql", side=side):
            run(engine, statement, workflow_id=workflow.workflow_id)
    return result.warnings
