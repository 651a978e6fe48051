"""Whether a tick may look at what is new only, and what it remembers for the next one (SPEC 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from goalsql.compile.arrivals import EVERYTHING, News
from goalsql.compile.graph import Row, Window
from goalsql.compile.statements import insert_rows, named
from goalsql.engine.protocol import Engine
from goalsql.model.catalog import Catalog
from goalsql.model.dependence import circles
from goalsql.model.project import Definitions
from goalsql.model.stored import as_stored
from goalsql.run.arrivals import Part
from goalsql.run.sources import OpenSources
from goalsql.run.state import SCHEMA_VERSION, State, run


def rules_of(definitions: Definitions, catalog: Catalog, windows: Sequence[Window]) -> str:
    """A digest of all that what is remembered depends on, the instants of windows aside."""
    seen = (
        SCHEMA_VERSION,
        [as_stored(workflow, definitions) for workflow in definitions.workflows.values()],
        [replace(window, starts_at=datetime.min) for window in windows],
        definitions.sources,
        dict(definitions.attach),
        (definitions.timezone, definitions.receipt_event, definitions.on_bad_value),
        (catalog.contacts, catalog.events, catalog.property_changes, catalog.segments),
    )
    return sha256(repr(seen).encode()).hexdigest()


def news_of(
    definitions: Definitions,
    sources: OpenSources,
    state: State,
    windows: Sequence[Window],
    rules: str,
) -> News:
    """What is new in the sources; everything, where the rules are not what they were.

    A project whose workflows depend on each other in a circle takes no shortcut: what a workflow
    left in the last tick is new to another one in this.
    """
    continues = all(window.starts_at == state.tick_at for window in windows)
    if state.remembered.rules != rules or not continues or circles(definitions):
        return EVERYTHING
    readings = {view: delivery.reading for view, delivery in sources.deliveries.items()}
    return News(some=True, readings=readings)


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
