"""Two definitions of one workflow side by side: as frames, as JSON, in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from goalsql.compile.statements import named
from goalsql.engine.protocol import Engine
from goalsql.notebook import html_table
from goalsql.report.terminal import WIDTH
from goalsql.report.wording import BUCKETS, REASONS, minute, number, percent

COUNTS = {
    "enrolled": "enrolled",
    "active": "active",
    "completed": "completed",
    "unenrolled": "unenrolled",
    "unenrolled_by_goal": "unenrolled by the goal",
    "recipients": "recipients",
    "met_goal": "met the goal",
    "converted": "converted",
}
RATES = {
    "conversion_rate": "conversion rate",
    "conversion_rate_enrolled": "conversion rate of all enrolled",
}
NOT_ENROLLED = "not enrolled"
SIDES = ("today", "other")


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A workflow's figures under today's definition and another one, both over all history.

    `metrics` has the figures of report.workflow_goal_metrics in three rows, by `definition`:
    today, other, difference. `funnel` has bucket, today, other, difference. `moves` has
    from_bucket, to_bucket, contacts: the contacts that are in another bucket under the other
    definition; a bucket is NULL where that definition does not enrol them.
    """

    workflow_id: str
    workflow_name: str
    active_from: datetime
    tick_at: datetime
    metrics: pl.DataFrame
    funnel: pl.DataFrame
    moves: pl.DataFrame
    warnings: tuple[str, ...] = ()

    def plain(self) -> dict[str, object]:
        """Everything as plain data, rows as dictionaries."""
        frames = {name: getattr(self, name).to_dicts() for name in ("metrics", "funnel", "moves")}
        head = ("workflow_id", "workflow_name", "active_from", "tick_at")
        return {name: getattr(self, name) for name in head} | frames

    def _repr_html_(self) -> str:
        title = f"{self.workflow_name}: what if? As of {minute(self.tick_at)}"
        return html_table(("figure", *SIDES, "difference"), _rows(self.metrics), title=title)


def read_comparison(engine: Engine) -> dict[str, pl.DataFrame]:
    """The frames of a `WhatIf` by name, from what the runs of both definitions have left."""
    statements = named("whatif/comparison.sql")
    frames = {
        name: engine.frame(f"whatif.{name}", statements[f"whatif.{name}"].text)
        for name in ("metrics", "funnel", "moves")
    }
    in_order = {
        "metrics": _sorted(frames["metrics"], "definition", (*SIDES, "difference")),
        "funnel": _sorted(frames["funnel"], "bucket", tuple(BUCKETS)),
    }
    return frames | in_order


def _sorted(frame: pl.DataFrame, column: str, values: Sequence[str]) -> pl.DataFrame:
    return frame.sort(pl.col(column).cast(pl.Enum(values)))


def render_comparison(console: Console, found: WhatIf) -> None:
    """Prints the figures side by side, and who changes bucket."""
    width = min(WIDTH, console.width)
    span = f"{found.active_from:%Y-%m-%d %H:%M} to {found.tick_at:%Y-%m-%d %H:%M} UTC"
    console.print(Text(f"{found.workflow_name}: what if?", style="bold"), width=width)
    console.print(f"Both over all history, {span}, event clock. Nothing has been changed.")
    console.print(_figures(found.metrics), width=width)
    console.print(_funnel(found.funnel), width=width)
    if found.moves.is_empty():
        console.print("No contact changes bucket.")
        return
    moved = int(found.moves["contacts"].sum())
    console.print(f"{number(moved)} contact{'s change' if moved > 1 else ' changes'} bucket:")
    console.print(_moves(found.moves), width=width)


def _figures(metrics: pl.DataFrame) -> Table:
    table = _side_by_side("figure")
    for cells in _rows(metrics):
        table.add_row(*map(Text, cells))
    return table


def _rows(metrics: pl.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    """Each figure with what it is today, otherwise, and the difference."""
    today, other, difference = metrics.to_dicts()
    yield "goal", today["goal_name"] or "-", other["goal_name"] or "-", ""
    for name, title in COUNTS.items():
        yield title, number(today[name]), number(other[name]), _more(difference[name])
    for name, title in RATES.items():
        yield title, _rate(today, name), _rate(other, name), _points(difference[name])


def _funnel(funnel: pl.DataFrame) -> Table:
    table = _side_by_side("contacts by how far they came")
    for bucket, *counts, difference in funnel.iter_rows():
        table.add_row(BUCKETS[bucket], *map(number, counts), _more(difference))
    return table


def _moves(moves: pl.DataFrame) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("from")
    table.add_column("to")
    table.add_column("contacts", justify="right", no_wrap=True)
    for here, there, contacts in moves.iter_rows():
        table.add_row(_bucket(here), _bucket(there), number(contacts))
    return table


def _side_by_side(of: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(of, ratio=1)
    for side in (*SIDES, "difference"):
        table.add_column(side, justify="right", overflow="fold")
    return table


def _bucket(bucket: str | None) -> str:
    return NOT_ENROLLED if bucket is None else BUCKETS[bucket]


def _rate(row: dict[str, Any], name: str) -> str:
    """A rate, or why there is none; nobody enrolled is no reason of its own."""
    if row[name] is not None:
        return percent(row[name])
    return REASONS.get(row["unavailable_reason"], "-")


def _more(difference: int) -> str:
    """A difference with its sign.

    Example:
        >>> _more(1234), _more(-5), _more(0)
        ('+1,234', '-5', '0')
    """
    return f"{difference:+,}" if difference else "0"


def _points(difference: float | None) -> str:
    """A difference of shares, in percentage points.

    Example:
        >>> _points(0.0123), _points(0.0), _points(None)
        ('+1.2 pp', '0.0 pp', '')
    """
    if difference is None:
        return ""
    return f"{100 * difference:+.1f} pp" if difference else "0.0 pp"
