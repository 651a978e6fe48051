"""A goal that was removed and set again: what counts in which epoch (SPEC 5, 6)."""

from __future__ import annotations

import pytest

from tests.report.database import Database, day

BEGAN = day(10)


@pytest.fixture
def again(db: Database) -> Database:
    """A workflow whose goal was removed and is set again since day 10."""
    db.workflow(epoch=2, epoch_from=BEGAN)
    db.insert("workflow_versions", workflow_id="w", version=1, goal_epoch=1, in_force_from=day(1))
    db.insert("workflow_versions", workflow_id="w", version=2, in_force_from=day(8))
    db.insert("workflow_versions", workflow_id="w", version=3, goal_epoch=2, in_force_from=BEGAN)
    db.insert("workflow_versions", workflow_id="w", version=4, goal_epoch=2, in_force_from=day(12))
    return db


def test_figures_start_from_zero_and_the_past_stays_on_record(again: Database) -> None:
    again.enrolled(1, day(1), day(5), "goal_met")
    again.received(1, day(2))
    again.met(1, day(5))
    row = again.one("workflow_goal_metrics")
    assert (row["goal_epoch"], row["enrolled"], row["unenrolled_by_goal"]) == (2, 1, 1)
    assert (row["recipients"], row["met_goal"], row["converted"]) == (0, 0, 0)
    assert row["conversion_rate_enrolled"] == 0
    assert again.funnel() == {"emailed_left": 1}
    kept = again.one("goal_contacts")
    assert (kept["goal_epoch"], kept["converted"], kept["unenrolled_by_goal"]) == (1, True, True)
    assert again.one("time_to_goal")["goal_epoch"] == 1


@pytest.mark.parametrize(
    ("left", "reason", "seen"),
    [
        (None, None, 1),  # still active
        (day(5), None, 1),  # completed, long before
        (day(15), None, 1),
        (day(9), "suppressed", 0),
        (BEGAN, "suppressed", 0),  # by the tick before the epoch, at its instant
        (day(11), "suppressed", 1),
        (day(5), "goal_met", 0),
    ],
)
def test_recipients_have_an_enrollment_that_the_goal_could_see(
    again: Database, left: object, reason: str | None, seen: int
) -> None:
    again.enrolled(1, day(1), left, reason)  # type: ignore[arg-type]
    again.received(1, day(2))
    assert again.one("workflow_goal_metrics")["recipients"] == seen


def test_what_an_exit_ended_as_the_epoch_began_it_could_see(again: Database) -> None:
    again.enrolled(1, day(1), BEGAN, "suppressed", by_tick=11)
    again.received(1, day(2))
    assert again.one("workflow_goal_metrics")["recipients"] == 1


def test_an_old_receipt_makes_a_recipient_of_a_new_enrollment(again: Database) -> None:
    again.enrolled(1, day(1), day(5), "suppressed")
    again.received(1, day(2))
    again.enrolled(1, BEGAN, day(11), "suppressed", number=2)
    again.tick(day(12))
    assert again.one("workflow_goal_metrics")["recipients"] == 1
    assert again.one("goal_trend", day=BEGAN.date())["new_recipients"] == 1


def test_what_the_goal_ended_at_its_first_instant_it_could_see(again: Database) -> None:
    again.enrolled(1, day(1), BEGAN, "goal_met", by_tick=11)
    again.received(1, day(2))
    again.met(1, day(9), epoch=2)  # true since before the epoch: ends the enrollment, counts not
    row = again.one("workflow_goal_metrics")
    assert (row["recipients"], row["met_goal"], row["converted"]) == (1, 0, 0)
    assert again.funnel() == {"emailed_left": 1}
    assert again.one("goal_contacts")["converted"] is False


@pytest.mark.parametrize(("met_at", "counts"), [(day(9), 0), (BEGAN, 1), (day(11), 1)])
def test_what_was_met_before_the_epoch_does_not_count_in_it(
    again: Database, met_at: object, counts: int
) -> None:
    again.enrolled(1, day(1), day(12), "goal_met")
    again.received(1, day(2))  # a receipt of any epoch will do
    again.met(1, met_at, epoch=2)  # type: ignore[arg-type]
    row = again.one("workflow_goal_metrics")
    assert (row["met_goal"], row["converted"]) == (counts, counts)
    assert again.one("goal_contacts")["converted"] is bool(counts)
    assert len(again.view("time_to_goal")) == counts


def test_the_beginning_of_a_past_epoch_is_known(again: Database) -> None:
    again.run("UPDATE goalsql.workflows SET goal_epoch = 3, epoch_from = TIMESTAMP '2026-01-20'")
    again.enrolled(1, day(1), day(12), "goal_met")
    again.enrolled(2, day(1), day(12), "goal_met")
    for contact in (1, 2):
        again.received(contact, day(2))
    again.met(1, day(9), epoch=2)
    again.met(2, day(11), epoch=2)
    assert {row["contact_id"]: row["converted"] for row in again.view("goal_contacts")} == {
        1: False,
        2: True,
    }
    assert again.one("workflow_goal_metrics")["converted"] == 0


def test_the_first_epoch_counts_what_was_true_before_it_began(db: Database) -> None:
    """A first goal on a running workflow: met_at may lie before, the enrollment it ends may not."""
    db.workflow(epoch=1, epoch_from=BEGAN)
    db.enrolled(1, day(1), BEGAN, "goal_met", by_tick=11)
    db.received(1, day(2))
    db.met(1, day(9))
    db.enrolled(2, day(1), day(5), "suppressed")  # left before there was a goal
    db.received(2, day(2))
    row = db.one("workflow_goal_metrics")
    assert (row["recipients"], row["met_goal"], row["converted"]) == (1, 1, 1)


def test_a_completed_enrollment_may_meet_the_goal_of_two_epochs(again: Database) -> None:
    again.enrolled(1, day(1), day(4))
    again.received(1, day(2))
    again.met(1, day(5), epoch=1)
    again.met(1, day(15), epoch=2)
    rows = again.view("goal_contacts")
    assert sorted((row["goal_epoch"], row["converted"]) for row in rows) == [(1, True), (2, True)]
    row = again.one("workflow_goal_metrics")
    assert (row["recipients"], row["met_goal"], row["converted"]) == (1, 1, 1)
    assert row["unenrolled_by_goal"] == 0
    assert again.view("unenrolled_by_goal") == []
