"""What `explain` says of every part of every criterion is what the reference says, in any world."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from goalsql import Project
from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Criteria,
    EventLeaf,
    Not,
    SegmentLeaf,
    leaves,
)
from goalsql.model.project import CriteriaSegment, Definitions
from goalsql.model.workflow import Branch, EventTrigger, FilterTrigger, Workflow, walk
from goalsql.report.explanation import Criterion
from tests.property.harness import (
    directory,
    examples,
    read_definitions,
    write_files,
    write_sources,
)
from tests.property.world import World
from tests.property.worlds import worlds
from tests.reference.tables import Row
from tests.reference.truth import change_instants, criteria_true, matching_events
from tests.reference.world import World as Seen


@examples(10)
@given(worlds(), st.data())
def test_every_criterion_is_what_the_reference_says(world: World, data: st.DataObject) -> None:
    last = len(world.ticks) - 1
    tables = world.tables_at(last)
    with directory() as path:
        write_files(world, path)
        write_sources(tables, path)
        Project.load(path).tick(at=world.ticks[-1], clock="event")
        definitions = read_definitions(path)
        workflow = data.draw(st.sampled_from(sorted(definitions.workflows)))
        ids = sorted(str(row["contact_id"]) for row in tables.contacts if row["contact_id"])
        if not ids:
            return
        contact = data.draw(st.sampled_from(ids))
        at = data.draw(st.sampled_from(world.ticks))
        project = Project.load(path)
        explanation = project.explain(workflow, contact, at)
        enrolled = project.relation("goalsql.enrollments").rows(named=True)
    since = [
        row["enrolled_at"]
        for row in enrolled
        if (row["workflow_id"], str(row["contact_id"])) == (workflow, contact)
        and row["enrolled_at"] <= at
    ]
    seen = Seen(definitions, tables, at)
    row = {str(name): found for name, found in seen.contacts.items()}.get(contact)
    asked = criteria_in_order(definitions.workflows[workflow])
    told = [section.criterion for section in explanation.sections if section.criterion]
    assert len(asked) == len(told)
    for criteria, criterion in zip(asked, told, strict=True):
        check(criterion, criteria, row, seen, max(since, default=None))


def criteria_in_order(workflow: Workflow) -> list[Criteria]:
    """Trigger, suppression, unenroll_when, goal, branches."""
    found: list[Criteria] = []
    for trigger in workflow.triggers:
        if isinstance(trigger, FilterTrigger):
            found.append(trigger.criteria)
        elif isinstance(trigger, EventTrigger):
            several = len(trigger.events) > 1
            found.append(AnyOf(trigger.events) if several else trigger.events[0])
            found += [trigger.also] if trigger.also else []
    if workflow.suppression:
        found.append(AnyOf(tuple(SegmentLeaf(name) for name in workflow.suppression)))
    found += [workflow.unenroll_when] if workflow.unenroll_when else []
    found += [workflow.goal.criteria] if workflow.goal else []
    for step in walk(workflow.steps):
        if isinstance(step, Branch):
            found += [arm.when for arm in step.arms if arm.when]
    return found


def check(
    criterion: Criterion,
    criteria: Criteria,
    contact: Row | None,
    seen: Seen,
    since: datetime | None,
) -> None:
    if contact is None:
        assert (criterion.holds, criterion.since) == (False, None)
    else:
        # Without an enrollment there is nothing to count: as if it began after everything.
        counted_from = since or datetime.max
        holds = criteria_true(criteria, contact, seen.at, seen, counted_from)
        began = contact["created_at"]
        for instant in sorted(change_instants(criteria, contact, seen)):
            if instant > seen.at:
                break
            if criteria_true(criteria, contact, instant, seen, counted_from) != holds:
                began = None
            elif began is None:
                began = instant
        if since is not None and counts_since_enrollment(criteria):
            began = max(began, since)
        assert (criterion.holds, criterion.since) == (holds, began), criterion.text
        if isinstance(criteria, EventLeaf) and criteria.during is None:
            assert criterion.count == len(matching_events(criteria, contact, seen))
    members = parts(criteria, seen.definitions)
    for member, part in zip(criterion.members, members, strict=True):
        check(member, part, contact, seen, since)


def parts(criteria: Criteria, definitions: Definitions) -> tuple[Criteria, ...]:
    if isinstance(criteria, AllOf | AnyOf):
        return criteria.members
    if isinstance(criteria, Not):
        return (criteria.member,)
    if isinstance(criteria, SegmentLeaf):
        segment = definitions.segments[criteria.segment]
        return (segment.criteria,) if isinstance(segment, CriteriaSegment) else ()
    return ()


def counts_since_enrollment(criteria: Criteria) -> bool:
    found = [leaf.during for leaf, _ in leaves(criteria) if isinstance(leaf, EventLeaf)]
    return any(during is not None and during.form == "since_enrollment" for during in found)
