"""Forgetting that failed half-way: what is said, and what finishes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from goalsql import ForgetError, Project, PublishError
from goalsql.errors import EngineError
from goalsql.report.versions import LATEST
from tests.holding import held
from tests.run.acme import Acme
from tests.run.persons import GONE, VERSIONS, files_with, forget, persons_in


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    return persons_in(tmp_path)


def failing(acme: Acme, statement: str) -> Project:
    def fail(name: str, sql: str) -> None:
        if name == statement:
            raise EngineError(name, sql, "the disk is full")

    return Project.load(acme.directory, fail)


def publish(acme: Acme) -> object:
    return Project.load(acme.directory).publish()


def retry(acme: Acme) -> object:
    return acme.tick("2026-01-05")


def again(acme: Acme) -> object:
    return forget(acme, GONE)


@pytest.mark.parametrize("finish", [publish, retry, again])
@pytest.mark.parametrize("statement", ["publish.outbox", "export.report.cohorts"])
def test_whatever_comes_next_finishes_the_copies(
    acme: Acme, statement: str, finish: Callable[[Acme], object]
) -> None:
    acme.tick("2026-01-03")
    acme.tick("2026-01-05")
    with pytest.raises(PublishError, match=r"are forgotten, but: .* `goalsql publish` finishes it"):
        failing(acme, statement).forget([GONE])
    left = files_with(acme.directory, GONE)
    assert "acme.duckdb" not in left
    assert VERSIONS in left
    finish(acme)
    assert files_with(acme.directory, GONE) == set()
    assert (acme.directory / VERSIONS / LATEST).exists()


@pytest.mark.parametrize("statement", ["copy.attach", "copy.database", "copy.checkpoint"])
def test_a_file_that_cannot_be_rewritten(acme: Acme, statement: str) -> None:
    acme.tick("2026-01-03")
    with pytest.raises(ForgetError, match=r"is not gone from .* `goalsql forget` again finishes"):
        failing(acme, statement).forget([GONE])
    assert GONE not in repr(acme.state())
    assert not list(acme.directory.glob(".acme.duckdb.*"))
    assert forget(acme, GONE) == {GONE: {}}
    assert files_with(acme.directory, GONE) == set()


def test_a_failure_before_the_end_changes_nothing(acme: Acme) -> None:
    acme.tick("2026-01-03")
    before = acme.facts()
    with pytest.raises(EngineError, match="the disk is full"):
        failing(acme, "state.forgotten").forget([GONE])
    assert acme.facts() == before


def test_a_database_in_use(acme: Acme) -> None:
    acme.tick("2026-01-03")
    with held(acme.database, read_only=True), pytest.raises(EngineError, match="is in use by"):
        forget(acme, GONE)
    assert GONE in repr(acme.state())
