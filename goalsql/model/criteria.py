"""Criteria as they stand in the files (SPEC 3): a tree of leaves under all, any and not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, Literal, TypeAlias, TypeVar

from goalsql.errors import Place

NOWHERE = Place("", 0)
T = TypeVar("T")

ValueOperator = Literal[
    "is", "is_not", "any_of", "none_of",
    "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with",
    "lt", "lte", "gt", "gte", "between", "not_between", "known",
]  # fmt: skip
TimeOperator = Literal["within_last", "within_next", "more_than_ago", "more_than_ahead"]
HistoryOperator = Literal["ever", "never", "changed_within", "not_changed_within"]
Operator = ValueOperator | TimeOperator | HistoryOperator


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with its operand (SPEC 3.1).

    `values` holds literals as the text that stands in the file: one for `is` and its kin, any
    number for `any_of` and `none_of`, two for `between`, `("true",)` or `("false",)` for `known`,
    none for operators that take a `duration`.
    """

    operator: Operator
    values: tuple[str, ...] = ()
    duration: timedelta | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PropertyLeaf:
    """`{property: P, OPERATOR: VALUE, ...}`: all conditions must hold (SPEC 3.1)."""

    property: str
    conditions: tuple[Condition, ...]
    ignore_case: bool = False
    include_unknown: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FieldTest:
    """`{field: {OPERATOR: VALUE, ...}}` on the fields of one event (SPEC 3.2)."""

    name: str
    conditions: tuple[Condition, ...]
    ignore_case: bool = False
    include_unknown: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Times:
    """How many matching events: `low <= n` and, where `high` is set, `n <= high`."""

    low: int = 1
    high: int | None = None


@dataclass(frozen=True, slots=True)
class During:
    """Which events count, seen from the instant t (SPEC 3.2).

    `last`: in (t - duration, t]. `after`, `before`, `between`: bounds as the text in the file.
    `since_enrollment`: after the enrollment's `enrolled_at`.
    """

    form: Literal["last", "after", "before", "between", "since_enrollment"]
    duration: timedelta | None = None
    bounds: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AllOf(Generic[T]):
    """True where every member is."""

    members: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Generic[T]):
    """True where at least one member is."""

    members: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Not(Generic[T]):
    """True where the member is not."""

    member: T


Where: TypeAlias = FieldTest | AllOf["Where"] | AnyOf["Where"] | Not["Where"]


@dataclass(frozen=True, slots=True)
class EventLeaf:
    """`{event: NAME, where: ..., times: ..., during: ...}` (SPEC 3.2)."""

    event: str
    where: Where | None = None
    times: Times = Times()
    during: During | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SegmentLeaf:
    """`{in_segment: S}` or, negated, `{not_in_segment: S}` (SPEC 3.3)."""

    segment: str
    negated: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WorkflowLeaf:
    """`{workflow: W, status: X}` (SPEC 3.3)."""

    workflow: str
    status: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)


Leaf: TypeAlias = PropertyLeaf | EventLeaf | SegmentLeaf | WorkflowLeaf
Criteria: TypeAlias = Leaf | AllOf["Criteria"] | AnyOf["Criteria"] | Not["Criteria"]


def leaves(criteria: Criteria, negated: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """Every leaf in the order of the file, and whether an odd number of `not` stands above it."""
    if isinstance(criteria, AllOf | AnyOf):
        for member in criteria.members:
            yield from leaves(member, negated)
    elif isinstance(criteria, Not):
        yield from leaves(criteria.member, not negated)
    else:
        yield criteria, negated


def field_tests(where: Where) -> Iterator[FieldTest]:
    """Every field test of an event leaf's `where`, in the order of the file."""
    if isinstance(where, AllOf | AnyOf):
        for member in where.members:
            yield from field_tests(member)
    elif isinstance(where, Not):
        yield from field_tests(where.member)
    else:
        yield where
