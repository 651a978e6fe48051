"""Runs a world by the engine, through the Python API, as a user's script would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from goalsql import Project
from tests.property.harness import (
    COLUMNS,
    REPORTS,
    directory,
    normalised,
    write_files,
    write_sources,
)
from tests.property.world import Clock, World
from tests.reference.measures import Relations


def run_engine(
    world: World,
    ticks: Sequence[datetime],
    clock: Clock,
    *,
    as_parquet: bool = False,
    full: bool = False,
    twice: bool = False,
) -> Relations:
    """The relations after the last tick; `twice` runs each tick again, `full` takes no shortcut."""
    with directory() as path:
        for number, at in enumerate(ticks):
            *applied, files = world.files_at(number)
            for edit in applied:
                write_files(world, path, edit, as_parquet)
                Project.load(path).apply()
            write_files(world, path, files, as_parquet)
            write_sources(world.tables_at(number), path, as_parquet)
            project = Project.load(path)
            for workflow_id, contact_id in world.enrolled_by_hand(number):
                project.enroll(workflow_id, [contact_id])
            project.tick(at=at, clock=clock, full=full)
            if twice:
                Project.load(path).tick(at=at, clock=clock, full=full)
        found: Relations = {}
        with Project.load(path).connect() as connection:
            for name, columns in COLUMNS.items():
                schema = "report" if name in REPORTS else "goalsql"
                found[name] = connection.execute(
                    f"SELECT {columns} FROM {schema}.{name}"
                ).fetchall()
        return normalised(found)
