"""The report for people, in a terminal: tables, bars and sparklines that need no colour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from goalsql.report.report import Period, Report
from goalsql.report.wording import (
    BUCKETS,
    QUANTILES,
    REASONS,
    days,
    minute,
    number,
    ordinal,
    percent,
    rate_or_reason,
    tick_command,
)

WIDTH = 100
FEW = 5
WEEKS = 12
_BAR = 40
_BESIDE = 45
_SPARKS = "▁▂▃▄▅▆▇█"
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
_SERIES = {"enrolled": "enrolled", "new_recipients": "new recipients", "converted": "converted"}
_DETAILS = ("goal_funnel", "trend", "time_to_goal", "cohorts", "email_performance")
_AGES = (1, 2, 4, 8)
_TOUCHES = {
    "receipts": "receipts",
    "recipients": "recip-\nients",
    "opened": "opened",
    "clicked": "clicked",
    "first_touch": "first\ntouch",
    "last_touch": "last\ntouch",
    "any_touch": "any\ntouch",
}

Row = dict[str, Any]


def render_report(console: Console, report: Report) -> None:
    """Prints the figures of the report's workflows, with details where they are few.

    Args:
        console: where to.
        report: the report.
    """
    width = min(WIDTH, console.width)
    run = f"run `{tick_command(report.directory)}`"
    if report.tick_at is None:
        console.print(Text(f"No tick has been run yet: {run}"), soft_wrap=True)
    else:
        head = f"{report.project} as of {minute(report.tick_at)}"
        console.print(Text(head, style="bold"), width=width)
    rows = report.figures()
    if not rows:
        console.print("No workflows yet.")
        return
    console.print(_overview(rows), width=width)
    if report.tick_at is None or len(rows) > FEW:
        return
    report.read(*_DETAILS)
    for row in rows:
        console.print()
        console.print(Text(row["workflow_name"] or row["workflow_id"], "bold"), width=width)
        if row["unavailable_reason"] == "no_tick":
            console.print(Text(f"No tick has seen it yet: {run}"), soft_wrap=True)
        else:
            _render_details(console, report, row, width)


def _overview(rows: list[Row]) -> Table:
    table = _table(caption=_CAPTION)
    table.add_column("workflow", overflow="fold", ratio=1)
    for title in (*_COUNTS.values(), "rate"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("95 % interval,\nor why no rate", overflow="fold", max_width=16)
    for row in rows:
        counts = [number(row[name]) for name in _COUNTS]
        table.add_row(Text(row["workflow_id"]), *counts, *rate_or_reason(row))
    return table


def _render_details(console: Console, report: Report, row: Row, width: int) -> None:
    epoch = row["goal_epoch"]
    again = f" (set for the {ordinal(epoch)} time)" if epoch is not None and epoch > 1 else ""
    goal = "none" if epoch is None else row["goal_name"] or "unnamed"
    console.print(Text(f"Goal: {goal}{again}"), width=width)
    console.print(Text(f"Conversion rate: {_rate_in_words(row)}"), width=width)
    if not row["enrolled"]:
        console.print("Nobody has been enrolled yet.")
        return
    mine = pl.col("workflow_id") == row["workflow_id"]
    contacts = dict(report["goal_funnel"].filter(mine).select("bucket", "contacts").iter_rows())
    console.print(_funnel(contacts, row["enrolled"]), width=width)
    _render_trend(console, report["trend"].filter(mine), report.by, width)
    if epoch is not None:
        this_epoch = pl.col("goal_epoch") == epoch
        _render_time_to_goal(console, report["time_to_goal"].filter(mine, this_epoch))
    if row["unavailable_reason"] is None:
        _render_cohorts(console, report["cohorts"].filter(mine), width)
    _render_emails(console, report["email_performance"].filter(mine), width)


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


def _render_trend(console: Console, trend: pl.DataFrame, by: Period, width: int) -> None:
    if trend.is_empty():
        console.print(f"By {by}: none is in the days asked for.")
        return
    shown = trend.tail(max(1, width - _BESIDE))
    first, last = (_period(shown["period"][place], by) for place in (0, -1))
    span = first if first == last else f"{first} to {last}"
    some = f", the last {shown.height} of {trend.height}" if shown.height < trend.height else ""
    console.print(f"By {by}, {span}{some}:")
    for name, title in _SERIES.items():
        values = shown[name].to_list()
        if name == "enrolled" or trend[name].sum():
            most = f"at most {number(max(values))} a {by}"
            console.print(Text(f"  {title:<15}{_sparkline(values)}  {most}"))


def _render_time_to_goal(console: Console, times: pl.DataFrame) -> None:
    for row in times.iter_rows(named=True):
        parts = [f"{title} within {days(row[name])}" for name, title in QUANTILES.items()]
        console.print(Text("First email to goal, in days: " + ", ".join(parts)))


def _render_cohorts(console: Console, cohorts: pl.DataFrame, width: int) -> None:
    weeks: dict[date, dict[int, Row]] = {}
    for row in cohorts.iter_rows(named=True):
        weeks.setdefault(row["week"], {})[row["after_weeks"]] = row
    if not weeks:
        return
    table = _table()
    table.add_column("week of first\nenrollment", no_wrap=True)
    for title in ("enrolled", "recip-\nients"):
        table.add_column(title, justify="right", no_wrap=True)
    for age in _AGES:
        unit = "week" if age == 1 else "weeks"
        table.add_column(f"after\n{age} {unit}", justify="right", no_wrap=True)
    for week in sorted(weeks)[-WEEKS:]:
        ages = weeks[week]
        oldest = ages[_AGES[-1]]
        counts = (number(oldest["enrolled"]), number(oldest["recipients"]))
        table.add_row(str(week), *counts, *(_converted(ages[age]) for age in _AGES))
    console.print(
        "Share of a week's recipients that converted; (so far) where some have not had so long:"
    )
    console.print(table, width=width)
    if len(weeks) > WEEKS:
        console.print(f"Earlier weeks, which --until shows: {number(len(weeks) - WEEKS)}.")


def _converted(cohort: Row) -> str:
    """The share that has converted by an age; in brackets while it may still change."""
    recipients = cohort["recipients"]
    share = percent(cohort["converted"] / recipients if recipients else None)
    return f"({share})" if cohort["open"] else f"{share} "


def _render_emails(console: Console, emails: pl.DataFrame, width: int) -> None:
    if emails.is_empty():
        return
    table = _table()
    table.add_column("email", overflow="fold", ratio=1)
    for title in _TOUCHES.values():
        table.add_column(title, justify="right", no_wrap=True)
    for row in emails.iter_rows(named=True):
        email = "-" if row["email_id"] is None else str(row["email_id"])
        table.add_row(Text(email), *(number(row[name]) for name in _TOUCHES))
    console.print(
        "Emails, and the converted contacts whose first, last or any email before the goal it was:"
    )
    console.print(table, width=width)


def _table(caption: str | None = None) -> Table:
    return Table(box=box.SIMPLE_HEAD, padding=0, caption=caption)


def _rate_in_words(row: Row) -> str:
    if row["unavailable_reason"] is not None:
        return f"not available: {REASONS[row['unavailable_reason']]}"
    converted, recipients = number(row["converted"]), number(row["recipients"])
    of_enrolled = percent(row["conversion_rate_enrolled"])
    return (
        f"{percent(row['conversion_rate'])} ({converted} of {recipients} recipients; {of_enrolled} "
        f"of all {number(row['enrolled'])} enrolled)"
    )


def _period(first: date, by: Period) -> str:
    return f"{first:%b %Y}" if by == "month" else str(first)


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
