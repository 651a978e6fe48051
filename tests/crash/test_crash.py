"""A sample of what `python -m tests.crash` does in full: kill, run again, compare every row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.harness import CASES, Case, prepared


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_whatever_was_killed_is_right_after_the_next_run(
    case: Case, fresh_quickstart: Path, tmp_path: Path
) -> None:
    with prepared(case, fresh_quickstart, tmp_path / "case") as ready:
        outcomes = [ready.before_statement(place) for place in places(ready.statements)]
        assert all(outcome.killed for outcome in outcomes)
        outcomes.append(ready.after(0.6 * ready.seconds))
        assert not [outcome.wrong for outcome in outcomes if outcome.wrong]


def places(statements: list[str]) -> list[int]:
    """Some statements, counted from 1: before and after the end of a migration, or of the whole."""
    count = len(statements)
    if "version.reach" in statements:
        reached = statements.index("version.reach") + 1
        return [reached, reached + 2]
    return [count // 3, count]
