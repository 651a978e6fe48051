"""Strikes a project's sources with faults; looks whether the tick is right, or says what is wrong.

A trial brings a project to a tick, spoils one of its sources, runs the next tick by the command
line, and takes one of two outcomes for good: what a project of plain Parquet files with the rows
that the spoiled source holds comes to; or one clear error that names the source, exit status 2, a
database as it was, and the right result after the source has been mended.
"""

from __future__ import annotations

import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb
from typer.testing import CliRunner, Result

from goalsql.cli import app
from tests.conformance.values import state_of
from tests.fuzz.world import (
    FIRST,
    FORMATS,
    IDS,
    KEYS,
    SECOND,
    SEEN_FROM,
    Table,
    Tables,
    files,
    remove,
    tables,
    write_project,
    write_source,
)
from tests.property.harness import COLUMNS, REPORTS

MOST_LINES = 6  # of an error
OUTCOMES = ("correct", "clear error", "wrong", "traceback")
Outcome = Literal["correct", "clear error", "wrong", "traceback"]
Facts = dict[str, Counter[str]]
State = dict[str, list[str]]


@dataclass(frozen=True)
class Expected:
    """What a spoiled source comes to.

    `table` are its rows in plain types, None if it must be refused; `or_error` if it may be
    refused (with no table: it may come to anything); `counted` if the rows without a key must be
    found among `bad_rows`.
    """

    table: Table | None
    or_error: bool = False
    counted: bool = True


@dataclass(frozen=True)
class Verdict:
    """What a trial came to: if it is wrong, why, and of an error its words; `what` repeats it."""

    fault: str
    outcome: Outcome
    why: str = ""
    what: str = ""


@dataclass
class Case:
    """A project at work, and the source that is to be spoiled."""

    directory: Path
    name: str
    kind: str
    tables: Tables
    chance: random.Random
    timezone: str

    @property
    def table(self) -> Table:
        """The rows of the source."""
        return self.tables[self.name]

    @property
    def files(self) -> list[Path]:
        """The files of the source."""
        return files(self.directory, self.name, self.kind)

    def write(self, table: Table) -> None:
        """Writes the source anew."""
        write_source(self.directory, self.name, self.kind, table)


@dataclass(frozen=True)
class Fault:
    """Something that happens to a source; `spoil` does it and says what is to be expected."""

    name: str
    spoil: Callable[[Case], Expected]
    kinds: tuple[str, ...] = FORMATS
    sources: tuple[str, ...] = tuple(KEYS)


@dataclass
class Undisturbed:
    """A project of plain Parquet files after its first tick: what is right is what it comes to."""

    directory: Path
    tables: Tables
    timezone: str

    def __post_init__(self) -> None:
        """Runs the first tick."""
        write_project(self.directory, dict.fromkeys(self.tables, "parquet"), self.timezone)
        self._write(self.tables)
        done = tick(self.directory, FIRST)
        assert done.exit_code == 0, done.output
        self.database = self.directory / "acme.duckdb"
        self.before = self.database.read_bytes()

    def facts(self, changed: Tables, *, fresh: bool) -> Facts | None:
        """What the second tick leaves if sources are changed before it; None if it refuses them.

        Args:
            changed: their rows.
            fresh: there was no tick before.
        """
        remove(self.database)
        if not fresh:
            self.database.write_bytes(self.before)
        self._write(changed)
        done = tick(self.directory, SECOND)
        assert done.exit_code in (0, 2), done.output
        found = facts(self.directory) if done.exit_code == 0 else None
        self._write({name: self.tables[name] for name in changed})
        return found

    def _write(self, changed: Tables) -> None:
        for name, table in changed.items():
            write_source(self.directory, name, "parquet", table)


class World:
    """A project after its first tick, to be spoiled and set right again any number of times."""

    def __init__(self, folder: Path, seed: int) -> None:
        chance = random.Random(seed)
        self.directory = folder / "project"
        self.database = self.directory / "acme.duckdb"
        self.tables = tables(chance, chance.choice(list(IDS)))
        self.kinds = {name: chance.choice(FORMATS) for name in self.tables}
        self.timezone = chance.choice(["UTC", "Europe/Paris"])
        self.undisturbed = Undisturbed(folder / "plain", self.tables, self.timezone)
        self.right = {one: self._undisturbed(fresh=one) for one in (False, True)}
        write_project(self.directory, self.kinds, self.timezone)
        for name, table in self.tables.items():
            write_source(self.directory, name, self.kinds[name], table)
        done = tick(self.directory, FIRST)
        assert done.exit_code == 0, done.output
        self.before = self.database.read_bytes()

    def _undisturbed(self, *, fresh: bool) -> Facts:
        found = self.undisturbed.facts({}, fresh=fresh)
        assert found is not None
        return found

    def trial(self, fault: Fault, name: str, seed: int, *, fresh: bool) -> Verdict:
        """Spoils one source, runs a tick, and sets everything right again.

        Args:
            fault: what happens to the source.
            name: the source.
            seed: of what the fault does.
            fresh: begin without a database.
        """
        if fresh:
            remove(self.database)
        chance = random.Random(seed)
        case = Case(
            self.directory, name, self.kinds[name], dict(self.tables), chance, self.timezone
        )
        try:
            return self._judged(fault, case, fresh)
        finally:
            self._mend(name)
            self.database.write_bytes(self.before)

    def _mend(self, name: str) -> None:
        for path in files(self.directory, name, self.kinds[name]):
            remove(path)
        for more in (self.directory / "data" / name).glob("*"):
            remove(more)
        write_source(self.directory, name, self.kinds[name], self.tables[name])

    def _judged(self, fault: Fault, case: Case, fresh: bool) -> Verdict:
        before = state_of(self.database)
        expected = fault.spoil(case)
        done = tick(self.directory, SECOND)
        if done.exit_code == 0:
            return self._judged_result(fault.name, case, expected, fresh)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            trace = "".join(traceback.format_exception(done.exception))
            return Verdict(fault.name, "traceback", trace)
        if why := self._unclear(case, expected, done, before, fresh):
            return Verdict(fault.name, "wrong", f"{why}\n{done.stderr}")
        self._mend(case.name)
        mended = tick(self.directory, SECOND)
        if mended.exit_code != 0:
            return Verdict(fault.name, "wrong", f"not mended: {mended.stderr}")
        if wrong := differences(self.right[fresh], facts(self.directory)):
            return Verdict(fault.name, "wrong", f"another result once mended: {wrong}")
        return Verdict(fault.name, "clear error", done.stderr)

    def _unclear(
        self, case: Case, expected: Expected, done: Result, before: State, fresh: bool
    ) -> str:
        """What is wrong with an error, if anything."""
        text = done.stderr
        if expected.table is not None and not expected.or_error:
            table, _ = without_bad_rows(case.name, expected.table)
            if self.undisturbed.facts({case.name: table}, fresh=fresh) is not None:
                return "refused, although it can be read"
        if done.exit_code != 2:
            return f"exit status {done.exit_code}"
        columns = (f"`{column}`" for column in case.table.columns)
        names = (case.name, *(str(path) for path in case.files), *columns)
        if not any(name in text for name in names):
            return "does not name the source"
        if len(text.strip().splitlines()) > MOST_LINES or len(text) > 2_000:
            return "too long"
        if "INTERNAL" in text or "statement " in text or "Traceback" in text:
            return "speaks of internals"
        return "" if state_of(self.database) == before else "the state has changed"

    def _judged_result(self, name: str, case: Case, expected: Expected, fresh: bool) -> Verdict:
        if expected.table is None:
            outcome: Outcome = "correct" if expected.or_error else "wrong"
            return Verdict(name, outcome, "taken, although it should be refused")
        table, bad = without_bad_rows(case.name, expected.table)
        right: Facts | None = self.right[fresh]
        if table != self.tables[case.name]:
            right = self.undisturbed.facts({case.name: table}, fresh=fresh)
        if right is None:  # rows that are ignored name a property all the same
            right = self.undisturbed.facts({case.name: expected.table}, fresh=fresh)
        if right is None:
            return Verdict(name, "wrong", "taken, although Parquet files of that are refused")
        wrong = differences(right, facts(self.directory))
        if not wrong and expected.counted and bad_rows(self.directory) != bad:
            wrong = f"{bad_rows(self.directory)} bad rows, not {bad}"
        return Verdict(name, "wrong" if wrong else "correct", wrong)


def trials(
    world: World, faults: Sequence[Fault], count: int, chance: random.Random
) -> Iterator[Verdict]:
    """Strikes a world with some of those faults that fit it, each as often as any other.

    Args:
        world: the world.
        faults: to choose from.
        count: how many trials.
        chance: where the choice comes from.
    """
    fitting: dict[str, list[tuple[Fault, str]]] = {}
    for fault in faults:
        for name in fault.sources:
            if world.kinds[name] in fault.kinds:
                fitting.setdefault(fault.name, []).append((fault, name))
    names = sorted(fitting)
    for number in range(count):
        if number % len(names) == 0:
            chance.shuffle(names)
        fault, name = chance.choice(fitting[names[number % len(names)]])
        seed, fresh = chance.randrange(1_000_000), chance.random() < 0.25
        verdict = world.trial(fault, name, seed, fresh=fresh)
        what = f"{fault.name}, {name} ({world.kinds[name]}), seed {seed}, fresh {fresh}"
        yield replace(verdict, what=what)


def without_bad_rows(name: str, table: Table) -> tuple[Table, int]:
    """The rows that have all keys, and the number of the others, without those not seen yet."""
    places = [table.place(key) for key in KEYS[name] if key in table.columns]
    kept = [row for row in table.rows if all(row[place] is not None for place in places)]
    lost = [row for row in table.rows if any(row[place] is None for place in places)]
    until = datetime.fromisoformat(SECOND).replace(tzinfo=None)
    instants = [table.place(key) for key in SEEN_FROM if key in table.columns]
    ahead = [
        row
        for row in lost
        if any(isinstance(row[place], datetime) and row[place] > until for place in instants)
    ]
    return replace(table, rows=kept), len(lost) - len(ahead)


def tick(directory: Path, at: str) -> Result:
    """A tick with the event clock, as the command line runs it."""
    arguments = ["tick", "--at", at, "--clock", "event", "-p", str(directory)]
    return CliRunner().invoke(app, arguments)


def facts(directory: Path) -> Facts:
    """The rows of the relations that people look at, as texts."""
    found: Facts = {}
    with duckdb.connect(str(directory / "acme.duckdb"), read_only=True) as connection:
        for name, columns in COLUMNS.items():
            schema = "report" if name in REPORTS else "goalsql"
            rows = connection.execute(f"SELECT {columns} FROM {schema}.{name}").fetchall()
            found[name] = Counter(map(str, set(rows) if name == "receipts" else rows))
    return found


def bad_rows(directory: Path) -> int:
    """The bad rows of all ticks."""
    with duckdb.connect(str(directory / "acme.duckdb"), read_only=True) as connection:
        [(total,)] = connection.execute("SELECT SUM(bad_rows) FROM goalsql.ticks").fetchall()
        return int(total)


def differences(right: Facts, found: Facts) -> str:
    """Rows of each relation that are missing or too many; empty if there are none."""
    lines = [
        f"{name}: missing {list((right[name] - found[name]).elements())[:3]}, "
        f"too many {list((found[name] - right[name]).elements())[:3]}"
        for name in right
        if right[name] != found[name]
    ]
    return "\n".join(lines)
