"""The relations of SPEC 7 that the reference can be compared by, straight from SPEC 6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from goalsql.model.workflow import Workflow
from tests.reference.state import Completion, Enrollment, WorkflowState
from tests.reference.statuses import counts_as_met, first_receipt, is_converted
from tests.reference.tables import ContactId
from tests.reference.world import World

Relations: TypeAlias = dict[str, list[tuple[Any, ...]]]
PAID_FOR_RATES = ("professional", "enterprise")
BUCKETS = (
    "converted",
    "met_goal_before_email",
    "met_goal_no_email",
    "emailed_active",
    "emailed_completed",
    "emailed_left",
    "not_emailed_active",
    "not_emailed_completed",
    "not_emailed_left",
)


@dataclass
class Figures:
    """The sets of contacts that the figures of one workflow are counted from."""

    enrolled: set[ContactId]
    recipients: set[ContactId]
    met_goal: set[ContactId]
    converted: set[ContactId]


def relations(world: World) -> Relations:
    """All relations by name, as lists of tuples in the order of SPEC 7's columns."""
    found: Relations = {
        "decisions": [],
        "enrollments": [],
        "goal_completions": [],
        "outbox": [],
        "receipts": [],
        "workflow_goal_metrics": [],
        "goal_funnel": [],
        "goal_contacts": [],
    }
    for name, workflow in world.definitions.workflows.items():
        state = world.workflows[name]
        figures = _figures(state)
        _state_rows(name, state, found)
        found["receipts"] += [(name, *receipt) for receipt in state.receipts]
        found["workflow_goal_metrics"].append(_metrics(workflow, state, world, figures))
        buckets = list(buckets_of(state).values())
        for bucket in BUCKETS:
            found["goal_funnel"].append((name, bucket, buckets.count(bucket)))
    return found


def buckets_of(state: WorkflowState) -> dict[ContactId, str]:
    """The bucket of the funnel that each contact ever enrolled is in."""
    figures = _figures(state)
    return {contact_id: _bucket(contact_id, state, figures) for contact_id in figures.enrolled}


def _state_rows(name: str, state: WorkflowState, found: Relations) -> None:
    for contact_id, passages in state.passages.items():
        for decision in passages.decisions:
            found["decisions"].append(
                (name, contact_id, decision.triggered_at, decision.decided_at, decision.outcome)
            )
        for each in passages.enrollments:
            found["enrollments"].append((name, contact_id, *_enrollment_row(each)))
        for completion in passages.completions:
            found["goal_completions"].append(
                (
                    name,
                    completion.epoch,
                    contact_id,
                    completion.number,
                    completion.met_at,
                    completion.observed_at,
                )
            )
            found["goal_contacts"].append(_goal_contact(name, contact_id, completion, state))
        for sent in passages.outbox:
            found["outbox"].append(
                (name, contact_id, sent.number, sent.step_id, sent.kind, sent.executed_at)
            )


def _goal_contact(
    name: str, contact_id: ContactId, completion: Completion, state: WorkflowState
) -> tuple[Any, ...]:
    enrollment = state.of(contact_id).enrollments[completion.number - 1]
    return (
        name,
        completion.epoch,
        contact_id,
        completion.number,
        first_receipt(state, contact_id),
        completion.met_at,
        is_converted(state, contact_id, completion),
        enrollment.end_reason == "goal_met",
        completion.observed_at,
    )


def _enrollment_row(enrollment: Enrollment) -> tuple[Any, ...]:
    is_active = enrollment.status == "active"
    next_step = enrollment.remaining[0].step_id if enrollment.remaining else None
    return (
        enrollment.number,
        enrollment.triggered_at,
        enrollment.enrolled_at,
        enrollment.status,
        enrollment.ended_at,
        enrollment.end_reason,
        next_step if is_active else None,
        enrollment.due_at if is_active else None,
    )


def receipts(
    workflow_id: str, state: WorkflowState, world: World
) -> list[tuple[ContactId, str, datetime]]:
    """Contact, email and instant of each marketing email of the workflow that arrived."""
    if "marketing_email" not in world.tables.events:
        return [
            (contact_id, str(sent.email), sent.executed_at)
            for contact_id, passages in state.passages.items()
            for sent in passages.outbox
            if sent.kind == "send_email" and sent.marketing
        ]
    has_type = "email_type" in world.tables.catalog.events["marketing_email"]
    return [
        (row["contact_id"], row["email_id"], row["occurred_at"])
        for row in world.seen_events("marketing_email")
        if row["workflow_id"] == workflow_id
        and row["event"] == world.definitions.receipt_event
        and (not has_type or row["email_type"] == "marketing")
    ]


def _figures(state: WorkflowState) -> Figures:
    """The sets of the current goal epoch; without a goal they are empty but for the enrolled."""
    enrolled = {name for name, passages in state.passages.items() if passages.enrollments}
    figures = Figures(enrolled, set(), set(), set())
    for contact_id in enrolled:
        passages = state.passages[contact_id]
        current = [each for each in passages.completions if each.epoch == state.epoch]
        if any(counts_as_met(state, each) for each in current):
            figures.met_goal.add(contact_id)
        if any(is_converted(state, contact_id, each) for each in current):
            figures.converted.add(contact_id)
        is_seen = any(state.epoch in each.epochs for each in passages.enrollments)
        if is_seen and first_receipt(state, contact_id) is not None:
            figures.recipients.add(contact_id)
    return figures


def _metrics(
    workflow: Workflow, state: WorkflowState, world: World, figures: Figures
) -> tuple[Any, ...]:
    statuses = [_status(contact_id, state) for contact_id in figures.enrolled]
    by_goal = {
        contact_id
        for contact_id, passages in state.passages.items()
        if any(each.end_reason == "goal_met" for each in passages.enrollments)
    }
    reason = None
    if workflow.goal is None:
        reason = "no_goal"
    elif not workflow.sends_marketing_email:
        reason = "no_marketing_email"
    elif world.definitions.marketing_hub not in PAID_FOR_RATES:
        reason = "subscription"
    rate_of_enrolled = None
    if reason is None and figures.enrolled:
        rate_of_enrolled = len(figures.converted) / len(figures.enrolled)
    if reason is None and not figures.recipients:
        reason = "no_recipients"
    rate = None
    if reason is None:
        rate = len(figures.converted) / len(figures.recipients)
    return (
        workflow.workflow_id,
        workflow.name,
        None if workflow.goal is None else workflow.goal.name,
        state.epoch,
        len(figures.enrolled),
        statuses.count("active"),
        statuses.count("completed"),
        statuses.count("unenrolled"),
        len(by_goal),
        len(figures.recipients),
        len(figures.met_goal),
        len(figures.converted),
        rate,
        rate_of_enrolled,
        reason,
    )


def _status(contact_id: ContactId, state: WorkflowState) -> str:
    latest = state.passages[contact_id].latest()
    assert latest is not None
    return latest.status


def _bucket(contact_id: ContactId, state: WorkflowState, figures: Figures) -> str:
    has_receipt = first_receipt(state, contact_id) is not None
    if contact_id in figures.converted:
        return "converted"
    if contact_id in figures.met_goal:
        return "met_goal_before_email" if has_receipt else "met_goal_no_email"
    emailed = "emailed" if has_receipt else "not_emailed"
    left = {"active": "active", "completed": "completed", "unenrolled": "left"}
    return f"{emailed}_{left[_status(contact_id, state)]}"
