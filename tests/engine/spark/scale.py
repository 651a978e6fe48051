"""The benchmark's world on Spark and on DuckDB: how long two ticks take, and every row compared."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import duckdb

from goalsql import Project
from goalsql.report.views import RELATIONS
from tests.bench.__main__ import GENERATOR
from tests.bench.definitions import write_project
from tests.engine.spark.folder import without_text_files

TICKS = ("2025-12-25T00:00:00Z", "2026-01-01T00:00:00Z")
OF_THE_CLOCK = ("started_at", "finished_at", "applied_at")


@dataclass(frozen=True)
class Compared:
    """The seconds of the ticks by engine, the rows of each relation, and how many differ.

    `spread` is the work of each executor after the last tick, and `spilled` the bytes that found no
    room in their memory meanwhile, where Spark's own pages tell it.
    """

    seconds: dict[str, list[float]]
    rows: dict[str, int]
    differing: dict[str, int]
    spread: dict[str, dict[str, int]]
    spilled: int


def generate(directory: Path, contacts: int, events: int, workflows: int) -> None:
    """Writes the files and definitions of a world."""
    counts = ["--contacts", str(contacts), "--events", str(events)]
    command = [sys.executable, str(GENERATOR), "--to", str(directory), *counts]
    subprocess.run(command, check=True)
    write_project(directory, workflows)
    without_text_files(directory)


def compare(session: Any, directory: Path) -> Compared:
    """Runs the ticks on both engines over the same files, each from nothing."""
    seconds, rows, spread, spilled = {}, {}, {}, 0
    for engine, spark in (("duckdb", None), ("spark", session)):
        project = Project.load(directory, spark=spark)
        project.database.unlink(missing_ok=True)
        for old in (directory / engine, project.database.with_suffix(".state")):
            shutil.rmtree(old, ignore_errors=True)
        seconds[engine] = list(_ticks(project))
        spread, spilled = _spread(spark), _spilled(spark)
        rows = project.export(directory / engine)
    differing = {name: _differing(directory, name) for name in RELATIONS}
    return Compared(seconds, rows, differing, spread, spilled)


def _ticks(project: Project) -> Iterator[float]:
    for at in TICKS:
        begin = time.perf_counter()
        project.tick(at, "event")
        yield time.perf_counter() - begin


def _spread(session: Any) -> dict[str, dict[str, int]]:
    """What each executor has done and held so far: seconds, bytes, and bytes of memory at most."""
    return {
        one["id"]: {
            "tasks": one["totalTasks"],
            "failed": one["failedTasks"],
            "seconds": one["totalDuration"] // 1000,
            "shuffle read": one["totalShuffleRead"],
            "shuffle written": one["totalShuffleWrite"],
            "memory": one.get("peakMemoryMetrics", {}).get("JVMHeapMemory", 0),
        }
        for one in _page(session, "allexecutors")
    }


def _spilled(session: Any) -> int:
    """The bytes that were written to disk for want of memory, in the stages that are remembered."""
    return sum(stage["diskBytesSpilled"] for stage in _page(session, "stages"))


def _page(session: Any, name: str) -> list[dict[str, Any]]:
    """What Spark's own pages tell; nothing where it has none."""
    context = getattr(session, "sparkContext", None)
    if context is None or context.uiWebUrl is None:
        return []
    page = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/{name}"
    with urlopen(page) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def _differing(directory: Path, relation: str) -> int:
    """How many rows one engine has and the other has not."""
    file = Path(*relation.split(".")).with_suffix(".parquet")
    with duckdb.connect() as connection:
        for engine in ("duckdb", "spark"):
            path = str(directory / engine / file)
            rows = connection.read_parquet(path)
            shown = [name for name in rows.columns if name not in OF_THE_CLOCK]
            text = ", ".join(f'CAST("{name}" AS VARCHAR) AS "{name}"' for name in sorted(shown))
            connection.execute(f"CREATE TABLE {engine} AS SELECT {text} FROM rows")
        return sum(
            connection.execute(f"SELECT COUNT(*) FROM ({one} EXCEPT ALL {other})").fetchall()[0][0]
            for one, other in (("FROM duckdb", "FROM spark"), ("FROM spark", "FROM duckdb"))
        )
