"""`goalsql explain` over a whole history: how long an answer takes.

Two contacts of each of 20 workflows are asked about: the one with the first id, who has the most
events, and the one in the middle. The answers are checked against the tables that the tick left.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from goalsql.report.explanation import Explanation
from tests.bench.ticked import after_one_tick

ASKED = """
    SELECT workflow_id, UNNEST([MIN(contact_id), QUANTILE_DISC(contact_id, 0.5)])
    FROM goalsql.enrollments GROUP BY workflow_id ORDER BY workflow_id LIMIT 40
"""
HAPPENED = """
    SELECT enrolled_at FROM goalsql.enrollments WHERE (workflow_id, contact_id) = ($1, $2)
    UNION SELECT met_at FROM goalsql.goal_completions WHERE (workflow_id, contact_id) = ($1, $2)
    UNION SELECT received_at FROM goalsql.receipts WHERE (workflow_id, contact_id) = ($1, $2)
"""


@dataclass
class ExplainResult:
    """What one run measured, in seconds of wall time.

    Answers are `Project.explain`, in a process that has given one before; the command is
    `goalsql explain` as a whole, about a few of the same.
    """

    contacts: int
    events: int
    workflows: int
    floor_seconds: float
    answers: int
    median_seconds: float
    slowest_seconds: float
    over_a_second: int
    command_seconds: float
    instants_checked: int


def measure(
    directory: Path, contacts: int, workflows: int, at: datetime, scan: Callable[[], None]
) -> ExplainResult:
    """Explains contacts after one tick over the whole history.

    Args:
        directory: where the data is.
        contacts: how many there are.
        workflows: how many the project has.
        at: T.
        scan: one aggregate of all events: the floor.
    """
    project, done = after_one_tick(directory, workflows, at)
    with project.connect() as connection:
        asked = connection.execute(ASKED).fetchall()
        happened = [connection.execute(HAPPENED, pair).fetchall() for pair in asked]
    floor, _ = _timed(scan)
    project.explain(*asked[0])
    answers = [_timed(lambda pair=pair: project.explain(*pair)) for pair in asked]
    instants = [
        _check(answer, [instant for (instant,) in rows])
        for (_, answer), rows in zip(answers, happened, strict=True)
    ]
    times = [seconds for seconds, _ in answers]
    commands = [_timed(lambda pair=pair: _command(directory, pair))[0] for pair in asked[:10]]
    return ExplainResult(
        contacts=contacts,
        events=done.new_events,
        workflows=workflows,
        floor_seconds=round(floor, 3),
        answers=len(answers),
        median_seconds=round(median(times), 3),
        slowest_seconds=round(max(times), 3),
        over_a_second=sum(seconds > 1 for seconds in times),
        command_seconds=round(median(commands), 3),
        instants_checked=sum(instants),
    )


def _command(directory: Path, pair: tuple[str, int]) -> None:
    command = [sys.executable, "-m", "goalsql", "explain", *map(str, pair), "-p", str(directory)]
    subprocess.run(command, check=True, capture_output=True)


def _check(answer: Explanation, happened: list[datetime]) -> int:
    """Looks for what the tick's tables hold of the contact in the answer's history."""
    told = {row.happened_at for row in answer.history}
    missing = [instant for instant in happened if instant not in told]
    assert not missing, (answer.workflow_id, answer.contact_id, missing)
    return len(happened)


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    done = run()
    return time.perf_counter() - begin, done
