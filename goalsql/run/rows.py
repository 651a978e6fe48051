"""Event sources that are tables or queries: which of their rows are new (SPEC 4).

A tick notes how many rows it has seen and the sum of their hashes. Where the next one finds the
same among the rows that lie and were loaded up to the last tick, all others are new. Where it does
not, a row came late, is gone or is not what it was, and the source is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from sqlglot import exp

from goalsql.compile.arrivals import News, Reading
from goalsql.compile.relations import create_view, event_view, new_rows, table
from goalsql.compile.statements import Statement, insert_rows, named
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError
from goalsql.model.catalog import ColumnType
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.run.files import seen_from
from goalsql.run.sources import OpenSources
from goalsql.run.state import Remembered, Seen, run

Columns = Mapping[str, ColumnType]


def read_rows(engine: Engine, sources: OpenSources, before: Remembered) -> dict[str, Reading]:
    """Says by view which tables have new rows only, and makes the views of these.

    Args:
        engine: the project's database.
        sources: as they were opened.
        before: what earlier ticks have read.
    """
    found: dict[str, Reading] = {}
    for view, columns in _tables(sources):
        last = before.tick_at
        if last is None or _seen(engine, view, columns, view, last) != before.seen.get(view):
            continue
        query = exp.select("*").from_(table(view)).where(_later(view, columns))
        comment = "Makes the view of a source's rows that are new."
        create = create_view(new_rows(view), query)
        run(engine, Statement(f"view.{new_rows(view)}", comment, create), tick_at=last)
        found[view] = "more"
    return found


def remember_rows(
    engine: Engine, sources: OpenSources, before: Mapping[str, Seen], news: News, tick_at: datetime
) -> None:
    """Notes which rows of tables the tick has seen."""
    rows = []
    for view, columns in _tables(sources):
        seen = _seen(engine, view, columns, news.rows(view), tick_at)
        if news.of(view) == "more":
            seen = Seen(before[view].rows + seen.rows, before[view].hashes + seen.hashes)
        rows.append((view, seen.rows, seen.hashes))
    types = {"source": "VARCHAR", "rows": "BIGINT", "hashes": "HUGEINT"}
    run(engine, named("tick/state.sql")["state.forget_seen_rows"])
    run(engine, insert_rows("seen_rows", "Notes the rows.", types, rows))


def unseen_rows(
    engine: Engine, sources: OpenSources, before: Remembered
) -> dict[str, tuple[int, bool] | None]:
    """By view: how many rows lie after the last tick, and whether those up to it are other ones.

    Whole rows are read only where both their number and their instants leave that open. It is None
    for a table that cannot be read.
    """
    found: dict[str, tuple[int, bool] | None] = {}
    for view, columns in _tables(sources):
        if before.tick_at is not None and seen_from(view, columns) is not None:
            with suppress(EngineError):
                found[view] = _unseen(engine, view, columns, before.seen.get(view), before.tick_at)
        found.setdefault(view, None)
    return found


def _unseen(
    engine: Engine, view: str, columns: Columns, before: Seen | None, last: datetime
) -> tuple[int, bool]:
    later = _later(view, columns)
    query = exp.select(exp.CountIf(this=later), exp.CountIf(this=exp.not_(later.copy())))
    comment = "Counts the rows of a source after the last tick, and up to it."
    statement = Statement(f"unseen.{view}", comment, query.from_(table(view)))
    ((new, seen),) = run(engine, statement, tick_at=last)
    if new or before is None or seen != before.rows:
        return new, before is None or seen != before.rows
    return new, _seen(engine, view, columns, view, last) != before


def _tables(sources: OpenSources) -> Iterator[tuple[str, Columns]]:
    """The views of event sources that are no files, with their columns."""
    for name, columns in sources.catalog.events.items():
        view = event_view(name)
        if name not in BUILT_IN_EVENTS and columns and not sources.deliveries[view].parts:
            yield view, columns


def _seen(engine: Engine, view: str, columns: Columns, among: str, at: datetime) -> Seen:
    """How many of some rows of a view ticks have seen, and the sum of their hashes."""
    key = exp.func("HASH", *[exp.column(name, quoted=True) for name in columns])
    hashes = exp.func("SUM", exp.cast(key, exp.DataType.build("HUGEINT", dialect="duckdb")))
    query = (
        exp.select(exp.Count(this=exp.Star()).as_("rows"))
        .select(exp.func("COALESCE", hashes, exp.Literal.number(0)).as_("hashes"))
        .from_(table(among))
        .where(exp.not_(_later(view, columns)))
    )
    comment = "Counts the rows of a source that ticks have seen, and sums up their hashes."
    ((rows, total),) = run(engine, Statement(f"seen.{view}", comment, query), tick_at=at)
    return Seen(rows, total)


def _later(view: str, columns: Columns) -> exp.Expr:
    """A row lies or was loaded after the tick; one without any instant does not."""
    after = exp.GT(this=seen_from(view, columns), expression=exp.Placeholder(this="tick_at"))
    return exp.func("COALESCE", after, exp.false())
