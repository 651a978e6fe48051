"""The report in a terminal: every figure is there, in a hundred columns, without colour."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from goalsql.report.terminal import FEW, WEEKS, WIDTH, render_report
from tests.report.database import Database, day


def shown(db: Database, *workflows: str, width: int = WIDTH, **options: Any) -> str:
    out = StringIO()
    render_report(Console(file=out, width=width, no_color=True), db.report(*workflows, **options))
    assert not [line for line in out.getvalue().splitlines() if len(line) > width]
    return out.getvalue()


def squeezed(text: str) -> list[str]:
    """The lines, with one space where there are more."""
    return [" ".join(line.split()) for line in text.splitlines()]


def crowd(db: Database, workflow: str = "w", contacts: int = 1500) -> None:
    """Contacts of whom every third converts, five days after its email."""
    db.workflow(workflow)
    enrolled = (
        "INSERT INTO goalsql.enrollments SELECT '{w}', i, 1, t, t, 'unenrolled', t, '{r}', NULL, "
        "NULL, NULL, 1, 1 "
        "FROM (SELECT i, TIMESTAMP '2026-01-01' + TO_DAYS(CAST(i % 80 AS INTEGER)) AS t "
        "FROM RANGE({n}) AS r(i)) WHERE (i % 3 = 0) = {met}"
    )
    for reason, met in (("goal_met", True), ("suppressed", False)):
        db.run(enrolled.format(w=workflow, r=reason, n=contacts, met=met))
    mine = f"WHERE workflow_id = '{workflow}'"
    db.run(
        "INSERT INTO goalsql.receipts SELECT workflow_id, contact_id, 'm', enrolled_at, NULL, 1 "
        f"FROM goalsql.enrollments {mine}"
    )
    db.run(
        "INSERT INTO goalsql.goal_completions SELECT workflow_id, 1, contact_id, 1, "
        f"enrolled_at + INTERVAL 5 DAY, enrolled_at, 1 FROM goalsql.enrollments {mine} "
        "AND end_reason = 'goal_met'"
    )


def test_the_account_and_the_details_of_its_few_workflows(db: Database) -> None:
    crowd(db)
    db.workflow("later")
    db.workflow("plain", epoch=None)
    db.enrolled(1, day(1), workflow="plain")
    db.tick(day(90))
    text = shown(db)
    assert "1,500" in text
    assert "33.3 %" in text
    assert "no recipients yet" in text
    assert "not available: no goal" in text
    assert "Nobody has been enrolled yet." in text
    assert "500 of 1,500 recipients" in text
    assert "25 % within 5.0" in text
    assert "█" in text
    assert "Jan 2026 to Mar 2026" in text
    assert "(so far)" in text


def test_one_workflow_alone(db: Database) -> None:
    crowd(db)
    db.workflow("second")
    db.tick(day(90))
    text = shown(db, "w")
    assert "second" not in text
    assert "met the goal after an email" in text


def test_many_workflows_are_a_table_only(db: Database) -> None:
    for number in range(FEW + 1):
        db.workflow(f"w{number}")
    db.tick(day(1))
    assert "Goal:" not in shown(db)
    assert "Goal:" in shown(db, "w3")


def test_names_are_no_markup_and_long_ones_fold(db: Database) -> None:
    db.workflow("[bold]" + "long-" * 30)
    db.run("UPDATE goalsql.workflows SET workflow_name = '[red]Ünïcode[/red] ' || workflow_id")
    db.enrolled(1, day(1), workflow="[bold]" + "long-" * 30)
    db.tick(day(2))
    text = shown(db)
    assert "[bold]" in text
    assert "[red]Ünïcode[/red]" in text


def test_a_goal_set_again_says_so(db: Database) -> None:
    db.workflow(epoch=2, epoch_from=day(2))
    db.tick(day(2))
    assert "Goal of w" in shown(db)
    assert "set for the 2nd time" in shown(db)


def test_a_narrow_terminal_gets_it_too(db: Database) -> None:
    crowd(db)
    db.tick(day(90))
    assert "1,500" in shown(db, width=80)


def test_nothing_to_report(db: Database) -> None:
    db.tick(day(1))
    assert shown(db) == "acme as of 2026-01-01 00:00 UTC\nNo workflows yet.\n"


def test_before_the_first_tick(db: Database) -> None:
    lines = squeezed(shown(db, files=["nurture", "win_back"]))
    assert lines[0] == "No tick has been run yet: run `goalsql tick -p /srv/acme`"
    assert "nurture - - - - - - - - no tick yet" in lines
    assert "win_back - - - - - - - - no tick yet" in lines
    assert "Nobody has been enrolled yet." not in lines


def test_a_workflow_newer_than_the_last_tick(db: Database) -> None:
    db.workflow()
    db.tick(day(1))
    text = shown(db, files=["new"])
    assert "\nThe new\nNo tick has seen it yet: run `goalsql tick -p /srv/acme`\n" in text
    assert "Goal: Goal of w" in text


def test_the_rate_has_its_interval(db: Database) -> None:
    db.workflow()
    for contact in range(263):
        db.enrolled(contact, day(1))
        db.received(contact, day(2))
        if contact < 81:
            db.met(contact, day(3))
    db.tick(day(4))
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    assert "w 263 263 0 0 263 81 81 30.8 % 25.5 to 36.6 %" in squeezed(shown(db))


class TestTrend:
    @pytest.fixture
    def db(self) -> Database:
        """Two contacts on January 1st, four on February 1st; one converts on February 3rd."""
        db = Database()
        db.workflow()
        for contact, month in enumerate((1, 1, 2, 2, 2, 2)):
            db.enrolled(contact, datetime(2026, month, 1))
            db.received(contact, datetime(2026, month, 1, 8))
        db.met(5, datetime(2026, 2, 3))
        db.tick(datetime(2026, 3, 10))
        return db

    def test_by_month(self, db: Database) -> None:
        lines = shown(db).splitlines()
        place = lines.index("By month, Jan 2026 to Mar 2026:")
        assert lines[place + 1 : place + 4] == [
            "  enrolled       ▄█·  at most 4 a month",
            "  new recipients ▄█·  at most 4 a month",
            "  converted      ·█·  at most 1 a month",
        ]

    def test_by_day_in_a_span(self, db: Database) -> None:
        lines = shown(db, by="day", since="2026-01-31", until="2026-02-03").splitlines()
        place = lines.index("By day, 2026-01-31 to 2026-02-03:")
        assert lines[place + 1] == "  enrolled       ·█··  at most 4 a day"
        assert lines[place + 3] == "  converted      ···█  at most 1 a day"

    def test_one_period(self, db: Database) -> None:
        text = shown(db, by="week", since="2026-02-02", until="2026-02-05")
        assert "By week, 2026-02-02:\n  enrolled       ·  at most 0 a week\n" in text

    def test_no_day_in_the_span(self, db: Database) -> None:
        assert "By week: none is in the days asked for." in shown(db, by="week", since=date.max)

    def test_what_is_too_long_for_the_terminal_ends_with_the_last_tick(self, db: Database) -> None:
        assert "By day, 2026-01-15 to 2026-03-10, the last 55 of 69:" in shown(db, by="day")
        assert "to 2026-03-10, the last 35 of 69:" in shown(db, by="day", width=80)

    def test_without_emails_only_the_enrolled_are_shown(self) -> None:
        db = Database()
        db.workflow(sends=False)
        db.enrolled(1, day(1))
        db.tick(day(1))
        text = shown(db)
        assert "  enrolled       █  at most 1 a month" in text
        assert "new recipients" not in text


class TestCohorts:
    def test_shares_by_age_and_open_ones_in_brackets(self, db: Database) -> None:
        db.workflow()
        for contact in range(4):
            db.enrolled(contact, day(5))  # a Monday
            db.received(contact, day(6))
        db.met(1, day(8))
        db.met(2, day(15))
        db.enrolled(9, day(12))  # two weeks before the tick
        db.tick(day(5) + timedelta(weeks=3))
        lines = squeezed(shown(db))
        assert "2026-01-05 4 4 25.0 % 50.0 % (50.0 %) (50.0 %)" in lines
        assert "2026-01-12 1 0 - - (-) (-)" in lines

    def test_the_last_weeks_only(self, db: Database) -> None:
        db.workflow()
        for number in range(WEEKS + 3):
            db.enrolled(number, day(5 + 7 * number))
            db.received(number, day(5 + 7 * number, 1))
        db.tick(day(200))
        text = shown(db)
        assert "Earlier weeks, which --until shows: 3." in text
        assert "2026-01-19 " not in text
        assert "2026-01-26 " in text
        assert "--until" not in shown(db, since="2026-01-26")

    def test_none_where_there_is_no_rate(self, db: Database) -> None:
        db.workflow(epoch=None)
        db.enrolled(1, day(1))
        db.received(1, day(1))
        db.tick(day(20))
        assert "so far" not in shown(db)


def test_emails_with_receipts_reactions_and_touches(db: Database) -> None:
    db.workflow()
    for contact in (1, 2, 3):
        db.enrolled(contact, day(1))
    for contact, email, at in (
        (1, "[b]hi[/b]", 2),
        (2, "[b]hi[/b]", 2),
        (1, "bye", 3),
        (1, "bye", 4),
    ):
        db.insert(
            "receipts", workflow_id="w", contact_id=contact, email_id=email, received_at=day(at)
        )
    db.insert("receipts", workflow_id="w", contact_id=3, email_id=None, received_at=day(2))
    db.insert(
        "email_responses", workflow_id="w", contact_id=2, email_id="[b]hi[/b]", event="opened"
    )
    db.met(1, day(5))
    db.tick(day(6))
    lines = squeezed(shown(db))
    assert "[b]hi[/b] 2 2 1 0 1 0 1" in lines
    assert "bye 2 1 0 0 0 1 1" in lines
    assert "- 1 1 0 0 0 0 0" in lines
