"""One tick over a whole history, against one scan of the same events in the same run.

And against the plain alternative: one query for each workflow, written by hand (plain.py).

    python -m tests.bench --scale small                20,000 contacts, 0.7 million events
    python -m tests.bench --scale full                 1,000,000 contacts, 50 million events
    python -m tests.bench --scale full --data DIR      keeps the data in DIR for the next run
    python -m tests.bench --whatif                     another goal for one workflow instead
    python -m tests.bench --explain                    answers about one contact instead
    python -m tests.bench --html                       the HTML report instead
    python -m tests.bench --live                       the ticks that follow the history instead

Data, statements and the expected result stand together: a fast wrong answer fails. The answer is
checked on a sample of contacts by the reference interpreter, which shares no code with the engine,
and on all contacts by the queries written by hand, as far as those go.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import duckdb
from rich.console import Console
from rich.table import Table

from goalsql import Project
from tests.bench import explain, html, live, plain, whatif
from tests.bench.definitions import write_project
from tests.bench.explain import ExplainResult
from tests.bench.html import HtmlResult
from tests.bench.live import LiveResult
from tests.bench.sample import check_sample
from tests.bench.whatif import WhatIfResult

SCALES = {"small": (20_000, 600_000), "full": (1_000_000, 45_200_000)}
TICK_AT = datetime(2026, 1, 1)
GENERATOR = Path(__file__).parents[2] / "seeds" / "quickstart" / "generate.py"
SHORT = 7
"""The short history has this part of the page views and forms of the whole."""
NEW_EVENTS = {"small": 1_500, "full": 50_000}
GOALS = {
    "ratio": "8 or less",
    "plain_ratio": "5 or more",
    "live_ratio": "0.02 or less",
    "history_ratio": "1.2 or less",
    "workflows_ratio": "8 or less",
    "limited_ratio": "2 or less",
    "live_peak_memory_gib": "1.5 or less",
    "html_seconds": "20 or less",
    "html_megabytes": "2 or less",
}
"""What the ratios should come to at full scale. A run that misses them does not fail."""

FLOOR = """
    SELECT COUNT(*), MAX(events), MAX(last_at)
    FROM (
      SELECT contact_id, COUNT(*) AS events, MAX(occurred_at) AS last_at
      FROM (
        SELECT contact_id, viewed_at AS occurred_at FROM 'data/page_views/*.parquet'
        UNION ALL SELECT contact_id, occurred_at FROM 'data/forms/*.parquet'
        UNION ALL SELECT contact_id, occurred_at FROM 'data/product_events.parquet'
        UNION ALL SELECT contact_id, occurred_at FROM 'data/email_events.parquet'
      )
      GROUP BY contact_id
    )
"""


@dataclass
class Result:
    """What one run measured; seconds are medians of wall time.

    `ratio` is tick / floor, `plain_ratio` is plain / tick.
    """

    contacts: int
    new_events: int
    workflows: int
    runs: int
    floor_seconds: float
    tick_seconds: float
    plain_seconds: float
    ratio: float
    plain_ratio: float
    peak_memory_gib: float
    enrolled: int
    goal_completions: int
    steps_run: int
    rows_checked: int
    plain_rows_checked: int
    statements_10_workflows: int
    statements_100_workflows: int


def main() -> None:
    """Runs the benchmark and prints a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=sorted(SCALES), default="small")
    parser.add_argument("--workflows", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--whatif", action="store_true", help="measure `goalsql whatif` instead")
    parser.add_argument("--explain", action="store_true", help="measure `goalsql explain` instead")
    parser.add_argument("--html", action="store_true", help="measure `report --html` instead")
    parser.add_argument("--live", action="store_true", help="measure ticks after the history")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="goalsql-bench-") as temporary:
        directory = arguments.data or Path(temporary)
        contacts = make_data(directory, arguments.scale)
        sizes = (directory, contacts, arguments.workflows, arguments.runs)
        result: Result | WhatIfResult | ExplainResult | HtmlResult | LiveResult
        if arguments.live:
            title = "Ticks after a whole history, event clock"
            short = directory / "short"
            make_data(short, arguments.scale, share=SHORT)
            new = NEW_EVENTS[arguments.scale]
            folders = (directory / "data", short / "data")
            result = live.measure(*folders, contacts, new, arguments.runs, TICK_AT)
        elif arguments.whatif:
            title = "Another goal over a whole history"
            result = whatif.measure(*sizes, TICK_AT, lambda: _scan(directory))
        elif arguments.explain:
            title = "Answers about one contact after a whole history"
            world = (directory, contacts, arguments.workflows, TICK_AT)
            result = explain.measure(*world, lambda: _scan(directory))
        elif arguments.html:
            title = "The HTML report of a whole history"
            world = (directory, contacts, arguments.workflows, TICK_AT)
            result = html.measure(*world, lambda: _scan(directory))
        else:
            title = "One tick over a whole history, event clock"
            result = measure(*sizes)
    show(result, title)
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(result), indent=2), encoding="utf-8")


def make_data(directory: Path, scale: str, share: int = 1) -> int:
    """Makes the data where it is missing, or events in part, and returns the number of contacts."""
    contacts, events = SCALES[scale]
    if not (directory / "data").exists():
        command = [sys.executable, str(GENERATOR), "--to", str(directory)]
        counts = ["--contacts", str(contacts), "--events", str(events // share)]
        subprocess.run([*command, *counts], check=True)
    return contacts


def measure(directory: Path, contacts: int, workflows: int, runs: int) -> Result:
    """Measures a tick and what stands beside it, and checks the answers."""
    few = _statements(directory, 10)
    many = _statements(directory, 100)
    write_project(directory, workflows)
    floors, ticks = [], []
    for _ in range(runs):
        floors.append(_timed(lambda: _scan(directory)))
        (directory / "bench.duckdb").unlink(missing_ok=True)
        ticks.append(_timed(lambda: Project.load(directory).tick(at=TICK_AT, clock="event")))
    # The peak of memory is the ticks' own, so it is taken before the other queries run.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    plains, answers = [], []
    for _ in range(runs):
        plains.append(_timed(lambda: answers.append(plain.answer(directory, workflows, TICK_AT))))
    with Project.load(directory).connect() as connection:
        done = connection.execute(
            "SELECT new_events, enrolled, goal_completions, steps_run FROM goalsql.ticks"
        ).fetchall()
    ((new_events, enrolled, completions, steps),) = done
    return Result(
        contacts=contacts,
        new_events=new_events,
        workflows=workflows,
        runs=runs,
        floor_seconds=round(median(floors), 3),
        tick_seconds=round(median(ticks), 3),
        plain_seconds=round(median(plains), 3),
        ratio=_ratio(ticks, floors),
        plain_ratio=_ratio(plains, ticks),
        peak_memory_gib=round(peak / 2**20, 2),
        enrolled=enrolled,
        goal_completions=completions,
        steps_run=steps,
        rows_checked=check_sample(directory, contacts, TICK_AT),
        plain_rows_checked=plain.check(directory, TICK_AT, answers[-1]),
        statements_10_workflows=few,
        statements_100_workflows=many,
    )


def _statements(directory: Path, workflows: int) -> int:
    """How many statements the workflows of one kind after the other need, at any size."""
    write_project(directory, workflows)
    stages = Project.load(directory).compile()
    return sum(len(statements) for _, statements in stages)


def _ratio(times: list[float], others: list[float]) -> float:
    """The median of how many times as long the one took as the other."""
    return round(median(time / other for time, other in zip(times, others, strict=True)), 2)


def _timed(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _scan(directory: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET file_search_path = ?", [str(directory)])
        connection.execute(FLOOR).fetchall()


def show(
    result: Result | WhatIfResult | ExplainResult | HtmlResult | LiveResult, title: str
) -> None:
    """Prints the figures as a table, ratios beside their goals."""
    figures = asdict(result)
    goals = ["goal"] if figures.keys() & GOALS else []
    table = Table("figure", "value", *goals, title=title)
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), f"{value:,}", *(GOALS.get(name, "") for _ in goals))
    Console().print(table)


if __name__ == "__main__":
    main()
