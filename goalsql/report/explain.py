"""Finds out why a contact stands where it stands in a workflow (SPEC 8).

The truth comes from the statements of a tick, run over the contact's own rows; nothing of any other
contact leaves the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from goalsql.codes import Code
from goalsql.compile.inquiry import Inquiry, build_inquiry
from goalsql.compile.statements import Parameter, Statement, named, rule_table
from goalsql.engine.protocol import Engine
from goalsql.errors import SourceError, UsageError
from goalsql.model.catalog import Catalog
from goalsql.model.project import Definitions
from goalsql.model.wording import instant_words
from goalsql.model.workflow import EventTrigger, Workflow
from goalsql.report.evidence import ENDED, NOW, Evidence, Turned
from goalsql.report.explanation import CountedEvent, Entry, Explanation, Happening, Section
from goalsql.report.reasons import (
    DECIDED,
    Completion,
    Decision,
    Enrollment,
    Facts,
    fired_moment,
    reason,
)


def explain(
    engine: Engine,
    definitions: Definitions,
    catalog: Catalog,
    workflow: Workflow,
    contact: str,
    *,
    at: datetime,
    tick_at: datetime,
    edited: bool,
) -> Explanation:
    """Explains one contact in one workflow.

    Args:
        engine: the project's database, where `open_sources` has made the sources' views; after
            this they show the contact's rows only.
        definitions: the project, valid.
        catalog: the sources' columns.
        workflow: the workflow.
        contact: the contact's id as text.
        at: T, naive UTC.
        tick_at: the last tick's.
        edited: the workflow is not as that tick knew it.

    Raises:
        UsageError: if there is no such contact.
        SourceError: if the contact stands more than once in the source.
    """
    seen = named("tick/observed.sql")["observed.properties"]
    observed = frozenset(name for (name,) in engine.execute(seen.name, seen.text))
    catalog = replace(catalog, observed=observed)
    inquiry = build_inquiry(workflow, definitions, catalog, contact, at)
    values: dict[str, Parameter] = {
        "workflow_id": workflow.workflow_id,
        "contact_id": contact,
        "tick_at": at,
    }
    reader = _Reader(engine, values, catalog.contacts["contact_id"].sql)
    reader.run(inquiry.narrow_contact)
    contact_id, created_at = _contact(reader, contact)
    reader.run(*inquiry.narrow)
    facts = _facts(reader, workflow, at, tick_at)
    reader.run(*inquiry.truth, inquiry.values)
    evidence = _evidence(reader, inquiry, definitions.timezone, facts, created_at)
    sections = [
        Section(p.role, p.name, None if p.criteria is None else evidence.criterion(p.criteria))
        for p in inquiry.parts
    ]
    return Explanation(
        workflow_id=workflow.workflow_id,
        workflow_name=workflow.name,
        contact_id=contact_id,
        at=at,
        tick_at=tick_at,
        created_at=created_at,
        reason=reason(facts, evidence),
        notes=tuple(_notes(facts, created_at, edited)),
        sections=tuple(sections),
        history=tuple(Happening(*row) for row in reader.rows("facts", "history")),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Runs statements, with the values that all explanations have."""

    engine: Engine
    values: Mapping[str, Parameter]
    contact_type: str

    def run(self, *statements: Statement) -> None:
        for statement in statements:
            self.engine.execute(statement.name, statement.text, statement.parameters)

    def rows(self, file: str, name: str, **shape: str) -> list[tuple[Any, ...]]:
        """The rows of a statement of `sql/explain/`."""
        found = named(f"explain/{file}.sql", **(shape or {"contact_id": self.contact_type}))
        statement = found[f"explain.{name}"].given(self.values)
        return self.engine.execute(statement.name, statement.text, statement.parameters)


def _contact(reader: _Reader, contact: str) -> tuple[object, datetime | None]:
    """The contact's id and when it was created; None where only the state knows it."""
    rows = reader.rows("contact", "contact")
    if len(rows) > 1:
        raise SourceError(
            Code.CONTACT_TWICE,
            f"contacts: contact_id stands more than once: {contact} ({len(rows)} times)",
        )
    for contact_id, created_at in rows:
        return contact_id, created_at
    for (contact_id,) in reader.rows("contact", "trace"):
        return contact_id, None
    similar = [name for (name,) in reader.rows("contact", "similar")]
    hint = f"; did you mean {similar[0]}?" if similar else ""
    raise UsageError(Code.UNKNOWN_CONTACT, f"there is no contact {contact}{hint}")


def _facts(reader: _Reader, workflow: Workflow, at: datetime, tick_at: datetime) -> Facts:
    def one(name: str) -> tuple[Any, ...] | None:
        return next(iter(reader.rows("facts", name)), None)

    applied = one("workflow")
    reader.rows("facts", "moving")
    enrollment, decision, completion = one("enrollment"), one("decision"), one("completion")
    ((waiting,),) = reader.rows("facts", "waiting")
    return Facts(
        workflow=workflow,
        at=at,
        tick_at=tick_at,
        active_from=applied[0] if applied else None,
        enrollment=Enrollment(*enrollment) if enrollment else None,
        decision=Decision(*decision) if decision else None,
        completion=Completion(*completion) if completion else None,
        waiting=waiting,
    )


def _evidence(
    reader: _Reader,
    inquiry: Inquiry,
    timezone: str,
    facts: Facts,
    created_at: datetime | None,
) -> Evidence:
    """Reads what decides the criteria, and their truth at T and where something was decided."""
    enrolled_at = facts.enrollment.enrolled_at if facts.enrollment else None
    evidence = Evidence(inquiry.graph, timezone, {NOW: facts.at}, created_at, enrolled_at)
    shape = {"scoped": "yes" if inquiry.graph.has_scope else ""}
    for node, count, *event in reader.rows("evidence", "events", **shape):
        evidence.counts[node] = count
        evidence.events.setdefault(node, []).append(CountedEvent(*event))
    for name, starts_at, value in reader.rows("evidence", "values", **shape):
        evidence.entries.setdefault(name, []).append(Entry(starts_at, value))
    evidence.moments |= _moments(facts, evidence)
    columns = {"name": "VARCHAR", "instant": "TIMESTAMP"}
    comment = "The instants at which truth is looked up."
    reader.run(rule_table("moment", comment, columns, evidence.moments.items()))
    for name, scoped, node, *turned in reader.rows("evidence", "truth", **shape):
        evidence.turned[name, scoped, node] = Turned(*turned)
    return evidence


def _moments(facts: Facts, evidence: Evidence) -> dict[str, datetime]:
    """Where something was decided, or would have been."""
    moments = {
        DECIDED: facts.decision.decided_at if facts.decision else None,
        ENDED: facts.enrollment.ended_at if facts.enrollment else None,
    }
    for form, trigger in enumerate(facts.workflow.triggers):
        if isinstance(trigger, EventTrigger):
            happened_at = evidence.last_event(trigger.events)
            known = [one for one in (happened_at, evidence.created_at) if one and happened_at]
            moments[fired_moment(form)] = max(known, default=None)
    return {name: moment for name, moment in moments.items() if moment is not None}


def _notes(facts: Facts, created_at: datetime | None, edited: bool) -> Iterator[str]:
    if edited:
        yield "the criteria are those in the files, which no tick has applied yet"
    if created_at is None:
        yield "the contacts source no longer has this contact: nothing is true of it"
    if facts.at > facts.tick_at:
        yield f"no tick has decided anything after {instant_words(facts.tick_at)}"
    if not facts.workflow.enabled:
        yield "the workflow is disabled: no enrollment and no step"
