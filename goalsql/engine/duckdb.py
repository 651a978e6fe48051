"""The DuckDB engine: one file, one writer, one transaction a tick."""

from __future__ import annotations

import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from goalsql.errors import EngineError, LockedError

CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
}
SETTINGS = (
    "SET enable_progress_bar = false",
    "SET TimeZone = 'UTC'",
    # DuckDB 2.0.0 caches a CASE over a small join's columns as if its dictionary never changed, and
    # fails ("global dictionary column changed identity") once the other side has 262,144 rows.
    "SET enable_caching_operators = false",
    # Memory that one statement gives back serves the next: a tenth of a long tick's time.
    "SET block_allocator_memory = '25%'",
)

_HOLDER = re.compile(r"\(PID (\d+)\)")
_PAUSE = 0.1  # seconds between two looks at a file that another process has

Tracer = Callable[[str, str], None]


class DuckDB:
    """A connection to the project's database.

    Args:
        path: the database file; None for a database in memory.
        read_only: open it beside other readers, for queries only.
        tracer: called with the name and text of every statement before it runs.
        wait: how many seconds to wait for another process that has the file.

    Raises:
        LockedError: if another process has it.
        EngineError: if the file is no database.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        read_only: bool = False,
        tracer: Tracer | None = None,
        wait: float = 0,
    ) -> None:
        self.tracer = tracer
        spills_beside = path or Path(tempfile.gettempdir(), f"goalsql-{uuid.uuid4()}")
        config: dict[str, Any] = CONFIG | {"temp_directory": f"{spills_beside}.tmp"}
        self.connection = _connect(path, read_only, config, wait)
        for setting in SETTINGS:
            self.execute("settings", setting)

    def execute(
        self, name: str, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a statement, with values for its `$name` parameters, and returns its rows.

        Raises:
            EngineError: if DuckDB refuses or fails.
        """
        if self.tracer is not None:
            self.tracer(name, sql)
        try:
            return self.connection.execute(sql, parameters or None).fetchall()
        except duckdb.Error as error:
            raise EngineError(name, sql, str(error)) from error

    def frame(self, name: str, sql: str) -> pl.DataFrame:
        """Runs a query and returns its rows as a polars frame."""
        if self.tracer is not None:
            self.tracer(name, sql)
        try:
            relation = self.connection.sql(sql)
            types = zip(relation.columns, relation.types, strict=True)
            spans = [name for name, kind in types if kind == "INTERVAL"]
            columns = [_readable(name, name in spans).alias(name) for name in relation.columns]
            frame = pl.DataFrame(relation.select(*columns))
        except duckdb.Error as error:
            raise EngineError(name, sql, str(error)) from error
        return frame.with_columns(pl.col(spans).cast(pl.Duration("us")))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; DuckDB gives up a whole transaction at its first error."""
        self.execute("transaction.begin", "BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.execute("transaction.commit", "COMMIT")

    def close(self) -> None:
        """Closes the connection; the file is free for others."""
        self.connection.close()


def _connect(
    path: Path | None, read_only: bool, config: dict[str, Any], wait: float
) -> duckdb.DuckDBPyConnection:
    """Opens the file; the lock of a process that has died is none."""
    deadline = time.monotonic() + wait
    while True:
        file = _file(path)
        try:
            connection = duckdb.connect(
                ":memory:" if path is None else str(path), read_only=read_only, config=config
            )
            if file in (None, _file(path)):
                return connection
            connection.close()  # another file has taken its place since, as a rewritten one does
            continue
        except duckdb.Error as error:
            if "Could not set lock" not in str(error):
                raise EngineError("open", "", f"cannot open {path}: {error}") from error
            if time.monotonic() >= deadline:
                holder = _HOLDER.search(str(error))
                pid = int(holder[1]) if holder else None
                since = _running_since(pid)
                raise LockedError(str(path), pid, since, read_only=read_only) from error
        time.sleep(_PAUSE)


def _file(path: Path | None) -> tuple[int, int] | None:
    """Which file is there, if any."""
    try:
        found = None if path is None else path.stat()
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


def _running_since(pid: int | None) -> datetime | None:
    """When a process began, where the system tells."""
    try:
        began = Path("/proc", str(pid)).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(began, UTC).replace(tzinfo=None)


def _readable(column: str, is_span: bool) -> duckdb.Expression:
    """A column as polars can take it: an INTERVAL, which it cannot, in microseconds."""
    value = duckdb.ColumnExpression(column)
    return duckdb.FunctionExpression("epoch_us", value) if is_span else value
