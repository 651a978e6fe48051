"""Criteria in words: each operator, option and window can be told from every other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Criteria,
    During,
    EventLeaf,
    FieldTest,
    Not,
    Operator,
    PropertyLeaf,
    SegmentLeaf,
    Times,
    WorkflowLeaf,
)
from goalsql.model.reading_criteria import OPERATORS, TAKE_A_DURATION
from goalsql.model.wording import criteria_in_full, criteria_words, duration_words

PATH = FieldTest("path", (Condition("starts_with", ("/pricing",)),))
FORM = FieldTest("form", (Condition("is", ("demo",)),))


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        (PropertyLeaf("stage", (Condition("is", ("lead",)),)), "stage is lead"),
        (
            PropertyLeaf("n", (Condition("gt", ("1",)), Condition("lte", ("5",)))),
            "n > 1 and <= 5",
        ),
        (
            PropertyLeaf("n", (Condition("any_of", ("a", "b, c", "")),), True, True),
            "n is any of a, 'b, c', '', whatever the case or is unknown",
        ),
        (PropertyLeaf("n", (Condition("known", ("false",)),)), "n is unknown"),
        (PropertyLeaf("n", (Condition("between", ("{}", "5")),)), "n is between {} and 5"),
        (EventLeaf("visit"), "visit"),
        (EventLeaf("visit", times=Times(0, 0)), "visit, never"),
        (EventLeaf("visit", times=Times(0, 1)), "visit, at most 1 time"),
        (EventLeaf("visit", times=Times(2, 2)), "visit, exactly 2 times"),
        (EventLeaf("visit", times=Times(2, 4)), "visit, 2 to 4 times"),
        (
            EventLeaf("visit", PATH, Times(3), During("last", timedelta(days=30))),
            "visit where path starts with /pricing, at least 3 times, in the last 30 days",
        ),
        (
            EventLeaf("visit", AllOf((PATH, AnyOf((FORM, Not(FORM)))))),
            "visit where path starts with /pricing and (form is demo or (not form is demo))",
        ),
        (
            EventLeaf("visit", during=During("between", bounds=("2026-01-01", "2026-02-01"))),
            "visit, between 2026-01-01 and 2026-02-01",
        ),
        (EventLeaf("visit", during=During("since_enrollment")), "visit, since the enrollment"),
        (SegmentLeaf("vips", negated=True), "not in segment vips"),
        (WorkflowLeaf("nurture", "met_goal"), "status met_goal in workflow nurture"),
        (Not(SegmentLeaf("vips")), "not"),
    ],
)
def test_criteria(criteria: Criteria, words: str) -> None:
    assert criteria_words(criteria) == words


def test_criteria_with_all_that_they_are_made_of() -> None:
    vips, gone = SegmentLeaf("vips"), SegmentLeaf("gone")
    nested = AnyOf((AllOf((vips, Not(gone))), EventLeaf("visit", AnyOf((PATH, FORM)))))
    assert criteria_in_full(nested) == (
        "(in segment vips and (not in segment gone)) or "
        "visit where path starts with /pricing or form is demo"
    )
    assert criteria_in_full(vips) == criteria_words(vips)


def test_no_two_operators_read_the_same() -> None:
    def words(operator: Operator) -> str:
        values = ("true",) if operator == "known" else ("1", "2")
        duration = timedelta(hours=3) if operator in TAKE_A_DURATION else None
        return criteria_words(PropertyLeaf("p", (Condition(operator, values, duration),)))

    assert len({words(operator) for operator in OPERATORS}) == len(OPERATORS)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(weeks=1), "1 week"),
        (timedelta(days=14), "14 days"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(), "0 days"),
    ],
)
def test_durations(duration: timedelta, words: str) -> None:
    assert duration_words(duration) == words
