"""Checks definitions against what the sources hold (SPEC 2, 3; issue: wrong input)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from goalsql.codes import Code
from goalsql.errors import Place, Problem, nearest
from goalsql.model.catalog import Catalog, ColumnType, Kind
from goalsql.model.criteria import Criteria, EventLeaf, SegmentLeaf, leaves
from goalsql.model.dependence import circles
from goalsql.model.project import CriteriaSegment, Definitions, Source, StaticSegment
from goalsql.model.reading import in_order, names
from goalsql.model.reading_project import EXPECTED_COLUMNS, MARKETING_EMAIL, OPTIONAL_COLUMNS
from goalsql.model.validation_criteria import MOST_LISTED, CriteriaCheck
from goalsql.model.workflow import Workflow, criteria_of

INSTANTS = ("created_at", "updated_at", "occurred_at", "loaded_at", "added_at")


def validate(definitions: Definitions, catalog: Catalog) -> tuple[list[Problem], list[Problem]]:
    """Checks every name, type and literal of the definitions (SPEC 2, 3).

    Args:
        definitions: as they were loaded; parts with mistakes may be left out of them.
        catalog: the columns of the sources; a source that is left out of it is not checked.

    Returns:
        Errors and warnings, each in the order of the files; the warnings found while loading
        are among them.
    """
    check = CriteriaCheck(definitions, catalog, warnings=list(definitions.warnings))
    _sources(definitions, catalog, check.errors)
    for segment in definitions.segments.values():
        if isinstance(segment, CriteriaSegment):
            check.criteria(segment.criteria)
    check.errors.extend(_circles(definitions))
    for workflow in definitions.workflows.values():
        for criteria in criteria_of(workflow):
            check.criteria(criteria)
        names = workflow.suppression
        places = workflow.suppression_places or (workflow.place,) * len(names)
        for name, place in zip(names, places, strict=True):
            check.segment(name, place)
        if ("workflow", workflow.workflow_id) not in definitions.broken:
            check.warnings.extend(_doubts(workflow))
    check.warnings.extend(_turns(definitions))
    return in_order(check.errors), in_order(check.warnings)


def _sources(definitions: Definitions, catalog: Catalog, errors: list[Problem]) -> None:
    sources = definitions.sources
    _columns(sources.contacts, "contacts", catalog.contacts, errors)
    if sources.property_changes is not None:
        _columns(sources.property_changes, "property_changes", catalog.property_changes, errors)
    for name, source in sources.event_sources().items():
        kind = "marketing_emails" if name == MARKETING_EMAIL else "events"
        _columns(source, kind, catalog.events.get(name, {}), errors)
    for name, segment in definitions.segments.items():
        if isinstance(segment, StaticSegment):
            _columns(segment.source, "segments", catalog.segments.get(name, {}), errors)


def _columns(
    source: Source, kind: str, columns: Mapping[str, ColumnType], errors: list[Problem]
) -> None:
    """The columns that goalsql expects of a source, and the types that they may have."""
    if not columns:
        return
    expected = EXPECTED_COLUMNS[kind]
    known = (*expected, *OPTIONAL_COLUMNS.get(kind, ()))
    if len(expected) > 1 and columns.keys().isdisjoint(expected):
        message = f"source `{source.name}` has none of the columns {names(expected)}"
        mend = f"it has {names(list(columns)[:MOST_LISTED])}"
        errors.append(Problem(Code.NO_COLUMN, source.place, message, mend))
        return
    for name in (*expected, *(name for name in source.columns if name not in expected)):
        if name in columns:
            continue
        own = source.columns.get(name, name)
        free = {other: type_ for other, type_ in columns.items() if other not in known}
        mend = f"write `columns: {{{name}: {_candidate(name, own, free)}}}`"
        message = f"source `{source.name}` has no column `{own}`"
        errors.append(Problem(Code.NO_COLUMN, source.place, message, mend))
    for name in known:
        if name in columns and columns[name].kind not in _kinds(name, kind):
            message = f"column `{name}` of source `{source.name}` has the type {columns[name].sql}"
            mend = f"it must be {' or '.join(each.value for each in _kinds(name, kind))}"
            errors.append(Problem(Code.COLUMN_TYPE, source.place, message, mend))


def _kinds(name: str, kind: str) -> Iterable[Kind]:
    if name in INSTANTS:
        return (Kind.INSTANT, Kind.DATE, Kind.TEXT)
    if name == "contact_id" and kind == "contacts":
        return (Kind.INTEGER, Kind.TEXT)
    return Kind


def _candidate(name: str, own: str, free: Mapping[str, ColumnType]) -> str:
    """The column that was probably meant."""
    instants = [other for other, type_ in free.items() if type_.kind is Kind.INSTANT]
    by_type = instants[0] if instants and name in INSTANTS else "..."
    return nearest(own, free) or nearest(name, free) or by_type


def _circles(definitions: Definitions) -> list[Problem]:
    """Segments that need themselves: one problem for each circle."""
    uses: dict[str, dict[str, Place]] = {}
    for name, segment in definitions.segments.items():
        if isinstance(segment, CriteriaSegment):
            found = (leaf for leaf, _ in leaves(segment.criteria))
            uses[name] = {
                leaf.segment: leaf.place for leaf in found if isinstance(leaf, SegmentLeaf)
            }
    problems: list[Problem] = []
    while True:
        try:
            TopologicalSorter(uses).prepare()
            return problems
        except CycleError as error:
            circle: list[str] = error.args[1][::-1]
            place = uses[circle[0]].pop(circle[1])
            path = " -> ".join(f"`{name}`" for name in circle)
            mend = "take one of them out of the other's criteria"
            problems.append(
                Problem(Code.SEGMENT_CIRCLE, place, f"segments in a circle: {path}", mend)
            )


def _turns(definitions: Definitions) -> Iterable[Problem]:
    """Which workflows see each other's state as the previous tick left it (SPEC 3.3)."""
    for circle in circles(definitions):
        place = definitions.workflows[circle[0]].place
        named = ", ".join(f"`{name}`" for name in circle)
        if len(circle) == 1:
            message = f"workflow {named} depends on itself"
            yield Problem(
                Code.WORKFLOW_CIRCLE, place, message, "it sees itself as the previous tick left it"
            )
        else:
            message = f"workflows that depend on each other in a circle: {named}"
            mend = (
                "they are taken in this order: each sees the ones before it as this tick leaves "
                "them, itself and the ones after it as the previous tick left them"
            )
            yield Problem(Code.WORKFLOW_CIRCLE, place, message, mend)


def _doubts(workflow: Workflow) -> Iterable[Problem]:
    """What is allowed, but hardly meant (SPEC 3.2, 3.3)."""
    if workflow.goal is not None:
        if not workflow.sends_marketing_email:
            message = f"workflow `{workflow.workflow_id}` has a goal but sends no marketing email"
            mend = "its conversion rate stays empty; to keep contacts out use a suppression segment"
            yield Problem(Code.NO_MARKETING_EMAIL, workflow.goal.place, message, mend)
        yield from _true_at_once(workflow.goal.criteria)
    if workflow.unenroll_when is not None:
        yield from _true_at_once(workflow.unenroll_when)


def _true_at_once(criteria: Criteria) -> Iterable[Problem]:
    for leaf, negated in leaves(criteria):
        if not isinstance(leaf, EventLeaf) or leaf.during is None:
            continue
        if leaf.during.form == "since_enrollment" and (leaf.times.low == 0) != negated:
            message = "is true from the instant of enrollment on: no event has come since"
            yield Problem(
                Code.TRUE_AT_ONCE, leaf.place, message, "ask for at least one event, or use `last`"
            )
