"""Writes worlds as projects, runs them by the reference, makes relations comparable."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from pprint import pformat
from typing import Any

import duckdb
import yaml
from hypothesis import HealthCheck, settings

from goalsql.model.catalog import ColumnType
from goalsql.model.loading import load
from goalsql.model.project import Definitions
from tests.property.world import Clock, Edit, World
from tests.reference.interpreter import Reference
from tests.reference.measures import Relations
from tests.reference.tables import Row, Tables

SOURCES = "sources.duckdb"
COLUMNS = {
    "decisions": "workflow_id, contact_id, triggered_at, decided_at, outcome",
    "enrollments": "workflow_id, contact_id, enrollment_no, triggered_at, enrolled_at, status, "
    "ended_at, end_reason, next_step, due_at",
    "goal_completions": "workflow_id, goal_epoch, contact_id, enrollment_no, met_at, observed_at",
    "outbox": "workflow_id, contact_id, enrollment_no, step_id, kind, executed_at",
    "receipts": "workflow_id, contact_id, email_id, received_at",
    "workflow_goal_metrics": "workflow_id, workflow_name, goal_name, goal_epoch, enrolled, "
    "active, completed, unenrolled, unenrolled_by_goal, recipients, met_goal, converted, "
    "conversion_rate, conversion_rate_enrolled, unavailable_reason",
    "goal_funnel": "workflow_id, bucket, contacts",
    "goal_contacts": "workflow_id, goal_epoch, contact_id, enrollment_no, first_receipt_at, "
    "met_at, converted, unenrolled_by_goal, observed_at",
}
"""The columns of SPEC 7 that are compared, in the order of the reference's tuples."""
REPORTS = ("workflow_goal_metrics", "goal_funnel", "goal_contacts")


@contextmanager
def directory() -> Iterator[Path]:
    """A new directory, gone afterwards (hypothesis runs many worlds in one test)."""
    with tempfile.TemporaryDirectory(prefix="goalsql-world-") as name:
        yield Path(name)


def write_files(
    world: World, path: Path, files: Edit | None = None, as_parquet: bool = False
) -> None:
    """Writes goalsql.yml, segments and workflows anew, by default as they are at first."""
    files = files or world.files_at(0)[0]

    def source(name: str) -> dict[str, str]:
        return {"from": f"{name}/*.parquet" if as_parquet else f"src.{name}"}

    events = {name: source(name) for name in world.tables.events if name != "marketing_email"}
    sources: dict[str, Any] = {"contacts": source("contacts"), "events": events}
    if "marketing_email" in world.tables.events:
        sources["marketing_emails"] = source("marketing_email")
    if world.tables.property_changes:
        sources["property_changes"] = source("property_changes")
    project = world.settings | {"sources": sources}
    if not as_parquet:
        project["attach"] = {"src": SOURCES}
    segments = dict(files.segments)
    for name in world.tables.segments:
        segments[name] = {"static": source(f"segment_{name}")}
    dump(project, path / "goalsql.yml")
    write_definitions(path, segments, files.workflows)


def write_definitions(
    path: Path, segments: dict[str, Any], workflows: Sequence[dict[str, Any]]
) -> None:
    """Writes segments and workflows anew."""
    for folder in ("segments", "workflows"):
        shutil.rmtree(path / folder, ignore_errors=True)
        (path / folder).mkdir()
    if segments:
        dump(segments, path / "segments" / "all.yml")
    for number, workflow in enumerate(workflows):
        dump(workflow, path / "workflows" / f"{number}.yml")


def dump(data: Any, path: Path) -> None:
    """Writes a YAML file."""
    text = yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")


def read_definitions(path: Path) -> Definitions:
    """The definitions of a project directory; a world's are never wrong."""
    loaded = load(path)
    assert not loaded.problems, loaded.problems
    assert loaded.definitions is not None
    return loaded.definitions


def write_sources(
    tables: Tables, path: Path, as_parquet: bool = False, before: Tables | None = None
) -> None:
    """Writes the rows as tables of a DuckDB file, or as Parquet files, in their own types.

    Args:
        tables: the rows.
        path: the project's directory.
        as_parquet: write a folder of files for each source instead.
        before: what the files hold already: rows that come after them go to a file of their own,
            and a source that lost any is written anew.
    """
    (path / SOURCES).unlink(missing_ok=True)
    with duckdb.connect(":memory:" if as_parquet else str(path / SOURCES)) as connection:
        written = {} if before is None else {name: rows for name, _, rows in _sources(before)}
        for name, columns, rows in _sources(tables):
            held = written.get(name)
            grows = held is not None and rows[: len(held)] == held
            if grows and rows == held:
                continue
            _write(connection, name, columns, rows[len(held) :] if grows and held else rows)
            if as_parquet:
                folder = path / name
                if not grows:
                    shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(exist_ok=True)
                file = folder / f"{len(list(folder.iterdir()))}.parquet"
                connection.table(f'"{name}"').write_parquet(str(file))


def _sources(tables: Tables) -> Iterator[tuple[str, Any, list[Row]]]:
    """Every source by the name of its table: columns and rows."""
    catalog = tables.catalog
    yield "contacts", catalog.contacts, tables.contacts
    if tables.property_changes:
        yield "property_changes", catalog.property_changes, tables.property_changes
    for name, rows in tables.events.items():
        yield name, catalog.events[name], rows
    for name, rows in tables.segments.items():
        yield f"segment_{name}", catalog.segments[name], rows


def _write(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Any,
    rows: list[Row],
) -> None:
    types: dict[str, ColumnType] = dict(columns)
    declared = ", ".join(f'"{column}" {kind.sql}' for column, kind in types.items())
    connection.execute(f'CREATE TABLE "{name}" ({declared})')
    places = ", ".join("?" for _ in types)
    if rows:
        values = [[row.get(column) for column in types] for row in rows]
        connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', values)


def run_reference(world: World, ticks: Sequence[datetime], clock: Clock) -> Relations:
    """The reference's relations after the last tick."""
    reference = reference_after(world, ticks, clock)
    return normalised(reference.relations(world.tables_at(len(ticks) - 1)))


def reference_after(world: World, ticks: Sequence[datetime], clock: Clock) -> Reference:
    """The reference after the last tick."""
    with directory() as path:
        write_files(world, path, world.files_at(0)[0])
        reference = Reference(read_definitions(path))
        for number, at in enumerate(ticks):
            *applied, files = world.files_at(number)
            for edit in applied:
                write_files(world, path, edit)
                reference.replace(read_definitions(path))
                reference.apply()
            if number > 0 and files != world.files_at(number - 1)[-1]:
                write_files(world, path, files)
                reference.replace(read_definitions(path))
            for workflow_id, contact_id in world.enrolled_by_hand(number):
                reference.enroll(workflow_id, contact_id)
            reference.tick(world.tables_at(number), at, clock)
    return reference


def normalised(relations: Relations) -> Relations:
    """Rows as sorted lists of tuples; rates rounded; a receipt twice at one instant is one."""
    found: Relations = {}
    for name, rows in relations.items():
        tuples = [tuple(_plain(value) for value in row) for row in rows]
        if name == "receipts":
            tuples = list(set(tuples))
        found[name] = sorted(tuples, key=repr)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9)
    return value


def without_observed_at(relations: Relations) -> Relations:
    """The relations as The Law compares them."""
    found = dict(relations)
    for name in ("goal_completions", "goal_contacts"):
        found[name] = [row[:-1] for row in relations[name]]
    return found


def assert_same(left: Relations, right: Relations) -> None:
    """Fails with the rows, by relation, that only one side has."""
    found = {}
    for name in COLUMNS:
        ours, theirs = Counter(left[name]), Counter(right[name])
        if ours != theirs:
            found[name] = {
                "only left": list((ours - theirs).elements()),
                "only right": list((theirs - ours).elements()),
            }
    assert not found, pformat(found)


def examples(default: int) -> settings:
    """The settings of a property test: GOALSQL_WORLDS worlds, `default` without it."""
    return settings(
        max_examples=int(os.environ.get("GOALSQL_WORLDS", default)),
        deadline=None,
        print_blob=True,
        # A world is big by nature: tables and criteria together draw a thousand choices.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
