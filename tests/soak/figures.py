"""What may grow from tick to tick: files, memory, handles, time."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from goalsql.engine.duckdb import DuckDB

COPY = """
ATTACH '{database}' AS whole (READ_ONLY);
ATTACH '{copy}' AS copy;
COPY FROM DATABASE whole TO copy;
CHECKPOINT copy;
"""
TABLES = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'goalsql' AND NOT temporary"
HELD = "SELECT SUM(memory_usage_bytes), SUM(temporary_storage_bytes) FROM duckdb_memory()"


@dataclass(frozen=True)
class Figures:
    """The figures after a tick; sizes in bytes, `seconds` of one tick and `cpu` of the process.

    `compact` is the size of the database newly written, `wal` that of its write-ahead log, `engine`
    what DuckDB held before it was closed, `spilled` of that on disk; `objects` are Python's,
    `source_files` those that the sources are read from, `files` all others but published ones.
    """

    tick: int
    rows: int
    database: int
    compact: int
    wal: int
    published: int
    source_files: int
    files: int
    handles: int
    threads: int
    resident: int
    objects: int
    engine: int
    spilled: int
    seconds: float
    cpu: float

    @property
    def ratio(self) -> float:
        """The database file, in sizes of a new one with the same rows."""
        return self.database / self.compact


def grown(before: Figures, after: Figures) -> list[str]:
    """What has grown between two looks that should not, whatever the sources hold."""
    most = {
        "handles": before.handles,
        "threads": before.threads,
        "files": before.files,
        "wal": 0,
        "spilled": 0,
        "resident": 1.25 * before.resident,
        "objects": 1.05 * before.objects,
        "ratio": max(2, before.ratio),
    }
    return [f"{name} by tick {after.tick}" for name in most if getattr(after, name) > most[name]]


@dataclass
class Memory:
    """What an engine held before it was closed."""

    held: int = 0
    spilled: int = 0


@contextmanager
def watched() -> Iterator[Memory]:
    """Notes what each engine holds as it is closed."""
    memory, close = Memory(), DuckDB.close

    def look(engine: DuckDB) -> None:
        memory.held, memory.spilled = engine.connection.execute(HELD).fetchone() or (0, 0)
        close(engine)

    DuckDB.close = look  # type: ignore[method-assign]
    try:
        yield memory
    finally:
        DuckDB.close = close  # type: ignore[method-assign]


def figures(tick: int, path: Path, memory: Memory, seconds: float, cpu: float) -> Figures:
    """Looks at a project, and at the process that runs its ticks.

    Args:
        tick: how many ticks there were.
        path: the project's directory.
        memory: what the engine held.
        seconds: a tick's usual time.
        cpu: a tick's usual processor time.
    """
    database = path / "soak.duckdb"
    wal = path / "soak.duckdb.wal"
    beside = [
        file
        for file in path.rglob("*")
        if file.is_file() and file.relative_to(path).parts[0] not in ("data", "published")
    ]
    gc.collect()
    return Figures(
        tick=tick,
        rows=_rows(database),
        database=database.stat().st_size,
        compact=_compact(database),
        wal=wal.stat().st_size if wal.exists() else 0,
        published=sum(file.stat().st_size for file in (path / "published").rglob("*")),
        source_files=sum(file.is_file() for file in (path / "data").rglob("*")),
        files=len(beside),
        handles=len(os.listdir("/proc/self/fd")),
        threads=_status("Threads"),
        resident=_status("VmRSS") * 1024,
        objects=len(gc.get_objects()),
        engine=memory.held,
        spilled=memory.spilled,
        seconds=seconds,
        cpu=cpu,
    )


def _rows(database: Path) -> int:
    """All rows of state."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = [name for (name,) in connection.execute(TABLES).fetchall()]
        return sum(len(connection.table(f"goalsql.{name}")) for name in names)


def _compact(database: Path) -> int:
    copy = database.with_name("copy.duckdb")
    with duckdb.connect(":memory:") as connection:
        connection.execute(COPY.format(database=database, copy=copy))
    size = copy.stat().st_size
    copy.unlink()
    return size


def _status(name: str) -> int:
    """A number that the system tells of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return threading.active_count()
