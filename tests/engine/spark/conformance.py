"""Runs a conformance file on Spark; its queries are asked of a copy of what they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import sqlglot
import yaml
from sqlglot import exp

from goalsql import DefinitionError, Project
from goalsql.report.views import RELATIONS
from tests.conformance.runner import TRUTH, Mode, Run
from tests.conformance.scenario import Scenario
from tests.engine.spark.copying import copy_of
from tests.engine.spark.folder import finished

MODE = Mode("spark", sources="parquet")


class NotForSparkError(Exception):
    """A file is about what only DuckDB has; says what."""


class SparkRun(Run):
    """One run of a file on a session, in a directory of its own."""

    def __init__(self, scenario: Scenario, directory: Path, session: Any) -> None:
        super().__init__(scenario, MODE, directory)
        self.session = session

    def run(self) -> None:
        """Takes the steps in order.

        Raises:
            NotForSparkError: where a step is about DuckDB's file, or what only DuckDB reads.
        """
        if any(step.kind == "sql" and not step.words for step in self.scenario.steps):
            raise NotForSparkError("writes DuckDB's file itself")
        try:
            super().run()
        except DefinitionError as error:
            for problem in error.problems:
                if str(problem.code) == "GQ210":
                    raise NotForSparkError(problem.message) from error
            raise

    def _load(self) -> Project:
        if self.unwritten:
            self._write_tables()
        if self.project is None:
            text = yaml.safe_dump({"name": "c", "database": self.database.name} | self.settings)
            (self.directory / "goalsql.yml").write_text(text)
            self.project = Project.load(self.directory, spark=self.session)
        return self.project

    def _state(self) -> object:
        return sorted(finished(self.database.with_suffix(".state")).rows())

    def _reader(self) -> duckdb.DuckDBPyConnection:
        tables = asked_by(self.scenario)
        if missing := sorted(set(tables) - set(RELATIONS)):
            raise NotForSparkError(f"asks for {missing[0]}, which is none of the relations")
        return copy_of(self._load(), tables)


def asked_by(scenario: Scenario) -> list[str]:
    """The tables that the queries of a file read, and that which its truth is in."""
    queries = [step.text.split("----\n")[0] for step in scenario.of("query")]
    parsed = [sqlglot.parse_one(query, read="duckdb") for query in (*queries, TRUTH)]
    tables = [table for query in parsed for table in query.find_all(exp.Table)]
    return sorted({f"{table.db}.{table.name}" for table in tables if table.db})
