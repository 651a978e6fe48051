"""The statements of a tick by stage, without running one (SPEC 8: compile)."""

from __future__ import annotations

from datetime import datetime

from goalsql.compile.arrivals import EVERYTHING, build_arrivals
from goalsql.compile.asked import Asked
from goalsql.compile.observing import build_observation
from goalsql.compile.plan import build_plan
from goalsql.compile.statements import Statement
from goalsql.model.catalog import Catalog
from goalsql.model.project import Definitions
from goalsql.run.state import State
from goalsql.run.windows import agenda


def tick_stages(
    definitions: Definitions, catalog: Catalog, tick_at: datetime
) -> list[tuple[str, tuple[Statement, ...]]]:
    """The statements of a first tick with the event clock, by stage.

    Args:
        definitions: the project, valid.
        catalog: the sources' columns.
        tick_at: T.
    """
    windows = agenda(definitions, State(), tick_at, tick_at).windows
    observation = build_observation(definitions, catalog, {}, None, tick_at)
    names = [window.workflow_id for window in windows]
    asked = Asked.of(definitions, catalog, names, EVERYTHING.kept)
    arrivals = build_arrivals(definitions, catalog, asked, EVERYTHING, None, tick_at)
    plan = build_plan(definitions, catalog, windows, asked, tick_at, 1, "event")
    return [*arrivals.stages(), *observation.stages(), *plan.stages()]
