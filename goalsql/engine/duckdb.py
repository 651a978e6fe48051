"""The DuckDB engine: one file, one writer, one transaction a tick."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import polars as pl

from goalsql.codes import Code
from goalsql.engine.faults import failed
from goalsql.engine.protocol import FileFound, Tracer
from goalsql.errors import EngineError, LockedError, ResourceError
from goalsql.workshop import workshop

T = TypeVar("T")

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
_INTERRUPTED = "Query interrupted"  # what DuckDB makes of Ctrl-C
_LOG_BEGINS = (b"", b"\0", b"d")  # none, one that the disk never got, one of DuckDB 2
_PAUSE = 0.1  # seconds between two looks at a file that another process has

_COLUMNS = """
SELECT column_name, data_type
FROM duckdb_columns()
WHERE database_name = CURRENT_DATABASE() AND schema_name = 'goalsql' AND table_name = $table
ORDER BY column_index
"""
_SHARED = """
SELECT
  (SELECT MAX(count) > 1 FROM duckdb_connection_count())
  OR NOT CURRENT_SETTING('enable_external_access')
FROM (VALUES (1)) AS one (row)
"""
_CONFINE = {
    "confine.directories": "SET allowed_directories = $directories",
    "confine.paths": "SET allowed_paths = $paths",
    "confine.objects": "SET python_enable_replacements = false",
    "confine.access": "SET enable_external_access = false",  # this cannot be switched back
}


class DuckDB:
    """A connection to the project's database.

    Args:
        path: the database file; None for a database in memory.
        read_only: open it beside other readers, for queries only.
        tracer: called with the name and text of every statement before it runs.
        wait: how many seconds to wait for another process that has the file.
        config: further settings of DuckDB by name, such as memory_limit.

    Raises:
        LockedError: if another process has it.
        EngineError: if the file is no database.
    """

    local = True

    def __init__(
        self,
        path: Path | None,
        *,
        read_only: bool = False,
        tracer: Tracer | None = None,
        wait: float = 0,
        config: Mapping[str, str] | None = None,
    ) -> None:
        self.tracer = tracer
        self._path = path
        given = dict(config or {})
        self.spills = _spills(path, given.get("temp_directory"))
        self._spills_in = Path(given.get("temp_directory", self.spills))
        try:
            if not read_only and "temp_directory" in given:
                self._spills_in.mkdir(parents=True, exist_ok=True)
            given["temp_directory"] = str(self.spills)
            if path is not None:
                self._check_log(path)
            self.connection = once_free(
                path, read_only, wait, lambda: _connect(path, read_only, CONFIG | given)
            )
        except (duckdb.Error, OSError) as error:
            raise self._failed("open", "", error) from error
        self._file = None if read_only else _file(path)
        for setting in SETTINGS:
            self.execute("settings", setting)

    def execute(
        self, name: str, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a statement, with values for its `$name` parameters, and returns its rows.

        Raises:
            EngineError: if DuckDB refuses or fails.
            KeyboardInterrupt: if the user ends it.
        """
        if self.tracer is not None:
            self.tracer(name, sql)
        try:
            found = self.connection.execute(sql, parameters or None)
            rows = found.fetchall()
            kinds = [str(column[1]) for column in found.description or ()]
        except duckdb.Error as error:
            raise self._failed(name, sql, error) from error
        except RuntimeError as error:
            if str(error) == _INTERRUPTED:
                raise KeyboardInterrupt from error
            raise
        places = [place for place, kind in enumerate(kinds) if kind.startswith("TIMESTAMP")]
        if any(isinstance(row[place], str) for place in places for row in rows):
            return [tuple(map(_as_far_as_python_goes, row, kinds)) for row in rows]
        return rows

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
            raise self._failed(name, sql, error) from error
        return frame.with_columns(pl.col(spans).cast(pl.Duration("us")))

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table of state, with their types; an attached one's are not meant."""
        return dict(self.execute(f"columns.{table}", _COLUMNS, {"table": table}))

    def files(self, pattern: str) -> list[FileFound]:
        """The files that a path or glob stands for; one that is removed meanwhile is none."""
        return list(files_here(pattern))

    def confine(self, directories: Sequence[str], paths: Sequence[str]) -> None:
        """Shuts off every other file, for all connections of the process to the database.

        So where somebody else has it open too, or it is confined already, nothing is done.
        """
        [[shared]] = self.execute("confine.shared", _SHARED)
        if not shared:
            given = {"directories": [*directories], "paths": [*paths]}
            for name, sql in _CONFINE.items():
                own = {key: value for key, value in given.items() if f"${key}" in sql}
                self.execute(name, sql, own)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; DuckDB gives up a whole transaction at its first error."""
        self.execute("transaction.begin", "BEGIN TRANSACTION")
        try:
            yield
            self._check_file()
        except BaseException:
            # A database that DuckDB has given up takes no ROLLBACK either, and keeps nothing.
            with suppress(duckdb.Error):
                self.connection.execute("ROLLBACK")
            raise
        self.execute("transaction.commit", "COMMIT")

    def close(self) -> None:
        """Closes the connection; the file is free for others."""
        self.connection.close()

    def _check_log(self, path: Path) -> None:
        """DuckDB takes a log that it cannot read for an unfinished one, and forgets it."""
        log = Path(f"{path}.wal")
        with suppress(FileNotFoundError), log.open("rb") as file:
            if file.read(1) not in _LOG_BEGINS:
                raise self._failed("open", "", OSError(f'Corrupt WAL file: "{log}"'))

    def _check_file(self) -> None:
        """A commit to a file that nobody can find any more would be lost without a word."""
        if self._file is not None and self._file != _file(self._path):
            words = (
                f"{self._path} was removed or replaced while it was in use: see that the right "
                "one is there, then run again; nothing was written to it"
            )
            cause = "it is another file now"
            raise ResourceError(Code.FILE_CHANGED, "transaction.commit", "COMMIT", cause, words)

    def _failed(self, name: str, sql: str, error: Exception) -> EngineError:
        return failed(name, sql, str(error), self._path, self._spills_in)


def files_here(pattern: str) -> Iterator[FileFound]:
    """The files of this machine that a path or glob stands for; a folder for the Parquet in it.

    A URI stands for none; a folder without any file for itself, and whoever reads it says so.
    """
    for path in glob.iglob(pattern, recursive=True) if os.path.isabs(pattern) else ():
        for file in _inside(path) or [path]:
            with suppress(FileNotFoundError):
                found = os.stat(file)
                yield FileFound(file, found.st_size, found.st_mtime_ns, found.st_ino)


def _inside(folder: str) -> list[str]:
    """The Parquet files in a folder, but for those in `_temporary` and the like."""
    names = glob.iglob("**/*.parquet", root_dir=folder, recursive=True)
    paths = [os.path.join(folder, name) for name in names if not re.search(r"(^|/)_", name)]
    return [path for path in paths if not os.path.isdir(path)]


def _spills(path: Path | None, directory: str | None) -> Path:
    """Where a database puts what memory cannot hold: a directory of its own."""
    if path is None:
        return Path(directory or tempfile.gettempdir(), f"goalsql-{uuid.uuid4()}.tmp")
    if directory is None:
        return path.with_name(f"{path.name}.tmp")
    digest = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:8]
    return Path(directory, f"{path.name}-{digest}.tmp")


def _connect(
    path: Path | None, read_only: bool, config: Mapping[str, str]
) -> duckdb.DuckDBPyConnection:
    """Opens the file, which is made if it is not there and not only to be read."""
    while True:
        file = _file(path)
        if path is not None and not read_only and not path.exists():
            _create(path, config)
        connection = duckdb.connect(
            ":memory:" if path is None else str(path), read_only=read_only, config=dict(config)
        )
        if file in (None, _file(path)):
            return connection
        connection.close()  # another file has taken its place since, as a rewritten one does


def once_free(path: Path | None, read_only: bool, wait: float, take: Callable[[], T]) -> T:
    """What comes of opening a file, once no other process has it.

    The lock of a process that has died is none.

    Args:
        path: the file.
        read_only: whether it is opened to read only.
        wait: how many seconds to wait for another process.
        take: opens it.

    Raises:
        LockedError: if another process still has it.
    """
    deadline = time.monotonic() + wait
    missed: int | None = -1
    while True:
        try:
            return take()
        except (duckdb.Error, EngineError) as error:
            if "Could not set lock" not in str(error):
                raise
            if time.monotonic() >= deadline:
                holder = _HOLDER.search(str(error))
                pid = int(holder[1]) if holder else None
                since = running_since(pid)
                if since is not None or missed == pid:
                    mend = "" if read_only else ", or let the command wait: --wait 60s"
                    raise LockedError(str(path), pid, since, mend) from error
                missed = pid  # it may have ended just now: then the file is free
        time.sleep(_PAUSE)


def _create(path: Path, config: Mapping[str, str]) -> None:
    """A new database, whole as soon as it is there: what dies on the way leaves none."""
    with workshop(path) as directory:
        new = directory / path.name
        duckdb.connect(str(new), config=dict(config)).close()
        try:
            os.link(new, path)
        except FileExistsError:  # another process was quicker
            return
        except OSError:
            if path.exists():
                return
            new.rename(path)  # where the file system has no links


def _file(path: Path | None) -> tuple[int, int] | None:
    """Which file is at a path; None for none."""
    try:
        found = None if path is None else path.stat()
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


def _as_far_as_python_goes(value: Any, kind: str) -> Any:
    """A value; of an instant before the year 1 or after 9999, which comes as text, the nearest."""
    if not kind.startswith("TIMESTAMP") or not isinstance(value, str):
        return value
    return datetime.min if "BC" in value else datetime.max


def running_since(pid: int | None) -> datetime | None:
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
