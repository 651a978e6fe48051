"""Which instants a tick decides of each workflow, and which version of it (SPEC 4, 5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from goalsql.codes import Code
from goalsql.compile.graph import Row, Window
from goalsql.compile.statements import Statement, insert_rows, named, rule_table
from goalsql.errors import Problem
from goalsql.model.project import Definitions
from goalsql.model.stored import Stored, as_stored, read_stored
from goalsql.model.workflow import Workflow
from goalsql.run.edits import StepMoves, is_trigger_edited
from goalsql.run.state import Applied, State, Version


@dataclass(slots=True)
class Agenda:
    """What a tick at T is to decide, and what it is to note of the definitions.

    `tick_id` is the tick's number, or that of the next one.
    """

    tick_id: int
    windows: list[Window] = field(default_factory=list)
    workflows: list[Row] = field(default_factory=list)
    versions: list[Row] = field(default_factory=list)
    edited: list[Row] = field(default_factory=list)
    step_moves: list[Row] = field(default_factory=list)
    step_afters: list[Row] = field(default_factory=list)

    def statements(self) -> list[Statement]:
        """Writes the workflows as they are applied, and what follows from edits."""
        text, number, instant, flag = "VARCHAR", "INTEGER", "TIMESTAMP", "BOOLEAN"
        workflows = {
            "workflow_id": text, "workflow_name": text, "goal_name": text, "goal_epoch": number,
            "epoch_from": instant, "enabled": flag, "sends_marketing_email": flag,
            "active_from": instant, "epoch_tick": number, "trigger_from": instant,
            "trigger_tick": number, "re_enroll_from": instant,
        }  # fmt: skip
        versions = {
            "workflow_id": text, "version": number, "definition": text, "goal_epoch": number,
            "in_force_from": instant, "applied_at": instant,
        }  # fmt: skip
        edited = {"workflow_id": text, "starts_at": instant, "first_step": text}
        moves = {"workflow_id": text, "next_step": text, "to_step": text}
        afters = {"workflow_id": text, "last_step": text, "to_step": text}
        edits = named("tick/edits.sql")
        return [
            named("tick/state.sql")["state.forget"],
            insert_rows("workflows", "Notes the workflows as applied.", workflows, self.workflows),
            insert_rows("workflow_versions", "Keeps new versions.", versions, self.versions),
            edits["edits.in_force"],
            rule_table("edited", "The workflows whose steps were edited.", edited, self.edited),
            rule_table("step_move", "Where a next step went.", moves, self.step_moves),
            rule_table("step_after", "What follows each step now.", afters, self.step_afters),
            edits["edits.steps"].given({"tick_id": self.tick_id}),
        ]

    def add_moves(self, workflow_id: str, starts_at: datetime, moves: StepMoves) -> None:
        """Notes where the active enrollments of a workflow go on."""
        self.edited.append((workflow_id, starts_at, moves.first_step))
        self.step_moves.extend((workflow_id, *move) for move in moves.to_step.items())
        self.step_afters.extend((workflow_id, *after) for after in moves.after.items())


def agenda(
    definitions: Definitions, state: State, tick_at: datetime | None, applied_at: datetime
) -> Agenda:
    """What a tick decides, and what has changed since the definitions were last applied.

    S is the later of the previous tick and active_from; for the first tick that sees a workflow
    enabled it is active_from, however far back (SPEC 4). A goal set after there was none begins a
    new epoch at S, an edited trigger counts from S on (SPEC 5).

    Args:
        definitions: as the files say now, with those that are gone.
        state: as the previous tick left it.
        tick_at: T; None if the definitions are applied without a tick, which fixes no active_from.
        applied_at: what the new versions say of when they were applied.
    """
    tick_id = state.tick_id + 1
    found = Agenda(tick_id)
    for workflow in definitions.workflows.values():
        before = state.workflows.get(workflow.workflow_id, Applied())
        version = state.versions.get(workflow.workflow_id)
        definition = as_stored(workflow, definitions)
        is_new = version is None or version.definition != definition
        if before.active_from is None or state.tick_at is None:
            starts_at = _first_seen(workflow, tick_at)
            now = _unseen(workflow, starts_at, tick_id)
        else:
            starts_at = max(state.tick_at, before.active_from)
            now = _goal_epoch(workflow, before, version, starts_at, tick_id)
            if version is not None and is_new:
                old = read_stored(workflow.workflow_id, version.definition, definitions.timezone)
                now = _edited(old, workflow, definitions, now, starts_at, tick_id)
                if old.workflow.steps != workflow.steps:
                    moves = StepMoves.of(old.workflow.steps, workflow.steps)
                    found.add_moves(workflow.workflow_id, starts_at, moves)
        if is_new:
            number = 1 + (version.number if version else 0)
            row = (workflow.workflow_id, number, definition, now.goal_epoch, starts_at, applied_at)
            found.versions.append(row)
        found.workflows.append(_row(workflow, now))
        if tick_at is not None and starts_at is not None and starts_at <= tick_at:
            found.windows.append(_window(workflow, starts_at, now))
    return found


def unapplied(definitions: Definitions, state: State) -> tuple[str, ...]:
    """The workflows whose definitions are not those last applied."""
    return tuple(
        workflow_id
        for workflow_id, workflow in sorted(definitions.workflows.items())
        if (version := state.versions.get(workflow_id)) is None
        or version.definition != as_stored(workflow, definitions)
    )


def _first_seen(workflow: Workflow, tick_at: datetime | None) -> datetime | None:
    """S of a workflow that no tick has seen enabled; None if this one does not either."""
    if tick_at is None or not workflow.enabled:
        return None
    return workflow.active_from or tick_at


def _unseen(workflow: Workflow, starts_at: datetime | None, tick_id: int) -> Applied:
    if workflow.goal is None:
        return Applied(active_from=starts_at)
    return Applied(goal_epoch=1, epoch_from=starts_at, epoch_tick=tick_id, active_from=starts_at)


def _goal_epoch(
    workflow: Workflow,
    before: Applied,
    version: Version | None,
    starts_at: datetime,
    tick_id: int,
) -> Applied:
    """A goal that is removed ends its epoch; one that is set begins the next, at S."""
    if workflow.goal is None:
        return replace(before, goal_epoch=None, epoch_from=None, epoch_tick=None)
    if before.goal_epoch is not None:
        return before
    last = (version.last_epoch if version else None) or 0
    return replace(before, goal_epoch=last + 1, epoch_from=starts_at, epoch_tick=tick_id)


def _edited(
    old: Stored,
    workflow: Workflow,
    definitions: Definitions,
    now: Applied,
    starts_at: datetime,
    tick_id: int,
) -> Applied:
    """From when on an edited trigger counts, and a re_enroll that was switched on."""
    if is_trigger_edited(old, workflow, definitions):
        now = replace(now, trigger_from=starts_at, trigger_tick=tick_id)
    if not workflow.re_enroll:
        return replace(now, re_enroll_from=None)
    return now if old.workflow.re_enroll else replace(now, re_enroll_from=starts_at)


def _window(workflow: Workflow, starts_at: datetime, now: Applied) -> Window:
    return Window(
        workflow_id=workflow.workflow_id,
        starts_at=starts_at,
        active_from=now.active_from or starts_at,
        enabled=workflow.enabled,
        re_enroll=workflow.re_enroll,
        goal_epoch=now.goal_epoch,
        epoch_from=now.epoch_from if now.goal_epoch != 1 else None,
        trigger_from=now.trigger_from,
        trigger_tick=now.trigger_tick,
        re_enroll_from=now.re_enroll_from,
    )


def _row(workflow: Workflow, now: Applied) -> Row:
    return (
        workflow.workflow_id,
        workflow.name,
        workflow.goal.name if workflow.goal else None,
        now.goal_epoch,
        now.epoch_from,
        workflow.enabled,
        workflow.sends_marketing_email,
        now.active_from,
        now.epoch_tick,
        now.trigger_from,
        now.trigger_tick,
        now.re_enroll_from,
    )


def ineffective(definitions: Definitions, state: State) -> list[Problem]:
    """Warns of every `active_from` changed after a tick saw the workflow enabled (SPEC 4)."""
    found = []
    for workflow in definitions.workflows.values():
        fixed = state.workflows.get(workflow.workflow_id, Applied()).active_from
        if None not in (fixed, workflow.active_from) and fixed != workflow.active_from:
            message = f"active_from is {fixed} since the first tick that saw the workflow enabled"
            mend = "changing it has no effect; a new id makes a new workflow"
            found.append(Problem(Code.FIXED_START, workflow.place, message, mend))
    return found
