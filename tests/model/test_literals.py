from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from goalsql.model.catalog import Kind
from goalsql.model.literals import Day, Value, day, duration, instant, instant_or_day, literal


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1 second", timedelta(seconds=1)), ("2 minutes", timedelta(minutes=2)),
        ("1 hours", timedelta(hours=1)), (" 3  days ", timedelta(days=3)),
        ("2 week", timedelta(weeks=2)), ("0 days", timedelta()),
    ],
)  # fmt: skip
def test_durations(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize(
    "text", ["3", "3d", "days", "-1 days", "1.5 days", "1 month", "1 dayss", "", "53000 weeks"]
)
def test_not_durations(text: str) -> None:
    with pytest.raises(ValueError, match="a duration is"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-05", datetime(2026, 1, 4, 23)),
        ("2026-01-05T12:00:00", datetime(2026, 1, 5, 12)),
        ("2026-01-05 12:00", datetime(2026, 1, 5, 12)),
        ("2026-01-05T12:00:00.000001Z", datetime(2026, 1, 5, 12, 0, 0, 1)),
        ("2026-01-05T12:00:00+02:00", datetime(2026, 1, 5, 10)),
    ],
)
def test_instants_are_naive_utc(text: str, at: datetime) -> None:
    assert instant(text, "Europe/Paris") == at


def test_a_day_of_a_clock_change_has_its_own_length() -> None:
    spring = instant_or_day("2026-03-29", "Europe/Paris")
    assert isinstance(spring, Day)
    assert spring.end - spring.start == timedelta(hours=23)
    assert day(date(2026, 1, 5), "UTC") == Day(datetime(2026, 1, 5), datetime(2026, 1, 6))
    assert spring.start.replace(tzinfo=UTC).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "is not an instant .* or a date"),
        ("2026-13-01", "is not an instant .* month"),
        ("2026-01-05T25:00", "is not an instant .* hour"),
        ("12:00", "is not an instant"),
        ("9999-12-31", "lies outside the years"),
        ("0001-01-01T00:00+14:00", "lies outside the years"),
    ],
)
def test_not_instants(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        instant_or_day(text, "UTC")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("NO", Kind.TEXT, "NO"), ("NO", Kind.BOOLEAN, False), ("True", Kind.BOOLEAN, True),
        ("007", Kind.INTEGER, 7), ("-3", Kind.INTEGER, -3), ("1.50", Kind.NUMBER, Decimal("1.5")),
        (".5e3", Kind.NUMBER, Decimal(500)), ("2026-01-05", Kind.DATE, date(2026, 1, 5)),
        ("2026-01-05T00:00", Kind.INSTANT, datetime(2026, 1, 5)),
        ("2026-01-05", Kind.INSTANT, Day(datetime(2026, 1, 5), datetime(2026, 1, 6))),
    ],
)  # fmt: skip
def test_literals(text: str, kind: Kind, value: Value) -> None:
    assert literal(text, kind, "UTC") == value
    assert type(literal(text, kind, "UTC")) is type(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("maybe", Kind.BOOLEAN), ("1.0", Kind.INTEGER), ("", Kind.INTEGER),
        ("9" * 39, Kind.INTEGER), ("inf", Kind.NUMBER), ("1_000", Kind.NUMBER),
        ("1e9999", Kind.NUMBER), ("", Kind.NUMBER),
        ("05/01/2026", Kind.DATE), ("", Kind.DATE), ("x", Kind.INSTANT), ("x", Kind.OTHER),
    ],
)  # fmt: skip
def test_texts_that_cannot_be_cast(text: str, kind: Kind) -> None:
    with pytest.raises(ValueError, match=r"is not|has a type"):
        literal(text, kind, "UTC")
