"""Steps as straight runs: blocks, waits, where each one goes on."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from goalsql.compile.flow import ArmItem, Flow, Item
from goalsql.compile.predicates import microseconds
from goalsql.model.criteria import EventLeaf
from goalsql.model.workflow import Action, Arm, Branch, Delay, SendEmail, SetProperty, Step

DAY = microseconds(timedelta(days=1))
A, B = EventLeaf("a"), EventLeaf("b")


def mail(name: str) -> SendEmail:
    return SendEmail(name, name)


def wait(name: str, days: int = 1) -> Delay:
    return Delay(name, timedelta(days=days))


def shape(flow: Flow) -> list[tuple[int, int, str | None, str, int | None]]:
    """Block, place, step, kind and where it goes, in order."""
    items = sorted(flow.items, key=lambda item: (item.block, item.place))
    return [(i.block, i.place, i.step_id, i.kind, i.to_block) for i in items]


def targets(flow: Flow) -> list[tuple[int, int, int, int]]:
    arms = sorted(flow.arms, key=lambda arm: (arm.block, arm.place, arm.arm))
    return [(arm.block, arm.place, arm.arm, arm.to_block) for arm in arms]


def test_no_steps_are_one_end() -> None:
    flow = Flow.of([])
    assert flow.items == [Item(0, 0, None, "end", 0, 0)]
    assert (flow.arms, flow.blocks) == ([], 1)


def test_a_straight_run_sums_its_waits() -> None:
    flow = Flow.of([mail("a"), wait("b", 2), mail("c"), wait("d"), wait("e")])
    assert [(i.step_id, i.wait, i.last_wait) for i in flow.items] == [
        ("a", 0, 0),
        ("b", 0, 0),
        ("c", 2 * DAY, 0),
        ("d", 2 * DAY, 2 * DAY),
        ("e", 3 * DAY, 2 * DAY),
        (None, 4 * DAY, 3 * DAY),
    ]
    assert {item.block for item in flow.items} == {0}
    assert flow.items[-1].kind == "end"


def test_arms_go_on_behind_their_branch() -> None:
    branch = Branch("split", (Arm(A, (mail("x"),)), Arm(None, (mail("y"),))))
    flow = Flow.of([wait("w"), branch, mail("z")])
    assert shape(flow) == [
        (0, 0, "w", "delay", None),
        (0, 1, "split", "branch", None),
        (1, 0, "z", "send_email", None),
        (1, 1, None, "end", None),
        (2, 0, "x", "send_email", None),
        (2, 1, None, "goto", 1),
        (3, 0, "y", "send_email", None),
        (3, 1, None, "goto", 1),
    ]
    assert flow.arms == [
        ArmItem(0, 1, 0, A, 2),
        ArmItem(0, 1, 1, None, 3),
        ArmItem(0, 1, 2, None, 1),
    ]


def test_waits_begin_anew_in_each_block() -> None:
    branch = Branch("split", (Arm(A, (wait("x", 3), mail("y"))),))
    flow = Flow.of([wait("w"), branch, wait("z"), mail("end")])
    waits = {item.step_id or f"{item.kind} {item.block}": item.wait for item in flow.items}
    assert waits == {
        "w": 0, "split": DAY, "z": 0, "end": DAY, "end 1": DAY,
        "x": 0, "y": 3 * DAY, "goto 2": 3 * DAY,
    }  # fmt: skip


def test_an_empty_arm_leads_past_the_branch_without_a_block() -> None:
    flow = Flow.of([Branch("split", (Arm(A, ()), Arm(B, (mail("x"),)))), mail("z")])
    assert targets(flow) == [(0, 0, 0, 1), (0, 0, 1, 2), (0, 0, 2, 1)]
    assert flow.blocks == 3


def test_a_branch_at_the_end_leads_to_the_one_end() -> None:
    flow = Flow.of([Branch("split", (Arm(A, ()),))])
    assert shape(flow) == [(0, 0, "split", "branch", None), (1, 0, None, "end", None)]
    assert targets(flow) == [(0, 0, 0, 1), (0, 0, 1, 1)]


def test_a_branch_in_a_branch_goes_on_behind_the_outer_one() -> None:
    inner = Branch("inner", (Arm(B, (mail("x"),)),))
    flow = Flow.of([Branch("outer", (Arm(A, (inner,)),)), mail("z")])
    assert shape(flow) == [
        (0, 0, "outer", "branch", None),
        (1, 0, "z", "send_email", None),
        (1, 1, None, "end", None),
        (2, 0, "inner", "branch", None),
        (3, 0, "x", "send_email", None),
        (3, 1, None, "goto", 1),
    ]
    assert targets(flow) == [(0, 0, 0, 2), (0, 0, 1, 1), (2, 0, 0, 3), (2, 0, 1, 1)]


def test_steps_behind_an_inner_branch_are_a_block_of_their_own() -> None:
    inner = Branch("inner", (Arm(B, (mail("x"),)),))
    flow = Flow.of([Branch("outer", (Arm(A, (inner, mail("y"))),)), mail("z")])
    goes = {item.block: item.to_block for item in flow.items if item.kind == "goto"}
    of_y = next(item.block for item in flow.items if item.step_id == "y")
    of_x = next(item.block for item in flow.items if item.step_id == "x")
    assert goes == {of_y: 1, of_x: of_y}


def deep(levels: int) -> Step:
    if levels == 0:
        return mail("deepest")
    return Branch(f"b{levels}", (Arm(A, (mail(f"m{levels}"), deep(levels - 1))), Arm(None, ())))


@pytest.mark.parametrize("levels", [1, 2, 5])
def test_every_way_through_ends_once(levels: int) -> None:
    flow = Flow.of([deep(levels), mail("last")])
    by_block: dict[int, list[Item]] = {}
    for item in sorted(flow.items, key=lambda item: (item.block, item.place)):
        assert item.place == len(by_block.setdefault(item.block, []))
        by_block[item.block].append(item)
    assert set(by_block) == set(range(flow.blocks))
    assert [item.kind for item in flow.items].count("end") == 1
    for items in by_block.values():
        assert items[-1].kind in ("end", "goto", "branch")
        assert not {item.kind for item in items[:-1]} & {"end", "goto", "branch"}
    assert {arm.to_block for arm in flow.arms} <= set(by_block)


@pytest.mark.parametrize(
    ("step", "kind", "payload"),
    [
        (SendEmail("s", "hi"), "send_email", {"email": "hi", "marketing": True}),
        (SendEmail("s", "bill", False), "send_email", {"email": "bill", "marketing": False}),
        (SetProperty("s", {"ü": None, "n": [1]}), "set_property", {"ü": None, "n": [1]}),
        (Action("s", "sync", {"q": "o'{{"}), "action", {"action": "sync", "with": {"q": "o'{{"}}),
        (Action("s", "sync"), "action", {"action": "sync", "with": None}),
    ],
)  # fmt: skip
def test_payload_is_json_as_it_stands(step: Step, kind: str, payload: object) -> None:
    item = Flow.of([step]).items[0]
    assert item.kind == kind
    assert item.payload is not None
    assert json.loads(item.payload) == payload
    assert "\\u" not in item.payload, "no escapes where a letter will do"


def test_delays_and_branches_have_no_payload() -> None:
    flow = Flow.of([wait("w"), Branch("b", (Arm(A, ()),))])
    assert {item.payload for item in flow.items} == {None}
