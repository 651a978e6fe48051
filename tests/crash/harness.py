"""Kills goalsql with SIGKILL and looks whether the next run puts everything right.

A trial copies a project, starts a command in a process of its own, kills that before its n-th
statement or after some time, runs the command again, and compares every row of the database with
those of a run that nobody disturbed.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from goalsql import Project
from goalsql.engine.protocol import Tracer
from tests.engine.spark.folder import tables_of

FIRST, SECOND = "2025-07-01T00:00:00Z", "2025-08-01T00:00:00Z"
OF_THE_CLOCK = {
    ("ticks", "started_at"),
    ("ticks", "finished_at"),
    ("workflow_versions", "applied_at"),
    ("forgotten", "forgotten_at"),
}
"""Columns that say when a run happened, not what it did."""
INODES = "source_parts.inode"
"""Which of two files alike a run read; apart from the rest, for a fault that puts one in place."""

PUBLISH = """
publish:
  - {to: published/shop.duckdb}
  - {to: published/tables, format: parquet}
"""

Command = Callable[[Project], object]
State = dict[str, str]
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.harness"])


@dataclass(frozen=True)
class Case:
    """A command to be killed, and what has been done to the project before."""

    name: str
    before: Command
    command: Command


def _edit(project: Project) -> None:
    project.tick(FIRST, "event")
    file = project.directory / "workflows" / "nurture.yml"
    file.write_text(file.read_text().replace("at_least: 3", "at_least: 4"))


def _publish(project: Project) -> None:
    project.tick(FIRST, "event")
    file = project.directory / "goalsql.yml"
    file.write_text(file.read_text() + PUBLISH)
    Project.load(project.directory).publish()


def _downgrade(project: Project) -> None:
    """Leaves what version 1 of the schema would have left."""
    project.tick(FIRST, "event")
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("DROP TABLE goalsql.forgotten")
        connection.execute("UPDATE goalsql.project SET schema_version = 1")


def _forget(project: Project) -> None:
    """The salt of what is forgotten is chosen once."""
    _publish(project)
    Project.load(project.directory).forget([1])


def _nothing(project: Project) -> None:
    """The database is not there yet."""


CASES = [
    Case("first tick", _nothing, lambda project: project.tick(FIRST, "event")),
    Case(
        "next tick",
        lambda project: project.tick(FIRST, "event"),
        lambda project: project.tick(SECOND, "event"),
    ),
    Case(
        "full tick",
        lambda project: project.tick(FIRST, "event"),
        lambda project: project.tick(SECOND, "event", full=True),
    ),
    Case("tick after an edit", _edit, lambda project: project.tick(SECOND, "event")),
    Case("migrating tick", _downgrade, lambda project: project.tick(SECOND, "event")),
    Case("publishing tick", _publish, lambda project: project.tick(SECOND, "event")),
    Case("publish", _publish, lambda project: project.publish()),
    Case("apply", _edit, lambda project: project.apply()),
    Case(
        "enroll",
        lambda project: project.tick(FIRST, "event"),
        lambda project: project.enroll("nurture", [1, 2, 3]),
    ),
    Case("forget", _forget, lambda project: project.forget([2, 3, 17])),
    Case(
        "export",
        lambda project: project.tick(FIRST, "event"),
        lambda project: project.export(project.directory / "tables"),
    ),
    Case(
        "backup",
        lambda project: project.tick(FIRST, "event"),
        lambda project: project.backup(project.directory / "backup.duckdb"),
    ),
    Case(
        "report",
        lambda project: project.tick(FIRST, "event"),
        lambda project: project.report_html(project.directory / "report.html"),
    ),
]
OF_DUCKDB = {"migrating tick", "publishing tick", "publish", "forget", "backup"}
"""The cases that are about DuckDB's files."""


@dataclass(frozen=True)
class Outcome:
    """Whether the process was killed, the relations that are wrong after, the second run's time."""

    killed: bool
    wrong: tuple[str, ...]
    seconds: float


@dataclass
class Prepared:
    """A case at work: the project before the command, and what an undisturbed run leaves.

    All runs are in the same directory, whose path stands in the state.
    """

    case: Case
    before: Path
    directory: Path
    statements: list[str]
    seconds: float
    state: State

    def before_statement(self, number: int) -> Outcome:
        """Kills a run before its n-th statement, counted from 1, and repeats it."""
        return self._trial(number, None)

    def after(self, seconds: float) -> Outcome:
        """Kills a run after some time, and repeats it."""
        return self._trial(0, seconds)

    def _trial(self, statement: int, seconds: float | None) -> Outcome:
        shutil.copytree(self.before, self.directory, symlinks=True)
        process = PROCESSES.Process(
            target=_be_killed, args=(self.directory, self.case.name, statement)
        )
        process.start()
        if seconds is not None:
            time.sleep(seconds)
            process.kill()
        process.join()
        begin = time.perf_counter()
        self.case.command(Project.load(self.directory))
        took = time.perf_counter() - begin
        state = state_of(self.directory)
        shutil.rmtree(self.directory)
        names = state.keys() | self.state.keys()
        wrong = sorted(name for name in names if state.get(name) != self.state.get(name))
        return Outcome(process.exitcode == -signal.SIGKILL, tuple(wrong), took)


@contextmanager
def prepared(case: Case, project: Path, folder: Path) -> Iterator[Prepared]:
    """Brings a copy of a project to where the case begins, and runs its command undisturbed."""
    before, directory = folder / "before", folder / "project"
    _copy(project, directory)
    case.before(Project.load(directory))
    shutil.copytree(directory, before, symlinks=True)
    statements: list[str] = []
    begin = time.perf_counter()
    case.command(Project.load(directory, tracer=lambda name, sql: statements.append(name)))
    seconds = time.perf_counter() - begin
    state = state_of(directory)
    shutil.rmtree(directory)
    yield Prepared(case, before, directory, statements, seconds, state)
    shutil.rmtree(folder)


def _copy(project: Path, to: Path) -> None:
    """A copy whose data are the original's."""
    shutil.copytree(project, to, ignore=shutil.ignore_patterns("data", "*.duckdb*"))
    (to / "data").symlink_to(project / "data")


def _be_killed(directory: Path, case: str, statement: int) -> None:
    """Runs a case's command in a process of its own."""
    [command] = [one.command for one in CASES if one.name == case]
    command(Project.load(directory, tracer=_killer(statement)))


def _killer(statement: int) -> Tracer:
    ran = 0

    def trace(name: str, sql: str) -> None:
        nonlocal ran
        ran += 1
        if ran == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    return trace


def state_of(directory: Path) -> State:
    """A digest of each table's rows, whatever their order and the engine, here and in copies."""
    found: State = {}
    for database in sorted(directory.glob("**/*.duckdb")):
        with duckdb.connect(str(database), read_only=True) as connection:
            tables = connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'goalsql'"
            ).fetchall()
            for (table,) in tables:
                relation = connection.table(f"goalsql.{table}")
                name = f"{database.relative_to(directory)}/{table}"
                found[name] = _digest(table, relation)
                if table == "source_parts":
                    inodes = relation.project("source, file, inode")
                    found[name.replace(table, INODES)] = _digest(INODES, inodes)
    for state in directory.glob("*.state"):
        for table, files in tables_of(state).items():
            if files:
                found[f"{state.name}/{table}"] = _digest(table, duckdb.read_parquet(files))
    for folder in ("tables", "published/tables/latest"):
        for path in sorted(directory.glob(f"{folder}/*/*")):
            files = str(path if path.is_file() else path / "*.parquet")
            found[f"{folder}/{path.stem}"] = _digest(path.stem, duckdb.read_parquet(files))
    for file in directory.glob("*.html"):
        found[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def _digest(table: str, relation: duckdb.DuckDBPyRelation) -> str:
    apart = OF_THE_CLOCK | {("source_parts", "inode")}
    kept = [name for name in sorted(relation.columns) if (table, name) not in apart]
    rows = relation.select(*(duckdb.ColumnExpression(name) for name in kept)).fetchall()
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
