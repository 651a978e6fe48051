"""A project in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from goalsql.errors import EngineError, UsageError
from goalsql.model.loading import Loaded
from goalsql.model.workflow import Workflow
from goalsql.notebook import html_table
from goalsql.report.wording import minute, tick_command


def project_table(directory: Path, loaded: Loaded, last_tick: Callable[[], datetime | None]) -> str:
    """A project as an HTML table: its workflows, its database, and the last tick.

    Whatever is wrong with it is said below, for a notebook shows no errors of this.

    Args:
        directory: the project's.
        loaded: what its files say.
        last_tick: reads when the last tick was.
    """
    found = loaded.definitions
    notes = [f"mistake: {problem}" for problem in loaded.problems]
    if found is not None:
        notes += [f"database: {directory / found.database}", _tick(directory, last_tick)]
    rows = [] if found is None else [_row(workflow) for workflow in found.workflows.values()]
    head = ("workflow", "name", "enabled", "goal")
    return html_table(head, rows, title=found.name if found else str(directory), notes=notes)


def _row(workflow: Workflow) -> tuple[str, ...]:
    goal = "none" if workflow.goal is None else workflow.goal.name or "unnamed"
    return workflow.workflow_id, workflow.name, "yes" if workflow.enabled else "no", goal


def _tick(directory: Path, last_tick: Callable[[], datetime | None]) -> str:
    try:
        tick_at = last_tick()
    except (EngineError, UsageError) as error:
        return str(error)
    if tick_at is None:
        return f"no tick has been run yet: run {tick_command(directory)}"
    return f"last tick: {minute(tick_at)}"
