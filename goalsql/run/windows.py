"""Which instants a tick decides of each workflow, and which version of it (SPEC 4, 5)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from goalsql.compile.graph import Window
from goalsql.compile.statements import Statement, insert_rows
from goalsql.errors import Problem
from goalsql.model.dependence import segments_of
from goalsql.model.project import Definitions
from goalsql.model.workflow import Workflow
from goalsql.run.state import Applied, State


@dataclass(slots=True)
class Agenda:
    """What a tick at T is to decide, and what it is to note of the definitions."""

    windows: list[Window] = field(default_factory=list)
    workflows: list[tuple[object, ...]] = field(default_factory=list)
    versions: list[tuple[object, ...]] = field(default_factory=list)

    def statements(self) -> list[Statement]:
        """Writes the workflows as they are applied, and new versions."""
        text, number, instant, flag = "VARCHAR", "INTEGER", "TIMESTAMP", "BOOLEAN"
        workflows = {
            "workflow_id": text, "workflow_name": text, "goal_name": text, "goal_epoch": number,
            "epoch_from": instant, "enabled": flag, "sends_marketing_email": flag,
            "active_from": instant,
        }  # fmt: skip
        versions = {
            "workflow_id": text, "version": number, "definition": text, "goal_epoch": number,
            "in_force_from": instant, "applied_at": instant,
        }  # fmt: skip
        return [
            insert_rows("workflows", "Notes the workflows as applied.", workflows, self.workflows),
            insert_rows("workflow_versions", "Keeps new versions.", versions, self.versions),
        ]


def agenda(definitions: Definitions, state: State, tick_at: datetime) -> Agenda:
    """What a tick decides.

    S is the later of the previous tick and active_from; for the first tick that sees a workflow
    enabled it is active_from, however far back (SPEC 4). A goal set after there was none begins a
    new epoch at S (SPEC 5).

    Args:
        definitions: as the files say now.
        state: as the previous tick left it.
        tick_at: T.
    """
    found = Agenda()
    for workflow in definitions.workflows.values():
        earlier = state.workflows.get(workflow.workflow_id, Applied())
        version = state.versions.get(workflow.workflow_id)
        active_from = earlier.active_from
        starts_at = active_from
        if active_from is not None and state.tick_at is not None:
            starts_at = max(state.tick_at, active_from)
        elif workflow.enabled:
            active_from = starts_at = workflow.active_from or tick_at
        epoch, epoch_from = None, None
        if workflow.goal is not None:
            epoch, epoch_from = earlier.goal_epoch, earlier.epoch_from
            if epoch is None:
                epoch = 1 + ((version.last_epoch if version else None) or 0)
                epoch_from = starts_at
        definition = full_definition(workflow, definitions)
        if version is None or version.definition != definition:
            number = 1 + (version.number if version else 0)
            found.versions.append(
                (workflow.workflow_id, number, definition, epoch, starts_at, tick_at)
            )
        applied = Applied(
            workflow.name,
            workflow.goal.name if workflow.goal else None,
            epoch,
            epoch_from,
            workflow.sends_marketing_email,
            active_from,
        )
        found.workflows.append(_row(workflow.workflow_id, applied, workflow.enabled))
        if starts_at is not None and active_from is not None and starts_at <= tick_at:
            window = (workflow.workflow_id, starts_at, active_from, workflow.enabled)
            found.windows.append(Window(*window, workflow.re_enroll, epoch))
    for workflow_id, applied in state.workflows.items():
        if workflow_id not in definitions.workflows:
            found.workflows.append(_row(workflow_id, applied, enabled=False))
    return found


def ineffective(definitions: Definitions, state: State) -> list[Problem]:
    """Warns of every `active_from` changed after a tick saw the workflow enabled (SPEC 4)."""
    found = []
    for workflow in definitions.workflows.values():
        fixed = state.workflows.get(workflow.workflow_id, Applied()).active_from
        if None not in (fixed, workflow.active_from) and fixed != workflow.active_from:
            message = f"active_from is {fixed} since the first tick that saw the workflow enabled"
            mend = "changing it has no effect; a new id makes a new workflow"
            found.append(Problem(workflow.place, message, mend))
    return found


def _row(workflow_id: str, applied: Applied, enabled: bool) -> tuple[object, ...]:
    return (
        workflow_id,
        applied.workflow_name,
        applied.goal_name,
        applied.goal_epoch,
        applied.epoch_from,
        enabled,
        applied.sends_marketing_email,
        applied.active_from,
    )


def full_definition(workflow: Workflow, definitions: Definitions) -> str:
    """The file's content and the criteria of the segments that it uses, as JSON (SPEC 5)."""
    used = segments_of(workflow, definitions)
    segments = {name: used[name].definition for name in sorted(used)}
    content = {"workflow": workflow.definition, "segments": segments}
    return json.dumps(content, ensure_ascii=False)
