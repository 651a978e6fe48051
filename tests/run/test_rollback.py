"""A tick that fails in the middle leaves nothing behind, and can be run again (SPEC 4)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from goalsql import EngineError, Project
from goalsql.engine.duckdb import DuckDB
from tests.run.acme import NURTURE, Acme, acme_in

FIRST, SECOND = "2026-01-03", "2026-01-10"
STOPS = 8


class StopError(RuntimeError):
    """What the injected fault raises."""


class Fault:
    """A tracer that raises before the nth statement; 0 is never."""

    def __init__(self, stop_at: int = 0) -> None:
        self.stop_at = stop_at
        self.names: list[str] = []

    def __call__(self, name: str, sql: str) -> None:
        self.names.append(name)
        if len(self.names) == self.stop_at:
            raise StopError(name)


def copy_of(acme: Acme, directory: Path) -> Acme:
    """The same project in the same state, elsewhere."""
    copy = Acme.__new__(Acme)
    copy.directory = directory
    copy.settings = acme.settings
    shutil.copytree(acme.directory, directory)
    return copy


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """The project after a first tick, with a second definition that the next tick applies."""
    acme = acme_in(tmp_path)
    acme.tick(FIRST)
    acme.workflow(NURTURE | {"id": "another"}, file="two")
    return acme


def test_whatever_fails_nothing_changes_and_the_next_try_succeeds(
    acme: Acme, tmp_path: Path
) -> None:
    before = acme.state()
    undisturbed = copy_of(acme, tmp_path / "undisturbed")
    fault = Fault()
    undisturbed.tick(SECOND, fault)
    begin, end = (fault.names.index(f"transaction.{what}") + 1 for what in ("begin", "commit"))
    assert end - begin > STOPS
    stops = sorted({begin + 1, *range(begin, end, (end - begin) // STOPS), end - 1, end})
    for stop in stops:
        with pytest.raises(StopError):
            acme.tick(SECOND, Fault(stop))
        assert acme.state() == before, fault.names[stop - 1]
    acme.tick(SECOND)
    assert acme.facts() == undisturbed.facts()


def test_a_statement_of_the_engine_fails(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB gives up the whole transaction at an error of its own."""
    before = acme.state()
    execute = DuckDB.execute
    broken = "state.tick"

    def fail(self: DuckDB, name: str, sql: str, *rest: Any) -> list[tuple[object, ...]]:
        return execute(self, name, "SELECT * FROM nowhere" if name == broken else sql, *rest)

    monkeypatch.setattr(DuckDB, "execute", fail)
    with pytest.raises(EngineError, match=r"statement state\.tick failed"):
        acme.tick(SECOND)
    monkeypatch.undo()
    assert acme.state() == before
    assert Project.load(acme.directory).relation("goalsql.ticks").height == 1
