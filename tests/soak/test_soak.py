"""A sample of what `python -m tests.soak` does in full: what grows, what is right."""

from __future__ import annotations

from pathlib import Path

from tests.soak.figures import grown
from tests.soak.harness import Soak

TICKS = 20


def test_many_small_ticks_leave_what_the_reference_says_and_nothing_else(tmp_path: Path) -> None:
    soak = Soak.of(tmp_path, TICKS, seed=6)
    soak.run("incremental", "reference")
    assert not soak.wrong("incremental")
    _, _, half, end = soak.figures()
    assert half.tick == TICKS // 2
    assert end.rows > half.rows, "nothing happens"
    assert not grown(half, end)
