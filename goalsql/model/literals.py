"""Reads the text of a literal as a value of a kind (SPEC 1, 2): instants, days, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from goalsql.model.catalog import Kind

UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
LONGEST = timedelta(days=366_000)


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the project's timezone as instants: `[start, end)`, naive UTC."""

    start: datetime
    end: datetime


Value = str | bool | int | Decimal | date | datetime | Day


def duration(text: str) -> timedelta:
    """Reads `<integer> <unit>`, e.g. `3 days`.

    Raises:
        ValueError: for a bare number, an unknown unit, or more than 1,000 years.

    Example:
        >>> duration("2 weeks").days
        14
    """
    match = re.fullmatch(r"(\d{1,15})\s+([a-z]+?)s?", text.strip())
    if match is None or match[2] not in UNITS:
        raise ValueError("a duration is <integer> <unit>: second, minute, hour, day or week")
    count = int(match[1])
    if count > LONGEST // UNITS[match[2]]:
        raise ValueError("a duration is at most 1,000 years")
    return count * UNITS[match[2]]


def day(value: date, timezone: str) -> Day:
    """The day `value` in `timezone`: from its first instant to the next day's, naive UTC."""

    def first_instant(of: date) -> datetime:
        local = datetime.combine(of, time(), ZoneInfo(timezone))
        return local.astimezone(UTC).replace(tzinfo=None)

    return Day(first_instant(value), first_instant(value + timedelta(days=1)))


def instant_or_day(text: str, timezone: str) -> datetime | Day:
    """Reads an ISO instant (naive is UTC, an offset is converted) or a date as a whole day.

    Raises:
        ValueError: if the text is neither, or lies outside the years 1 to 9999 in UTC.
    """
    try:
        return _instant_or_day(text.strip(), timezone)
    except OverflowError:
        raise ValueError("lies outside the years that can be compared") from None
    except ValueError as error:
        forms = "an instant (2026-01-05T12:00:00Z) or a date (2026-01-05)"
        raise ValueError(f"is not {forms}: {error}") from None


def _instant_or_day(text: str, timezone: str) -> datetime | Day:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return day(date.fromisoformat(text), timezone)
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text):
        raise ValueError("it has another form")
    read = datetime.fromisoformat(text)
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read


def instant(text: str, timezone: str) -> datetime:
    """Reads an instant; a date without a time is that day's first instant (SPEC 1)."""
    read = instant_or_day(text, timezone)
    return read.start if isinstance(read, Day) else read


def plain_date(text: str) -> date:
    """Reads a date.

    Raises:
        ValueError: if the text is none.

    Example:
        >>> plain_date("2026-01-05")
        datetime.date(2026, 1, 5)
    """
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError:
        raise ValueError("is not a date (2026-01-05)") from None


def literal(text: str, kind: Kind, timezone: str) -> Value:
    """Reads the text of a literal as a value of `kind`.

    Raises:
        ValueError: if the text is not such a value; the message says why.

    Example:
        >>> literal("007", Kind.INTEGER, "UTC"), literal("007", Kind.TEXT, "UTC")
        (7, '007')
    """
    if kind is Kind.TEXT:
        return text
    if kind is Kind.BOOLEAN:
        known = {"true": True, "t": True, "yes": True, "y": True, "1": True}
        known |= {"false": False, "f": False, "no": False, "n": False, "0": False}
        if text.strip().lower() not in known:
            raise ValueError("is not true or false")
        return known[text.strip().lower()]
    if kind is Kind.INTEGER:
        if not re.fullmatch(r"\s*[+-]?\d{1,38}\s*", text):
            raise ValueError("is not an integer")
        return int(text)
    if kind is Kind.NUMBER:
        if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text.strip()):
            raise ValueError("is not a number")
        return Decimal(text.strip())
    if kind is Kind.DATE:
        return plain_date(text)
    if kind is Kind.INSTANT:
        return instant_or_day(text, timezone)
    raise ValueError("has a type that criteria cannot compare")
