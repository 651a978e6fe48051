"""The benchmark's project once a tick has been run over its whole history."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from goalsql import Project, TickResult
from tests.bench.definitions import write_project


def after_one_tick(directory: Path, workflows: int, at: datetime) -> tuple[Project, TickResult]:
    """Writes the project, runs the tick in a new database, and says what came of it.

    Args:
        directory: where the data is.
        workflows: how many the project has.
        at: T.
    """
    write_project(directory, workflows)
    (directory / "bench.duckdb").unlink(missing_ok=True)
    project = Project.load(directory)
    return project, project.tick(at=at, clock="event")
