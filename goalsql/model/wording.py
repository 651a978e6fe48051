"""Criteria, instants and durations in words, for people."""

from __future__ import annotations

from datetime import datetime, timedelta

from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Criteria,
    During,
    EventLeaf,
    FieldTest,
    Not,
    PropertyLeaf,
    SegmentLeaf,
    Times,
    Where,
    WorkflowLeaf,
)
from goalsql.model.literals import UNITS

_OPERATORS = {
    "any_of": "is any of {}",
    "none_of": "is none of {}",
    "contains": "contains {}",
    "not_contains": "does not contain {}",
    "starts_with": "starts with {}",
    "not_starts_with": "does not start with {}",
    "ends_with": "ends with {}",
    "not_ends_with": "does not end with {}",
    "lt": "< {}",
    "lte": "<= {}",
    "gt": "> {}",
    "gte": ">= {}",
    "between": "is between {} and {}",
    "not_between": "is not between {} and {}",
    "within_last": "lies in the last {}",
    "within_next": "lies in the next {}",
    "more_than_ago": "is more than {} ago",
    "more_than_ahead": "is more than {} ahead",
    "is": "is {}",
    "is_not": "is not {}",
    "ever": "was ever {}",
    "never": "was never {}",
    "changed_within": "changed in the last {}",
    "not_changed_within": "did not change in the last {}",
}
_DURING = {"after": "after {}", "before": "before {}", "between": "between {} and {}"}


def instant_words(instant: datetime) -> str:
    """An instant to the second, or as exact as it is.

    Example:
        >>> instant_words(datetime(2026, 1, 5, 9, 30))
        '2026-01-05 09:30:00'
    """
    return instant.isoformat(sep=" ")


def duration_words(duration: timedelta) -> str:
    """A duration in the largest unit that it is a whole number of.

    Example:
        >>> duration_words(timedelta(days=30)), duration_words(timedelta(hours=1))
        ('30 days', '1 hour')
    """
    units = sorted(UNITS.items(), key=lambda unit: unit[1], reverse=True)
    for name, unit in units:
        # A month of 28 days would come out as 4 weeks, which nobody wrote.
        if not duration % unit and (name != "week" or duration == unit):
            return _number(duration // unit, name)
    return str(duration)


def criteria_words(criteria: Criteria) -> str:
    """A leaf in words; of `all`, `any` and `not` the head only.

    Example:
        >>> criteria_words(EventLeaf("page_view", times=Times(3)))
        'page_view, at least 3 times'
    """
    match criteria:
        case AllOf():
            return "all of"
        case AnyOf():
            return "any of"
        case Not():
            return "not"
        case PropertyLeaf():
            return _tested(criteria.property, criteria)
        case EventLeaf():
            return _event(criteria)
        case SegmentLeaf(name, negated):
            return f"{'not ' if negated else ''}in segment {name}"
        case WorkflowLeaf(workflow, status):
            return f"status {status} in workflow {workflow}"


def criteria_in_full(criteria: Criteria | Where) -> str:
    """Criteria in words with all that they are made of.

    Example:
        >>> criteria_in_full(Not(AllOf((SegmentLeaf("a"), SegmentLeaf("b")))))
        'not (in segment a and in segment b)'
    """
    match criteria:
        case AllOf(members):
            return " and ".join(_inner(member) for member in members)
        case AnyOf(members):
            return " or ".join(_inner(member) for member in members)
        case Not(member):
            return f"not {_inner(member)}"
        case FieldTest():
            return _tested(criteria.name, criteria)
        case _:
            return criteria_words(criteria)


def _inner(criteria: Criteria | Where) -> str:
    words = criteria_in_full(criteria)
    return f"({words})" if isinstance(criteria, AllOf | AnyOf | Not) else words


def _event(leaf: EventLeaf) -> str:
    where = "" if leaf.where is None else f" where {criteria_in_full(leaf.where)}"
    parts = [f"{leaf.event}{where}"]
    if leaf.times != Times():
        parts.append(_times(leaf.times))
    if leaf.during is not None:
        parts.append(_during(leaf.during))
    return ", ".join(parts)


def _tested(name: str, test: PropertyLeaf | FieldTest) -> str:
    words = " and ".join(_condition(condition) for condition in test.conditions)
    folded = ", whatever the case" if test.ignore_case else ""
    return f"{name} {words}{folded}{' or is unknown' if test.include_unknown else ''}"


def _condition(condition: Condition) -> str:
    if condition.operator == "known":
        return "is known" if condition.values == ("true",) else "is unknown"
    words = _OPERATORS[condition.operator]
    if condition.duration is not None:
        return words.format(duration_words(condition.duration))
    if condition.operator in ("any_of", "none_of"):
        return words.format(", ".join(map(_value, condition.values)))
    return words.format(*map(_value, condition.values))


def _value(text: str) -> str:
    """A text as it stands in the file; in quotes where it would not be seen to end."""
    return text if text and text == text.strip() and "," not in text else f"'{text}'"


def _times(times: Times) -> str:
    if times.high is None:
        return f"at least {_number(times.low, 'time')}"
    if times.high == 0:
        return "never"
    if times.low == times.high:
        return f"exactly {_number(times.low, 'time')}"
    if times.low == 0:
        return f"at most {_number(times.high, 'time')}"
    return f"{times.low} to {_number(times.high, 'time')}"


def _during(during: During) -> str:
    if during.duration is not None:
        return f"in the last {duration_words(during.duration)}"
    if during.form == "since_enrollment":
        return "since the enrollment"
    return _DURING[during.form].format(*during.bounds)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
