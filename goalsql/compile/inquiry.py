"""What explaining one contact in one workflow asks: criteria of every kind, and their evidence.

The truth is found by the statements of a tick, over sources that are narrowed to the contact first.
A workflow that does nothing but ask is compiled for it: each criterion, and each part of one, is a
filter trigger of it, so the truth of all is known; those that count since the enrollment are arms
of a branch as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from goalsql.compile.graph import Graph, Window
from goalsql.compile.plan import truth_statements
from goalsql.compile.predicates import FOREVER, instant
from goalsql.compile.relations import (
    CONTACTS,
    PROPERTY_CHANGES,
    create_view,
    event_view,
    segment_view,
    table,
)
from goalsql.compile.statements import Statement, create_table, union_all
from goalsql.model.catalog import Catalog
from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Criteria,
    EventLeaf,
    Not,
    SegmentLeaf,
    field_tests,
    leaves,
)
from goalsql.model.project import CriteriaSegment, Definitions, Segment
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.model.workflow import (
    Arm,
    Branch,
    EventTrigger,
    FilterTrigger,
    Workflow,
    walk,
)

EVENT_COLUMNS = ("contact_id", "event_id", "occurred_at", "loaded_at")


@dataclass(frozen=True, slots=True)
class Part:
    """Criteria of a workflow and what they are for; None for a manual trigger, which has none.

    `role` is trigger, also, suppression, unenroll_when, goal or branch; `name` tells parts of one
    role apart.
    """

    role: str
    name: str
    criteria: Criteria | None


def parts_of(workflow: Workflow) -> list[Part]:
    """The criteria of a workflow, in the order in which they act."""
    parts: list[Part] = []
    for trigger in workflow.triggers:
        if isinstance(trigger, FilterTrigger):
            parts.append(Part("trigger", "filter", trigger.criteria))
        elif isinstance(trigger, EventTrigger):
            parts.append(Part("trigger", "event", _events(trigger)))
            if trigger.also is not None:
                parts.append(Part("also", "", trigger.also))
        else:
            parts.append(Part("trigger", "manual", None))
    if workflow.suppression:
        parts.append(Part("suppression", "", _suppression(workflow)))
    if workflow.unenroll_when is not None:
        parts.append(Part("unenroll_when", "", workflow.unenroll_when))
    if workflow.goal is not None:
        parts.append(Part("goal", workflow.goal.name or "", workflow.goal.criteria))
    for step in walk(workflow.steps):
        for number, arm in enumerate(step.arms if isinstance(step, Branch) else (), start=1):
            if arm.when is not None:
                parts.append(Part("branch", f"{step.step_id}, arm {number}", arm.when))
    return parts


def _events(trigger: EventTrigger) -> Criteria:
    """True from the first event on that could fire the trigger."""
    return trigger.events[0] if len(trigger.events) == 1 else AnyOf(trigger.events)


def _suppression(workflow: Workflow) -> Criteria:
    """True in any of the workflow's suppression segments."""
    return AnyOf(tuple(SegmentLeaf(name) for name in workflow.suppression))


def members(criteria: Criteria, segments: Mapping[str, Segment]) -> tuple[Criteria, ...]:
    """What criteria are made of: members, or what a segment's name stands for."""
    if isinstance(criteria, AllOf | AnyOf):
        return criteria.members
    if isinstance(criteria, Not):
        return (criteria.member,)
    if isinstance(criteria, SegmentLeaf):
        segment = segments[criteria.segment]
        return (segment.criteria,) if isinstance(segment, CriteriaSegment) else ()
    return ()


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The statements of an explanation, in the order in which they run.

    `narrow_contact` copies the contact's own row; `narrow` the other sources' and puts the copies
    in the place of the sources; `truth` is the tick's own; `values` lists what properties were.
    """

    graph: Graph
    parts: Sequence[Part]
    narrow_contact: Statement
    narrow: Sequence[Statement]
    truth: Sequence[Statement]
    values: Statement


def build_inquiry(
    workflow: Workflow,
    definitions: Definitions,
    catalog: Catalog,
    contact_id: str,
    until: datetime,
) -> Inquiry:
    """Compiles the questions about one contact in one workflow.

    Args:
        workflow: the workflow.
        definitions: what the project's files say.
        catalog: the sources' columns.
        contact_id: the contact, as text.
        until: T.
    """
    parts = parts_of(workflow)
    asked = [one for part in parts if part.criteria for one in _all_of(part.criteria, definitions)]
    asking = _asking(workflow, dict.fromkeys(asked))
    project = replace(definitions, workflows={**definitions.workflows, asking.workflow_id: asking})
    window = Window(workflow.workflow_id, until, until, True, False, None)
    graph = Graph.of(project, catalog, [workflow.workflow_id], [window])
    narrow = []
    for view, columns in _sources(graph, catalog).items():
        narrow += [_copy(view, columns, contact_id, catalog), _replace(view)]
    return Inquiry(
        graph=graph,
        parts=parts,
        narrow_contact=_copy(CONTACTS, None, contact_id, catalog),
        narrow=[_replace(CONTACTS), *narrow],
        truth=truth_statements(graph, project, catalog, until),
        values=_values(graph.properties(), catalog),
    )


def _all_of(criteria: Criteria, definitions: Definitions) -> Iterator[Criteria]:
    yield criteria
    for member in members(criteria, definitions.segments):
        yield from _all_of(member, definitions)


def _asking(workflow: Workflow, asked: dict[Criteria, None]) -> Workflow:
    """A workflow that asks for the truth of criteria and does nothing."""
    events = [one for one in asked if isinstance(one, EventLeaf)]
    triggers = [FilterTrigger(one) for one in asked]
    arms = [Arm(one, ()) for one in asked if _is_scoped(one)]
    return Workflow(
        workflow_id=workflow.workflow_id,
        name=workflow.name,
        # Events keep their ids where a trigger takes them.
        triggers=(*triggers, *(EventTrigger((leaf,)) for leaf in events)),
        steps=(Branch("arms", tuple(arms)),) if arms else (),
    )


def _is_scoped(criteria: Criteria) -> bool:
    found = [leaf.during for leaf, _ in leaves(criteria) if isinstance(leaf, EventLeaf)]
    return any(during is not None and during.form == "since_enrollment" for during in found)


def _sources(graph: Graph, catalog: Catalog) -> dict[str, list[str] | None]:
    """The views that the graph reads beside contacts, and which of their columns; None: all."""
    found: dict[str, list[str] | None] = {}
    if any(name in catalog.history for name in graph.properties()):
        found[PROPERTY_CHANGES] = None
    for event in graph.events():
        if event in BUILT_IN_EVENTS:
            continue
        fields = catalog.events[event]
        wheres = [leaf.where for leaf in graph.matchers_of(event) if leaf.where is not None]
        tested = [test.name for where in wheres for test in field_tests(where)]
        wanted = dict.fromkeys([*EVENT_COLUMNS, *tested])
        found[event_view(event)] = [name for name in wanted if name in fields]
    return found | {segment_view(name): None for name in graph.memberships()}


def copy_of(view: str) -> str:
    """The table with the contact's own rows of a source."""
    return f"own {view}"


def _copy(view: str, columns: list[str] | None, contact_id: str, catalog: Catalog) -> Statement:
    kind = exp.DataType.build(catalog.contacts["contact_id"].sql)
    own = exp.TryCast(this=exp.Literal.string(contact_id), to=kind)
    wanted = [exp.column(name, quoted=True) for name in columns] if columns else ["*"]
    query = exp.select(*wanted).from_(table(view)).where(exp.column("contact_id").eq(own))
    create = create_table(table(copy_of(view)), query)
    return Statement(f"narrow.{view}", "Copies the contact's own rows of a source.", create)


def _replace(view: str) -> Statement:
    query = exp.select("*").from_(table(copy_of(view)))
    comment = "Puts them in the source's place."
    return Statement(f"narrow.{view}.view", comment, create_view(view, query))


def _values(properties: Sequence[str], catalog: Catalog) -> Statement:
    """Creates `valued`: the values of properties, from when to when each stood."""
    parts: list[exp.Query] = [_column_values(p) for p in properties if p in catalog.contacts]
    if any(name in catalog.changing for name in properties):
        parts.append(exp.select("property", "starts_at", "ends_at", "value").from_("entry"))
    if not parts:
        parts.append(_column_values("contact_id").where(exp.false()))
    comment = "Lists what values the properties had."
    return Statement("valued", comment, create_table("valued", union_all(parts)))


def _column_values(name: str) -> exp.Select:
    about = exp.column("property", "history").eq(exp.Literal.string(name))
    same = exp.column("contact_id", "history").eq(exp.column("contact_id", "contact"))
    value = exp.cast(exp.column(name, "contact", quoted=True), exp.DataType.build("VARCHAR"))
    return (
        exp.select(
            exp.Literal.string(name).as_("property"),
            exp.column("created_at", "contact").as_("starts_at"),
            instant(FOREVER).as_("ends_at"),
            value.as_("value"),
        )
        .from_("contact")
        .join("history", on=exp.and_(about, same), join_type="anti")
    )
