"""Checks criteria against what the sources hold: names, types, literals (SPEC 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from goalsql.codes import Code
from goalsql.errors import Place, Problem
from goalsql.model import literals
from goalsql.model.catalog import TEXT, Catalog, ColumnType, Kind
from goalsql.model.criteria import (
    Condition,
    Criteria,
    During,
    EventLeaf,
    FieldTest,
    PropertyLeaf,
    SegmentLeaf,
    WorkflowLeaf,
    field_tests,
    leaves,
)
from goalsql.model.dependence import workflows_named
from goalsql.model.project import Definitions
from goalsql.model.reading import guess, names
from goalsql.model.reading_criteria import TIME_OPERATORS
from goalsql.model.reading_project import BUILT_IN_EVENTS, MARKETING_EMAIL

MOST_LISTED = 12
TEXT_OPERATORS = (
    "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with",
)  # fmt: skip
ORDER_OPERATORS = ("lt", "lte", "gt", "gte", "between", "not_between")
FITTING: dict[str, tuple[Kind, ...]] = {
    **dict.fromkeys(TEXT_OPERATORS, (Kind.TEXT,)),
    **dict.fromkeys(ORDER_OPERATORS, (Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.INSTANT)),
    **dict.fromkeys(TIME_OPERATORS, (Kind.DATE, Kind.INSTANT)),
}


@dataclass(slots=True)
class CriteriaCheck:
    """Checks criteria and collects what is wrong with them."""

    definitions: Definitions
    catalog: Catalog
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def criteria(self, criteria: Criteria) -> None:
        """Checks every leaf."""
        for leaf, _ in leaves(criteria):
            if isinstance(leaf, PropertyLeaf):
                self._property(leaf)
            elif isinstance(leaf, EventLeaf):
                self._event(leaf)
            elif isinstance(leaf, SegmentLeaf):
                self.segment(leaf.segment, leaf.place)
            else:
                self._workflow(leaf)

    def segment(self, name: str, place: Place) -> None:
        """Checks that a segment is known."""
        self._known("segment", name, self.definitions.segments, place)

    def _known(self, kind: str, name: str, known: Iterable[str], place: Place) -> None:
        broken = self.definitions.broken
        if name not in known and (kind, name) not in broken and (kind, "") not in broken:
            code = Code.UNKNOWN_DATA if kind == "event" else Code.UNKNOWN_DEFINITION
            self._unknown(code, kind, name, known, place)

    def _unknown(
        self, code: Code, kind: str, name: str, known: Iterable[str], place: Place
    ) -> None:
        some = list(known)
        listed = f"known: {names(some[:MOST_LISTED])}" if some else "there are none"
        if len(some) > MOST_LISTED:
            listed += f" and {len(some) - MOST_LISTED} more"
        mend = guess(name, some) or listed
        self.errors.append(Problem(code, place, f"unknown {kind} `{name}`", mend))

    def _property(self, leaf: PropertyLeaf) -> None:
        if not self.catalog.contacts:
            return
        known = {*self.catalog.contacts, *self.catalog.history}
        changes = self.definitions.sources.property_changes
        if changes is not None and "property" not in self.catalog.property_changes:
            return
        if leaf.property not in known:
            known_names = sorted(known)
            self._unknown(Code.UNKNOWN_DATA, "property", leaf.property, known_names, leaf.place)
            return
        column = self.catalog.property_type(leaf.property)
        self._conditions(leaf, f"property `{leaf.property}`", column)

    def _event(self, leaf: EventLeaf) -> None:
        if leaf.during is not None:
            self._bounds(leaf.during)
        sources = self.definitions.sources.event_sources()
        columns: Mapping[str, ColumnType] | None
        if leaf.event in BUILT_IN_EVENTS:
            columns = dict.fromkeys(BUILT_IN_EVENTS[leaf.event], TEXT)
            self._built_in(leaf)
        elif leaf.event == MARKETING_EMAIL and leaf.event not in sources:
            if ("event", leaf.event) not in self.definitions.broken:
                message = f"event `{leaf.event}`: the project has no such source"
                self.errors.append(
                    Problem(
                        Code.UNKNOWN_DATA, leaf.place, message, "add `sources.marketing_emails`"
                    )
                )
            return
        else:
            self._known("event", leaf.event, [*sources, *BUILT_IN_EVENTS], leaf.place)
            columns = self.catalog.events.get(leaf.event)
        is_source = columns is not None and not columns.keys().isdisjoint(
            ("contact_id", "event_id")
        )
        if (
            columns is None
            or leaf.where is None
            or not (is_source or leaf.event in BUILT_IN_EVENTS)
        ):
            return
        for test in field_tests(leaf.where):
            if test.name in columns:
                self._conditions(test, f"field `{test.name}`", columns[test.name])
            else:
                kind = f"field of event `{leaf.event}`:"
                self._unknown(Code.UNKNOWN_DATA, kind, test.name, columns, test.place)

    def _built_in(self, leaf: EventLeaf) -> None:
        """An event of goalsql's own must say of which workflow."""
        named = None if leaf.where is None else workflows_named(leaf.where)
        if named is None:
            message = f"a leaf on `{leaf.event}` must say which workflow"
            mend = "write `where: {workflow_id: {is: ...}}`, or `any_of`"
            self.errors.append(Problem(Code.WHICH_WORKFLOW, leaf.place, message, mend))
            return
        for condition in named:
            for name in condition.values:
                self._known("workflow", name, self.definitions.workflows, condition.place)
                if leaf.event == "workflow_goal_met":
                    self._warn_of_no_email(name, f"`{leaf.event}`", condition.place)

    def _workflow(self, leaf: WorkflowLeaf) -> None:
        self._known("workflow", leaf.workflow, self.definitions.workflows, leaf.place)
        if leaf.status == "met_goal":
            self._warn_of_no_email(leaf.workflow, "`status: met_goal`", leaf.place)

    def _warn_of_no_email(self, name: str, what: str, place: Place) -> None:
        workflow = self.definitions.workflows.get(name)
        broken = ("workflow", name) in self.definitions.broken
        if workflow is not None and not broken and not workflow.sends_marketing_email:
            message = f"{what}: workflow `{name}` sends no marketing email"
            mend = "nobody will newly convert in it: use `met_goal_any`"
            self.warnings.append(Problem(Code.NO_MARKETING_EMAIL, place, message, mend))

    def _bounds(self, during: During) -> None:
        read = [self._literal(text, Kind.INSTANT, during.place) for text in during.bounds]
        if len(read) == 2:
            self._order(read[0], read[1], during.bounds, during.place)

    def _conditions(self, of: PropertyLeaf | FieldTest, what: str, column: ColumnType) -> None:
        if column.kind is Kind.OTHER:
            message = f"{what} has the type {column.sql}, which criteria cannot compare"
            self.errors.append(
                Problem(Code.UNFIT_OPERATOR, of.place, message, "cast it in the source's query")
            )
            return
        if of.ignore_case and column.kind is not Kind.TEXT:
            message = f"`ignore_case` does not fit {what} of type {column.kind.value}"
            self.errors.append(Problem(Code.UNFIT_OPERATOR, of.place, message, "leave it out"))
        for condition in of.conditions:
            kinds = FITTING.get(condition.operator, tuple(Kind))
            if column.kind not in kinds:
                message = f"`{condition.operator}` does not fit {what} of type {column.kind.value}"
                mend = f"it works on {', '.join(kind.value for kind in kinds)}"
                self.errors.append(Problem(Code.UNFIT_OPERATOR, condition.place, message, mend))
            elif condition.operator != "known":
                self._values(condition, what, column.kind)

    def _values(self, condition: Condition, what: str, kind: Kind) -> None:
        mend = f"{what} has the type {kind.value}"
        read = [self._literal(text, kind, condition.place, mend) for text in condition.values]
        if condition.operator in ("between", "not_between"):
            self._order(read[0], read[1], condition.values, condition.place)

    def _literal(
        self, text: str, kind: Kind, place: Place, mend: str = ""
    ) -> literals.Value | None:
        try:
            return literals.literal(text, kind, self.definitions.timezone)
        except ValueError as error:
            self.errors.append(Problem(Code.WRONG_LITERAL, place, f"`{text}` {error}", mend))
            return None

    def _order(self, low: Any, high: Any, texts: tuple[str, ...], place: Place) -> None:
        """Two literals of one kind: the first must not be after the second."""
        if low is None or high is None:
            return
        start = low.start if isinstance(low, literals.Day) else low
        if isinstance(high, literals.Day):
            wrong = isinstance(start, datetime) and start >= high.end
        else:
            wrong = start > high
        if wrong:
            message = f"`{texts[0]}` is after `{texts[1]}`: nothing is between them"
            self.errors.append(
                Problem(Code.EMPTY_RANGE, place, message, "the smaller value comes first")
            )
