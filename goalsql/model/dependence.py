"""Which workflows use the state of which others, and in what order they are taken (SPEC 3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter

from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Criteria,
    EventLeaf,
    FieldTest,
    Where,
    WorkflowLeaf,
    leaves,
)
from goalsql.model.project import CriteriaSegment, Definitions
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.model.usage import segments_of
from goalsql.model.workflow import Workflow, criteria_of


def depends_on(workflow: Workflow, definitions: Definitions) -> set[str]:
    """The workflows that this one looks at, and those that they look at in their turn.

    A workflow in a circle, or one that looks at itself, is among them.

    Args:
        workflow: the workflow, which need not be the one that `definitions` has under its id.
        definitions: the segments and the other workflows.
    """
    found: set[str] = set()
    todo = [workflow]
    while todo:
        new = looks_at(todo.pop(), definitions) - found
        found |= new
        todo += [definitions.workflows[name] for name in new if name in definitions.workflows]
    return found


def looks_at(workflow: Workflow, definitions: Definitions) -> set[str]:
    """The workflows that its own criteria and segments name, by status or by a built-in event."""
    found = set(_named(criteria_of(workflow)))
    for segment in segments_of(workflow, definitions.segments).values():
        if isinstance(segment, CriteriaSegment):
            found |= set(_named([segment.criteria]))
    return found


def circles(definitions: Definitions) -> list[tuple[str, ...]]:
    """The workflows that depend on each other in a circle, or on themselves, in order of ids."""
    reached = _reached(definitions)
    found = {_circle(name, reached) for name in sorted(reached) if name in reached[name]}
    return sorted(found)


def levels(definitions: Definitions) -> list[tuple[str, ...]]:
    """The workflows in the order in which a tick takes them.

    Those of one level do not depend on each other and are taken together, after all that they
    depend on. The workflows of a circle are taken one by one, in the order of their ids.
    """
    reached = _reached(definitions)
    group = {name: _circle(name, reached) for name in reached}
    needed = {
        group[name]: {group[other] for other in reached[name]} - {group[name]} for name in reached
    }
    order = TopologicalSorter(needed)
    order.prepare()
    found: list[tuple[str, ...]] = []
    while order.is_active():
        ready = sorted(order.get_ready())
        alone = [names[0] for names in ready if names[0] not in reached[names[0]]]
        if alone:
            found.append(tuple(alone))
        found.extend((name,) for names in ready if names[0] not in alone for name in names)
        order.done(*ready)
    return found


def workflows_named(where: Where) -> list[Condition] | None:
    """The conditions that name the workflow of every matching event; None if none need do."""
    if isinstance(where, FieldTest):
        if where.name != "workflow_id" or where.ignore_case or where.include_unknown:
            return None
        return [each for each in where.conditions if each.operator in ("is", "any_of")] or None
    if isinstance(where, AllOf):
        found = (workflows_named(member) for member in where.members)
        return next((each for each in found if each is not None), None)
    if isinstance(where, AnyOf):
        several = [workflows_named(member) for member in where.members]
        if any(each is None for each in several):
            return None
        return [condition for each in several if each is not None for condition in each]
    return None


def _named(several: Iterable[Criteria]) -> Iterator[str]:
    for criteria in several:
        for leaf, _ in leaves(criteria):
            if isinstance(leaf, WorkflowLeaf):
                yield leaf.workflow
            elif isinstance(leaf, EventLeaf) and leaf.event in BUILT_IN_EVENTS and leaf.where:
                for condition in workflows_named(leaf.where) or ():
                    yield from condition.values


def _reached(definitions: Definitions) -> dict[str, set[str]]:
    """All that each workflow depends on, directly or through others."""
    return {
        name: depends_on(workflow, definitions) & definitions.workflows.keys()
        for name, workflow in definitions.workflows.items()
    }


def _circle(name: str, reached: dict[str, set[str]]) -> tuple[str, ...]:
    """The workflow and those that it reaches and that reach it, in the order of ids."""
    return tuple(sorted({name} | {other for other in reached[name] if name in reached[other]}))
