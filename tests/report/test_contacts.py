"""goal_contacts, unenrolled_by_goal, time_to_goal and enrollment_history (SPEC 7)."""

from __future__ import annotations

from datetime import timedelta

from tests.report.database import Database, day

DAY = timedelta(days=1)


def test_who_met_the_goal_and_how_long_it_took(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(5, 12), "goal_met")
    db.received(1, day(2))
    db.received(1, day(3))
    db.met(1, day(5, 12))
    db.enrolled(2, day(1), day(3))  # completed, met later, without an email
    db.met(2, day(4))
    rows = sorted(db.view("goal_contacts"), key=lambda row: row["contact_id"])
    assert rows == [
        {
            "workflow_id": "w", "goal_epoch": 1, "contact_id": 1, "enrollment_no": 1,
            "first_receipt_at": day(2), "met_at": day(5, 12), "observed_at": day(31),
            "converted": True, "unenrolled_by_goal": True, "time_to_goal": 3.5 * DAY,
        },
        {
            "workflow_id": "w", "goal_epoch": 1, "contact_id": 2, "enrollment_no": 1,
            "first_receipt_at": None, "met_at": day(4), "observed_at": day(31),
            "converted": False, "unenrolled_by_goal": False, "time_to_goal": None,
        },
    ]  # fmt: skip
    assert db.view("unenrolled_by_goal") == [
        {
            "workflow_id": "w", "contact_id": 1, "enrollment_no": 1, "enrolled_at": day(1),
            "met_at": day(5, 12), "converted": True,
        }
    ]  # fmt: skip


def test_a_goal_met_with_an_email_but_not_after_it_has_no_time(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(2), "goal_met")
    db.met(1, day(2))
    db.received(1, day(3))
    row = db.one("goal_contacts")
    assert (row["first_receipt_at"], row["time_to_goal"]) == (day(3), None)
    assert db.one("unenrolled_by_goal")["converted"] is False


def test_a_deleted_contact_keeps_what_it_achieved(db: Database) -> None:
    """Views read state alone: nothing there says whether a contact still exists."""
    db.workflow()
    db.enrolled(1, day(1), day(3))
    db.received(1, day(2))
    db.met(1, day(4))
    db.enrolled(2, day(1), day(9), "contact_deleted")
    db.received(2, day(2))
    row = db.one("workflow_goal_metrics")
    assert (row["recipients"], row["converted"]) == (2, 1)


def test_quantiles_are_interpolated_between_contacts(db: Database) -> None:
    db.workflow()
    for contact, days in enumerate((1, 2, 4, 8), start=1):
        db.enrolled(contact, day(1), day(2 + days), "goal_met")
        db.received(contact, day(2))
        db.met(contact, day(2 + days))
    db.enrolled(1, day(20), day(21), "goal_met", number=2)  # its first conversion counts
    db.met(1, day(21), number=2)
    assert db.view("time_to_goal") == [
        {
            "workflow_id": "w", "goal_epoch": 1, "converted": 4,
            "p25": 1.75 * DAY, "median": 3 * DAY, "p75": 5 * DAY, "p90": 6.8 * DAY,
        }
    ]  # fmt: skip


def test_time_to_goal_has_only_who_converted(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1), day(3))
    db.met(1, day(4))
    assert db.view("time_to_goal") == []


def test_history_is_told_in_the_order_of_time_and_of_the_rules(db: Database) -> None:
    db.workflow()
    at_once = {"workflow_id": "w", "contact_id": 1, "triggered_at": day(1)}
    db.insert("decisions", **at_once, decided_at=day(1), outcome="enrolled", tick_id=1)
    db.insert("decisions", **at_once, decided_at=day(3), outcome="enrolled", tick_id=1)
    db.insert("decisions", **at_once, decided_at=day(4), outcome="already_active", tick_id=1)
    db.enrolled(1, day(1), day(3), "goal_met")
    db.enrolled(1, day(3), day(5), number=2)
    db.received(1, day(2))
    db.met(1, day(3))
    for number, step, kind, at in (
        (1, "hello", "send_email", day(1)),
        (2, "hello", "send_email", day(3)),
        (2, "flag", "set_property", day(5)),
    ):
        db.insert(
            "outbox", workflow_id="w", contact_id=1, enrollment_no=number, step_id=step,
            kind=kind, payload="{}", executed_at=at,
        )  # fmt: skip
    found = [(row["at"], row["what"], row["detail"]) for row in db.view("enrollment_history")]
    assert found == [
        (day(1), "decision", "enrolled"),
        (day(1), "enrolled", "enrollment 1"),
        (day(1), "step", "hello: send_email"),
        (day(3), "goal_met", "enrollment 1, goal epoch 1, converted"),
        (day(3), "unenrolled", "enrollment 1: goal_met"),
        (day(3), "decision", "enrolled"),
        (day(3), "enrolled", "enrollment 2"),
        (day(3), "step", "hello: send_email"),
        (day(4), "decision", "already_active"),
        (day(5), "step", "flag: set_property"),
        (day(5), "completed", "enrollment 2"),
    ]
