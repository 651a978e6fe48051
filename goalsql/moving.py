"""The state of a project as Parquet, to go on from on another engine.

What was remembered of the sources stays behind, for engines tell rows and files in their own ways:
the next tick reads the sources whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from goalsql.codes import Code
from goalsql.compile.statements import Statement, named
from goalsql.engine.protocol import Engine
from goalsql.errors import SourceError, UsageError
from goalsql.report.export import read_manifest
from goalsql.run.apply import digest_of
from goalsql.run.state import SCHEMA_VERSION, contact_id_type, create_schema, run

_TABLES = (
    "ticks",
    "workflows",
    "workflow_versions",
    "decisions",
    "enrollments",
    "goal_completions",
    "receipts",
    "email_responses",
    "outbox",
    "seen_events",
    "known_contacts",
    "enroll_queue",
    "source_rows",
    "observed_values",
    "observed_segments",
    "observed_members",
    "forgotten",
)
STATE = tuple(f"goalsql.{name}" for name in (*_TABLES, "last_found", "project"))
"""The tables of state that are moved."""


def import_state(
    engine: Engine, directory: Path, contact_id: str, views: Sequence[Statement]
) -> dict[str, int]:
    """Takes over what `export` wrote of `STATE`, and makes the report views; all of it or nothing.

    Args:
        engine: the project's.
        directory: that of the export.
        contact_id: the type of the contacts source's ids.
        views: what makes the report views.

    Returns:
        The rows of each table.

    Raises:
        UsageError: if there is a state already, or the directory holds no export of the whole one,
            or another version's.
        SourceError: if the state was made with contact ids of another type.
    """
    rows = _checked(directory)
    if contact_id_type(engine) is not None:
        raise UsageError(
            Code.STATE_THERE, "the project has a state already, which an import would replace"
        )
    moves = named("schema/move.sql", table="")
    ids = run(engine, moves["move.ids"], path=_file(directory, "decisions"))[0][1]
    if ids != contact_id:
        raise SourceError(
            Code.OTHER_IDS,
            f"contacts: contact_id is {contact_id}, but the state in {directory} was made with "
            f"{ids}; cast it in a query",
        )
    with engine.transaction():
        create_schema(engine, contact_id)
        for table in _TABLES:
            rows_of = named("schema/move.sql", table=table)["move.rows"]
            run(engine, rows_of, path=_file(directory, table))
        run(engine, moves["move.found"], path=_file(directory, "last_found"))
        run(engine, named("tick/state.sql")["state.forget_project"])
        project = {"path": _file(directory, "project"), "views": digest_of(views)}
        run(engine, moves["move.project"], **project)
        for view in views:
            run(engine, view)
    return rows


def _checked(directory: Path) -> dict[str, int]:
    """The rows of each table, as an export of the whole state says."""
    manifest = read_manifest(directory)
    rows: Mapping[str, int] = manifest.get("rows", {})
    if not rows.keys() >= set(STATE):
        raise UsageError(
            Code.NO_STATE,
            f"{directory} holds no export of the whole state: `goalsql export --state` writes one",
        )
    if manifest["schema_version"] != SCHEMA_VERSION:
        raise UsageError(
            Code.NO_STATE,
            f"the state in {directory} has schema version {manifest['schema_version']}, and this "
            f"goalsql knows {SCHEMA_VERSION}: run a tick with this goalsql there, and export again",
        )
    return {name: rows[name] for name in STATE}


def _file(directory: Path, table: str) -> str:
    return str(directory / "goalsql" / f"{table}.parquet")
