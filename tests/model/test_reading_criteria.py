from __future__ import annotations

from collections.abc import Callable
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
    PropertyLeaf,
    SegmentLeaf,
    Times,
    WorkflowLeaf,
)
from goalsql.model.loading import Loaded
from goalsql.model.reading_criteria import OPERATORS, STATUSES
from tests.model.conftest import plain

Read = Callable[[str], Loaded]
DAY = timedelta(days=1)


def is_(value: str) -> tuple[Condition, ...]:
    return (Condition("is", (value,)),)


P = PropertyLeaf("p", is_("1"))
Q = PropertyLeaf("q", is_("2"))
A = FieldTest("a", is_("1"))
B = FieldTest("b", is_("2"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{property: p, is: 1}", P),
        ("[{property: p, is: 1}]", AllOf((P,))),
        ("{all: [{property: p, is: 1}, {property: q, is: 2}]}", AllOf((P, Q))),
        ("{any: [{property: p, is: 1}, {not: {property: q, is: 2}}]}", AnyOf((P, Not(Q)))),
        ("{not: [{property: p, is: 1}, {property: q, is: 2}]}", Not(AllOf((P, Q)))),
        ("{in_segment: s}", SegmentLeaf("s")),
        ("{not_in_segment: s}", SegmentLeaf("s", negated=True)),
        ("{workflow: w, status: met_goal_any}", WorkflowLeaf("w", "met_goal_any")),
        (
            "{property: p, gte: 1, lt: 5, ignore_case: true, include_unknown: true}",
            PropertyLeaf("p", (Condition("lt", ("5",)), Condition("gte", ("1",))), True, True),
        ),
        ("{event: e}", EventLeaf("e")),
        ("{event: e, where: {a: {is: 1}}}", EventLeaf("e", A)),
        ("{event: e, where: {a: {is: 1}, b: {is: 2}}}", EventLeaf("e", AllOf((A, B)))),
        ("{event: e, where: [{a: {is: 1}}, {b: {is: 2}}]}", EventLeaf("e", AllOf((A, B)))),
        (
            "{event: e, where: {any: [{a: {is: 1}}, {not: {b: {is: 2}}}]}}",
            EventLeaf("e", AnyOf((A, Not(B)))),
        ),
        (
            "{event: e, where: {a: {is: 1, ignore_case: true, include_unknown: true}}}",
            EventLeaf("e", FieldTest("a", is_("1"), True, True)),
        ),
        ("{event: e, times: {at_least: 3}}", EventLeaf("e", times=Times(3))),
        ("{event: e, times: {at_most: 3}}", EventLeaf("e", times=Times(0, 3))),
        ("{event: e, times: {exactly: 0}}", EventLeaf("e", times=Times(0, 0))),
        ("{event: e, times: {between: [0, 2]}}", EventLeaf("e", times=Times(0, 2))),
        ("{event: e, never: true}", EventLeaf("e", times=Times(0, 0))),
        ("{event: e, during: {last: 1 day}}", EventLeaf("e", during=During("last", DAY))),
        (
            "{event: e, during: {after: 2026-01-05}}",
            EventLeaf("e", during=During("after", bounds=("2026-01-05",))),
        ),
        (
            "{event: e, during: {before: 2026-01-05}}",
            EventLeaf("e", during=During("before", bounds=("2026-01-05",))),
        ),
        (
            "{event: e, during: {between: [2026-01-05, 2026-01-06]}}",
            EventLeaf("e", during=During("between", bounds=("2026-01-05", "2026-01-06"))),
        ),
        (
            "{event: e, during: {since: enrollment}}",
            EventLeaf("e", during=During("since_enrollment")),
        ),
    ],
)
def test_criteria(criteria: Read, text: str, expected: Criteria) -> None:
    loaded = criteria(text)
    assert not loaded.problems
    assert loaded.definitions is not None
    goal = loaded.definitions.workflows["w"].goal
    assert goal is not None
    assert goal.criteria == expected


OPERANDS = {
    **dict.fromkeys(OPERATORS, ("NO", Condition("is", ("NO",)))),
    **dict.fromkeys(("any_of", "none_of"), ("[x, 007]", Condition("is", ("x", "007")))),
    **dict.fromkeys(("between", "not_between"), ("[1, 2]", Condition("is", ("1", "2")))),
    **dict.fromkeys(
        ("within_last", "within_next", "more_than_ago", "more_than_ahead",
         "changed_within", "not_changed_within"),
        ("1 day", Condition("is", (), DAY)),
    ),
    "known": ("True", Condition("is", ("true",))),
}  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator(criteria: Read, operator: str) -> None:
    operand, expected = OPERANDS[operator]
    loaded = criteria(f"{{property: p, {operator}: {operand}}}")
    assert not loaded.problems
    assert loaded.definitions is not None
    goal = loaded.definitions.workflows["w"].goal
    assert goal is not None
    assert isinstance(goal.criteria, PropertyLeaf)
    (condition,) = goal.criteria.conditions
    assert condition.operator == operator
    assert (condition.values, condition.duration) == (expected.values, expected.duration)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status(criteria: Read, status: str) -> None:
    assert not criteria(f"{{workflow: v, status: {status}}}").problems


# Each text stands at line 5 of workflows/w.yml, as goal.criteria; the problem's path follows it.
MISTAKES = [
    ("[]", ": must not be an empty list"),
    ("{}", ": empty criteria say nothing"),
    ("x", ": must be a mapping"),
    ("{all: []}", ".all: must not be an empty list"),
    ("{any: {property: p, is: 1}}", ".any: must be a list"),
    ("{not: []}", ".not: must not be an empty list"),
    ("{all: [{property: p, is: 1}], is: 2}", ".is: unknown key `is`"),
    ("{proprety: p, is: 1}", "(did you mean `property`?)"),
    ("{property: p, event: e}", ": `property`, `event` stand together"),
    ("{any: [{property: p, is: 1}, {property: p, contians: x}]}",
     ".any[1].contians: unknown key `contians` (did you mean `contains`?)"),
    ("{property: p}", ": has no operator"),
    ("{property: p, is: 1, '': 2}", ".: unknown key ``"),
    ("{event: e, where: {'': {is: 1}, a: {is: 1}}}", ".where.: a name must not be empty"),
    ("{property: '', is: 1}", ".property: must not be empty"),
    ("{property: p, is: [a]}", ".is: must be one value, not a list (write `any_of: [...]`)"),
    ("{property: p, is_not: [a]}", "(write `none_of: [...]`)"),
    ("{property: p, contains: [a]}", ".contains: must be one value, not a list"),
    ("{property: p, is: }", ".is: has no value"),
    ("{property: p, any_of: a}", ".any_of: must be a list (`[...]`), not the text `a` (write `[a]"),
    ("{property: p, none_of: []}", ".none_of: must not be an empty list"),
    ("{property: p, between: [1]}", ".between: takes two values, not 1"),
    ("{property: p, not_between: 1}", ".not_between: must be a list"),
    ("{property: p, known: 1}", ".known: `1` is not true or false"),
    ("{property: p, within_last: 3}", ".within_last: `3`: a duration is <integer> <unit>: second,"
     " minute, hour, day or week (write `3 days`)"),
    ("{property: p, changed_within: 3 month}", ".changed_within: `3 month`: a duration is"),
    ("{property: p, is: 1, ignore_case: 1}", ".ignore_case: `1` is not true or false"),
    *(
        (f"{{property: p, {operator}, include_unknown: true}}",
         f".include_unknown: does not go with `{operator.split(':')[0]}`")
        for operator in ("known: true", "ever: a", "never: a", "changed_within: 1 day",
                         "not_changed_within: 1 day")
    ),
    ("{event: e, whre: {a: {is: 1}}}", ".whre: unknown key `whre` (did you mean `where`?)"),
    ("{event: e, where: {}}", ".where: an empty `where` says nothing"),
    ("{event: e, where: []}", ".where: must not be an empty list"),
    ("{event: e, where: x}", ".where: must be a mapping"),
    ("{event: e, where: {any: []}}", ".where.any: must not be an empty list"),
    ("{event: e, where: {any: [{a: {is: 1}}], b: {is: 1}}}", ".where: `any` must stand alone"),
    ("{event: e, where: {path: /x}}",
     ".where.path: field `path` takes a mapping of operators (write `{path: {is: /x}}`)"),
    ("{event: e, where: {path: [a]}}", "(write `{path: {any_of: [...]}}`)"),
    ("{event: e, where: {path: {}}}", ".where.path: has no operator"),
    ("{event: e, where: {path: {iss: 1}}}", ".where.path.iss: unknown key `iss` (did you mean `is"),
    *(
        (f"{{event: e, where: {{path: {{{operator}: 1 day}}}}}}",
         f".where.path.{operator}: `{operator}` is for properties, not for the fields of an event")
        for operator in ("within_last", "within_next", "more_than_ago", "more_than_ahead", "ever",
                         "never", "changed_within", "not_changed_within")
    ),
    ("{event: e, where: {a: {known: true, include_unknown: true}}}", ".include_unknown: does not"),
    ("{event: e, times: 3}", ".times: must be a mapping with one of `at_least`, `at_most`,"
     " `exactly`, `between` (write `{at_least: 3}`)"),
    ("{event: e, times: {}}", ".times: takes exactly one of"),
    ("{event: e, times: {atleast: 3}}", ".times.atleast: unknown key `atleast` (did you mean `at_"),
    ("{event: e, times: {at_least: 2, at_most: 3}}", "(write `between: [a, b]`)"),
    ("{event: e, times: {at_least: 0}}", ".times.at_least: `at_least: 0` is always true (write at"),
    ("{event: e, times: {exactly: -1}}", ".times.exactly: `-1` is not a whole number"),
    ("{event: e, times: {between: [3, 2]}}", ".times.between: 3 is more than 2"),
    ("{event: e, times: {between: [3]}}", ".times.between: takes two numbers, not 1"),
    ("{event: e, times: {between: [a, 2]}}", ".times.between[0]: `a` is not a whole number"),
    ("{event: e, never: true, times: {exactly: 1}}", ".times: stands beside `never`"),
    ("{event: e, never: false}", ".never: `never: false` says nothing"),
    ("{event: e, during: 30 days}", "(write `{last: 30 days}`)"),
    ("{event: e, during: {last: 30}}", ".during.last: `30`: a duration is <integer> <unit>"),
    ("{event: e, during: {last: 1 day, after: x}}", ".during: takes exactly one of"),
    ("{event: e, during: {between: [x]}}", ".during.between: takes two values, not 1"),
    ("{event: e, during: {since: enrolment}}", "(did you mean `enrollment`?)"),
    ("{workflow: v, status: activ}", ".status: `activ` is not one of"),
    ("{workflow: v}", ": `status` is missing"),
    ("{in_segment: [s]}", ".in_segment: must be one value, not a list"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), MISTAKES)
def test_mistakes(criteria: Read, text: str, problem: str) -> None:
    loaded = criteria(text)
    assert len(loaded.problems) == 1
    said = plain(loaded.problems[0])
    assert said.startswith("workflows/w.yml:5: goal.criteria")
    assert problem in said


def test_all_mistakes_are_found_and_the_rest_is_kept(criteria: Read) -> None:
    loaded = criteria(
        "\n    any:\n"
        "      - {property: p, is: 1}\n"
        "      - {property: q}\n"
        "      - all:\n"
        "          - {event: e, where: {a: 1, b: {is: 2}}}\n"
        "          - {event: e, times: 3}\n"
    )
    assert [problem.place.line for problem in loaded.problems] == [8, 10, 11]
    assert loaded.problems[1].place.path == "goal.criteria.any[2].all[0].where.a"
    assert loaded.definitions is not None
    goal = loaded.definitions.workflows["w"].goal
    assert goal is not None
    assert goal.criteria == AnyOf((P, AllOf((EventLeaf("e", B), EventLeaf("e")))))
    assert ("workflow", "w") in loaded.definitions.broken


@pytest.mark.parametrize("text", ["null", "~"])
def test_null_as_a_literal_gets_a_warning(criteria: Read, text: str) -> None:
    definitions = criteria(f"{{property: p, is: {text}}}").definitions
    assert definitions is not None
    assert "is read as a text, not as unknown" in plain(definitions.warnings[0])
    quoted = criteria(f"{{property: p, is: '{text}'}}").definitions
    assert quoted is not None
    assert not quoted.warnings


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("segments/s.yml", "s: {criteria: {not: LEAF}}", "segments/s.yml:1: s.criteria.not.during"),
        ("workflows/v.yml", "{id: v, enrollment: {trigger: filter, criteria: LEAF}}", "enrollment"),
        (
            "workflows/v.yml",
            "{id: v, enrollment: {trigger: event, criteria: {event: e}, also: LEAF}}",
            "enrollment.also.during.since",
        ),
    ],
)
def test_since_enrollment_only_where_there_is_one(
    project: Callable[[dict[str, str]], Loaded], file: str, text: str, problem: str
) -> None:
    leaf = "{event: e, during: {since: enrollment}}"
    loaded = project({file: text.replace("LEAF", leaf)})
    assert len(loaded.problems) == 1
    assert "`since: enrollment` may stand in goal" in plain(loaded.problems[0])
    assert problem in plain(loaded.problems[0])
