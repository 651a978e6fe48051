"""Records what the definitions say now (SPEC 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from goalsql.compile.statements import Statement, insert_rows, named
from goalsql.engine.protocol import Engine
from goalsql.model.catalog import Catalog
from goalsql.model.project import Definitions
from goalsql.run.state import SCHEMA_VERSION, State, create_schema, read_state, run
from goalsql.run.windows import Agenda, agenda


def apply_definitions(
    engine: Engine,
    definitions: Definitions,
    catalog: Catalog,
    views: Sequence[Statement],
    applied_at: datetime,
) -> list[str]:
    """Records every change since the definitions were last applied, without a tick.

    Args:
        engine: the project's database.
        definitions: the project, valid, with the workflows whose files are gone.
        catalog: the sources' columns.
        views: what makes the report views, run where the database has others.
        applied_at: what new versions say of when they were applied.

    Returns:
        The workflows that have a new version.
    """
    with engine.transaction():
        create_schema(engine, catalog.contacts["contact_id"].sql)
        state = read_state(engine)
        found = agenda(definitions, state, None, applied_at)
        write_definitions(engine, definitions, state, found, views, state.remembered.rules)
    return [str(row[0]) for row in found.versions]


def write_definitions(
    engine: Engine,
    definitions: Definitions,
    state: State,
    found: Agenda,
    views: Sequence[Statement],
    rules: str | None,
) -> None:
    """Notes the project and its workflows; makes the report views where the database has others."""
    digest = digest_of(views)
    if digest != state.views:
        for view in views:
            run(engine, view)
    columns = {
        "name": "VARCHAR",
        "timezone": "VARCHAR",
        "marketing_hub": "VARCHAR",
        "schema_version": "INTEGER",
        "views": "VARCHAR",
        "rules": "VARCHAR",
    }
    row = (
        definitions.name,
        definitions.timezone,
        definitions.marketing_hub,
        SCHEMA_VERSION,
        digest,
        rules,
    )
    run(engine, named("tick/state.sql")["state.forget_project"])
    run(engine, insert_rows("project", "Notes the project.", columns, [row]))
    for statement in found.statements():
        run(engine, statement)


def digest_of(views: Sequence[Statement]) -> str:
    """What the database notes of its report views: other ones have another digest."""
    return sha256("\n".join(str(view.source) for view in views).encode()).hexdigest()
