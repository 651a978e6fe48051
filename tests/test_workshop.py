"""Several processes may make something beside one path: none clears what another is making."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from goalsql.workshop import workshop

PROCESSES = multiprocessing.get_context("forkserver")


def make(path: Path) -> None:
    """Makes something many times; fails if its place is gone meanwhile."""
    for _ in range(300):
        with workshop(path) as directory:
            (directory / "part").write_text("made")


def test_nobody_clears_what_another_process_makes(tmp_path: Path) -> None:
    makers = [PROCESSES.Process(target=make, args=(tmp_path / "x.db",)) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert [maker.exitcode for maker in makers] == [0] * 4
    assert not list(tmp_path.iterdir())
