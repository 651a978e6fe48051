"""What criteria see of the workflows: statuses and built-in events (SPEC 3.3, 6)."""

from __future__ import annotations

from datetime import datetime

from tests.reference.state import Completion, Passages, WorkflowState
from tests.reference.tables import ContactId, Row


def is_converted(state: WorkflowState, contact_id: ContactId, completion: Completion) -> bool:
    """Whether a goal completion counts and came after the first receipt from the workflow."""
    received = first_receipt(state, contact_id)
    enrolled_at = state.of(contact_id).enrollments[completion.number - 1].enrolled_at
    return (
        received is not None
        and completion.met_at > received
        and completion.met_at >= enrolled_at
        and counts_as_met(state, completion)
    )


def first_receipt(state: WorkflowState, contact_id: ContactId) -> datetime | None:
    """When a contact first received a marketing email of the workflow."""
    return min((at for to, _, at in state.receipts if to == contact_id), default=None)


def counts_as_met(state: WorkflowState, completion: Completion) -> bool:
    """Whether the goal was met in its epoch; the first sees what was true before it began."""
    return completion.epoch == 1 or completion.met_at >= state.epochs[completion.epoch]


def has_status(state: WorkflowState, contact_id: ContactId, status: str, t: datetime) -> bool:
    """Whether a contact has a status in a workflow at t."""
    passages = state.of(contact_id)
    if status == "met_goal":
        return any(
            each.met_at <= t and is_converted(state, contact_id, each)
            for each in passages.completions
        )
    if status == "not_met_goal":
        return not has_status(state, contact_id, "met_goal", t)
    if status == "met_goal_any":
        return any(each.met_at <= t for each in passages.completions)
    begun = [each for each in passages.enrollments if each.enrolled_at <= t]
    if status == "enrolled" or not begun:
        return bool(begun)
    latest = begun[-1]
    if latest.ended_at is None or latest.ended_at > t:
        return status == "active"
    return status == latest.status


def status_instants(passages: Passages) -> set[datetime]:
    """Every instant at which a status may change."""
    found = {each.enrolled_at for each in passages.enrollments}
    found |= {each.ended_at for each in passages.enrollments if each.ended_at is not None}
    return found | {each.met_at for each in passages.completions}


def built_in_events(
    name: str, workflow_id: str, state: WorkflowState, contact_id: ContactId
) -> list[Row]:
    """The events of one built-in source that one workflow makes of one contact."""
    passages = state.of(contact_id)
    found: list[Row] = []

    def add(at: datetime | None, *identity: int, reason: str | None = None) -> None:
        row = {"event_id": (workflow_id, contact_id, *identity), "occurred_at": at}
        found.append(row | {"workflow_id": workflow_id, "reason": reason})

    if name == "workflow_goal_met":
        for completion in passages.completions:
            if is_converted(state, contact_id, completion):
                add(completion.met_at, completion.number, completion.epoch)
    for each in passages.enrollments:
        if name == "workflow_enrolled":
            add(each.enrolled_at, each.number)
        if name == "workflow_completed" and each.status == "completed":
            add(each.ended_at, each.number)
        if name == "workflow_unenrolled" and each.status == "unenrolled":
            add(each.ended_at, each.number, reason=each.end_reason)
    return found
