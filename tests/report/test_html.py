"""The HTML report: what it says without a browser; see test_browser.py for what it shows in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from goalsql import Project, UsageError
from goalsql.report.html import render_html, render_no_tick
from tests.report.database import Database, day
from tests.report.pages import Page, number

HOSTILE = "</script><script>alert(1)</script> \"'&{{ 7 * 7 }} ö 💥"


@pytest.fixture(scope="module")
def page(run_quickstart: Path, tmp_path_factory: pytest.TempPathFactory) -> Page:
    file = tmp_path_factory.mktemp("page") / "report.html"
    Project.load(run_quickstart).report_html(file)
    return Page(file.read_text(encoding="utf-8"))


def test_every_workflow_stands_in_the_account_with_its_figures(
    page: Page, run_quickstart: Path
) -> None:
    metrics = Project.load(run_quickstart).relation("report.workflow_goal_metrics")
    shown = {row[0]: row for row in page.table("account", "All workflows")[1:]}
    names = ("converted", "recipients", "met_goal", "enrolled", "active")
    assert len(shown) == metrics.height == 5
    for row in metrics.iter_rows(named=True):
        cells = shown[row["workflow_name"]]
        assert [number(cell) for cell in cells[5:10]] == [row[name] for name in names]
        rate = row["conversion_rate"]
        assert cells[1] == ("-" if rate is None else f"{100 * rate:.1f} %")
    assert shown["Customer handover"][4] == "sends no marketing email"


def test_buckets_emails_and_times_are_those_of_the_views(page: Page, run_quickstart: Path) -> None:
    project = Project.load(run_quickstart)
    for workflow in project.definitions.workflows:
        frames = project.report(workflow)
        funnel = page.table(workflow, "Goal funnel")[1:]
        assert [number(row[1]) for row in funnel[:-1]] == frames["goal_funnel"][
            "contacts"
        ].to_list()
        assert sum(number(row[1]) for row in funnel[:-1]) == number(funnel[-1][1])
    emails = project.report("nurture")["email_performance"]
    shown = page.table("nurture", "What became")[1:]
    columns = ("receipts", "recipients", "opened", "clicked")
    touches = ("any_touch", "first_touch", "last_touch")
    assert [(row[0], *map(number, row[1:])) for row in shown] == emails.select(
        "email_id", *columns, *touches
    ).rows()
    times = page.table("nurture", "Time from")[1:]
    metrics = project.report("nurture")["workflow_goal_metrics"]
    assert sum(number(row[1]) for row in times) == metrics["converted"].item()


def test_young_cohorts_are_open(page: Page, run_quickstart: Path) -> None:
    cohorts = Project.load(run_quickstart).report("nurture")["cohorts"]
    rows = page.table("nurture", "Cohorts")[1:]
    assert len(rows) == 26
    for week, _, *shares in rows:
        found = cohorts.filter(cohorts["week"].cast(str) == week).sort("after_weeks")
        for share, rate, is_open in zip(
            shares, found["conversion_rate"], found["open"], strict=True
        ):
            said = "open" if is_open else "-" if rate is None else f"{100 * rate:.1f} %"
            assert share == said
    assert rows[-1][-1] == "open"
    assert rows[0][-1] != "open"


def test_a_rate_that_is_not_there_is_explained(page: Page) -> None:
    assert "No conversion rate: sends no marketing email." in page.words
    assert "a suppression segment does that better" in page.words


def test_the_last_contacts_unenrolled_and_how_to_find_all(page: Page, run_quickstart: Path) -> None:
    found = Project.load(run_quickstart).report("nurture")["unenrolled_by_goal"]
    last = found.sort("met_at", descending=True).head(10)["met_at"]
    shown = page.table("nurture", "The last 10 of")[1:]
    assert [row[2] for row in shown] == [f"{at:%Y-%m-%d %H:%M}" for at in last]
    with Project.load(run_quickstart).connect() as connection:
        [query] = re.findall(
            r"FROM report.unenrolled_by_goal WHERE workflow_id = 'nurture';", page.words
        )
        assert len(connection.execute(query).fetchall()) == found.height


def test_nothing_is_fetched_and_every_chart_has_a_table(page: Page) -> None:
    for tag, attributes in page.elements:
        link = attributes.get("src") or attributes.get("href") or ""
        assert link.startswith(("#", "data:")) or not link, f"{tag} {link}"
    charts = [named for _, named in page.elements if "data-chart" in named]
    assert len(charts) == 1 + 6 * 4 + 2
    assert all(named["role"] == "img" and named["aria-label"] for named in charts)


def test_hostile_names_stay_text(db: Database) -> None:
    db.workflow(HOSTILE)
    db.enrolled(1, day(1), day(3), "goal_met", workflow=HOSTILE)
    db.received(1, day(1, 1), workflow=HOSTILE)
    db.met(1, day(3), workflow=HOSTILE)
    db.tick(day(31))
    html = render_html(db.engine)
    page = Page(html)
    plain = Page(render_no_tick("acme", [HOSTILE], "goalsql tick"))
    assert "<script>alert" not in html
    assert page.table("account", "All workflows")[1][0] == f"The {HOSTILE}"
    assert HOSTILE in plain.words
    assert len([tag for tag, _ in page.elements if tag == "script"]) == 4


def test_workflows_of_the_same_name_are_told_apart(db: Database) -> None:
    for name in ("a", "b", "c"):
        db.workflow(name)
    db.run("UPDATE goalsql.workflows SET workflow_name = 'Twin' WHERE workflow_id <> 'c'")
    db.tick(day(31))
    rows = Page(render_html(db.engine)).table("account", "All workflows")[1:]
    assert [row[0] for row in rows] == ["Twin (a)", "Twin (b)", "The c"]


def test_one_workflow(run_quickstart: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "nurture.html"
    Project.load(run_quickstart).report_html(file, "nurture")
    assert set(Page(file.read_text(encoding="utf-8")).tables) == {"account", "nurture"}


def test_before_the_first_tick_it_says_what_to_run(fresh: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    Project.load(fresh).report_html(file)
    page = Page(file.read_text(encoding="utf-8"))
    assert "No tick has been run yet" in page.words
    assert f"goalsql tick -p {fresh}" in page.words
    assert "Lead nurture" in page.words


def test_a_workflow_that_no_tick_has_seen_says_what_to_run(ran: Path, tmp_path: Path) -> None:
    nurture = (ran / "workflows" / "nurture.yml").read_text()
    new = nurture.replace("id: nurture", "id: new", 1).replace("Lead nurture", "Brand new")
    (ran / "workflows" / "new.yml").write_text(new)
    file = tmp_path / "report.html"
    Project.load(ran).report_html(file, "new")
    page = Page(file.read_text(encoding="utf-8"))
    assert "No tick has seen these workflows yet" in page.words
    assert "Brand new" in page.words
    assert not page.tables


def test_wrong_input_leaves_the_file_as_it_was(run_quickstart: Path, tmp_path: Path) -> None:
    project = Project.load(run_quickstart)
    file = tmp_path / "report.html"
    file.write_text("before")
    with pytest.raises(UsageError, match="did you mean nurture"):
        project.report_html(file, "nurtur")
    with pytest.raises(UsageError, match=r"cannot write .*: it is a directory"):
        project.report_html(tmp_path)
    with pytest.raises(UsageError, match="cannot write"):
        project.report_html(file / "below.html")
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_written_is_said_before_any_work(
    run_quickstart: Path, tmp_path: Path
) -> None:
    seen: list[str] = []
    project = Project.load(run_quickstart, tracer=lambda name, sql: seen.append(name))
    with pytest.raises(UsageError, match="cannot write"):
        project.report_html(tmp_path)
    assert not seen


def test_what_fails_half_way_leaves_nothing(
    run_quickstart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise ValueError("half way")

    monkeypatch.setattr("goalsql.report.html.page_of", fail)
    with pytest.raises(ValueError, match="half way"):
        Project.load(run_quickstart).report_html(tmp_path / "report.html")
    assert not list(tmp_path.iterdir())
