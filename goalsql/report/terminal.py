"""The report for people, in a terminal: tables, bars and sparklines that need no colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import polars as pl
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

WIDTH = 100
FEW = 5
_BAR = 40
_SPARKS = "▁▂▃▄▅▆▇█"
REASONS = {
    "no_goal": "no goal",
    "no_marketing_email": "sends no marketing email",
    "subscription": "needs Marketing Hub Professional",
    "no_recipients": "no recipients yet",
}
BUCKETS = {
    "converted": "met the goal after an email",
    "met_goal_before_email": "met the goal before an email",
    "met_goal_no_email": "met the goal without an email",
    "emailed_active": "emailed, active",
    "emailed_completed": "emailed, completed",
    "emailed_left": "emailed, left otherwise",
    "not_emailed_active": "not emailed, active",
    "not_emailed_completed": "not emailed, completed",
    "not_emailed_left": "not emailed, left otherwise",
}
_COUNTS = {
    "enrolled": "enrolled",
    "active": "active",
    "completed": "com-\npleted",
    "unenrolled": "un-\nenrolled",
    "recipients": "recip-\nients",
    "met_goal": "met\ngoal",
    "converted": "con-\nverted",
}
_CAPTION = "rate: converted, who met the goal after a marketing email, of recipients"
QUANTILES = {"p25": "25 %", "median": "50 %", "p75": "75 %", "p90": "90 %"}

Row = dict[str, Any]


def render_report(
    console: Console, frames: Mapping[str, pl.DataFrame], workflow: str | None = None
) -> None:
    """Prints the figures of all workflows, or of one, with details where they are few.

    Args:
        console: where to.
        frames: the views workflow_goal_metrics, goal_funnel, goal_trend and time_to_goal, by name.
        workflow: the id of the only one wanted, which exists.
    """
    wanted = frames["workflow_goal_metrics"]
    if workflow is not None:
        wanted = wanted.filter(pl.col("workflow_id") == workflow)
    rows = wanted.sort("workflow_id").to_dicts()
    if not rows:
        console.print("No workflows yet.")
        return
    width = min(WIDTH, console.width)
    console.print(_overview(rows), width=width)
    if len(rows) <= FEW:
        for row in rows:
            _render_details(console, frames, row, width)


def _overview(rows: Iterable[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=_CAPTION)
    table.add_column("workflow", overflow="fold", ratio=1)
    for title in _COUNTS.values():
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("rate", overflow="fold", max_width=16, justify="right")
    for row in rows:
        counts = [number(row[name]) for name in _COUNTS]
        table.add_row(escape(row["workflow_id"]), *counts, _rate(row))
    return table


def _render_details(
    console: Console, frames: Mapping[str, pl.DataFrame], row: Row, width: int
) -> None:
    was_set_again = row["goal_epoch"] is not None and row["goal_epoch"] > 1
    goal = row["goal_name"] if row["goal_epoch"] is not None else "none"
    again = f" (set for the {_ordinal(row['goal_epoch'])} time)" if was_set_again else ""
    console.print()
    console.print(Text(row["workflow_name"] or row["workflow_id"], style="bold"), width=width)
    console.print(Text(f"Goal: {goal}{again}"), width=width)
    console.print(Text(f"Conversion rate: {_rate_in_words(row)}"), width=width)
    mine = pl.col("workflow_id") == row["workflow_id"]
    if not row["enrolled"]:
        console.print("Nobody has been enrolled yet.")
        return
    contacts = dict(frames["goal_funnel"].filter(mine).select("bucket", "contacts").iter_rows())
    console.print(_funnel(contacts, row["enrolled"]), width=width)
    if row["goal_epoch"] is not None:
        _render_trend(console, frames["goal_trend"].filter(mine))
        this_epoch = pl.col("goal_epoch") == row["goal_epoch"]
        _render_time_to_goal(console, frames["time_to_goal"].filter(mine, this_epoch))


def _funnel(contacts: Mapping[str, int], enrolled: int) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    for bucket, title in BUCKETS.items():
        count = contacts.get(bucket, 0)
        table.add_row(title, number(count), percent(count / enrolled), _bar(count, enrolled))
    return table


def _render_trend(console: Console, trend: pl.DataFrame) -> None:
    monthly = (
        trend.group_by(pl.col("day").dt.truncate("1mo"))
        .agg(pl.col("converted").sum(), pl.col("new_recipients").sum())
        .sort("day")
    )
    if not monthly["new_recipients"].sum():
        return
    first, last = monthly["day"][0], monthly["day"][-1]
    months = f"{first:%b %Y}" if first == last else f"{first:%b %Y} to {last:%b %Y}"
    console.print(f"By month, {months}:")
    for name, title in (("new_recipients", "new recipients"), ("converted", "converted")):
        values = monthly[name].to_list()
        line = f"  {title:<15}{_sparkline(values)}  at most {number(max(values))} a month"
        console.print(Text(line))


def _render_time_to_goal(console: Console, times: pl.DataFrame) -> None:
    for row in times.iter_rows(named=True):
        parts = [f"{title} within {days(row[name])}" for name, title in QUANTILES.items()]
        console.print(Text("First email to goal, in days: " + ", ".join(parts)))


def _rate(row: Row) -> str:
    reason = row["unavailable_reason"]
    return percent(row["conversion_rate"]) if reason is None else REASONS[reason]


def _rate_in_words(row: Row) -> str:
    if row["unavailable_reason"] is not None:
        return f"not available: {_rate(row)}"
    converted, recipients = number(row["converted"]), number(row["recipients"])
    of_enrolled = percent(row["conversion_rate_enrolled"])
    return (
        f"{_rate(row)} ({converted} of {recipients} recipients; {of_enrolled} of all "
        f"{number(row['enrolled'])} enrolled)"
    )


def number(value: int) -> str:
    """A count with thousands separators.

    Example:
        >>> number(12345)
        '12,345'
    """
    return f"{value:,}"


def _ordinal(number: int) -> str:
    """An ordinal number.

    Example:
        >>> [_ordinal(number) for number in (2, 3, 11, 21)]
        ['2nd', '3rd', '11th', '21st']
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def percent(share: float) -> str:
    """A share in percent.

    Example:
        >>> percent(0.1234)
        '12.3 %'
    """
    return f"{share:.1%}".replace("%", " %")


def days(span: timedelta) -> str:
    """A span of time in days.

    Example:
        >>> days(timedelta(days=2, hours=12))
        '2.5'
    """
    return f"{span / timedelta(days=1):,.1f}"


def _bar(count: int, total: int) -> str:
    """A bar; anything above nothing can be seen.

    Example:
        >>> _bar(1, 20), _bar(1, 1000), _bar(0, 1000)
        ('██', '▏', '')
    """
    return "█" * round(_BAR * count / total) or ("▏" if count else "")


def _sparkline(values: list[int]) -> str:
    """One character a value, as high as its share of the largest; a dot for none.

    Example:
        >>> _sparkline([0, 1, 4, 8])
        '·▁▄█'
    """
    most = max(values)
    return "".join(_SPARKS[-(-8 * value // most) - 1] if value else "·" for value in values)
