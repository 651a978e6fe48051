"""A workflow's steps as straight runs: blocks of items that follow each other (DESIGN 2).

Within a block every item's instant is known once the first one's is: `wait` is the sum of the
delays before it. A block ends in a branch, in a `goto` to what follows the enclosing branch, or in
the workflow's one `end`. So an enrollment moves a whole block in one pass.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from goalsql.compile.predicates import microseconds
from goalsql.model.criteria import Criteria
from goalsql.model.workflow import Action, Branch, Delay, SendEmail, SetProperty, Step


@dataclass(frozen=True, slots=True)
class Item:
    """One step, or the end of a block, at a place in it.

    `wait` sums the delays before it in the block, in microseconds; `last_wait` is the `wait` of the
    item before it, `last_step` the id of that item (None at the start of a block).
    """

    block: int
    place: int
    step_id: str | None
    kind: str
    wait: int
    last_wait: int
    last_step: str | None = None
    payload: str | None = None
    to_block: int | None = None


@dataclass(frozen=True, slots=True)
class ArmItem:
    """An arm of the branch at (block, place); criteria None is taken in any case."""

    block: int
    place: int
    arm: int
    criteria: Criteria | None
    to_block: int


@dataclass(slots=True)
class Flow:
    """The blocks of one workflow; block 0 is where every enrollment begins."""

    items: list[Item] = field(default_factory=list)
    arms: list[ArmItem] = field(default_factory=list)
    blocks: int = 0

    @classmethod
    def of(cls, steps: Sequence[Step]) -> Flow:
        """The flow of a workflow's steps."""
        flow = cls()
        flow._add(steps, after=None)
        return flow

    def _add(self, steps: Sequence[Step], after: int | None) -> int:
        """Adds a list of steps that goes on at block `after`, or ends; returns its first block."""
        block = self.blocks
        self.blocks += 1
        wait = last_wait = 0
        last_step: str | None = None
        for place, step in enumerate(steps):
            kind, payload = _kind(step)
            item = Item(block, place, step.step_id, kind, wait, last_wait, last_step, payload)
            self.items.append(item)
            last_wait, last_step = wait, step.step_id
            if isinstance(step, Delay):
                wait += microseconds(step.duration)
            if isinstance(step, Branch):
                self._branch(step, block, place, steps[place + 1 :], after)
                return block
        kind = "end" if after is None else "goto"
        self.items.append(
            Item(block, len(steps), None, kind, wait, last_wait, last_step, to_block=after)
        )
        return block

    def _branch(
        self, branch: Branch, block: int, place: int, rest: Sequence[Step], after: int | None
    ) -> None:
        goes_on = self._add(rest, after) if rest or after is None else after
        for number, arm in enumerate(branch.arms):
            to_block = self._add(arm.steps, goes_on) if arm.steps else goes_on
            self.arms.append(ArmItem(block, place, number, arm.when, to_block))
        self.arms.append(ArmItem(block, place, len(branch.arms), None, goes_on))


def _kind(step: Step) -> tuple[str, str | None]:
    match step:
        case SendEmail():
            return "send_email", _json({"email": step.email, "marketing": step.marketing})
        case SetProperty():
            return "set_property", _json(step.values)
        case Action():
            return "action", _json({"action": step.action, "with": step.parameters})
        case Delay():
            return "delay", None
        case Branch():
            return "branch", None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
