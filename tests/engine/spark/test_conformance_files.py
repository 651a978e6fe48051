"""Conformance files on Spark: some here, and all with `python -m tests.engine.spark`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.scenario import Scenario, read_scenario
from tests.conformance.test_conformance import FILES, HERE
from tests.engine.spark.conformance import SparkRun
from tests.engine.spark.together import Together, groups

ALONE = ("history/bad_value_skipped", "history/types", "observed/members", "observed/renamed")
WITH_OTHERS = ("observed/types", "late/before_the_last_decision")
MOST = 20
ROWS = {"right": "a 1", "wrong": "a 2"}


@cache
def lots() -> list[list[Scenario]]:
    return groups(map(read_scenario, FILES), MOST)


@pytest.mark.parametrize("name", ALONE)
def test_file(name: str, session: Any, tmp_path: Path) -> None:
    SparkRun(read_scenario(HERE / f"{name}.test"), tmp_path, session).run()


@pytest.mark.parametrize("name", WITH_OTHERS)
def test_files_that_tick_at_the_same_instants(name: str, session: Any, tmp_path: Path) -> None:
    path = HERE / f"{name}.test"
    [lot] = [some for some in lots() if path in [scenario.path for scenario in some]]
    assert len(lot) > MOST / 2
    together = Together(lot, tmp_path, session)
    together.run()
    assert {part.scenario.path.stem: part.failed for part in together.parts if part.failed} == {}


def test_a_file_among_others_can_fail(session: Any, tmp_path: Path) -> None:
    """Queries are asked of the rows of their own file, and compared with what it says."""
    right, wrong = (_counting(tmp_path / f"{name}.test", rows) for name, rows in ROWS.items())
    together = Together([right, wrong], tmp_path, session)
    together.run()
    assert [bool(part.failed) for part in together.parts] == [False, True]


def _counting(path: Path, rows: str) -> Scenario:
    path.write_text(
        f"""\
# description: one enrollment
# spec: 4

contacts
contact_id
a

events signup
contact_id occurred_at
a 2026-01-02

workflow
active_from: 2026-01-01T00:00:00Z
enrollment: {{trigger: event, criteria: {{event: signup}}}}
steps: [{{id: hello, send_email: hello}}]

tick 2026-01-20T00:00 event

query
SELECT contact_id, enrollment_no FROM goalsql.enrollments WHERE workflow_id = 'w'
----
{rows}
"""
    )
    return read_scenario(path)
