"""What became of each email: in the view, and in what a tick keeps of opens and clicks."""

from __future__ import annotations

import pytest

from goalsql import Project
from tests.report.database import Database, day
from tests.run.acme import EMAIL, NURTURE, Acme, write_parquet


def received(db: Database, contact: int, email: str | None, at: int) -> None:
    db.insert(
        "receipts", workflow_id="w", contact_id=contact, email_id=email, received_at=day(at)
    )  # fmt: skip


def responded(db: Database, contact: int, email: str | None, event: str) -> None:
    db.insert(
        "email_responses", workflow_id="w", contact_id=contact, email_id=email, event=event,
        responded_at=day(20),
    )  # fmt: skip


def emails(db: Database) -> dict[str | None, tuple[int, ...]]:
    """By email: receipts, recipients, opened, clicked, first_touch, last_touch, any_touch."""
    rows = [tuple(row.values()) for row in db.view("email_performance")]
    return {row[1]: row[2:] for row in rows}


def test_credit_goes_to_the_emails_received_before_the_goal(db: Database) -> None:
    db.workflow()
    for contact in (1, 2, 3):
        db.enrolled(contact, day(1))
    received(db, 1, "first", 2)
    received(db, 1, "second", 3)
    received(db, 1, "third", 9)  # after the goal
    received(db, 2, "second", 3)
    received(db, 2, "first", 4)
    received(db, 3, "first", 5)  # never meets the goal
    db.met(1, day(5))
    db.met(2, day(5))
    assert emails(db) == {
        "first": (3, 3, 0, 0, 1, 1, 2),
        "second": (2, 2, 0, 0, 1, 1, 2),
        "third": (1, 1, 0, 0, 0, 0, 0),
    }


def test_an_email_received_again_is_the_first_and_the_last(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1))
    for at, email in ((2, "a"), (3, "b"), (4, "a")):
        received(db, 1, email, at)
    db.met(1, day(5))
    assert emails(db) == {"a": (2, 1, 0, 0, 1, 1, 1), "b": (1, 1, 0, 0, 0, 0, 1)}


def test_of_two_emails_at_one_instant_the_first_by_name_has_the_credit(db: Database) -> None:
    db.workflow()
    db.enrolled(1, day(1))
    for email in ("b", "a"):
        received(db, 1, email, 2)
    db.met(1, day(5))
    assert emails(db) == {"a": (1, 1, 0, 0, 1, 1, 1), "b": (1, 1, 0, 0, 0, 0, 1)}


def test_only_recipients_open_and_click(db: Database) -> None:
    db.workflow()
    received(db, 1, "a", 2)
    received(db, 2, "a", 2)
    received(db, 1, None, 2)
    for contact, email, event in (
        (1, "a", "opened"), (1, "a", "clicked"), (2, "a", "opened"), (1, None, "clicked"),
        (3, "a", "opened"), (1, "unknown", "opened"),
    ):  # fmt: skip
        responded(db, contact, email, event)
    assert emails(db) == {"a": (2, 2, 2, 1, 0, 0, 0), None: (1, 1, 0, 1, 0, 0, 0)}


def deliver(acme: Acme, file: str, *rows: tuple[str, str, str, str]) -> None:
    """Adds a file of marketing_emails: id, day, workflow and event, all of contact a."""
    acme.settings["sources"]["marketing_emails"] = {"from": "emails/*.parquet"}
    acme.settle()
    (acme.directory / "emails").mkdir(exist_ok=True)
    events = [("a", name, at, workflow, "hello", event) for name, at, workflow, event in rows]
    write_parquet(acme.directory / "emails" / f"{file}.parquet", EMAIL, events)


def responses(acme: Acme) -> list[tuple[object, ...]]:
    """Which event of which workflow's email there was on which day of January."""
    with Project.load(acme.directory).connect() as connection:
        query = (
            "SELECT workflow_id, event, DAY(responded_at) FROM goalsql.email_responses ORDER BY ALL"
        )
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("full", [False, True])
def test_a_tick_keeps_when_an_email_was_first_opened_and_clicked(acme: Acme, full: bool) -> None:
    deliver(
        acme, "1",
        ("e1", "2026-01-02", "nurture", "delivered"), ("e2", "2026-01-03", "nurture", "opened"),
        ("e3", "2026-01-05", "nurture", "opened"), ("e4", "2026-01-09", "nurture", "clicked"),
        ("e5", "2026-01-03", "other", "opened"), ("e6", "2026-01-03", "nurture", "bounced"),
    )  # fmt: skip
    acme.tick("2026-01-06")
    assert responses(acme) == [("nurture", "opened", 3), ("other", "opened", 3)]
    deliver(acme, "2", ("e7", "2026-01-02", "nurture", "opened"))  # late
    project = Project.load(acme.directory)
    assert project.tick("2026-01-10", "event", full=full).mode != (
        "incremental" if full else "full"
    )
    assert responses(acme) == [
        ("nurture", "clicked", 9), ("nurture", "opened", 2), ("other", "opened", 3),
    ]  # fmt: skip
    [row] = project.relation("report.email_performance").rows()
    assert row == ("nurture", "hello", 1, 1, 1, 1, 0, 0, 0)


def test_what_is_gone_from_the_source_is_forgotten(acme: Acme) -> None:
    deliver(acme, "1", ("e1", "2026-01-02", "nurture", "delivered"))
    deliver(acme, "2", ("e2", "2026-01-03", "nurture", "opened"))
    acme.tick("2026-01-06")
    (acme.directory / "emails" / "2.parquet").unlink()
    acme.tick("2026-01-07")
    assert responses(acme) == []
    deliver(acme, "3", ("e3", "2026-01-07", "nurture", "clicked"))
    acme.tick("2026-01-08")
    assert responses(acme) == [("nurture", "clicked", 7)]
    del acme.settings["sources"]["marketing_emails"]
    acme.settle()
    acme.tick("2026-01-09")
    assert responses(acme) == []


def test_only_rows_that_say_marketing_count(acme: Acme) -> None:
    rows = [
        ("a", f"e{n}", "2026-01-02", "nurture", kind, "opened", kind)
        for n, kind in enumerate(("marketing", "transactional"))
    ]
    acme.source("marketing_emails", EMAIL | {"email_type": "VARCHAR"}, rows)
    acme.workflow(NURTURE)
    acme.tick("2026-01-06")
    with Project.load(acme.directory).connect() as connection:
        query = "SELECT email_id FROM goalsql.email_responses"
        assert connection.execute(query).fetchall() == [("marketing",)]
