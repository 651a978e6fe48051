"""Runs a conformance file in a mode and compares what comes out; the format is in scenario.py."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
import pytest
import yaml

from goalsql import GoalsqlError, Project, TickResult
from goalsql.model.literals import instant
from tests.conformance.scenario import (
    INSTANTS,
    TABLES,
    Scenario,
    Step,
    Table,
    cells,
    read_table,
    workflow_of,
)
from tests.conformance.values import canonical, shown, state_of, write_table

ROOT = Path(__file__).resolve().parents[2]
IN_A_PROCESS = """
import json, sys
from goalsql import Project
directory, at, clock, gone = sys.argv[1:]
result = Project.load(directory).tick(at=at, clock=clock, allow_gone=gone == "True")
print(json.dumps([result.already_done, result.warnings]))
"""
TRUTH = (
    "SELECT SUBSTR(workflow_id, 7), contact_id, enrolled_at, COALESCE(CAST(ended_at AS VARCHAR),"
    " '...') FROM goalsql.enrollments WHERE STARTS_WITH(workflow_id, 'probe_')"
)


@dataclass(frozen=True)
class Mode:
    """How a file is run: everything but the file itself that must make no difference."""

    name: str
    sources: Literal["tables", "parquet", "csv", "jsonl"] = "tables"
    twice: bool = False
    restarted: bool = False
    process: bool = False
    full: bool = False
    ticks: Literal["as written", "event by event", "tick by tick"] = "as written"


MODES = {
    mode.name: mode
    for mode in (
        Mode("as_written"),
        Mode("event_by_event", ticks="event by event"),
        Mode("tick_by_tick", ticks="tick by tick"),
        Mode("twice", twice=True),
        Mode("restarted", restarted=True),
        Mode("process", process=True),
        Mode("full", full=True),
        Mode("parquet", sources="parquet"),
        Mode("csv", sources="csv"),
        Mode("jsonl", sources="jsonl"),
    )
}


def empty_database(directory: Path) -> Path:
    """A database as a first tick leaves it, then emptied: tables and views, no rows.

    The tables and views are more than half the statements of a first tick. A run in the mode
    `as_written` starts from a copy, if its contact ids are texts; the other modes start from
    nothing.
    """
    somebody = "SELECT 'x' AS contact_id, TIMESTAMP '2000-01-01' AS created_at"
    settings = {
        "name": "e",
        "database": "empty.duckdb",
        "sources": {"contacts": {"query": somebody}},
    }
    (directory / "goalsql.yml").write_text(yaml.safe_dump(settings))
    Project.load(directory).tick(at="2000-01-01")
    path = directory / "empty.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("DELETE FROM goalsql.ticks")
    rows = {name for name, found in state_of(path).items() if found}
    assert rows <= {"project", "source_rows", "known_contacts"}
    return path


class Run:
    """One run of a file in a directory of its own.

    Args:
        scenario: the file.
        mode: how it is run.
        directory: an empty one.
        empty: a database to start from a copy of.
    """

    def __init__(
        self, scenario: Scenario, mode: Mode, directory: Path, empty: Path | None = None
    ) -> None:
        self.scenario = scenario
        self.mode = mode
        self.directory = directory
        self.project: Project | None = None
        self.settings: dict[str, Any] = {}
        self.tables: dict[str, Table] = {}
        self.unwritten: set[str] = set()
        self.reader: duckdb.DuckDBPyConnection | None = None
        self.instants: set[datetime] = set()
        for folder in ("workflows", "segments"):
            (directory / folder).mkdir()
        heads = [step.lines[0] for step in scenario.of("contacts")]
        if empty is not None and heads and "contact_id:" not in heads[0]:
            shutil.copy(empty, self.database)

    @property
    def database(self) -> Path:
        return self.directory / "state.duckdb"

    def run(self) -> None:
        """Takes the steps in order."""
        for number, step in enumerate(self.scenario.steps):
            if step.kind not in ("query", "truth"):
                self._stop_reading()
            try:
                self._take(step, number)
            except AssertionError as error:
                where = f"{self.scenario.path}:{step.line}: {step.kind}"
                raise AssertionError(f"{where}\n{error}") from error
        self._stop_reading()

    def _stop_reading(self) -> None:
        if self.reader is not None:
            self.reader.close()
            self.reader = None

    def _take(self, step: Step, number: int) -> None:
        match step.kind:
            case "tick":
                self._tick(step)
            case "error":
                self._failing_tick(step)
            case "apply":
                self._apply(step)
            case "enroll":
                self._load().enroll(step.words[0], step.words[1:])
            case "query":
                sql, rows = step.text.split("----\n")
                self._compare(sql, [row for row in rows.splitlines() if row.strip()])
            case "truth":
                self._compare(TRUTH, step.lines)
            case _:
                self._change(step, number)
                self.project = None

    def _change(self, step: Step, number: int) -> None:
        """Everything that changes the project's files or sources."""
        match step.kind:
            case "project":
                _merge(self.settings, yaml.safe_load(step.text))
            case "workflow" | "probe":
                name, text = workflow_of(step)
                (self.directory / "workflows" / f"{name}.yml").write_text(text)
            case "segments":
                name = step.words[0] if step.words else f"part_{number}"
                (self.directory / "segments" / f"{name}.yml").write_text(step.text)
            case "remove":
                kind, name = step.words
                folder = {"workflow": "workflows", "segments": "segments"}[kind]
                (self.directory / folder / f"{name}.yml").unlink()
            case "file":
                path = self.directory / step.words[0]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text)
            case "sql":
                name = step.words[0] if step.words else self.database.name
                with duckdb.connect(str(self.directory / name)) as connection:
                    connection.execute("SET TimeZone = 'UTC'")
                    connection.execute(step.text.replace("DIR/", f"{self.directory}/"))
            case _:
                self._table(step)

    def _table(self, step: Step) -> None:
        words = step.words if step.kind in ("add", "replace") else [step.kind, *step.words]
        kind, name = words[0], "_".join(words)
        assert kind in TABLES, f"there is no table {kind}"
        old = self.tables.get(name)
        added = read_table(kind, step.lines, len(old.rows) if old and step.kind == "add" else 0)
        if step.kind == "add" and old is not None:
            assert added.columns == old.columns, f"{added.columns} are not {old.columns}"
            added = Table(old.columns, old.rows + added.rows)
        self.tables[name] = added
        for row in added.rows:
            for column, cell in zip(added.columns, row, strict=True):
                if column in INSTANTS and cell is not None:
                    self.instants.add(_utc(cell))
        self.unwritten.add(name)
        files = self.mode.sources
        source = {"from": f"source_{name}" if files == "tables" else f"source_{name}.{files}"}
        if kind == "static":
            path = self.directory / "segments" / f"{name}.yml"
            path.write_text(yaml.safe_dump({words[1]: {"static": source}}))
        elif kind == "events":
            _merge(self.settings, {"sources": {"events": {words[1]: source}}})
        else:
            named = {"changes": "property_changes", "emails": "marketing_emails"}
            _merge(self.settings, {"sources": {named.get(kind, kind): source}})

    def _write_tables(self) -> None:
        """Writes the sources that have changed, in the project's database or beside it."""
        files = self.mode.sources
        with duckdb.connect(self.database if files == "tables" else ":memory:") as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for name in sorted(self.unwritten):
                write_table(connection, f"source_{name}", self.tables[name])
                if files != "tables":
                    option = {"parquet": "PARQUET", "csv": "CSV, HEADER", "jsonl": "JSON"}[files]
                    path = self.directory / f"source_{name}.{files}"
                    connection.execute(f"COPY \"source_{name}\" TO '{path}' (FORMAT {option})")
        self.unwritten.clear()

    def _load(self) -> Project:
        if self.unwritten:
            self._write_tables()
        if self.project is None or self.mode.restarted:
            fixed = {"name": "conformance", "database": self.database.name}
            text = yaml.safe_dump(fixed | self.settings, sort_keys=False)
            (self.directory / "goalsql.yml").write_text(text)
            self.project = Project.load(self.directory)
        return self.project

    def _apply(self, step: Step) -> None:
        at = step.at if step.words else None
        self._load().apply(at=at, clock=step.clock)
        if self.mode.twice:
            left = self._state()
            self._load().apply(at=at, clock=step.clock)
            assert self._state() == left, "the same apply again changed something"

    def _tick(self, step: Step) -> None:
        timezone = str(self.settings.get("timezone", "UTC"))
        last = instant(step.at, timezone)
        warnings: list[str] = []
        if self.mode.ticks == "as written":
            warnings.extend(self._tick_at(step.at, step))
        elif self.mode.ticks == "event by event":
            for at in sorted({at for at in self.instants if at < last} | {last}):
                warnings.extend(self._tick_at(at.isoformat(), step))
        else:
            self._tick_by_tick(last, step)
            return
        for line in step.lines:
            wanted = line.removeprefix("warns ")
            assert any(wanted in one for one in warnings), f"{wanted!r} is not in {warnings}"

    def _tick_at(self, at: str, step: Step) -> Iterable[str]:
        allow_gone = "allow-gone" in step.words
        if self.mode.process:
            self._load()
            return self._tick_in_a_process(at, step.clock, allow_gone)

        def once() -> TickResult:
            full = self.mode.full
            return self._load().tick(at=at, clock=step.clock, full=full, allow_gone=allow_gone)

        result = once()
        assert not result.already_done, "the tick says that it had been done before"
        if self.mode.twice:
            left = self._state()
            again = once()
            assert again.already_done
            assert [again.decisions, again.enrolled, again.steps_run] == [0, 0, 0]
            assert self._state() == left, "the same tick again changed something"
        return result.warnings

    def _tick_in_a_process(self, at: str, clock: str, allow_gone: bool) -> list[str]:
        command = [sys.executable, "-c", IN_A_PROCESS]
        done = subprocess.run(
            [*command, str(self.directory), at, clock, str(allow_gone)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        already_done, warnings = json.loads(done.stdout)
        assert not already_done
        return list(warnings)

    def _tick_by_tick(self, last: datetime, step: Step) -> None:
        """The tick clock with a tick at every instant at which something happens (The Law).

        Those are the instants of the data, those at which steps are due, and those at which time
        alone changes the truth: a run with the event clock says when.
        """
        self._load().tick(at=last, clock="event")
        columns = {
            "decisions": ("triggered_at", "decided_at"),
            "enrollments": ("enrolled_at", "ended_at"),
            "goal_completions": ("met_at",),
            "outbox": ("executed_at",),
        }
        known = {at for at in self.instants if at < last} | {last}
        for table, names in columns.items():
            frame = self._load().relation(f"goalsql.{table}")
            known.update(at for name in names for at in frame[name] if at and at < last)
        self.database.unlink()
        self.unwritten.update(self.tables)
        while known:
            at = min(known)
            self._load().tick(at=at, clock="tick")
            due = self._load().relation("goalsql.enrollments")["due_at"].drop_nulls().to_list()
            known.update(one for one in due if one < last)
            known = {one for one in known if one > at}

    def _failing_tick(self, step: Step) -> None:
        before = self._state()
        gone = "allow-gone" in step.words
        with pytest.raises(GoalsqlError) as caught:
            self._load().tick(at=step.at, clock=step.clock, full=self.mode.full, allow_gone=gone)
        for line in step.lines:
            assert line.strip() in str(caught.value), f"{line.strip()!r} is not in {caught.value}"
        assert self._state() == before, "a tick that failed changed something"

    def _state(self) -> object:
        """All that ticks have left."""
        return state_of(self.database)

    def _reader(self) -> duckdb.DuckDBPyConnection:
        """What queries, and the truth, can be asked of."""
        return duckdb.connect(self.database, read_only=True)

    def _compare(self, sql: str, lines: list[str]) -> None:
        bars = any("|" in line for line in lines)
        expected = sorted([canonical(cell) for cell in cells(line, bars)] for line in lines)
        if self.reader is None:
            self.reader = self._reader()
        rows = self.reader.execute(sql).fetchall()
        found = sorted([shown(value) for value in row] for row in rows)
        missing = "\n".join(" | ".join(row) for row in expected if row not in found)
        extra = "\n".join(" | ".join(row) for row in found if row not in expected)
        assert found == expected, f"missing:\n{missing}\nextra:\n{extra}"


def _merge(into: dict[str, Any], what: dict[str, Any]) -> None:
    for key, value in what.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _utc(cell: str) -> datetime:
    at = datetime.fromisoformat(cell)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
