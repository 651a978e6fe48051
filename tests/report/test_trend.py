"""goal_trend against figures computed by hand (SPEC 7)."""

from __future__ import annotations

from datetime import date, datetime

from tests.report.database import Database, day

COUNTS = ("enrolled", "new_recipients", "met_goal", "converted")
RUNNING = ("cumulative_recipients", "cumulative_converted", "cumulative_conversion_rate")


def trend(db: Database, columns: tuple[str, ...]) -> dict[int, tuple[object, ...]]:
    """By day of January."""
    return {row["day"].day: tuple(row[c] for c in columns) for row in db.view("goal_trend")}


def test_every_day_from_the_first_enrollment_to_the_last_tick(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(2, 5), day(4), "goal_met")
    db.received(1, day(3))
    db.met(1, day(4))
    db.enrolled(2, day(4, 7))
    db.received(2, day(4, 8))
    db.tick(day(3))
    db.tick(day(6))
    assert trend(db, COUNTS) == {
        2: (1, 0, 0, 0),
        3: (0, 1, 0, 0),
        4: (1, 1, 1, 1),
        5: (0, 0, 0, 0),
        6: (0, 0, 0, 0),
    }
    assert trend(db, RUNNING) == {
        2: (0, 0, None),
        3: (1, 0, 0.0),
        4: (2, 1, 0.5),
        5: (2, 1, 0.5),
        6: (2, 1, 0.5),
    }


def test_a_contact_counts_once_in_each_column(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(2), "goal_met")
    db.met(1, day(2))  # before its email
    db.received(1, day(3))
    db.received(1, day(4))
    db.enrolled(1, day(5), day(6), "goal_met", number=2)
    db.met(1, day(6), number=2)
    db.enrolled(1, day(7), day(8), "goal_met", number=3)
    db.met(1, day(8), number=3)
    db.tick(day(8))
    found = {d: counts for d, counts in trend(db, COUNTS).items() if any(counts)}
    assert found == {1: (1, 0, 0, 0), 2: (0, 0, 1, 0), 3: (0, 1, 0, 0), 6: (0, 0, 0, 1)}


def test_days_are_those_of_the_project() -> None:
    db = Database("Europe/Paris")
    db.workflow()
    db.enrolled(1, datetime(2026, 3, 27, 23, 0))  # the 28th begins in Paris
    db.received(1, datetime(2026, 3, 28, 22, 59, 59))  # still the 28th
    db.enrolled(2, datetime(2026, 3, 28, 23, 0), datetime(2026, 3, 29, 22, 0), "goal_met")
    db.received(2, datetime(2026, 3, 29, 21, 59, 59))  # summer time began: the last of the 29th
    db.met(2, datetime(2026, 3, 29, 22, 0))  # the first instant of the 30th
    db.tick(datetime(2026, 3, 30, 22, 0))  # of the 31st
    rows = [(row["day"], *(row[c] for c in COUNTS)) for row in db.view("goal_trend")]
    assert rows == [
        (date(2026, 3, 28), 1, 1, 0, 0),
        (date(2026, 3, 29), 1, 1, 0, 0),
        (date(2026, 3, 30), 0, 0, 1, 1),
        (date(2026, 3, 31), 0, 0, 0, 0),
    ]


def test_an_email_before_the_enrollment_makes_a_recipient_by_it(db: Database) -> None:
    db.workflow()
    db.received(1, day(1))
    db.enrolled(1, day(3))
    db.tick(day(4))
    assert trend(db, ("new_recipients",)) == {3: (1,), 4: (0,)}


def test_what_was_met_before_the_first_day_is_on_it(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(3), day(5), "goal_met")
    db.met(1, day(1))
    db.tick(day(5))
    assert trend(db, ("met_goal",)) == {3: (1,), 4: (0,), 5: (0,)}


def test_without_a_goal_only_enrollments_are_shown(db: Database) -> None:
    db.workflow(epoch=None)
    db.enrolled(1, day(1))
    db.received(1, day(1))
    db.tick(day(1))
    assert trend(db, COUNTS + RUNNING) == {1: (1, 0, 0, 0, 0, 0, None)}


def test_no_rate_where_the_subscription_gives_none() -> None:
    db = Database(marketing_hub="starter")
    db.workflow()
    db.enrolled(1, day(1))
    db.received(1, day(1))
    db.tick(day(1))
    assert trend(db, RUNNING) == {1: (1, 0, None)}


def test_each_workflow_has_its_own_days(db: Database) -> None:
    db.workflow("a")
    db.workflow("b")
    db.workflow("c")
    db.enrolled(1, day(1), workflow="a")
    db.enrolled(1, day(3), workflow="b")
    db.tick(day(3))
    found = [(row["workflow_id"], row["day"].day) for row in db.view("goal_trend")]
    assert found == [("a", 1), ("a", 2), ("a", 3), ("b", 3)]
