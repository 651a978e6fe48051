"""Checks the benchmark's answer: the reference interpreter over a sample of its contacts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from goalsql import Project
from goalsql.engine.duckdb import DuckDB
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.run.sources import open_sources
from tests.reference.interpreter import Reference
from tests.reference.tables import Row, Tables

SAMPLE = 200
RELATIONS = {
    "decisions": "workflow_id, contact_id, triggered_at, decided_at, outcome",
    "enrollments": "workflow_id, contact_id, enrollment_no, triggered_at, enrolled_at, status, "
    "ended_at, end_reason, next_step, due_at",
    "goal_completions": "workflow_id, goal_epoch, contact_id, enrollment_no, met_at, observed_at",
    "outbox": "workflow_id, contact_id, enrollment_no, step_id, kind, executed_at",
}


def check_sample(directory: Path, contacts: int, tick_at: datetime) -> int:
    """Compares what the tick left of about 200 contacts, and returns how many rows agreed.

    Raises:
        AssertionError: with the first rows that differ.
    """
    project = Project.load(directory)
    engine = DuckDB(None)
    try:
        opened = open_sources(engine, project.definitions)
        tables = _tables(engine.connection, opened.catalog, f"% {max(1, contacts // SAMPLE)} = 1")
    finally:
        engine.close()
    reference = Reference(project.definitions)
    reference.tick(tables, tick_at, "event")
    expected = reference.relations(tables)
    agreed = 0
    with project.connect() as connection:
        for name, columns in RELATIONS.items():
            where = f"contact_id % {max(1, contacts // SAMPLE)} = 1"
            query = f"SELECT {columns} FROM goalsql.{name} WHERE {where}"
            found = sorted(connection.execute(query).fetchall(), key=repr)
            wanted = sorted((tuple(row) for row in expected[name]), key=repr)
            different = [pair for pair in zip(found, wanted, strict=False) if pair[0] != pair[1]]
            assert len(found) == len(wanted), (name, len(found), len(wanted), different[:3])
            assert not different, (name, different[:3])
            agreed += len(found)
    return agreed


def _tables(connection: duckdb.DuckDBPyConnection, catalog: Any, sampled: str) -> Tables:
    def rows(view: str) -> list[Row]:
        relation = connection.execute(f'SELECT * FROM "{view}" WHERE contact_id {sampled}')
        names = [column[0] for column in relation.description]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]

    return Tables(
        catalog=catalog,
        contacts=rows("source contacts"),
        property_changes=rows("source property_changes"),
        events={
            name: rows(f"events {name}") for name in catalog.events if name not in BUILT_IN_EVENTS
        },
        segments={name: rows(f"segment {name}") for name in catalog.segments},
    )
