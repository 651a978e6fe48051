"""Ticks that follow a long history, each with a few new events, against the tick over it.

A live tick runs five minutes after the last one and finds 50,000 events in new files. Then the goal
of one workflow is edited. The answers are checked: a copy of the database is taken over the same
time in one tick that takes no shortcut, and all that was decided must be the same, row for row.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import duckdb
import yaml

from goalsql import Project
from goalsql.engine import duckdb as engine
from tests.bench.definitions import write_project

BETWEEN = timedelta(minutes=5)
NEW_EVENTS = {"page_views": ("viewed_at", 9), "forms": ("occurred_at", 1)}
"""Where new events arrive: the folder, the column of their instant, their share in ten."""
DECIDED = {
    "decisions": "EXCLUDE (tick_id)",
    "enrollments": "EXCLUDE (ended_tick, tick_id)",
    "goal_completions": "EXCLUDE (observed_at, tick_id)",
    "receipts": "EXCLUDE (tick_id)",
    "outbox": "EXCLUDE (tick_id)",
    "seen_events": "",
}
"""The tables that are compared, less what says in which tick a row came."""
EDITED_GOAL = {"event": "page_view", "where": {"path": {"starts_with": "/blog/se"}}}
MEMORY_LIMIT = "2GB"
APART = """
import sys
from pathlib import Path
from goalsql import Project
Project.load(sys.argv[1]).tick(at=sys.argv[2] + "Z", clock="event")
# What getrusage says begins with the memory of the process that this one was forked from.
(peak,) = (line for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
print(peak.split()[1])
"""


@dataclass
class LiveResult:
    """What one run measured; seconds are wall time, those of live ticks the median of the runs.

    `live_ratio` is live / whole history, `edited_ratio` the tick after an edit / whole history;
    `workflows_ratio` compares live ticks with 1,000 workflows and with 10, `history_ratio` those
    after the whole history and after the short one; `limited_ratio` is the whole history with a
    memory limit of 2 GB / without.
    """

    contacts: int
    history_events: int
    short_history_events: int
    new_events: int
    runs: int
    whole_history_seconds: float
    limited_seconds: float
    live_seconds: float
    nothing_new_seconds: float
    edited_seconds: float
    live_short_history_seconds: float
    live_10_workflows_seconds: float
    live_1000_workflows_seconds: float
    live_ratio: float
    edited_ratio: float
    history_ratio: float
    workflows_ratio: float
    limited_ratio: float
    live_peak_memory_gib: float
    rows_checked: int


class Case:
    """A project of its own on shared data, to which new events come."""

    def __init__(self, data: Path, directory: Path, workflows: int, at: datetime) -> None:
        self.directory = directory
        self.at = at
        for source in data.iterdir():
            target = directory / "data" / source.name
            target.parent.mkdir(exist_ok=True)
            if source.is_dir():
                target.mkdir()
            for file in source.iterdir() if source.is_dir() else [source]:
                os.symlink(file.absolute(), target / file.name if source.is_dir() else target)
        write_project(directory, workflows)

    @property
    def database(self) -> Path:
        """The project's database."""
        return self.directory / "bench.duckdb"

    def tick(self, full: bool = False) -> tuple[float, int]:
        """Runs the tick that is due: seconds of wall time, new events."""
        begin = time.perf_counter()
        done = Project.load(self.directory).tick(at=self.at, clock="event", full=full)
        seconds = time.perf_counter() - begin
        self.at += BETWEEN
        return seconds, done.new_events

    def edit(self) -> None:
        """Gives the first workflow a goal that no rule has asked for so far."""
        path = self.directory / "workflows" / "w0000.yml"
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        workflow["goal"] = {"criteria": EDITED_GOAL}
        path.write_text(yaml.safe_dump(workflow, sort_keys=False), encoding="utf-8")

    def tick_apart(self) -> float:
        """Runs the tick that is due in a process of its own: its peak memory in GiB."""
        command = [sys.executable, "-c", APART, str(self.directory), self.at.isoformat()]
        peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        self.at += BETWEEN
        return int(peak) / 2**20

    def arrive(self, events: int) -> None:
        """Writes new files: events of the first days again, between the last tick and the next."""
        stamp = self.at.strftime("%Y%m%d%H%M")
        for folder, (instant, share) in NEW_EVENTS.items():
            known = str(self.directory / "data" / folder / "2025-01.parquet")
            query = f"""
                SELECT * EXCLUDE (n) REPLACE (
                  {stamp} * 1000000 + n AS event_id,
                  $last_at + n * TO_MICROSECONDS($between // ($rows + 1)) AS {instant}
                )
                FROM (SELECT *, ROW_NUMBER() OVER () AS n FROM READ_PARQUET($known) LIMIT $rows)
            """
            values = {
                "known": known,
                "rows": events * share // 10,
                "last_at": self.at - BETWEEN,
                "between": BETWEEN // timedelta(microseconds=1),
            }
            target = self.directory / "data" / folder / f"live-{stamp}.parquet"
            with duckdb.connect() as connection:
                connection.sql(query, params=values).write_parquet(str(target))


def measure(
    data: Path, short: Path, contacts: int, new_events: int, runs: int, at: datetime
) -> LiveResult:
    """Measures live ticks, and checks what they decided.

    Args:
        data: the folder of the whole history.
        short: the folder of a fifth of it.
        contacts: how many each has.
        new_events: how many events come between two ticks.
        runs: how many live ticks are measured of each case.
        at: T of the tick over the history.
    """
    with _case(data, 100, at) as case:
        whole, history = case.tick()
        shutil.copy(case.database, case.directory / "before.duckdb")
        live = _live(case, new_events, runs)
        quiet, _ = case.tick()
        case.arrive(new_events)
        peak = case.tick_apart()
        checked = _check(case)
        shutil.copy(case.database, case.directory / "before.duckdb")
        case.edit()
        edited, _ = case.tick()
        checked += _check(case)
    with _case(short, 100, at) as case:
        _, short_history = case.tick()
        live_short = _live(case, new_events, runs)
    with_few, with_many = (_live_with(data, n, at, new_events, runs) for n in (10, 1000))
    limited = _limited(data, at)
    return LiveResult(
        contacts=contacts,
        history_events=history,
        short_history_events=short_history,
        new_events=new_events,
        runs=runs,
        whole_history_seconds=round(whole, 3),
        limited_seconds=round(limited, 3),
        live_seconds=round(live, 3),
        nothing_new_seconds=round(quiet, 3),
        edited_seconds=round(edited, 3),
        live_short_history_seconds=round(live_short, 3),
        live_10_workflows_seconds=round(with_few, 3),
        live_1000_workflows_seconds=round(with_many, 3),
        live_ratio=round(live / whole, 3),
        edited_ratio=round(edited / whole, 3),
        history_ratio=round(live / live_short, 2),
        workflows_ratio=round(with_many / with_few, 2),
        limited_ratio=round(limited / whole, 2),
        live_peak_memory_gib=round(peak, 2),
        rows_checked=checked,
    )


@contextmanager
def _case(data: Path, workflows: int, at: datetime) -> Iterator[Case]:
    with tempfile.TemporaryDirectory(prefix="goalsql-live-") as temporary:
        yield Case(data, Path(temporary), workflows, at)


def _live(case: Case, new_events: int, runs: int) -> float:
    """The median of live ticks."""
    times = []
    for _ in range(runs):
        case.arrive(new_events)
        seconds, found = case.tick()
        assert found == new_events, f"{found} events are new, not {new_events}"
        times.append(seconds)
    return median(times)


def _live_with(data: Path, workflows: int, at: datetime, new_events: int, runs: int) -> float:
    with _case(data, workflows, at) as case:
        case.tick()
        return _live(case, new_events, runs)


def _limited(data: Path, at: datetime) -> float:
    """The whole history with little memory."""
    engine.CONFIG["memory_limit"] = MEMORY_LIMIT
    try:
        with _case(data, 100, at) as case:
            seconds, _ = case.tick()
            return seconds
    finally:
        del engine.CONFIG["memory_limit"]


def _check(case: Case) -> int:
    """Compares all that was decided since a copy was taken with one tick without shortcuts.

    Returns:
        How many rows were compared.
    """
    live = case.directory / "live.duckdb"
    case.database.rename(live)
    (case.directory / "before.duckdb").rename(case.database)
    case.at -= BETWEEN
    case.tick(full=True)
    rows = 0
    with duckdb.connect(str(case.database), read_only=True) as connection:
        connection.execute(f"ATTACH '{live}' AS live (READ_ONLY)")
        for table, by_tick in DECIDED.items():
            one, other = (
                f"SELECT * {by_tick} FROM {schema}.{table}"
                for schema in ("goalsql", "live.goalsql")
            )
            ((number, differing),) = connection.execute(
                f"SELECT (SELECT COUNT(*) FROM ({one})), (SELECT COUNT(*) FROM "
                f"(({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one})))"
            ).fetchall()
            assert not differing, f"{differing} rows of {table} are not those of a full tick"
            rows += number
    return rows
