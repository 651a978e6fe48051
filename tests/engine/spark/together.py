"""Conformance files run together: those that tick at the same instants, in one project.

What a tick costs Spark is its two hundred queries, however few the rows are. So the names of each
file get a prefix of its own, and its queries are asked of the rows that bear no other. Some are
done when others tick on. Files see each other's contacts, though, so a file that does not come out
right in company says nothing yet: it is to be run alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from goalsql.report.views import RELATIONS
from tests.conformance.scenario import Scenario, Step, Table, cells, workflow_of
from tests.engine.spark.conformance import SparkRun, asked_by
from tests.engine.spark.copying import database_of
from tests.engine.spark.naming import with_names

KINDS = {
    "add", "apply", "changes", "contacts", "emails", "enroll", "events", "probe", "query",
    "remove", "replace", "segments", "static", "tick", "truth", "workflow",
}  # fmt: skip
"""The steps of a file that can be run with others: about nothing that all share."""
COUNTED = "goalsql.ticks"
"""The table that holds counts of the whole project's rows."""
TAKEN = ("tick", "apply")
"""The steps that all of them take at once."""
RENAMED = {
    "contacts": ("contact_id",),
    "changes": ("contact_id", "property"),
    "emails": ("contact_id", "event_id", "workflow_id"),
    "events": ("contact_id",),
    "static": ("contact_id",),
}
"""The columns of a source whose values are names."""
OWN_COLUMNS = ("contact_id", "created_at", "updated_at")
SOURCES_OF_THEIR_OWN = ("events", "static")
PREFIX = r"^f\d+_"


class _Loader(yaml.SafeLoader):
    """Leaves instants, and words such as `yes`, as they are written."""


_LEFT = {"tag:yaml.org,2002:timestamp": "0123456789", "tag:yaml.org,2002:bool": "yYnNoO"}
_Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if first not in _LEFT.get(one[0], "")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def groups(scenarios: Iterable[Scenario], most: int) -> list[list[Scenario]]:
    """Scenarios that can be run together, at most so many, and last those that can only alone.

    The first of each lot has the most ticks; the others tick as it begins.
    """
    lots: list[list[Scenario]] = []
    alone: list[list[Scenario]] = []
    for scenario in sorted(scenarios, key=lambda one: len(_ticks(one)), reverse=True):
        fitting = (lot for lot in lots if len(lot) < most and _goes_with(scenario, lot[0]))
        if not can_share(scenario):
            alone.append([scenario])
        elif (lot := next(fitting, None)) is not None:
            lot.append(scenario)
        else:
            lots.append([scenario])
    return [*sorted(lots, key=len, reverse=True), *alone]


def _ticks(scenario: Scenario) -> list[tuple[str, ...]]:
    return [(step.kind, *step.words) for step in scenario.of(*TAKEN)]


def _emails(scenario: Scenario) -> set[str]:
    """What is told of emails; where nothing is, those sent are taken for received (SPEC 6)."""
    heads = [step.lines[0] for step in scenario.of("emails")]
    return {cell for head in heads for cell in cells(head, "|" in head)}


def _goes_with(scenario: Scenario, first: Scenario) -> bool:
    ticks = _ticks(scenario)
    return _ticks(first)[: len(ticks)] == ticks and _emails(scenario) == _emails(first)


def can_share(scenario: Scenario) -> bool:
    """Whether a file is about nothing that is one for a whole project, and ids are texts."""
    return (
        {step.kind for step in scenario.steps} <= KINDS
        and not any("contact_id:" in step.lines[0] for step in scenario.of(*RENAMED))
        and not any(step.lines for step in scenario.of("tick"))
        and set(asked_by(scenario)) <= set(RELATIONS) - {COUNTED}
    )


@dataclass
class Part:
    """A file among others: its steps up to each tick and after the last, and its own sources."""

    scenario: Scenario
    prefix: str
    stretches: list[list[Step]]
    tables: dict[str, Table]
    failed: str = ""

    def stretch(self, number: int) -> list[Step]:
        """The steps before a tick; none before those that only others have."""
        return self.stretches[number] if number < len(self.stretches) else []


class Together(SparkRun):
    """A run of several files in one project, in a directory of its own."""

    def __init__(self, scenarios: Sequence[Scenario], directory: Path, session: Any) -> None:
        super().__init__(scenarios[0], directory, session)
        self.parts = [_part(scenario, f"f{n}_") for n, scenario in enumerate(scenarios)]
        self.part = self.parts[0]
        self.frames: dict[str, pl.DataFrame] = {}

    def run(self) -> None:
        """Takes all steps; what came of a file is in its part."""
        taken = self.scenario.of(*TAKEN)
        for stretch in range(len(taken) + 1):
            for part in self.parts:
                self.part = part
                for number, step in enumerate(part.stretch(stretch)):
                    self._take_own(step, number)
                self._stop_reading()
            if stretch < len(taken):
                self.frames.clear()
                self._take(taken[stretch], stretch)

    def _take_own(self, step: Step, number: int) -> None:
        self.tables = self.part.tables
        if step.kind not in ("query", "truth"):
            self._stop_reading()
            self._take(step, number)
            return
        try:
            self._take(step, number)
        except (AssertionError, duckdb.Error) as error:
            self.part.failed = f"line {step.line}: {error}"

    def _write_tables(self) -> None:
        several: dict[str, list[Table]] = defaultdict(list)
        for part in self.parts:
            for name, table in part.tables.items():
                several[name].append(_renamed(name.split("_")[0], table, part.prefix))
        self.tables = {name: reduce(_both, tables) for name, tables in several.items()}
        super()._write_tables()

    def _reader(self) -> duckdb.DuckDBPyConnection:
        names = asked_by(self.part.scenario)
        for name in names:
            if name not in self.frames:
                self.frames[name] = self._load().relation(name)
        return database_of({name: _of(self.frames[name], self.part.prefix) for name in names})


def _part(scenario: Scenario, prefix: str) -> Part:
    """A file with its names changed, cut at its ticks."""
    own = _names(scenario)
    stretches: list[list[Step]] = [[]]
    for step in scenario.steps:
        if step.kind in TAKEN:
            stretches.append([])
        else:
            stretches[-1].append(_prefixed(step, prefix, own))
    return Part(scenario, prefix, stretches, {})


def _names(scenario: Scenario) -> set[str]:
    """What a file gives a name to."""
    names = {workflow_of(step)[0] for step in scenario.of("workflow", "probe")}
    for step in scenario.of("segments"):
        names |= set(yaml.load(step.text, _Loader))
    for step in scenario.of(*SOURCES_OF_THEIR_OWN):
        names.add(step.words[0])
    for step in scenario.of("contacts", "changes", "add", "replace"):
        head, *rows = (cells(line, "|" in step.lines[0]) for line in step.lines)
        names |= {cell.partition(":")[0] for cell in head}
        names |= {cell for row in rows for cell in row}
    return names - set(OWN_COLUMNS)


def _prefixed(step: Step, prefix: str, own: set[str]) -> Step:
    """A step with a prefix before names; those in the rows of tables get theirs when written."""
    names = {name: prefix + name for name in own}
    match step.kind:
        case "workflow" | "probe":
            name, text = workflow_of(step)
            found = with_names(yaml.load(text, _Loader), names) | {"id": prefix + name}
            return replace(step, kind="workflow", lines=yaml.safe_dump(found).splitlines())
        case "segments":
            read = yaml.load(step.text, _Loader)
            found = {prefix + name: with_names(each, names) for name, each in read.items()}
            file = prefix + (step.words[0] if step.words else str(step.line))
            return replace(step, words=[file], lines=yaml.safe_dump(found).splitlines())
        case "enroll":
            return replace(step, words=[prefix + word for word in step.words])
        case "remove":
            return replace(step, words=[step.words[0], prefix + step.words[1]])
        case "events" | "static":
            return replace(step, words=[prefix + step.words[0]])
        case "add" | "replace" if step.words[0] in SOURCES_OF_THEIR_OWN:
            return replace(step, words=[step.words[0], prefix + step.words[1]])
    return step


def _renamed(kind: str, table: Table, prefix: str) -> Table:
    """The rows of a file's source with a prefix before names; properties are columns too."""
    own = [place for place, name in enumerate(table.columns) if name in RENAMED[kind]]
    rows = [
        tuple(
            prefix + cell if place in own and cell is not None else cell
            for place, cell in enumerate(row)
        )
        for row in table.rows
    ]
    if kind != "contacts":
        return Table(table.columns, rows)
    columns = table.columns.items()
    return Table({n if n in OWN_COLUMNS else prefix + n: kind for n, kind in columns}, rows)


def _both(one: Table, other: Table) -> Table:
    """The rows of two tables; a column that one lacks is NULL there."""
    columns = one.columns | other.columns
    assert columns == other.columns | one.columns, f"{one.columns} do not go with {other.columns}"
    rows = []
    for table in (one, other):
        for row in table.rows:
            values: Mapping[str, str | None] = dict(zip(table.columns, row, strict=True))
            rows.append(tuple(values.get(name) for name in columns))
    return Table(columns, rows)


def _of(frame: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """The rows that bear no other file's prefix, without their own."""
    texts = [pl.col(name) for name, kind in frame.schema.items() if kind == pl.String]
    others = [
        text.str.contains(PREFIX).fill_null(False) & ~text.str.starts_with(prefix) for text in texts
    ]
    mine = frame.filter(~pl.any_horizontal(others)) if others else frame
    return mine.with_columns(text.str.strip_prefix(prefix) for text in texts)
