"""Strategies for criteria as they stand in the files (SPEC 3): every operator and form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from hypothesis import strategies as st

from goalsql.model.catalog import ColumnType, Kind
from goalsql.model.reading_criteria import STATUSES
from goalsql.model.reading_project import BUILT_IN_EVENTS
from tests.property.pools import (
    DAYS_AROUND,
    DURATIONS,
    EMAIL_FIELDS,
    EMAIL_VALUES,
    END_REASONS,
    EVENT_FIELDS,
    INSTANTS,
    LITERALS,
    ONLY_IN_HISTORY,
    PARTS_OF_TEXT,
    PROPERTIES,
    VARCHAR,
    chance,
    instant_text,
)

Tree: TypeAlias = Any
ORDERED = (Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.INSTANT)
ON_TIME = (Kind.DATE, Kind.INSTANT)
TEXT_OPERATORS = (
    "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with",
)  # fmt: skip
ON_HISTORY = ("ever", "never", "changed_within", "not_changed_within")


@dataclass(frozen=True)
class Vocabulary:
    """What criteria of one world may speak of."""

    has_history: bool
    has_emails: bool
    segments: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()

    def properties(self) -> dict[str, ColumnType]:
        """The properties by name, with their types."""
        return PROPERTIES | ({ONLY_IN_HISTORY: VARCHAR} if self.has_history else {})


@cache
@st.composite
def criteria(draw: st.DrawFn, vocabulary: Vocabulary, depth: int = 2, since: bool = False) -> Tree:
    """A tree of criteria at most `depth` deep; `since` allows `{since: enrollment}`."""
    group = draw(st.sampled_from(("leaf", "leaf", "leaf", "all", "any", "not", "list")))
    if depth == 0 or group == "leaf":
        return draw(leaf(vocabulary, since))
    inner = criteria(vocabulary, depth - 1, since)
    if group == "not":
        return {"not": draw(inner)}
    members = draw(st.lists(inner, min_size=1, max_size=3))
    return members if group == "list" else {group: members}


@cache
def leaf(vocabulary: Vocabulary, since: bool) -> st.SearchStrategy[Tree]:
    """A leaf of any kind."""
    kinds = [property_leaf(vocabulary), event_leaf(vocabulary, since=since)]
    kinds.append(event_leaf(vocabulary, since=since))
    kinds.append(often_true(vocabulary))
    if vocabulary.segments:
        names = st.sampled_from(vocabulary.segments)
        kinds.append(st.builds(lambda name: {"in_segment": name}, names))
        kinds.append(st.builds(lambda name: {"not_in_segment": name}, names))
    if vocabulary.workflows:
        kinds += [workflow_leaf(vocabulary)] * 3
    return st.one_of(kinds)


@cache
def workflow_leaf(vocabulary: Vocabulary) -> st.SearchStrategy[Tree]:
    """`{workflow: W, status: X}`."""
    return st.builds(
        lambda name, status: {"workflow": name, "status": status},
        st.sampled_from(vocabulary.workflows),
        st.sampled_from(STATUSES),
    )


@cache
def often_true(vocabulary: Vocabulary) -> st.SearchStrategy[Tree]:
    """Plain leaves that hold for many contacts, from some instant on."""
    plain = st.sampled_from(
        (
            {"event": "page_view"},
            {"event": "form"},
            {"property": "stage", "known": True},
            {"property": "score", "gte": "1"},
            {"property": "stage", "any_of": ["lead", "customer", "Lead"]},
            {"property": "vip", "is": "true"},
        )
    )
    if not vocabulary.workflows:
        return plain
    return st.one_of(plain, workflow_leaf(vocabulary))


@cache
@st.composite
def property_leaf(draw: st.DrawFn, vocabulary: Vocabulary) -> Tree:
    """`{property: P, OPERATOR: VALUE, ...}` with one operator or two."""
    name, column = draw(st.sampled_from(sorted(vocabulary.properties().items())))
    tests = draw(operators(column, LITERALS[column.kind], with_history=True))
    return {"property": name} | tests


@cache
@st.composite
def operators(
    draw: st.DrawFn, column: ColumnType, literals: tuple[str, ...], with_history: bool
) -> Tree:
    """`{OPERATOR: VALUE, ...}` and options for values of a type."""
    found: dict[str, Any] = {}
    for operator in draw(
        st.lists(st.sampled_from(_names(column.kind, with_history)), min_size=1, max_size=2)
    ):
        found[operator] = draw(_operand(operator, column.kind, literals))
    settled = {"known", *ON_HISTORY} & found.keys()
    within = {"changed_within", "not_changed_within"} & found.keys()
    if not settled and draw(chance(1, 5)):
        found["include_unknown"] = True
    if column.kind is Kind.TEXT and not within and draw(chance(1, 5)):
        found["ignore_case"] = True
    return found


def _names(kind: Kind, with_history: bool) -> list[str]:
    names = ["is", "is_not", "any_of", "none_of", "known"]
    if kind is Kind.TEXT:
        names += TEXT_OPERATORS
    if kind in ORDERED:
        names += ["lt", "lte", "gt", "gte", "between", "not_between"]
    if kind in ON_TIME and with_history:
        names += ["within_last", "within_next", "more_than_ago", "more_than_ahead"]
    if with_history:
        names += ON_HISTORY
    return names


@cache
def _operand(operator: str, kind: Kind, literals: tuple[str, ...]) -> st.SearchStrategy[Any]:
    if operator == "known":
        return st.booleans()
    if operator in ("any_of", "none_of"):
        return st.lists(st.sampled_from(literals), min_size=1, max_size=3, unique=True)
    if operator in ("between", "not_between"):
        return _pairs(kind)
    if operator in TEXT_OPERATORS:
        return st.sampled_from(PARTS_OF_TEXT)
    if operator.endswith(("within", "_last", "_next", "_ago", "_ahead")):
        return st.sampled_from(DURATIONS)
    return st.sampled_from(literals)


def _pairs(kind: Kind) -> st.SearchStrategy[list[str]]:
    """Two literals, the smaller first; a day and an instant are ordered by the timezone only."""
    days = tuple(str(day) for day in DAYS_AROUND)
    groups: dict[Kind, tuple[tuple[str, ...], ...]] = {
        Kind.INTEGER: (("0", "1", "2", "5"),),
        Kind.NUMBER: (("0.5", "1", "2.5"),),
        Kind.DATE: (days,),
        Kind.INSTANT: (tuple(instant_text(instant) for instant in sorted(INSTANTS)), days),
    }
    indices = [
        (group, st.lists(st.integers(0, len(group) - 1), min_size=2, max_size=2).map(sorted))
        for group in groups[kind]
    ]
    return st.one_of([pair.map(lambda of, g=g: [g[i] for i in of]) for g, pair in indices])


@cache
@st.composite
def event_leaf(
    draw: st.DrawFn, vocabulary: Vocabulary, since: bool = False, bare: bool = False
) -> Tree:
    """`{event: NAME, ...}`; `bare` leaves out `times` and `during`, as event triggers must."""
    sources = ["page_view", "form"] + (["marketing_email"] if vocabulary.has_emails else [])
    if vocabulary.workflows:
        sources += BUILT_IN_EVENTS
    name = draw(st.sampled_from(sources))
    found: dict[str, Any] = {"event": name}
    if name in BUILT_IN_EVENTS:
        found["where"] = draw(which_workflow(vocabulary, name))
    elif draw(st.booleans()):
        found["where"] = draw(where(name, depth=1))
    if bare:
        return found
    counted = draw(st.sampled_from(("once", "once", "times", "times", "never")))
    if counted == "times":
        found["times"] = draw(times())
    if counted == "never":
        found["never"] = True
    if draw(st.booleans()):
        found["during"] = draw(during(since))
    return found


@cache
@st.composite
def which_workflow(draw: st.DrawFn, vocabulary: Vocabulary, event: str) -> Tree:
    """The `where` of a built-in event: it names one workflow or several."""
    names = st.sampled_from(vocabulary.workflows)
    found = {"workflow_id": {"is": draw(names)}}
    if draw(chance(1, 3)):
        found = {"workflow_id": {"any_of": draw(st.lists(names, min_size=1, max_size=2))}}
    if "reason" in BUILT_IN_EVENTS[event] and draw(st.booleans()):
        found["reason"] = draw(operators(VARCHAR, END_REASONS, with_history=False))
    return found


@cache
@st.composite
def where(draw: st.DrawFn, event: str, depth: int) -> Tree:
    """A map of field tests, or `all`, `any`, `not` of such."""
    group = draw(st.sampled_from(("map", "map", "map", "all", "any", "not")))
    if depth > 0 and group == "not":
        return {"not": draw(where(event, depth - 1))}
    if depth > 0 and group in ("all", "any"):
        return {group: draw(st.lists(where(event, depth - 1), min_size=1, max_size=2))}
    fields = EMAIL_FIELDS if event == "marketing_email" else EVENT_FIELDS[event]
    names = draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=2, unique=True))
    found = {}
    for name in names:
        literals = EMAIL_VALUES[name] if event == "marketing_email" else LITERALS[fields[name].kind]
        found[name] = draw(operators(fields[name], literals, with_history=False))
    return found


@cache
def times() -> st.SearchStrategy[Tree]:
    """Every form of `times`."""
    return st.one_of(
        st.builds(lambda n: {"at_least": n}, st.integers(1, 3)),
        st.builds(lambda n: {"at_most": n}, st.integers(0, 2)),
        st.builds(lambda n: {"exactly": n}, st.integers(0, 3)),
        st.builds(lambda a, b: {"between": sorted((a, b))}, st.integers(0, 3), st.integers(0, 3)),
    )


@cache
def during(since: bool) -> st.SearchStrategy[Tree]:
    """Every form of `during`."""
    bounds = st.sampled_from(LITERALS[Kind.INSTANT])
    forms = [
        st.builds(lambda length: {"last": length}, st.sampled_from(DURATIONS)),
        st.builds(lambda length: {"last": length}, st.sampled_from(DURATIONS)),
        st.builds(lambda x: {"after": x}, bounds),
        st.builds(lambda x: {"before": x}, bounds),
        _pairs(Kind.INSTANT).map(lambda pair: {"between": pair}),
    ]
    if since:
        forms += [st.just({"since": "enrollment"})] * 3
    return st.one_of(forms)
