"""The relations of SPEC 7: their columns, their comments, and an empty project."""

from __future__ import annotations

import re

import pytest

from goalsql.report.views import RELATIONS, report_statements
from tests.report.database import Database, day

COLUMNS = {
    "workflow_goal_metrics": "workflow_id, workflow_name, goal_name, goal_epoch, enrolled, active, "
    "completed, unenrolled, unenrolled_by_goal, recipients, met_goal, converted, conversion_rate, "
    "conversion_rate_enrolled, unavailable_reason",
    "goal_funnel": "workflow_id, bucket, contacts",
    "goal_trend": "workflow_id, day, enrolled, new_recipients, met_goal, converted, "
    "cumulative_recipients, cumulative_converted, cumulative_conversion_rate",
    "goal_contacts": "workflow_id, goal_epoch, contact_id, enrollment_no, first_receipt_at, "
    "met_at, observed_at, converted, unenrolled_by_goal, time_to_goal",
    "unenrolled_by_goal": "workflow_id, contact_id, enrollment_no, enrolled_at, met_at, converted",
    "enrollment_history": "workflow_id, contact_id, at, what, detail",
    "time_to_goal": "workflow_id, goal_epoch, converted, p25, median, p75, p90",
    "time_to_goal_histogram": "workflow_id, goal_epoch, from_days, to_days, converted",
    "workflow_overview": "workflow_id, workflow_name, enabled, goal_name, enrolled, active, "
    "recipients, met_goal, converted, conversion_rate, rate_low, rate_high, unavailable_reason, "
    "last_enrolled_at",
    "cohorts": "workflow_id, week, after_weeks, enrolled, recipients, converted, conversion_rate, "
    "open",
    "email_performance": "workflow_id, email_id, receipts, recipients, opened, clicked, "
    "first_touch, last_touch, any_touch",
    "exclusions": "workflow_id, day, outcome, decisions",
}


def test_relations_are_those_of_the_spec_in_its_order_and_five_more() -> None:
    state = "ticks workflow_versions decisions enrollments goal_completions receipts outbox"
    wanted = [f"goalsql.{name}" for name in state.split()] + [f"report.{name}" for name in COLUMNS]
    assert list(RELATIONS) == wanted


@pytest.mark.parametrize("view", COLUMNS)
def test_a_view_has_its_columns_in_order(db: Database, view: str) -> None:
    found = [row[0] for row in db.run(f"DESCRIBE report.{view}")]
    assert found == COLUMNS[view].split(", ")


@pytest.mark.parametrize("view", COLUMNS)
def test_the_rows_of_a_view_come_in_an_order(view: str) -> None:
    (made,) = [one.ast for one in report_statements() if one.name == f"report.{view}"]
    ordered = made.expression.args["order"].expressions
    assert ordered[0].name == "workflow_id"


def test_every_view_and_column_says_what_it_means(db: Database) -> None:
    silent = "SELECT * FROM {}() WHERE schema_name IN ('goalsql', 'report') AND comment IS NULL"
    assert db.run(silent.format("duckdb_views")) == []
    of_views = " AND table_name IN (SELECT view_name FROM duckdb_views())"
    assert db.run(silent.format("duckdb_columns") + of_views) == []


def test_a_reader_needs_nothing_but_the_database() -> None:
    for statement in report_statements():
        for schema in re.findall(r"(?<!DISTINCT )(?:FROM|JOIN) (\w+)\.", statement.sql()):
            assert schema in ("goalsql", "report"), statement.name


def test_the_views_can_be_made_again(db: Database) -> None:
    for statement in report_statements():
        db.engine.execute(statement.name, statement.sql())


@pytest.mark.parametrize("view", COLUMNS)
def test_a_new_database_has_no_rows(db: Database, view: str) -> None:
    assert db.view(view) == []


def test_a_workflow_without_a_tick_has_zeros(db: Database) -> None:
    db.workflow()
    row = db.one("workflow_goal_metrics")
    assert [row[name] for name in COLUMNS["workflow_goal_metrics"].split(", ")] == [
        "w", "The w", "Goal of w", 1, 0, 0, 0, 0, 0, 0, 0, 0, None, None, "no_recipients"
    ]  # fmt: skip
    assert db.funnel() == {}
    assert db.view("goal_trend") == []
    db.tick(day(3))
    assert db.view("goal_trend") == []
