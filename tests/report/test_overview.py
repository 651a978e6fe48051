"""The views beside SPEC's: all workflows, cohorts by week, outcomes of decisions."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.report.database import Database, day


def test_a_workflow_in_the_overview(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(5), "goal_met")
    db.enrolled(2, day(2))
    db.enrolled(3, day(2))
    db.received(1, day(2))
    db.received(2, day(3))
    db.met(1, day(5))
    row = db.one("workflow_overview")
    figures = ("enabled", "enrolled", "active", "recipients", "met_goal", "converted")
    assert [row[name] for name in figures] == [True, 3, 2, 2, 1, 1]
    assert (row["conversion_rate"], row["last_enrolled_at"]) == (0.5, day(2))


@pytest.mark.parametrize(
    ("converted", "recipients", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_the_interval_is_that_of_wilson(
    db: Database, converted: int, recipients: int, low: float, high: float
) -> None:
    db.workflow()
    for contact in range(recipients):
        db.enrolled(contact, day(1))
        db.received(contact, day(2))
        if contact < converted:
            db.met(contact, day(3))
    row = db.one("workflow_overview")
    assert round(row["rate_low"], 4) == low
    assert round(row["rate_high"], 4) == high


def test_no_rate_has_no_interval(db: Database) -> None:
    db.workflow()
    row = db.one("workflow_overview")
    assert (row["rate_low"], row["rate_high"]) == (None, None)
    assert (row["unavailable_reason"], row["last_enrolled_at"]) == ("no_recipients", None)


def cohort(db: Database, week: date) -> dict[int, tuple[object, ...]]:
    """By after_weeks: enrolled, recipients, converted, conversion_rate, open."""
    names = ("enrolled", "recipients", "converted", "conversion_rate", "open")
    return {
        row["after_weeks"]: tuple(row[name] for name in names)
        for row in db.view("cohorts")
        if row["week"] == week
    }


def test_a_cohort_grows_for_each_contact_from_its_own_enrollment_on(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(5))  # Monday
    db.received(1, day(5, 1))
    db.met(1, day(12, -0.001))  # in its first week
    db.enrolled(2, day(11, 12))  # Sunday
    db.received(2, day(18, 12))  # when its second week begins
    db.met(2, day(19))
    db.enrolled(3, day(12))  # the Monday after
    db.tick(day(5) + timedelta(weeks=20))
    assert cohort(db, date(2026, 1, 5)) == {
        1: (2, 1, 1, 1.0, False),
        2: (2, 2, 2, 1.0, False),
        4: (2, 2, 2, 1.0, False),
        8: (2, 2, 2, 1.0, False),
    }
    assert cohort(db, date(2026, 1, 12))[8] == (1, 0, 0, None, False)


def test_a_young_cohort_is_open_and_has_no_rate(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(5))
    db.enrolled(2, day(9))
    db.received(1, day(6))
    db.received(2, day(9, 1))
    db.met(1, day(7))
    db.tick(day(16))  # the last contact has had its week at this very instant
    found = cohort(db, date(2026, 1, 5))
    assert found[1] == (2, 2, 1, 0.5, False)
    assert found[2] == (2, 2, 1, None, True)
    db.run("UPDATE goalsql.ticks SET tick_at = tick_at - INTERVAL 1 MICROSECOND")
    assert cohort(db, date(2026, 1, 5))[1] == (2, 2, 1, None, True)


def test_a_week_that_is_not_over_is_open(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(5))
    db.tick(day(11, 23))
    assert cohort(db, date(2026, 1, 5))[1][-1] is True


def test_weeks_and_days_are_those_of_the_timezone() -> None:
    db = Database(timezone="America/New_York")
    db.workflow()
    db.enrolled(1, datetime(2026, 1, 5, 4, 59))  # Sunday evening in New York
    db.insert(
        "decisions", workflow_id="w", contact_id=1, outcome="enrolled",
        decided_at=datetime(2026, 1, 5, 4, 59),
    )  # fmt: skip
    db.tick(day(20))
    assert {row["week"] for row in db.view("cohorts")} == {date(2025, 12, 29)}
    assert [row["day"] for row in db.view("exclusions")] == [date(2026, 1, 4)]


def test_a_workflow_without_a_rate_has_cohorts_without_one(db: Database) -> None:
    db.workflow(sends=False)
    db.enrolled(1, day(1))
    db.received(1, day(2))
    db.met(1, day(3))
    db.tick(day(31))
    assert cohort(db, date(2025, 12, 29))[2] == (1, 1, 1, None, False)


def test_decisions_are_counted_by_day_and_outcome(db: Database) -> None:
    outcomes = [(1, "enrolled"), (1, "suppressed"), (1, "suppressed"), (2, "suppressed")]
    for at, outcome in outcomes:
        db.insert("decisions", workflow_id="w", contact_id=1, decided_at=day(at), outcome=outcome)
    assert [tuple(row.values()) for row in db.view("exclusions")] == [
        ("w", date(2026, 1, 1), "enrolled", 1),
        ("w", date(2026, 1, 1), "suppressed", 2),
        ("w", date(2026, 1, 2), "suppressed", 1),
    ]
