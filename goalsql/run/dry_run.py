"""What a tick would run, without running it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from goalsql.compile.arrivals import EVERYTHING, build_arrivals
from goalsql.compile.asked import Asked
from goalsql.compile.observing import build_observation
from goalsql.compile.plan import build_plan
from goalsql.compile.statements import Statement, named
from goalsql.model.catalog import Catalog
from goalsql.model.project import Definitions
from goalsql.run.enroll import known_workflow
from goalsql.run.rounds import look_ahead
from goalsql.run.state import State
from goalsql.run.windows import agenda


def stages_of(
    definitions: Definitions, catalog: Catalog, workflow_id: str | None, tick_at: datetime
) -> list[tuple[str, tuple[Statement, ...]]]:
    """The statements of a first tick by stage, in the order in which it runs them.

    Args:
        definitions: the project, valid.
        catalog: the sources' columns.
        workflow_id: the only workflow; None for all.
        tick_at: T.

    Raises:
        UsageError: if there is no such workflow.
    """
    if workflow_id is not None:
        workflow = known_workflow(definitions, workflow_id)
        definitions = replace(definitions, workflows={workflow_id: workflow})
    windows = agenda(definitions, State(), tick_at, tick_at).windows
    observation = build_observation(definitions, catalog, {}, None, tick_at)
    names = [window.workflow_id for window in windows]
    asked = Asked.of(definitions, catalog, names, EVERYTHING.kept)
    arrivals = build_arrivals(definitions, catalog, asked, EVERYTHING, None, tick_at, 1)
    plan = build_plan(definitions, catalog, windows, asked, tick_at, 1, "event")
    return [
        ("begin", arrivals.begin),
        ("changes", arrivals.changes),
        ("contacts", (*observation.contacts, *arrivals.contacts)),
        ("observe", (*observation.members, *observation.observe)),
        ("events", arrivals.events),
        ("tally", (named("tick/state.sql")["state.tally"],)),
        *[(stage, tuple(map(_in_first_round, some))) for stage, some in plan.stages()],
        ("finish", arrivals.finish),
    ]


def _in_first_round(statement: Statement) -> Statement:
    return statement.given({"ahead": look_ahead(1)})
