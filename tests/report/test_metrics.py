"""workflow_goal_metrics and goal_funnel against figures computed by hand (SPEC 6, 7)."""

from __future__ import annotations

import pytest

from tests.report.database import Database, day


def test_every_way_to_meet_a_goal_or_not(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(5), "goal_met")  # converts
    db.received(1, day(2))
    db.received(1, day(4))
    db.met(1, day(5))
    db.enrolled(2, day(1), day(3), "goal_met")  # before its email
    db.met(2, day(3))
    db.received(2, day(4))
    db.enrolled(3, day(1), day(3), "goal_met")  # no email
    db.met(3, day(3))
    db.enrolled(4, day(1))  # emailed, active
    db.received(4, day(1))
    db.enrolled(5, day(1), day(9))  # emailed, completed
    db.received(5, day(1))
    db.enrolled(6, day(1), day(9), "suppressed")  # emailed, left
    db.received(6, day(1))
    db.enrolled(7, day(1))
    db.enrolled(8, day(1), day(9))
    db.enrolled(9, day(1), day(9), "contact_deleted")
    db.received(10, day(1))  # never enrolled
    assert db.view("workflow_goal_metrics") == [
        {
            "workflow_id": "w", "workflow_name": "The w", "goal_name": "Goal of w",
            "goal_epoch": 1, "enrolled": 9, "active": 2, "completed": 2, "unenrolled": 5,
            "unenrolled_by_goal": 3, "recipients": 5, "met_goal": 3, "converted": 1,
            "conversion_rate": 1 / 5, "conversion_rate_enrolled": 1 / 9,
            "unavailable_reason": None,
        }
    ]  # fmt: skip
    assert [(row["bucket"], row["contacts"]) for row in db.view("goal_funnel")] == [
        ("converted", 1),
        ("met_goal_before_email", 1),
        ("met_goal_no_email", 1),
        ("emailed_active", 1),
        ("emailed_completed", 1),
        ("emailed_left", 1),
        ("not_emailed_active", 1),
        ("not_emailed_completed", 1),
        ("not_emailed_left", 1),
    ]


def test_the_instant_of_the_first_receipt_is_not_after_it(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(2), "goal_met")
    db.received(1, day(2))
    db.met(1, day(2))
    assert db.funnel() == {"met_goal_before_email": 1}
    db.run("UPDATE goalsql.goal_completions SET met_at = met_at + INTERVAL 1 MICROSECOND")
    assert db.funnel() == {"converted": 1}


def test_a_late_receipt_counts_from_then_on(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(5), "goal_met")
    db.met(1, day(5))
    assert db.funnel() == {"met_goal_no_email": 1}
    assert db.one("workflow_goal_metrics")["unavailable_reason"] == "no_recipients"
    db.received(1, day(3))
    assert db.funnel() == {"converted": 1}
    assert db.one("workflow_goal_metrics")["conversion_rate"] == 1


def test_a_goal_met_before_the_enrollment_does_not_convert(db: Database) -> None:
    """New goal criteria may have been true since before the enrollment (SPEC 4, rule 1)."""
    db.workflow()
    db.received(1, day(1))
    db.enrolled(1, day(3), day(9), "goal_met")
    db.met(1, day(2))
    assert db.funnel() == {"met_goal_before_email": 1}
    db.run("UPDATE goalsql.enrollments SET enrolled_at = TIMESTAMP '2026-01-02'")
    assert db.funnel() == {"converted": 1}


def test_a_contact_counts_once_and_by_its_latest_enrollment(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(3), "goal_met")
    db.met(1, day(3))
    db.received(1, day(4))
    db.enrolled(1, day(5), day(6), "goal_met", number=2)
    db.met(1, day(6), number=2)
    db.enrolled(1, day(7), number=3)
    row = db.one("workflow_goal_metrics")
    assert (row["enrolled"], row["active"], row["unenrolled"]) == (1, 1, 0)
    assert (row["unenrolled_by_goal"], row["met_goal"], row["converted"]) == (1, 1, 1)
    assert row["recipients"] == 1
    assert db.funnel() == {"converted": 1}


def test_a_receipt_of_another_workflow_is_none(db: Database) -> None:
    db.workflow()
    db.workflow("v")
    db.enrolled(1, day(1), day(5), "goal_met")
    db.received(1, day(2), workflow="v")
    db.met(1, day(5))
    assert db.funnel() == {"met_goal_no_email": 1}
    assert db.funnel("v") == {}
    assert [row["workflow_id"] for row in db.view("workflow_goal_metrics")] == ["v", "w"]


def test_without_a_goal_nothing_of_it_is_counted(db: Database) -> None:
    db.workflow(epoch=None)
    db.enrolled(1, day(1), day(5), "goal_met")  # by a goal that was removed since
    db.received(1, day(2))
    db.met(1, day(5))
    row = db.one("workflow_goal_metrics")
    assert (row["goal_name"], row["goal_epoch"]) == (None, None)
    assert (row["recipients"], row["met_goal"], row["converted"]) == (0, 0, 0)
    assert (row["enrolled"], row["unenrolled_by_goal"]) == (1, 1)
    assert (row["conversion_rate"], row["conversion_rate_enrolled"]) == (None, None)
    assert row["unavailable_reason"] == "no_goal"
    assert db.funnel() == {"emailed_left": 1}


@pytest.mark.parametrize("hub", ["none", "starter", "professional", "enterprise"])
@pytest.mark.parametrize("sends", [True, False])
@pytest.mark.parametrize("epoch", [None, 1])
@pytest.mark.parametrize("emailed", [True, False])
def test_the_first_reason_that_applies(
    hub: str, sends: bool, epoch: int | None, emailed: bool
) -> None:
    db = Database(marketing_hub=hub)
    db.workflow(epoch=epoch, sends=sends)
    db.enrolled(1, day(1))
    if emailed:
        db.received(1, day(1))
    reason = None
    if epoch is None:
        reason = "no_goal"
    elif not sends:
        reason = "no_marketing_email"
    elif hub in ("none", "starter"):
        reason = "subscription"
    elif not emailed:
        reason = "no_recipients"
    row = db.one("workflow_goal_metrics")
    assert row["unavailable_reason"] == reason
    assert row["conversion_rate"] == (0 if reason is None else None)
    available = reason in (None, "no_recipients")
    assert row["conversion_rate_enrolled"] == (0 if available else None)


def test_figures_are_counted_whatever_keeps_the_rate_away() -> None:
    db = Database(marketing_hub="starter")
    db.workflow()
    db.enrolled(1, day(1), day(5), "goal_met")
    db.received(1, day(2))
    db.met(1, day(5))
    row = db.one("workflow_goal_metrics")
    assert (row["recipients"], row["met_goal"], row["converted"]) == (1, 1, 1)
    assert row["conversion_rate"] is None
