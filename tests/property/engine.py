"""Runs a world by the engine, through the Python API, as a user's script would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from goalsql import Project
from tests.engine.spark.copying import copy_of
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
from tests.reference.tables import ContactId

REMEMBERED = {
    "matches": "(SELECT asked FROM goalsql.remembered AS of WHERE of.matcher = matches.matcher), "
    "contact_id, occurred_at, event_id, event_key",
    "remembered": "kind, asked, uses",
    "changes": "property, contact_id, occurred_at, value",
    "changed_properties": "property",
    "members": "segment, contact_id, added_at",
    "known_contacts": "contact_id, created_at",
    "next_turns": "contact_id, turns_at",
    "seen_events": "workflow_id, event, event_id",
    "email_responses": "workflow_id, contact_id, email_id, event, responded_at",
    "observed_values": "property, contact_id, observed_from, value",
    "observed_members": "segment, contact_id, valid_from, valid_to",
    "source_rows": "source, seen_rows, orphan_rows, bad_rows",
}
"""What a tick leaves for the next one, beside what people look at."""
TICKED = ("decisions", "enrollments", "goal_completions", "outbox", "receipts")
"""The tables whose rows say which tick they are of."""


def run_engine(
    world: World,
    ticks: Sequence[datetime],
    clock: Clock,
    *,
    as_parquet: bool = False,
    full: bool = False,
    twice: bool = False,
    remembered: bool = False,
    forgotten: ContactId | None = None,
    forgotten_at: int = 0,
    spark: Any = None,
) -> Relations:
    """The relations after the last tick, and what ticks remember and note if that is asked for.

    `twice` runs each tick again, `full` takes no shortcut. A contact is forgotten before the tick
    of number `forgotten_at`, when the sources are as that tick finds them. `spark` is a session to
    run on; it takes sources as Parquet.
    """
    with directory() as path:
        for number, at in enumerate(ticks):
            *applied, files = world.files_at(number)
            for edit in applied:
                write_files(world, path, edit, as_parquet)
                Project.load(path, spark=spark).apply()
            write_files(world, path, files, as_parquet)
            before = world.tables_at(number - 1) if number and as_parquet else None
            write_sources(world.tables_at(number), path, as_parquet, before)
            project = Project.load(path, spark=spark)
            for workflow_id, contact_id in world.enrolled_by_hand(number):
                if contact_id != forgotten or number <= forgotten_at:
                    project.enroll(workflow_id, [contact_id])
            if forgotten is not None and number == forgotten_at:
                project.forget([forgotten])
            project.tick(at=at, clock=clock, full=full)
            if twice:
                Project.load(path).tick(at=at, clock=clock, full=full)
        return relations_of(Project.load(path, spark=spark), remembered=remembered, spark=spark)


def relations_of(project: Project, *, remembered: bool = False, spark: Any = None) -> Relations:
    """The relations after the last tick, and what ticks remember and note if that is asked for."""
    found: Relations = {}
    asked = COLUMNS
    if remembered:
        ticked = {name: f"{COLUMNS[name]}, tick_id" for name in TICKED}
        asked = COLUMNS | ticked | REMEMBERED
    names = [f"{'report' if name in REPORTS else 'goalsql'}.{name}" for name in asked]
    with project.connect() if spark is None else copy_of(project, names) as connection:
        for name, columns in asked.items():
            schema = "report" if name in REPORTS else "goalsql"
            found[name] = connection.execute(f"SELECT {columns} FROM {schema}.{name}").fetchall()
    return normalised(found)


def without_orphans(relations: Relations) -> None:
    """Leaves the orphans out of the counts: as many as there were when the rows were read."""
    relations["source_rows"] = [(row[0], row[1], row[3]) for row in relations["source_rows"]]
