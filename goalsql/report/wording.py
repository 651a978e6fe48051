"""Figures, reasons and buckets in words, for every report that people read."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

REASONS = {
    "no_goal": "no goal",
    "no_marketing_email": "sends no marketing email",
    "subscription": "needs Marketing Hub Professional",
    "no_recipients": "no recipients yet",
    "no_tick": "no tick yet",
}
"""Why there is no rate; `no_tick` is of a workflow that stands in the files only."""

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

QUANTILES = {"p25": "25 %", "median": "50 %", "p75": "75 %", "p90": "90 %"}


def number(value: int | None) -> str:
    """A count with thousands separators; a dash for none.

    Example:
        >>> number(12345), number(None)
        ('12,345', '-')
    """
    return "-" if value is None else f"{value:,}"


def percent(share: float | None) -> str:
    """A share in percent; a dash for none.

    Example:
        >>> percent(0.1234), percent(None)
        ('12.3 %', '-')
    """
    return "-" if share is None else f"{100 * share:.1f} %"


def interval(low: float, high: float) -> str:
    """The ends of an interval of shares in percent.

    Example:
        >>> interval(0.1411, 0.161)
        '14.1 to 16.1 %'
    """
    return f"{100 * low:.1f} to {percent(high)}"


def ordinal(number: int) -> str:
    """An ordinal number.

    Example:
        >>> [ordinal(number) for number in (2, 3, 11, 21)]
        ['2nd', '3rd', '11th', '21st']
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def days(span: timedelta) -> str:
    """A span of time in days.

    Example:
        >>> days(timedelta(days=2, hours=12))
        '2.5'
    """
    return f"{span / timedelta(days=1):,.1f}"


def rate_or_reason(row: Mapping[str, Any]) -> tuple[str, str]:
    """The rate of a workflow and its interval, or a dash and why there is none.

    Args:
        row: conversion_rate, rate_low, rate_high and unavailable_reason.
    """
    reason = row["unavailable_reason"]
    if reason is not None:
        return "-", REASONS[reason]
    return percent(row["conversion_rate"]), interval(row["rate_low"], row["rate_high"])


def minute(instant: datetime) -> str:
    """An instant to the minute.

    Example:
        >>> minute(datetime(2026, 1, 5, 9, 30))
        '2026-01-05 09:30 UTC'
    """
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def tick_command(directory: Path) -> str:
    """The command that runs a tick of a project from here.

    Example:
        >>> tick_command(Path("/srv/acme"))
        'goalsql tick -p /srv/acme'
    """
    here = Path.cwd()
    if directory == here:
        return "goalsql tick"
    shown = directory.relative_to(here) if directory.is_relative_to(here) else directory
    return f"goalsql tick -p {shlex.quote(str(shown))}"
