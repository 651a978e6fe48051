"""The report in a terminal: every figure is there, in a hundred columns, without colour."""

from __future__ import annotations

from io import StringIO

import polars as pl
from rich.console import Console

from goalsql.report.terminal import FEW, WIDTH, render_report
from tests.report.database import Database, day

VIEWS = ("workflow_goal_metrics", "goal_funnel", "goal_trend", "time_to_goal")


def shown(db: Database, workflow: str | None = None, width: int = WIDTH) -> str:
    out = StringIO()
    render_report(
        Console(file=out, width=width, no_color=True),
        {name: db.frame(name) for name in VIEWS},
        workflow,
    )
    lines = out.getvalue().splitlines()
    assert all(len(line) <= WIDTH for line in lines)
    return out.getvalue()


def crowd(db: Database, workflow: str = "w", contacts: int = 1500) -> None:
    """Contacts of whom every third converts, five days after its email."""
    db.workflow(workflow)
    enrolled = (
        "INSERT INTO goalsql.enrollments SELECT '{w}', i, 1, t, t, 'unenrolled', t, '{r}', NULL, "
        "NULL, NULL, 1 "
        "FROM (SELECT i, TIMESTAMP '2026-01-01' + TO_DAYS(CAST(i % 80 AS INTEGER)) AS t "
        "FROM RANGE({n}) AS r(i)) WHERE (i % 3 = 0) = {met}"
    )
    for reason, met in (("goal_met", True), ("suppressed", False)):
        db.run(enrolled.format(w=workflow, r=reason, n=contacts, met=met))
    mine = f"WHERE workflow_id = '{workflow}'"
    db.run(
        "INSERT INTO goalsql.receipts SELECT workflow_id, contact_id, 'm', enrolled_at, NULL "
        f"FROM goalsql.enrollments {mine}"
    )
    db.run(
        "INSERT INTO goalsql.goal_completions SELECT workflow_id, 1, contact_id, 1, "
        f"enrolled_at + INTERVAL 5 DAY, enrolled_at FROM goalsql.enrollments {mine} "
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
    assert "Goal of w" in shown(db)
    assert "set for the 2nd time" in shown(db)


def test_a_narrow_terminal_gets_it_too(db: Database) -> None:
    crowd(db)
    db.tick(day(90))
    assert "1,500" in shown(db, width=80)


def test_nothing_to_report() -> None:
    assert "No workflows yet." in shown(Database())


def test_frames_of_nothing_need_no_types() -> None:
    out = StringIO()
    empty = pl.DataFrame(schema={"workflow_id": pl.String})
    render_report(Console(file=out, width=WIDTH), dict.fromkeys(VIEWS, empty))
    assert out.getvalue() == "No workflows yet.\n"
