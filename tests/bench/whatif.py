"""`goalsql whatif` against one scan, and against the plain way: a tick for each definition.

The answer is checked: the figures, buckets and moves are those of the two ticks, each of which is
checked on a sample of contacts by the reference interpreter.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import yaml

from goalsql import Project
from tests.bench.definitions import write_project
from tests.bench.sample import check_sample

DEMO = {"event": "form_submission", "where": {"form_id": {"is": "demo"}}}
WORKFLOW = "w0000"
MOVES = """
    SELECT a.bucket, b.bucket, COUNT(*)
    FROM (FROM today.goalsql.contact_buckets) AS a
    FULL JOIN (FROM other.goalsql.contact_buckets) AS b USING (contact_id)
    WHERE a.bucket IS DISTINCT FROM b.bucket
    GROUP BY ALL
"""


@dataclass
class WhatIfResult:
    """What one run measured; seconds are medians of wall time."""

    contacts: int
    runs: int
    floor_seconds: float
    command_seconds: float
    two_ticks_seconds: float
    ratio_to_floor: float
    ratio_to_two_ticks: float
    enrolled: int
    contacts_that_move: int
    rows_checked: int


def measure(
    directory: Path,
    contacts: int,
    workflows: int,
    runs: int,
    at: datetime,
    scan: Callable[[], None],
) -> WhatIfResult:
    """Another goal for one workflow among many, by the whole command in a process of its own.

    Args:
        directory: where the data is.
        contacts: how many there are.
        workflows: how many the project has.
        runs: how often to measure.
        at: T.
        scan: one aggregate of all events: the floor.
    """
    write_project(directory, workflows)
    (directory / "bench.duckdb").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="goalsql-whatif-") as temporary:
        goal = Path(temporary) / "goal.yml"
        goal.write_text(yaml.safe_dump(DEMO), encoding="utf-8")
        options = ["--goal", str(goal), "--at", f"{at.isoformat()}Z", "--json"]
        command = [sys.executable, "-m", "goalsql", "whatif", WORKFLOW, *options]
        floors, times = [], []
        for _ in range(runs):
            floors.append(_timed(scan)[0])
            seconds, done = _timed(
                lambda: subprocess.run(
                    [*command, "-p", str(directory)], check=True, capture_output=True, text=True
                )
            )
            times.append(seconds)
        sides = {
            "today": _side(directory, Path(temporary) / "today", None),
            "other": _side(directory, Path(temporary) / "other", DEMO),
        }
        ticks = [
            _timed(lambda path=path: Project.load(path).tick(at=at, clock="event"))[0]
            for path in sides.values()
        ]
        found = json.loads(done.stdout)
        _check(found, sides)
        checked = sum(check_sample(path, contacts, at) for path in sides.values())
    command_seconds = median(times)
    return WhatIfResult(
        contacts=contacts,
        runs=runs,
        floor_seconds=round(median(floors), 3),
        command_seconds=round(command_seconds, 3),
        two_ticks_seconds=round(sum(ticks), 3),
        ratio_to_floor=round(median(t / f for t, f in zip(times, floors, strict=True)), 2),
        ratio_to_two_ticks=round(command_seconds / sum(ticks), 2),
        enrolled=found["metrics"][0]["enrolled"],
        contacts_that_move=sum(row["contacts"] for row in found["moves"]),
        rows_checked=checked,
    )


def _side(directory: Path, path: Path, goal: Any) -> Path:
    """A project over the same data with the one workflow, and another goal if one is given."""
    path.mkdir()
    (path / "data").symlink_to((directory / "data").resolve())
    write_project(path, 1)
    if goal is not None:
        file = path / "workflows" / f"{WORKFLOW}.yml"
        workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
        file.write_text(yaml.safe_dump(workflow | {"goal": {"criteria": goal}}), encoding="utf-8")
    return path


def _check(found: Any, sides: dict[str, Path]) -> None:
    """Compares with what the ticks left.

    Raises:
        AssertionError: where anything differs.
    """
    for place, (side, path) in enumerate(sides.items()):
        project = Project.load(path)
        (expected,) = project.relation("report.workflow_goal_metrics").to_dicts()
        metrics = {
            name: found["metrics"][place][name] for name in expected.keys() & found["metrics"][0]
        }
        assert len(metrics) == 12, metrics
        assert metrics == {name: expected[name] for name in metrics}, (metrics, expected)
        funnel = project.relation("report.goal_funnel").select("bucket", "contacts").rows()
        assert {row["bucket"]: row[side] for row in found["funnel"]} == dict(funnel), funnel
    with duckdb.connect() as connection:
        for side, path in sides.items():
            connection.execute(f"ATTACH '{path / 'bench.duckdb'}' AS {side} (READ_ONLY)")
        moves = {(a, b): contacts for a, b, contacts in connection.execute(MOVES).fetchall()}
    reported = {(row["from_bucket"], row["to_bucket"]): row["contacts"] for row in found["moves"]}
    assert reported == moves, (reported, moves)


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    done = run()
    return time.perf_counter() - begin, done
