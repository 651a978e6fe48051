"""Steps edited between ticks: where an enrollment goes on (SPEC 5)."""

from __future__ import annotations

import pytest

from tests.reference.stories import Outcome, Story

FROM_1 = "active_from: 2026-01-01\n"
VISITS = "enrollment: {trigger: event, criteria: {event: visit}}\n"
GOAL = "goal: {criteria: {property: stage, is: customer}}\n"
WAIT = "steps: [{id: wait, delay: 30 days}]\n"


def walk(outcome: Outcome) -> list[tuple[object, ...]]:
    """Where the enrollment stands, and until when, after what it did."""
    return [*outcome.outbox(), outcome.rows("enrollments")[0][-2:]]


OLD = """
steps:
  - {id: a, action: x}
  - {id: wait, delay: 10 days}
  - id: split
    branch:
      - otherwise: true
        steps: [{id: b, action: x}, {id: pause, delay: 10 days}, {id: c, action: x}]
  - {id: d, action: x}
"""


@pytest.mark.parametrize(
    ("steps", "at", "stands"),
    [
        # goes on at the step with the id of its next step, wherever that is now
        ("[{id: n, action: x}, {id: split, action: x}, {id: e, action: x}]", 5, ("split", 12)),
        ("[{id: a, action: x}, {id: d, action: x}]", 5, ("d", 12)),
        # the next step is gone, and all after it: what now follows the last that it ran
        ("[{id: a, action: x}, {id: wait, delay: 1 day}, {id: e, action: x}]", 5, ("e", 12)),
        ("[{id: a, action: x}, {id: wait, delay: 1 day}]", 5, (None, 12)),
        # in an arm: the rest of the arm, then what follows the branch
        ("[{id: d, action: x}, {id: c, action: x}]", 15, ("c", 22)),
        ("[{id: d, action: x}]", 15, ("d", 22)),
        ("[{id: pause, delay: 1 day}, {id: z, action: x}]", 15, ("z", 22)),
    ],
)
def test_where_an_enrollment_goes_on(steps: str, at: float, stands: tuple[object, ...]) -> None:
    outcome = Story().contact().visit(2).run(FROM_1 + VISITS + OLD, at)
    outcome.edit(FROM_1 + VISITS + f"steps: {steps}\n").tick(at + 1)
    assert walk(outcome)[-1] == stands


def test_where_all_that_it_ran_is_gone_it_completes_at_s() -> None:
    outcome = Story().contact().visit(2).run(FROM_1 + VISITS + OLD, 5)
    outcome.edit(FROM_1 + VISITS + "steps: [{id: other, action: x}]\n").tick(6)
    assert outcome.enrollments() == [(2, "completed", 5, None)]
    assert outcome.outbox() == [("a", 2)]
    outcome = Story().contact().visit(2).run(FROM_1 + VISITS + OLD, 5)
    outcome.edit(FROM_1 + VISITS + "steps: []\n").tick(6, enabled=False)
    assert walk(outcome) == [("a", 2), (None, 5)]
    assert outcome.edit(FROM_1 + VISITS + GOAL).tick(8).enrollments() == [(2, "completed", 6, None)]


def test_one_that_waited_for_the_end_goes_on_after_the_last_that_it_ran() -> None:
    outcome = Story().contact().visit(2).run(FROM_1 + VISITS + WAIT, 5)
    assert walk(outcome) == [(None, 32)]
    longer = "steps: [{id: wait, delay: 1 day}, {id: more, action: x}]\n"
    outcome.edit(FROM_1 + VISITS + longer).tick(6)
    assert walk(outcome) == [("more", 32)]
    outcome.edit(FROM_1 + VISITS + WAIT).tick(7)
    assert walk(outcome) == [(None, 32)]


def test_a_step_that_is_due_since_long_runs_at_s() -> None:
    outcome = Story().contact().visit(2).run(FROM_1 + VISITS + OLD, 5).tick(13, enabled=False)
    outcome.edit(FROM_1 + VISITS + "steps: [{id: d, action: x}]\n").tick(14)
    assert outcome.outbox() == [("a", 2), ("d", 13)]
    assert outcome.enrollments() == [(2, "completed", 13, None)]


def test_a_delay_that_has_begun_keeps_its_length() -> None:
    outcome = Story().contact().visit(2).run(FROM_1 + VISITS + OLD, 5)
    outcome.edit(FROM_1 + VISITS + OLD.replace("wait, delay: 10", "wait, delay: 1")).tick(6)
    assert walk(outcome) == [("a", 2), ("split", 12)]
