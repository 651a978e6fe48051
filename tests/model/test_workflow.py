from __future__ import annotations

from datetime import timedelta

import pytest

from goalsql.model.criteria import EventLeaf, PropertyLeaf
from goalsql.model.workflow import (
    Arm,
    Branch,
    Delay,
    EventTrigger,
    FilterTrigger,
    Goal,
    ManualTrigger,
    SendEmail,
    Workflow,
    criteria_of,
    walk,
)


def leaf(name: str) -> PropertyLeaf:
    return PropertyLeaf(name, ())


INNER = Branch("inner", (Arm(leaf("inner"), (SendEmail("mail", "x"),)), Arm(None, ())))
OUTER = Branch("outer", (Arm(leaf("outer"), (INNER,)),))
WAIT = Delay("wait", timedelta(1))


def test_walk_goes_into_every_arm() -> None:
    assert [step.step_id for step in walk((OUTER, WAIT))] == ["outer", "inner", "mail", "wait"]


def test_criteria_of_finds_all() -> None:
    workflow = Workflow(
        "w",
        "w",
        (
            FilterTrigger(leaf("filter")),
            EventTrigger((EventLeaf("a"), EventLeaf("b")), leaf("also")),
            EventTrigger((EventLeaf("c"),)),
            ManualTrigger(),
        ),
        (OUTER, WAIT),
        Goal(leaf("goal")),
        unenroll_when=leaf("exit"),
    )
    assert list(criteria_of(workflow)) == [
        leaf("filter"), EventLeaf("a"), EventLeaf("b"), leaf("also"), EventLeaf("c"),
        leaf("exit"), leaf("goal"), leaf("outer"), leaf("inner"),
    ]  # fmt: skip
    assert list(criteria_of(Workflow("w", "w", ()))) == []


@pytest.mark.parametrize(("marketing", "sends"), [(True, True), (False, False)])
def test_sends_marketing_email(marketing: bool, sends: bool) -> None:
    branch = Branch("b", (Arm(None, (SendEmail("m", "x", marketing),)),))
    assert Workflow("w", "w", (), (WAIT, branch)).sends_marketing_email is sends
