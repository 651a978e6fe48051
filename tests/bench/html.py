"""`goalsql report --html` of a whole history: how long it takes, how large the page is.

The page is checked against the tables that the tick left: the account's figures, and of every
workflow that the buckets of its funnel sum to everyone enrolled.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from goalsql import Project
from tests.bench.ticked import after_one_tick
from tests.report.pages import Page, number

ENROLLED = """
    SELECT workflow_id, COUNT(DISTINCT contact_id) FROM goalsql.enrollments GROUP BY workflow_id
"""


@dataclass
class HtmlResult:
    """What one run measured: the command as a whole process, in seconds of wall time."""

    contacts: int
    workflows: int
    enrollments: int
    floor_seconds: float
    html_seconds: float
    html_ratio: float
    html_megabytes: float
    figures_checked: int


def measure(
    directory: Path, contacts: int, workflows: int, at: datetime, scan: Callable[[], None]
) -> HtmlResult:
    """Writes the page after one tick over the whole history.

    Args:
        directory: where the data is.
        contacts: how many there are.
        workflows: how many the project has.
        at: T.
        scan: one aggregate of all events: the floor.
    """
    project, done = after_one_tick(directory, workflows, at)
    begin = time.perf_counter()
    scan()
    scanned = time.perf_counter()
    file = directory / "report.html"
    command = [sys.executable, "-m", "goalsql", "report", "-p", str(directory)]
    subprocess.run([*command, "--html", str(file)], check=True, capture_output=True)
    written = time.perf_counter()
    return HtmlResult(
        contacts=contacts,
        workflows=workflows,
        enrollments=done.enrolled,
        floor_seconds=round(scanned - begin, 3),
        html_seconds=round(written - scanned, 3),
        html_ratio=round((written - scanned) / (scanned - begin), 2),
        html_megabytes=round(file.stat().st_size / 1e6, 2),
        figures_checked=_check(project, Page(file.read_text(encoding="utf-8"))),
    )


def _check(project: Project, page: Page) -> int:
    """The number of figures compared.

    Raises:
        AssertionError: if the page says anything else than the tables.
    """
    checked = 0
    with project.connect() as connection:
        enrolled = dict(connection.execute(ENROLLED).fetchall())
    assert len(page.table("account", "All workflows")) == 1 + len(project.definitions.workflows)
    for workflow_id, contacts in enrolled.items():
        *buckets, total = page.table(workflow_id, "Goal funnel")[1:]
        assert sum(number(row[1]) for row in buckets) == number(total[1]) == contacts
        checked += len(buckets)
    return checked
