"""The small pools that nasty worlds are drawn from: instants, ids, values, literals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from goalsql.model.catalog import ColumnType, Kind

START = datetime(2026, 3, 27)
DAYS = 5
END = START + timedelta(days=DAYS)
TIMEZONES = ("UTC", "Europe/Paris", "America/New_York")
"""The clocks of Paris change on 29 March 2026, within the horizon."""

GRID = tuple(START + timedelta(hours=6 * number) for number in range(4 * DAYS + 1))
MIDNIGHTS_OF_PARIS = (datetime(2026, 3, 28, 23), datetime(2026, 3, 29, 22))
TINY = timedelta(microseconds=1)
INSTANTS = (*GRID, *MIDNIGHTS_OF_PARIS, GRID[4] + TINY, GRID[8] + TINY, GRID[12] - TINY)
DAYS_AROUND = tuple(date(2026, 3, 26) + timedelta(days=number) for number in range(DAYS + 2))

DURATIONS = ("6 hours", "12 hours", "1 day", "36 hours", "2 days", "1 second")
DELAYS = ("1 day", "6 hours", "12 hours", "2 days", "4 days", "4 days", "0 days")

INTEGER_IDS = (1, 2, 7, 10, -3, 2**40)
TEXT_IDS = ("a", "A", "o'brien", "é", "10", "9", 'x"y', "名", " a", "%_")

VARCHAR = ColumnType(Kind.TEXT, "VARCHAR")
BIGINT = ColumnType(Kind.INTEGER, "BIGINT")
DOUBLE = ColumnType(Kind.NUMBER, "DOUBLE")
BOOLEAN = ColumnType(Kind.BOOLEAN, "BOOLEAN")
DATE = ColumnType(Kind.DATE, "DATE")
TIMESTAMP = ColumnType(Kind.INSTANT, "TIMESTAMP")

PROPERTIES = {
    "stage": VARCHAR,
    "score": BIGINT,
    "ratio": DOUBLE,
    "vip": BOOLEAN,
    "birthday": DATE,
    "renewal": TIMESTAMP,
}
ONLY_IN_HISTORY = "plan"
"""A property without a column: text."""

EVENT_FIELDS = {
    "page_view": {"path": VARCHAR, "amount": BIGINT},
    "form": {"form_id": VARCHAR, "score": BIGINT, "seen_at": TIMESTAMP},
}
END_REASONS = ("goal_met", "suppressed", "unenrollment_trigger", "contact_deleted")
EMAIL_FIELDS = {"email_id": VARCHAR, "event": VARCHAR}

TEXTS = ("lead", "customer", "Lead", "", "o'x%_", "é/")
VALUES: dict[Kind, tuple[Any, ...]] = {
    Kind.TEXT: TEXTS,
    Kind.INTEGER: (0, 1, 2, 5),
    Kind.NUMBER: (0.5, 1.0, 2.5, -1.0),
    Kind.BOOLEAN: (True, False),
    Kind.DATE: DAYS_AROUND,
    Kind.INSTANT: INSTANTS,
}
EMAIL_VALUES = {
    "email_id": ("welcome", "offer"),
    "event": (*("delivered", "opened") * 2, "sent", "clicked", "bounced", *("delivered",) * 3),
    "email_type": (*("marketing",) * 4, "transactional", None, *("marketing",) * 4),
}


def chance(times: int, out_of: int) -> st.SearchStrategy[bool]:
    """True so many times out of so many; shrinks to what is usual.

    What is rare stands in the middle: hypothesis favours both ends of a range.
    """
    usual = 2 * times > out_of
    rare = out_of - times if usual else times
    before = (out_of - rare) // 2
    after = out_of - rare - before
    return st.sampled_from((usual,) * before + (not usual,) * rare + (usual,) * after)


def instant_text(instant: datetime) -> str:
    """An instant as it may stand in a file."""
    return instant.isoformat() + "Z"


CHANGED_TEXTS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: TEXTS,
    Kind.INTEGER: ("0", "1", "2", "5", ""),
    Kind.NUMBER: ("0.5", "1", "2.5", "-1", ""),
    Kind.BOOLEAN: ("true", "false", "t", "f", ""),
    Kind.DATE: (*(str(day) for day in DAYS_AROUND), ""),
    Kind.INSTANT: (
        *(str(instant) for instant in INSTANTS),
        *(instant_text(instant) for instant in GRID[::3]),
        *(str(day) for day in DAYS_AROUND[::2]),
        "2026-03-28 08:00:00+02:00",
        "",
    ),
}
"""Texts of property_changes that can be cast; the empty one is unknown for all but text."""

BAD_TEXTS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: TEXTS,
    Kind.INTEGER: ("x", "1x"),
    Kind.NUMBER: ("x", "1,5"),
    Kind.BOOLEAN: ("maybe",),
    Kind.DATE: ("someday", "2026-13-45"),
    Kind.INSTANT: ("someday", "2026-02-31 00:00:00"),
}

LITERALS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("lead", "customer", "LEAD", "", "o'x%_", "é/", "NO", "007"),
    Kind.INTEGER: ("0", "1", "2", "007"),
    Kind.NUMBER: ("0.5", "1", "2.50", "-1"),
    Kind.BOOLEAN: ("true", "false"),
    Kind.DATE: tuple(str(day) for day in DAYS_AROUND[1:-1]),
    Kind.INSTANT: (
        *(instant_text(instant) for instant in INSTANTS),
        *(str(day) for day in DAYS_AROUND[1:-1]),
        "2026-03-28T14:00:00+02:00",
    ),
}
PARTS_OF_TEXT = ("lead", "L", "e", "o'", "%", "_", "/", "é")
