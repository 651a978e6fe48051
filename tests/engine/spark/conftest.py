"""A Spark Connect server in this process, and the quickstart on it and on DuckDB side by side.

Another server is taken, such as Spark's own, where GOALSQL_TEST_SPARK holds its address.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from goalsql import Project, TickResult
from goalsql.engine.spark.session import session_of
from tests.engine.spark.folder import on_spark, without_text_files
from tests.engine.spark.plans import Planned, planned
from tests.engine.spark.server import sail, session_at

ADDRESS = "GOALSQL_TEST_SPARK"
TICKS = (("2025-07-01", "event"), ("2025-07-08", "event"), ("2025-08-01", "tick"))


@dataclass(frozen=True)
class Both:
    """One project on two engines."""

    here: Path
    there: Path
    remote: str

    @property
    def duckdb(self) -> Project:
        return Project.load(self.here)

    @property
    def spark(self) -> Project:
        return Project.load(self.there)

    def each(self) -> tuple[Project, Project]:
        return self.duckdb, self.spark

    def copied(self, folder: Path) -> Both:
        """A copy that a test may change."""
        shutil.copytree(self.here, folder / "here")
        shutil.copytree(self.there, folder / "there")
        return replace(self, here=folder / "here", there=folder / "there")


@dataclass(frozen=True)
class Edited:
    """A project after an edit, enrollments by hand and a full tick; what each engine told of it."""

    both: Both
    applied: list[tuple[str, ...]]
    enrolled: list[int]
    ticks: list[TickResult]
    plans: list[Planned]
    """How Spark meant to run the statements of the tick."""


@pytest.fixture(scope="session")
def remote() -> Iterator[str]:
    with ExitStack() as stack:
        address = os.environ.get(ADDRESS) or stack.enter_context(sail())
        stack.enter_context(session_at(address))
        yield address


@pytest.fixture(scope="session")
def session(remote: str) -> Any:
    return session_of(remote, None)


@pytest.fixture(scope="session")
def beginning(
    fresh_quickstart: Path, tmp_path_factory: pytest.TempPathFactory, remote: str
) -> Both:
    """Before the first tick; the CSV file of a segment as Parquet, which Spark reads."""
    folder = tmp_path_factory.mktemp("spark")
    here, there = folder / "here", folder / "there"
    shutil.copytree(fresh_quickstart, here)
    without_text_files(here)
    shutil.copytree(here, there)
    on_spark(there, remote)
    return Both(here, there, remote)


@pytest.fixture(scope="session")
def ticked(beginning: Both) -> Both:
    """After three ticks on each; not to be changed."""
    for project in beginning.each():
        for at, clock in TICKS:
            project.tick(at, clock)
    return beginning


@pytest.fixture(scope="session")
def edited(ticked: Both, session: Any, tmp_path_factory: pytest.TempPathFactory) -> Edited:
    """Not to be changed."""
    both = ticked.copied(tmp_path_factory.mktemp("edited"))
    for project in both.each():
        file = project.directory / "workflows" / "nurture.yml"
        file.write_text(file.read_text().replace("at_least: 3", "at_least: 2"))
    applied = [project.apply().workflows for project in both.each()]
    enrolled = [project.enroll("nurture", [1, 2, 3]) for project in both.each()]
    with planned(session) as plans:
        ticks = [project.tick("2025-08-08", "event", full=True) for project in both.each()]
    return Edited(both, applied, enrolled, ticks, plans)
