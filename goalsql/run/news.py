"""Whether a tick may look at what is new only, and what it remembers for the next one (SPEC 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from goalsql.compile.arrivals import EVERYTHING, News
from goalsql.compile.asked import Asked
from goalsql.compile.graph import Row, Window
from goalsql.compile.relations import CONTACTS
from goalsql.compile.statements import insert_rows, named
from goalsql.engine.protocol import Engine
from goalsql.model.catalog import Catalog
from goalsql.model.dependence import circles, depends_on
from goalsql.model.project import Definitions
from goalsql.model.stored import as_stored
from goalsql.run.arrivals import Part
from goalsql.run.rows import read_rows
from goalsql.run.sources import OpenSources
from goalsql.run.state import SCHEMA_VERSION, State, run


def rules_of(definitions: Definitions, catalog: Catalog) -> str:
    """A digest of all that what is remembered depends on, the definitions of workflows aside."""
    return _digest(
        SCHEMA_VERSION,
        definitions.sources,
        dict(definitions.attach),
        (definitions.timezone, definitions.receipt_event, definitions.on_bad_value),
        (catalog.contacts, catalog.events, catalog.property_changes, catalog.segments),
    )


def rules_by_workflow(definitions: Definitions, windows: Sequence[Window]) -> dict[str, str]:
    """A digest of what a tick does for each workflow with a window, the window's instants aside."""
    return {
        window.workflow_id: _digest(
            as_stored(definitions.workflows[window.workflow_id], definitions),
            replace(window, starts_at=datetime.min),
        )
        for window in windows
    }


def _digest(*seen: object) -> str:
    return sha256(repr(seen).encode()).hexdigest()


def news_of(
    engine: Engine,
    definitions: Definitions,
    sources: OpenSources,
    state: State,
    windows: Sequence[Window],
    rules: str,
    by_workflow: Mapping[str, str],
) -> News:
    """What is new in the sources; everything, where what is remembered depends on has changed.

    Every contact is looked at for a workflow that is not what it was, or whose window does not
    begin where the last one ended; for workflows that depend on each other in a circle, as what one
    of them left in the last tick is new to another one in this; and for all that depend on these.
    """
    before = state.remembered
    if before.rules != rules:
        return EVERYTHING
    readings = {view: delivery.reading for view, delivery in sources.deliveries.items()}
    readings |= read_rows(engine, sources, before)
    whole = {name for names in circles(definitions) for name in names}
    whole |= {name for name, digest in by_workflow.items() if before.workflows.get(name) != digest}
    whole |= {each.workflow_id for each in windows if each.starts_at != state.tick_at}
    if whole:
        whole |= {
            name
            for name, workflow in definitions.workflows.items()
            if depends_on(workflow, definitions) & whole
        }
        readings[CONTACTS] = "whole"
    return News(True, readings, before.kept, frozenset(whole & by_workflow.keys()))


def remember(engine: Engine, state: State, asked: Asked, by_workflow: Mapping[str, str]) -> None:
    """Notes what is remembered from now on, and of which rules."""
    kept = asked.kept
    if kept == state.remembered.kept and by_workflow == state.remembered.workflows:
        return
    rows: list[Row] = [("workflow", name, None, digest) for name, digest in by_workflow.items()]
    rows += [("matcher", text, number, uses) for text, (number, uses) in kept.matchers.items()]
    rows += [("property", name, None, None) for name in sorted(kept.properties)]
    rows += [("segment", name, None, None) for name in sorted(kept.segments)]
    columns = {
        "kind": "VARCHAR",
        "asked": "VARCHAR",
        "matcher": "INTEGER",
        "uses": "VARCHAR",
    }
    run(engine, named("tick/state.sql")["state.forget_remembered"])
    run(engine, insert_rows("remembered", "Notes what is remembered.", columns, rows))


def remember_parts(
    engine: Engine, sources: OpenSources, later: Mapping[str, int], tick_at: datetime
) -> None:
    """Notes the files that the sources were read from, and which have rows after the tick.

    Args:
        engine: the project's database.
        sources: as they were opened.
        later: how many rows that lie or were loaded after the tick were found, by view.
        tick_at: T.
    """
    rows: list[Row] = []
    for view, delivery in sources.deliveries.items():
        held = _holding(engine, sources, view, tick_at) if later.get(view) else set()
        rows.extend(_row(view, part, part.file in held) for part in delivery.parts)
    columns = {
        "source": "VARCHAR",
        "file": "VARCHAR",
        "size": "BIGINT",
        "modified": "BIGINT",
        "inode": "UBIGINT",
        "pending": "BOOLEAN",
    }
    run(engine, named("tick/state.sql")["state.forget_parts"])
    run(engine, insert_rows("source_parts", "Notes the files.", columns, rows))


def _row(view: str, part: Part, pending: bool) -> Row:
    return (view, part.file, part.size, part.modified, part.inode, pending)


def _holding(engine: Engine, sources: OpenSources, view: str, tick_at: datetime) -> set[str]:
    delivery = sources.deliveries[view]
    listed = delivery.unseen or [part.file for part in delivery.parts]
    if view not in sources.files:
        return set(listed)
    statement = sources.files[view].pending(view, listed)
    return {str(file) for (file,) in run(engine, statement, tick_at=tick_at)}
