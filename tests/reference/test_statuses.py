"""Workflows that look at others, on stories small enough to do by hand (SPEC 3.3)."""

from __future__ import annotations

import pytest

from tests.reference.dependence import in_order
from tests.reference.stories import Outcome, Story

FROM_1 = "active_from: 2026-01-01\n"
VISITS = "enrollment: {trigger: event, criteria: {event: visit}}\n"
VISITS_AGAIN = "enrollment: {trigger: event, criteria: {event: visit}, re_enroll: true}\n"
GOAL = "goal: {criteria: {property: stage, is: customer}}\n"
LEAVES = "unenroll_when: {event: visit, where: {path: {is: /bye}}, during: {last: 1 second}}\n"
TWO_DAYS = "steps: [{id: wait, delay: 2 days}]\n"
TEN_DAYS = "steps: [{id: wait, delay: 10 days}]\n"
HELLO = "steps: [{id: hello, send_email: hello}, {id: wait, delay: 10 days}]\n"


def filters(criteria: str) -> str:
    """A workflow that anyone enters whenever the criteria come true."""
    return f"{FROM_1}enrollment: {{trigger: filter, criteria: {criteria}, re_enroll: true}}\n"


def on(event: str, more: str = "") -> str:
    """A workflow that is entered at each built-in event of w."""
    leaf = f"{{event: {event}, where: {{workflow_id: {{is: w}}{more}}}}}"
    return f"{FROM_1}enrollment: {{trigger: event, criteria: {leaf}, re_enroll: true}}\n"


def days(outcome: Outcome, workflow: str) -> list[float]:
    """When the trigger of a workflow fired."""
    return [at for at, _ in outcome.of(workflow).decisions()]


def passages() -> tuple[Story, str]:
    """Contact 1 is in `w` on days [2, 4), completes, again on [6, 7), leaves, again from 9 on."""
    story = Story().contact().visit(2, 6, 9).visit(7, path="/bye")
    again = VISITS_AGAIN.replace("visit}", "visit, where: {path: {known: false}}}")
    return story, FROM_1 + again + LEAVES + TWO_DAYS


@pytest.mark.parametrize(
    ("status", "enters", "leaves"),
    [
        ("enrolled", [2], [1]),
        ("active", [2, 6, 9], [1, 4, 7]),
        ("completed", [4], [1, 6]),
        ("unenrolled", [7], [1, 9]),
    ],
)
def test_statuses_over_time(status: str, enters: list[float], leaves: list[float]) -> None:
    story, workflow = passages()
    leaf = f"{{workflow: w, status: {status}}}"
    together = {"w": workflow, "is": filters(leaf), "is_not": filters(f"{{not: {leaf}}}")}
    for ticks in [(10,), (3, 5, 10), (2, 4, 6, 7, 9, 10)]:
        outcome = story.run_together(together, *ticks)
        assert days(outcome, "is") == enters
        assert days(outcome, "is_not") == leaves


def test_met_goal_needs_an_email_and_met_goal_any_does_not() -> None:
    story = Story().contact().visit(2).change("stage", "customer", 5)
    together = {"w": FROM_1 + VISITS + GOAL + HELLO} | {
        name: filters(f"{{workflow: w, status: {name}}}")
        for name in ("met_goal", "met_goal_any", "not_met_goal")
    }
    outcome = story.email(3).run_together(together, 4, 9)
    assert days(outcome, "met_goal") == [5]
    assert days(outcome, "met_goal_any") == [5]
    assert days(outcome, "not_met_goal") == [1]
    story.emails = []
    outcome = story.run_together(together, 9)
    assert days(outcome, "met_goal") == []
    assert days(outcome, "met_goal_any") == [5]


def test_a_receipt_that_comes_late_converts_from_met_at_on() -> None:
    story = Story(emails=[]).contact().visit(2).change("stage", "customer", 5)
    together = {
        "w": FROM_1 + VISITS + GOAL + HELLO,
        "then": filters("{workflow: w, status: met_goal}"),
        "won": on("workflow_goal_met"),
    }
    outcome = story.run_together(together, 6)
    assert days(outcome, "then") == []
    story.email(3)
    outcome.tick(7)
    assert outcome.of("then").rows("decisions") == [(1, 5, 6, "enrolled")]
    assert outcome.of("won").rows("decisions") == [(1, 5, 6, "enrolled")]


def test_the_status_of_somebody_never_enrolled() -> None:
    story = Story().contact()
    together = {
        "w": FROM_1 + VISITS,
        "no": filters("{workflow: w, status: not_met_goal}"),
        "yes": filters("{any: [{workflow: w, status: enrolled}, {workflow: w, status: active}]}"),
    }
    outcome = story.run_together(together, 9)
    assert days(outcome, "no") == [1]
    assert days(outcome, "yes") == []


def test_built_in_events() -> None:
    story, workflow = passages()
    story.change("stage", "customer", 10).email(9.5)
    together = {
        "w": workflow + GOAL,
        "in": on("workflow_enrolled"),
        "out": on("workflow_unenrolled"),
        "by_exit": on("workflow_unenrolled", ", reason: {is: unenrollment_trigger}"),
        "by_goal": on("workflow_unenrolled", ", reason: {is: goal_met}"),
        "through": on("workflow_completed"),
        "won": on("workflow_goal_met"),
    }
    for ticks in [(12,), (3, 6.5, 9, 9.75, 10.5, 12)]:
        outcome = story.run_together(together, *ticks)
        assert days(outcome, "in") == [2, 6, 9]
        assert days(outcome, "through") == [4]
        assert days(outcome, "out") == [7, 10]
        assert days(outcome, "by_exit") == [7]
        assert days(outcome, "by_goal") == days(outcome, "won") == [10]


def test_built_in_events_are_counted_as_any_event() -> None:
    story, workflow = passages()
    often = "times: {at_least: 2}"
    leaf = f"{{event: workflow_enrolled, where: {{workflow_id: {{any_of: [w, v]}}}}, {often}}}"
    assert days(story.run_together({"w": workflow, "v": filters(leaf)}, 9), "v") == [6]


def test_a_chain_through_a_segment_takes_one_tick() -> None:
    story = Story(segments="inside: {criteria: {workflow: w, status: active}}\n")
    story.contact().visit(2)
    together = {
        "w": FROM_1 + VISITS + TEN_DAYS,
        "b": filters("{in_segment: inside}") + TEN_DAYS,
        "a": filters("{workflow: b, status: active}"),
        "kept_out": filters("{event: visit}") + "suppression: [inside]\n",
    }
    outcome = story.run_together(together, 5)
    assert days(outcome, "a") == days(outcome, "b") == [2]
    assert outcome.of("kept_out").decisions() == [(2, "suppressed")]


def test_a_workflow_sees_itself_as_the_previous_tick_left_it() -> None:
    story = Story().contact(1).contact(2).visit(2).visit(4, contact_id=2)
    out = "unenroll_when: {workflow: w, status: enrolled}\n"
    outcome = story.run_together({"w": FROM_1 + VISITS + out + TEN_DAYS}, 3, 5, 6)
    assert outcome.enrollments() == [
        (2, "unenrolled", 3, "unenrollment_trigger"),
        (4, "unenrolled", 5, "unenrollment_trigger"),
    ]
    not_yet = "{all: [{event: visit}, {not: {workflow: w, status: completed}}]}"
    outcome = story.run_together({"w": filters(not_yet)}, 9)
    assert outcome.decisions() == [(2, "enrolled"), (4, "enrolled")]


def test_in_a_circle_the_order_of_ids_decides_who_sees_what() -> None:
    story = Story().contact().visit(2)
    entered = (
        f"{FROM_1}enrollment: {{trigger: any_of, of: [{{trigger: event, criteria: EVENT}}]}}\n"
    )
    both = entered.replace("EVENT", "{event: visit}")
    together = {
        "a": both + "unenroll_when: {workflow: b, status: active}\n" + TEN_DAYS,
        "b": both + "unenroll_when: {workflow: a, status: active}\n" + TEN_DAYS,
    }
    outcome = story.run_together(together, 3)
    assert outcome.of("a").enrollments() == [(2, "active", None, None)]
    assert outcome.of("b").decisions() == [(2, "unenrollment_trigger")]


def test_in_a_circle_a_later_one_is_seen_a_tick_later() -> None:
    story = Story().contact().visit(2)
    together = {
        "a": filters("{workflow: c, status: active}"),
        "b": filters("{workflow: a, status: enrolled}") + TEN_DAYS,
        "c": f"{FROM_1}enrollment: {{trigger: any_of, of: [{{trigger: event, criteria: "
        "{event: visit}}, {trigger: filter, criteria: {workflow: b, status: enrolled}}], "
        "re_enroll: true}\n" + TEN_DAYS,
    }
    outcome = story.run_together(together, 3)
    assert [days(outcome, name) for name in "abc"] == [[], [], [2]]
    outcome = story.run_together(together, 3, 4)
    assert outcome.of("a").rows("decisions") == [(1, 2, 3, "enrolled")]
    assert outcome.of("b").rows("decisions") == [(1, 3, 3, "enrolled")]
    assert outcome.of("c").rows("decisions") == [(1, 2, 2, "enrolled"), (1, 3, 3, "already_active")]


def test_the_order_in_which_workflows_are_taken() -> None:
    looks_at = {
        "a": "m", "b": "z", "c": "c", "m": "n", "n": "m", "y": "a", "z": "", "w": "b",
    }  # fmt: skip
    workflows = {
        name: filters(f"{{workflow: {other}, status: active}}") if other else FROM_1 + VISITS
        for name, other in looks_at.items()
    }
    order = [each.workflow_id for each in in_order(Story().definitions(**workflows))]
    assert order.index("m") < order.index("n") < order.index("a") < order.index("y")
    assert order.index("z") < order.index("b") < order.index("w")
    assert sorted(order) == sorted(looks_at)


def test_a_built_in_event_or_a_segment_makes_a_need_too() -> None:
    story = Story(segments="inside: {criteria: {workflow: y, status: active}}\n")
    workflows = {
        "a": FROM_1 + VISITS + "suppression: [inside]\n",
        "w": FROM_1 + VISITS,
        "b": on("workflow_completed"),
        "y": FROM_1 + VISITS,
    }
    order = [each.workflow_id for each in in_order(story.definitions(**workflows))]
    assert order.index("y") < order.index("a")
    assert order.index("w") < order.index("b")
