"""Analysts read what is published while ticks write: no error, and never half a tick."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from goalsql import Project
from tests.run.acme import acme_in, contacts_of, events_of

TICKS = 20
FIRST = datetime(2026, 1, 1)
COUNTED = {
    "decisions": "decisions",
    "enrolled": "enrollments",
    "goal_completions": "goal_completions",
    "steps_run": "outbox",
}
"""What the row of a tick counts, and the table that it counts the new rows of."""
PLACES = (("file", "published/shop.duckdb"), ("version", "published/shop"))

READER = """
import json, os, sys
from pathlib import Path
import duckdb, polars as pl

kind, place, stop = sys.argv[1], sys.argv[2], Path(sys.argv[3])
TABLES = ("decisions", "enrollments", "goal_completions", "outbox")

def in_file():
    with duckdb.connect(place, read_only=True) as con:
        one = lambda sql: con.execute(sql).fetchone()[0]
        tables = [one(f"SELECT COUNT(*) FROM goalsql.{name}") for name in TABLES]
        views = [one("SELECT SUM(contacts) FROM report.goal_funnel"),
                 one("SELECT SUM(enrolled) FROM report.workflow_goal_metrics")]
        return one("SELECT MAX(tick_id) FROM goalsql.ticks"), tables, views

def in_version():
    version = Path(os.path.realpath(os.path.join(place, "latest")))
    read = lambda name: pl.read_parquet(f"{version}/{name}")
    tables = [read(f"goalsql/{name}/*.parquet").height for name in TABLES if name != TABLES[1]]
    tables.insert(1, read("goalsql/enrollments.parquet").height)
    views = [read("report/goal_funnel.parquet")["contacts"].sum(),
             read("report/workflow_goal_metrics.parquet")["enrolled"].sum()]
    return read("goalsql/ticks/*.parquet")["tick_id"].max(), tables, views

os.nice(10)  # the ticks of this test are not to wait for its readers
while not stop.exists():
    print(json.dumps((in_file if kind == "file" else in_version)()), flush=True)
"""


Reads: TypeAlias = tuple[dict[int, list[int]], list[list[Any]]]


def shop(directory: Path) -> Project:
    """Four contacts sign up each day; every third buys five days later."""
    acme = acme_in(directory)
    people = [(f"c{number}", number // 4) for number in range(4 * TICKS)]
    contacts_of(acme, [(name, FIRST, 1) for name, _ in people])
    days = {name: FIRST + timedelta(days=day, hours=1) for name, day in people}
    events_of(acme, "signup", [(name, name, at, "demo") for name, at in days.items()])
    purchases = [(name, name, at + timedelta(days=5), 10) for name, at in days.items()][::3]
    events_of(acme, "purchase", purchases)
    acme.settings["publish"] = [
        {"to": "published/shop.duckdb"},
        {"to": "published/shop", "format": "parquet", "keep": 10},
    ]
    acme.settle()
    return Project.load(acme.directory)


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> Reads:
    """The totals after each tick as the ticks counted them, and as each read found them."""
    project = shop(tmp_path_factory.mktemp("readers"))
    directory = project.directory
    project.tick(at=FIRST, clock="event")
    stop = directory / "stop"
    found = []
    with ExitStack() as stack:
        readers = []
        for number, (kind, place) in enumerate(2 * PLACES):
            path = directory / f"reader-{number}"
            output = stack.enter_context(path.open("w"))
            command = [sys.executable, "-c", READER, kind, str(directory / place), str(stop)]
            readers.append((subprocess.Popen(command, stdout=output), path))
        try:
            for number in range(1, TICKS + 1):
                project.tick(at=FIRST + timedelta(days=number), clock="event")
        finally:
            stop.touch()
            statuses = [process.wait(60) for process, _ in readers]
        assert statuses == [0] * 4
        for _, path in readers:
            found.append([json.loads(line) for line in path.read_text().splitlines()])
    ticks = project.relation("goalsql.ticks").sort("tick_id")
    totals = [accumulate(ticks[name].to_list()) for name in COUNTED]
    counted = dict(
        zip(ticks["tick_id"].to_list(), map(list, zip(*totals, strict=True)), strict=True)
    )
    return counted, found


def test_every_read_is_of_one_tick(reads: Reads) -> None:
    counted, found = reads
    assert len(counted) == TICKS + 1
    assert len({tuple(row) for row in counted.values()}) > TICKS / 2, "too little happens"
    for each in found:
        for tick_id, tables, views in each:
            assert tables == counted[tick_id]
            assert views[0] == views[1]


def test_readers_see_the_ticks_go_by(reads: Reads) -> None:
    for each in reads[1]:
        ticks = [tick_id for tick_id, *_ in each]
        assert ticks == sorted(ticks)
        assert len(set(ticks)) > TICKS / 10
