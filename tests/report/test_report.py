"""The report as frames: which views, which days, which workflows, and the trend by period."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goalsql import Project, UsageError
from goalsql.report.report import VIEWS
from goalsql.report.views import RELATIONS
from tests.report.database import Database, day
from tests.run.acme import NURTURE, Acme

TREND = ("period", "enrolled", "new_recipients", "converted", "cumulative_recipients")


@pytest.fixture
def quarter() -> Database:
    """Two workflows from Thursday, January 1st, to Sunday, March 1st; four contacts."""
    db = Database()
    db.workflow()
    db.workflow("other")
    db.enrolled(9, day(20), workflow="other")
    moments = [(1, day(1)), (2, day(4)), (3, day(5)), (4, datetime(2026, 2, 1))]
    for contact, at in moments:  # Thursday, Sunday, Monday, Sunday
        db.enrolled(contact, at)
        db.received(contact, at)
    db.met(1, day(5))
    db.met(2, datetime(2026, 2, 2))
    db.tick(datetime(2026, 3, 1, 12))
    return db


def rows(frame: pl.DataFrame, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return frame.filter(workflow_id="w").select(columns).rows()


def test_by_month(quarter: Database) -> None:
    trend = quarter.report(by="month")["trend"]
    assert rows(trend, TREND) == [
        (date(2026, 1, 1), 3, 3, 1, 3),
        (date(2026, 2, 1), 1, 1, 1, 4),
        (date(2026, 3, 1), 0, 0, 0, 4),
    ]
    rates = [rate for (rate,) in rows(trend, ("cumulative_conversion_rate",))]
    assert rates == [1 / 3, 0.5, 0.5]


def test_weeks_begin_on_monday(quarter: Database) -> None:
    found = rows(quarter.report(by="week")["trend"], TREND)
    assert found[:2] == [(date(2025, 12, 29), 2, 2, 0, 2), (date(2026, 1, 5), 1, 1, 1, 3)]
    assert found[4:6] == [(date(2026, 1, 26), 1, 1, 0, 4), (date(2026, 2, 2), 0, 0, 1, 4)]
    assert len(found) == 9


def test_by_day_is_goal_trend(quarter: Database) -> None:
    report = quarter.report(by="day")
    daily = report["goal_trend"].rename({"day": "period"})
    assert report["trend"].equals(daily.select(report["trend"].columns))
    assert daily.filter(workflow_id="w").height == 31 + 28 + 1


def test_the_days_asked_for(quarter: Database) -> None:
    report = quarter.report(since="2026-01-04", until=date(2026, 1, 5), by="month")
    assert rows(report["goal_trend"], ("day",)) == [(date(2026, 1, 4),), (date(2026, 1, 5),)]
    assert rows(report["trend"], TREND) == [(date(2026, 1, 1), 2, 2, 1, 3)]
    assert set(report["cohorts"]["week"]) == {date(2026, 1, 5)}
    whole = quarter.report()
    for name in ("workflow_goal_metrics", "goal_funnel", "goal_contacts"):
        assert report[name].equals(whole[name])


def test_exclusions_are_of_the_days_asked_for(quarter: Database) -> None:
    for number in range(1, 5):
        quarter.insert(
            "decisions", workflow_id="w", contact_id=1, decided_at=day(number, 23), outcome="x"
        )
    found = quarter.report(since=date(2026, 1, 2), until=date(2026, 1, 3))["exclusions"]
    assert found["day"].to_list() == [date(2026, 1, 2), date(2026, 1, 3)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"since": "2026-02-02", "until": "2026-02-01"}, "since 2026-02-02 is after until 2026-02"),
        ({"since": "noon"}, "'noon' is not a date"),
        ({"until": "2026-02-30"}, "'2026-02-30' is not a date"),
        ({"until": datetime(2026, 2, 1)}, "is not a date"),
        ({"by": "weak"}, "there is no period weak; did you mean week?"),
    ],
)
def test_wrong_options(db: Database, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        db.report(**options)


def test_one_workflow_or_several(quarter: Database) -> None:
    quarter.workflow("third's")
    assert quarter.report().workflows == ("other", "third's", "w")
    assert quarter.report("w").workflows == ("w",)
    several = quarter.report("w", "third's", "w")
    assert several.workflows == ("third's", "w")
    for name in VIEWS:
        assert set(several[name]["workflow_id"]) <= {"third's", "w"}
    assert several["workflow_goal_metrics"].height == 2


def test_an_unknown_workflow_or_view(quarter: Database) -> None:
    with pytest.raises(UsageError, match=r"no workflow othr; did you mean other\?"):
        quarter.report("othr")
    with pytest.raises(UsageError, match=r"no workflow nurtur; did you mean nurture\?"):
        quarter.report("nurtur", files=["nurture"])
    with pytest.raises(KeyError, match="did you mean goal_funnel"):
        quarter.report()["goal_funel"]
    assert quarter.report().get("goal_funel") is None


def test_a_workflow_that_no_tick_has_seen_has_no_figures(quarter: Database) -> None:
    report = quarter.report("w", "new", files=["new"])
    unseen, seen = report.figures()
    assert (unseen["workflow_id"], unseen["unavailable_reason"]) == ("new", "no_tick")
    assert unseen["workflow_name"] == "The new"
    assert {unseen[name] for name in unseen} == {"new", "The new", "no_tick", None}
    assert (seen["recipients"], seen["converted"]) == (4, 2)
    assert seen["rate_low"] < 0.5 < seen["rate_high"]


def test_every_view_is_there(quarter: Database) -> None:
    report = quarter.report()
    views = {name.removeprefix("report.") for name in RELATIONS if name.startswith("report.")}
    assert set(report) == {*views, "trend"}
    assert len(report) == len(views) + 1
    for name in views:
        expected = [tuple(row.values()) for row in quarter.view(name)]
        assert report[name].rows() == expected, name


def test_a_later_tick_is_not_mixed_in(quarter: Database) -> None:
    report = quarter.report()
    assert report["goal_contacts"].height == 2
    quarter.met(3, day(40))
    quarter.tick(datetime(2026, 3, 2))
    assert report["goal_contacts"].height == 2
    with pytest.raises(UsageError, match="make it anew"):
        report["workflow_goal_metrics"]


def test_frames_are_read_once_and_only_when_asked_for(quarter: Database) -> None:
    names: list[str] = []
    quarter.engine.tracer = lambda name, sql: names.append(name)
    report = quarter.report()
    assert names == ["report.last_tick", "report.workflows"]
    names.clear()
    report.read("goal_funnel", "trend")
    for name in ("goal_funnel", "trend"):
        assert report[name] is report[name]
    read = [name for name in names if name.startswith("read.report.")]
    assert read == ["read.report.goal_funnel", "read.report.goal_trend"]


def test_before_the_first_tick(acme: Acme) -> None:
    before = Project.load(acme.directory).report()
    assert before.tick_at is None
    assert before.workflows == ("nurture",)
    assert all(frame.is_empty() for frame in before.values())
    acme.tick("2026-02-01T00:00:00Z")
    after = Project.load(acme.directory).report(["nurture"])
    assert after.tick_at == datetime(2026, 2, 1)
    assert not after["workflow_goal_metrics"].is_empty()
    for name in VIEWS:
        assert before[name].columns == after[name].columns


@pytest.mark.parametrize("first", ["apply", "enroll"])
def test_a_database_without_a_tick(acme: Acme, first: str) -> None:
    acme.workflow(NURTURE | {"enrollment": {"trigger": "manual"}})
    project = Project.load(acme.directory)
    if first == "apply":
        project.apply()
    else:
        project.enroll("nurture", ["a"])
    report = project.report(by="week")
    assert (report.tick_at, report["trend"].height) == (None, 0)


def test_a_workflow_whose_file_is_gone(acme: Acme) -> None:
    acme.tick("2026-02-01T00:00:00Z")
    shutil.rmtree(acme.directory / "workflows")
    (acme.directory / "workflows").mkdir()
    report = Project.load(acme.directory).report("nurture")
    assert report.workflows == ("nurture",)
    assert report["workflow_goal_metrics"]["enrolled"].item() > 0


def test_of_a_project(run_quickstart: Path) -> None:
    report = Project.load(run_quickstart).report("nurture", since="2025-06-01", by="week")
    assert (report.project, report.by, report.since) == ("tillwise", "week", date(2025, 6, 1))
    assert repr(report) == "<Report of tillwise as of 2026-01-01 00:00:00>"
    monthly = Project.load(run_quickstart).report("nurture")["trend"]
    assert monthly["period"].dt.day().unique().to_list() == [1]
    metrics = report["workflow_goal_metrics"]
    assert monthly["converted"].sum() == metrics["converted"].item()
    assert monthly["cumulative_recipients"][-1] == metrics["recipients"].item()
