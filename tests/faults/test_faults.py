"""A sample of what `python -m tests.faults` does in full: meet a fault, look, run again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.harness import CASES, Prepared, prepared
from tests.faults.kinds import KINDS
from tests.faults.trouble import FileSize, Gone, NoMount, put_back
from tests.faults.two import both_at_once


@pytest.fixture(scope="module")
def next_tick(
    fresh_quickstart: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    folder = tmp_path_factory.mktemp("faults") / "case"
    with ExitStack() as stack:
        yield prepared(CASES["next tick"], fresh_quickstart, folder, stack)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("read-only database", "may not be written: give this user the right to"),
        ("corrupt database", "restore it from a backup"),
        ("SIGTERM", "stopped: what was not finished is as it was before"),
    ],
)
def test_a_fault_is_told_and_the_next_run_works(next_tick: Prepared, name: str, words: str) -> None:
    outcome = KINDS[name].meet(next_tick, random.Random(name))
    assert not outcome.wrong
    assert outcome.failed
    assert words in outcome.words


def test_a_disk_that_is_full_at_the_commit_leaves_nothing(next_tick: Prepared) -> None:
    outcome = next_tick.meet(FileSize(40_000))
    assert not outcome.wrong
    assert "no space is left on the disk: free some, then run again" in outcome.words


def test_a_full_file_system_leaves_nothing(next_tick: Prepared) -> None:
    try:
        outcome = next_tick.meet(room=40_000)
    except NoMount:  # without the right to mount one, files that may not grow stand in for it
        outcome = next_tick.meet(FileSize(40_000))
    assert not outcome.wrong
    assert "no space is left on the disk: free some, then run again" in outcome.words


def test_a_database_that_goes_away_is_missed_before_the_commit(next_tick: Prepared) -> None:
    file = next_tick.database
    number = next_tick.statements // 2
    outcome = next_tick.meet(Gone(number, file), lambda directory: put_back(file))
    assert not outcome.wrong
    assert f"{file} was removed or replaced while it was in use" in outcome.words


def test_a_source_that_goes_away_is_named(next_tick: Prepared) -> None:
    [file] = [path for path in next_tick.sources if path.stem == "contacts"]
    outcome = next_tick.meet(Gone(30, file), lambda directory: put_back(file))
    assert not outcome.wrong
    assert file.name in outcome.words


def test_two_ticks_at_once_do_the_work_of_one(fresh_quickstart: Path, tmp_path: Path) -> None:
    wrong = both_at_once(fresh_quickstart, tmp_path / "two", 3)
    assert not wrong, "\n".join(wrong)
