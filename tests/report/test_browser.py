"""The HTML report in a real browser: every chart is drawn, and its numbers are the views'."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest

from goalsql import Project
from tests.report.pages import Page, number

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--virtual-time-budget=20000", "--window-size=1200,1000",
    "--dump-dom",
)  # fmt: skip
CONSOLE = re.compile(r"CONSOLE.*|.*Uncaught.*")
CHARTS = {
    "account": ["rates"],
    "customer_handover": ["trend_met_goal", "funnel"],
    "nurture": ["trend_rate", "trend_converted", "trend_recipients", "funnel", "times", "cohorts"],
}

pytestmark = pytest.mark.skipif(
    not BROWSER, reason="there is no Chromium here (Debian: apt-get install chromium)"
)


class Browser:
    """Opens copies of one page, each with a script of the test's at its end."""

    def __init__(self, html: str, folder: Path) -> None:
        self.html = html
        self.folder = folder

    def open(self, page: str, script: str = "") -> Page:
        """The page as it stands once it has come to rest; nothing may be said on the console."""
        file = self.folder / "page.html"
        ending = f"<script>window.addEventListener('load', () => {{ {script} }});</script></body>"
        file.write_text(self.html.replace("</body>", ending), encoding="utf-8")
        profile = f"--user-data-dir={self.folder / 'profile'}"
        done = subprocess.run(
            [BROWSER, *OPTIONS, profile, f"{file.as_uri()}#{quote(page)}"],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert not CONSOLE.findall(done.stderr)
        return Page(done.stdout)


@pytest.fixture(scope="module")
def browser(run_quickstart: Path, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    folder = tmp_path_factory.mktemp("browser")
    file = folder / "report.html"
    Project.load(run_quickstart).report_html(file)
    return Browser(file.read_text(encoding="utf-8"), folder)


def drawn(page: Page) -> list[str]:
    return [named["data-chart"] or "" for _, named in page.elements if "data-drawn" in named]


@pytest.mark.parametrize("section", CHARTS)
def test_every_chart_of_the_page_that_is_shown_is_drawn(browser: Browser, section: str) -> None:
    page = browser.open(section)
    assert drawn(page) == CHARTS[section]
    shown = [
        named.get("data-page")
        for tag, named in page.elements
        if tag == "section" and "hidden" not in named
    ]
    assert shown == [section]


def test_a_chart_holds_a_mark_for_each_row_of_its_table(browser: Browser) -> None:
    count = (
        "setTimeout(() => { for (const one of document.querySelectorAll('[data-drawn]')) "
        "one.dataset.marks = one.querySelectorAll('.mark-rect.role-mark path').length; }, 5000)"
    )
    page = browser.open("nurture", count)
    marks = {
        named["data-chart"]: int(named["data-marks"] or 0)
        for _, named in page.elements
        if "data-marks" in named
    }
    weeks = len(page.table("nurture", "Conversion over time")) - 1
    assert marks["funnel"] == 9
    assert marks["times"] == 11
    assert marks["trend_recipients"] == marks["trend_converted"] == weeks > 40


@pytest.mark.parametrize(("unit", "every"), [("day", "1d"), ("week", "1w"), ("month", "1mo")])
def test_the_trend_is_that_of_the_view(
    browser: Browser, run_quickstart: Path, unit: str, every: str
) -> None:
    choose = f"document.querySelector('#nurture input[value={unit}]').click()"
    rows = browser.open("nurture", choose).table("nurture", "Conversion over time")[1:]
    trend = Project.load(run_quickstart).report("nurture")["goal_trend"]
    counts = ("enrolled", "new_recipients", "met_goal", "converted")
    expected = (
        trend.group_by(pl.col("day").dt.truncate(every))
        .agg(*(pl.col(name).sum() for name in counts), pl.col("cumulative_conversion_rate").last())
        .sort("day")
    )
    assert len(rows) == expected.height
    for row, (start, *sums, rate) in zip(rows, expected.iter_rows(), strict=True):
        assert row[0] == f"{start:%Y-%m-%d}"
        assert [number(cell) for cell in row[1:5]] == sums
        if rate is None:
            assert row[5] == "-"
        else:
            assert float(row[5].removesuffix(" %")) == pytest.approx(100 * rate, abs=0.0501)


def test_tables_are_sorted_by_their_headings(browser: Browser) -> None:
    press = "document.querySelector('#account [data-field=rate] button').click()"
    rates = [row[1] for row in browser.open("account", press).table("account", "All")[1:]]
    known = [float(rate.removesuffix(" %")) for rate in rates if rate != "-"]
    assert known == sorted(known, reverse=True)
    assert len(known) == 4
    assert rates[-1] == "-"


def test_a_link_leads_to_a_workflow_and_its_heading_is_read(browser: Browser) -> None:
    press = (
        "document.querySelector('#account tbody a[href=\"#win_back\"]').click(); "
        "setTimeout(() => document.body.dataset.at = document.activeElement.textContent, 3000)"
    )
    page = browser.open("account", press)
    [body] = [named for tag, named in page.elements if tag == "body"]
    assert body["data-at"] == "Win back silent shops"
    assert "funnel" in drawn(page)


def test_on_paper_the_tables_are_open(browser: Browser) -> None:
    page = browser.open("nurture", "window.dispatchEvent(new Event('beforeprint'))")
    opened = [named for tag, named in page.elements if tag == "details" and "open" in named]
    assert len(opened) == 4
