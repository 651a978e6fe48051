"""How many rows of each source ticks have seen, and how many they could not use (SPEC 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from goalsql.compile.arrivals import News
from goalsql.compile.counts import count_rows
from goalsql.compile.statements import insert_rows, named
from goalsql.engine.protocol import Engine
from goalsql.model.catalog import Catalog
from goalsql.run.state import run

Counts = Mapping[str, tuple[int, int, int]]
"""Seen, orphan and bad rows by source."""


class Counted(NamedTuple):
    """What was counted of the rows of a source that were read; see `count_rows`."""

    source: str
    view: str
    seen_rows: int
    orphan_rows: int
    bad_rows: int
    pending_rows: int


def counted(engine: Engine, catalog: Catalog, news: News, tick_at: datetime) -> list[Counted]:
    """Counts the rows of the sources that are read.

    Args:
        engine: the project's database, where `open_sources` has made the sources' views.
        catalog: the sources' columns.
        news: how they are read.
        tick_at: T.
    """
    found = []
    for statement in count_rows(catalog, news):
        found += [Counted(*row) for row in run(engine, statement, tick_at=tick_at)]
    return found


def note_counts(engine: Engine, counts: Counts) -> None:
    """Notes in `goalsql.source_rows` what ticks have seen of the sources, all of them."""
    columns = {
        "source": "VARCHAR",
        "seen_rows": "BIGINT",
        "orphan_rows": "BIGINT",
        "bad_rows": "BIGINT",
    }
    run(engine, named("tick/state.sql")["state.forget_source_rows"])
    rows = [(source, *numbers) for source, numbers in counts.items()]
    run(engine, insert_rows("source_rows", "Notes the rows.", columns, rows))
