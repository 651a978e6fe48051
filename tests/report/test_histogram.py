"""report.time_to_goal_histogram: how the converted are spread over the time they took."""

from __future__ import annotations

from datetime import timedelta

from tests.report.database import Database, day


def histogram(db: Database, epoch: int = 1) -> dict[tuple[int, int | None], int]:
    rows = [row for row in db.view("time_to_goal_histogram") if row["goal_epoch"] == epoch]
    assert len(rows) == 11
    return {(r["from_days"], r["to_days"]): r["converted"] for r in rows if r["converted"]}


def converted(db: Database, contact: int, taken: timedelta) -> None:
    db.enrolled(contact, day(1), day(1) + taken, "goal_met")
    db.received(contact, day(1))
    db.met(contact, day(1) + taken)


def test_spans_are_half_open_and_the_last_has_no_end(db: Database) -> None:
    db.workflow()
    instant = timedelta(microseconds=1)
    spans = [instant, timedelta(days=1) - instant, timedelta(days=1), timedelta(days=90) - instant]
    for contact, taken in enumerate([*spans, timedelta(days=90), timedelta(days=400)], 1):
        converted(db, contact, taken)
    db.tick(day(500))
    assert histogram(db) == {(0, 1): 2, (1, 2): 1, (60, 90): 1, (90, None): 2}


def test_a_contact_counts_once_by_its_first_conversion(db: Database) -> None:
    db.workflow()
    converted(db, 1, timedelta(days=2))
    db.enrolled(1, day(10), day(20), "goal_met", number=2)
    db.met(1, day(20), number=2)
    db.tick(day(31))
    assert histogram(db) == {(2, 3): 1}


def test_who_did_not_convert_is_not_there(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(2), "goal_met")
    db.met(1, day(2))
    db.tick(day(31))
    assert histogram(db) == {}
