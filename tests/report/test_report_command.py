"""`goalsql report`, as it is called from the command line."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path

import pytest

from goalsql import Project
from goalsql.report.report import VIEWS
from tests.conftest import END
from tests.report.pages import Page
from tests.test_cli import run


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_prints_the_rates_with_their_intervals(
    run_quickstart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    result = run("report", "-p", run_quickstart)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "\x1b" not in result.stdout
    assert result.stdout.startswith("tillwise as of 2026-01-01 00:00 UTC\n")
    overview = Project.load(run_quickstart).relation("report.workflow_overview")
    for row in overview.to_dicts():
        assert row["workflow_name"] in result.stdout
        if row["conversion_rate"] is None:
            assert "not available: sends no marketing email" in result.stdout
            continue
        rate, low, high = (
            round(100 * row[name], 1) for name in ("conversion_rate", "rate_low", "rate_high")
        )
        assert f"{rate} % {low} to {high} %" in result.stdout


def test_of_one_workflow_or_several(run_quickstart: Path) -> None:
    one = run("report", "nurture", "-p", run_quickstart).stdout
    assert "Lead nurture" in one
    assert "Download follow-up" not in one
    assert run("report", "--workflow", "nurture", "-p", run_quickstart).stdout == one
    two = run("report", "nurture", "--workflow", "whitepaper", "-p", run_quickstart).stdout
    assert "Lead nurture" in two
    assert "Download follow-up" in two
    assert "win_back" not in two


def test_the_trend_by_week_of_some_days(run_quickstart: Path) -> None:
    options = ("--by", "week", "--since", "2025-06-02", "--until", "2025-06-22")
    result = run("report", "nurture", *options, "-p", run_quickstart)
    assert "By week, 2025-06-02 to 2025-06-16:\n" in result.stdout


def test_a_page_of_several_workflows(run_quickstart: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    chosen = ("nurture", "--workflow", "win_back", "--html", file)
    result = run("report", *chosen, "-p", run_quickstart)
    assert result.stdout == f"written to {file}: open it in a browser\n"
    tables = Page(file.read_text(encoding="utf-8")).tables
    assert set(tables) == {"account", "nurture", "win_back"}


def test_json(run_quickstart: Path) -> None:
    printed = json.loads(run("report", "nurture", "--json", "-p", run_quickstart).stdout)
    assert set(printed) == set(VIEWS) - {"enrollment_history"}
    (metrics,) = printed["workflow_goal_metrics"]
    assert metrics["conversion_rate"] == metrics["converted"] / metrics["recipients"]
    times = [row["time_to_goal"] for row in printed["goal_contacts"] if row["converted"]]
    assert times
    assert all(isinstance(seconds, float) and seconds > 0 for seconds in times)


def test_json_of_some_views(run_quickstart: Path) -> None:
    views = ("--view", "enrollment_history", "--view", "trend")
    printed = json.loads(run("report", "nurture", "--json", *views, "-p", run_quickstart).stdout)
    assert set(printed) == {"enrollment_history", "trend"}
    assert printed["trend"][0]["period"] == "2025-01-01"
    assert {row["workflow_id"] for row in printed["enrollment_history"]} == {"nurture"}


def test_csv(run_quickstart: Path) -> None:
    result = run("report", "--csv", "-p", run_quickstart)
    assert result.exit_code == 0
    metrics = Project.load(run_quickstart).relation("report.workflow_goal_metrics")
    assert result.stdout.splitlines()[0] == ",".join(metrics.columns)
    for printed, row in zip(rows_of(result.stdout), metrics.to_dicts(), strict=True):
        assert printed["workflow_id"] == row["workflow_id"]
        assert printed["converted"] == str(row["converted"])
        assert (printed["conversion_rate"] == "") == (row["conversion_rate"] is None)


def test_csv_has_instants_and_spans_as_json_has_them(run_quickstart: Path) -> None:
    asked = ("report", "nurture", "--view", "goal_contacts", "-p", run_quickstart)
    from_csv = rows_of(run(*asked, "--csv").stdout)
    from_json = json.loads(run(*asked, "--json").stdout)["goal_contacts"]
    assert len(from_csv) == len(from_json) > 0
    for one, other in zip(from_csv, from_json, strict=True):
        assert one["met_at"] == other["met_at"]
        assert one["observed_at"] == END
        assert one["time_to_goal"] == str(other["time_to_goal"] or "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nurtur"], "there is no workflow nurtur; did you mean nurture?"),
        (["--workflow", "whitepapr"], "there is no workflow whitepapr; did you mean whitepaper?"),
        (["--json", "--view", "goal_funel"], "there is no view goal_funel; did you mean goal_fun"),
        (["--view", "goal_funnel"], "--view goes with --json or --csv"),
        (["--html", "x.html", "--json"], "--html goes with workflows only"),
        (["--html", "x.html", "--by", "week"], "--html goes with workflows only"),
        (["--json", "--csv"], "--json and --csv exclude each other"),
        (["--csv", "--view", "trend", "--view", "cohorts"], "--csv prints one view"),
        (["--since", "2025-02-01", "--until", "2025-01-01"], "since 2025-02-01 is after until"),
        (["--since", "soon"], "'soon' is not a date (2026-01-05)"),
    ],
)
def test_wrong_uses(run_quickstart: Path, arguments: list[str], message: str) -> None:
    result = run("report", *arguments, "-p", run_quickstart)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.match(rf"error GQ30\d: {re.escape(message)}", result.stderr)


def test_before_the_first_tick(fresh_quickstart: Path) -> None:
    result = run("report", "-p", fresh_quickstart)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"No tick has been run yet: run `goalsql tick -p {fresh_quickstart}`" in result.stdout
    for workflow in ("nurture", "win_back"):
        assert workflow in result.stdout
    printed = json.loads(run("report", "--json", "-p", fresh_quickstart).stdout)
    assert set(map(str, printed.values())) == {"[]"}
    table = run("report", "--csv", "--view", "goal_funnel", "-p", fresh_quickstart).stdout
    assert table == "workflow_id,bucket,contacts\n"
    unknown = run("report", "nurtur", "-p", fresh_quickstart)
    assert unknown.exit_code == 2
    assert "did you mean nurture?" in unknown.stderr
    assert not (fresh_quickstart / "tillwise.duckdb").exists()
