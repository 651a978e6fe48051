from __future__ import annotations

from collections.abc import Callable

import pytest

from goalsql.model.catalog import Catalog
from goalsql.model.loading import Loaded
from goalsql.model.reading_criteria import OPERATORS
from goalsql.model.validation import validate

Read = Callable[[str], Loaded]
Validate = Callable[[Loaded], tuple[list[str], list[str]]]
Write = Callable[[dict[str, str]], Loaded]

ORDERED = ("lt", "lte", "gt", "gte", "between", "not_between")
TIMED = ("within_last", "within_next", "more_than_ago", "more_than_ahead")
TEXTUAL = (
    "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with",
)  # fmt: skip
UNFIT = {
    "stage": (*ORDERED, *TIMED),
    "plan": (*ORDERED, *TIMED),
    "age": (*TEXTUAL, *TIMED),
    "contact_id": (*TEXTUAL, *TIMED),
    "score": (*TEXTUAL, *TIMED),
    "born": TEXTUAL,
    "seen": TEXTUAL,
    "created_at": TEXTUAL,
    "vip": (*TEXTUAL, *ORDERED, *TIMED),
}
VALUES = {"age": "1", "contact_id": "1", "score": "1.5", "vip": "NO"}


@pytest.mark.parametrize("name", UNFIT)
@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_fit_types(criteria: Read, found: Validate, name: str, operator: str) -> None:
    value = VALUES.get(name, "2026-01-05")
    operand = value
    if operator in ("any_of", "none_of", "between", "not_between"):
        operand = f"[{value}, {value}]"
    elif operator in (*TIMED, "changed_within", "not_changed_within"):
        operand = "1 day"
    elif operator == "known":
        operand = "true"
    errors, _ = found(criteria(f"{{property: {name}, {operator}: {operand}}}"))
    if operator in UNFIT[name]:
        assert len(errors) == 1
        what = f"goal.criteria.{operator}: `{operator}` does not fit property `{name}`"
        assert errors[0].startswith(f"workflows/w.yml:5: {what} of type ")
    else:
        assert not errors


# Each text stands at line 5 of workflows/w.yml, as goal.criteria; the problem's path follows it.
MISTAKES = [
    ("{property: stagge, is: x}", ".property: unknown property `stagge` (did you mean `stage`?)"),
    ("{property: zzz, is: x}", ".property: unknown property `zzz` (known: `age`, `born`, "),
    ("{property: tags, known: true}", ".property: property `tags` has the type VARCHAR[], which"),
    ("{property: age, is: 1, ignore_case: true}", "`ignore_case` does not fit property `age`"),
    ("{property: age, is: x}", ".is: `x` is not an integer"),
    ("{property: age, is_not: 1.5}", ".is_not: `1.5` is not an integer"),
    ("{property: age, any_of: [1, x]}", ".any_of: `x` is not an integer"),
    ("{property: age, ever: x}", ".ever: `x` is not an integer"),
    ("{property: score, gt: 1_0}", ".gt: `1_0` is not a number"),
    ("{property: score, gt: NaN}", ".gt: `NaN` is not a number"),
    ("{property: vip, is: maybe}", ".is: `maybe` is not true or false"),
    ("{property: born, lt: 2026-13-01}", ".lt: `2026-13-01` is not a date"),
    ("{property: seen, lt: soon}", ".lt: `soon` is not an instant"),
    ("{property: age, between: [2, 1]}", ".between: `2` is after `1`"),
    ("{property: score, not_between: [2, 1.5]}", ".not_between: `2` is after `1.5`"),
    ("{property: born, between: [2026-01-06, 2026-01-05]}", "`2026-01-06` is after"),
    ("{property: seen, between: [2026-01-06, 2026-01-05]}", "`2026-01-06` is after"),
    ("{property: seen, between: ['2026-01-06T00:00:00', 2026-01-05]}", "is after `2026-01-05`"),
    ("{property: seen, between: ['2026-01-06T00:00:00', '2026-01-05T23:59:59']}", "is after"),
    ("{not: {any: [{property: age, lt: x}]}}", ".not.any[0].lt: `x` is not an integer"),
    ("{event: page_veiw}", ".event: unknown event `page_veiw` (did you mean `page_view`?)"),
    ("{event: marketing_emails}", "(did you mean `marketing_email`?)"),
    ("{event: page_view, where: {paht: {is: x}}}",
     ".where.paht: unknown field of event `page_view`: `paht` (did you mean `path`?)"),
    ("{event: page_view, where: {not: {seconds: {contains: x}}}}",
     ".where.not.seconds.contains: `contains` does not fit field `seconds` of type integer (it"),
    ("{event: page_view, where: {seconds: {is: x}}}", ".where.seconds.is: `x` is not an integer"),
    ("{event: page_view, where: {seconds: {is: 1, ignore_case: true}}}", "`ignore_case` does not"),
    ("{event: page_view, during: {after: x}}", ".during.after: `x` is not an instant"),
    ("{event: page_view, during: {between: [2026-01-06, 2026-01-05]}}",
     ".during.between: `2026-01-06` is after `2026-01-05`"),
    ("{in_segment: lost}", ".in_segment: unknown segment `lost` (there are none)"),
    ("{not_in_segment: lost}", ".not_in_segment: unknown segment `lost`"),
    ("{workflow: u, status: active}", ".workflow: unknown workflow `u` (known: `v`, `w`)"),
    ("{event: workflow_enrolled}", ".event: a leaf on `workflow_enrolled` must say which workflow"),
    ("{event: workflow_enrolled, where: {workflow_id: {starts_with: w}}}", "must say which"),
    ("{event: workflow_enrolled, where: {not: {workflow_id: {is: w}}}}", "must say which workflow"),
    ("{event: workflow_enrolled, where: {workflow_id: {is: w, ignore_case: true}}}", "must say"),
    ("{event: workflow_unenrolled, where: {any: [{workflow_id: {is: w}}, {reason: {is: x}}]}}",
     "must say which workflow"),
    ("{event: workflow_goal_met, where: {workflow_id: {any_of: [v, u]}}}",
     ".where.workflow_id.any_of: unknown workflow `u`"),
    ("{event: workflow_enrolled, where: {workflow_id: {is: w}, reason: {is: x}}}",
     ".where.reason: unknown field of event `workflow_enrolled`: `reason`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), MISTAKES)
def test_mistakes(criteria: Read, found: Validate, text: str, problem: str) -> None:
    errors, _ = found(criteria(text))
    assert len(errors) == 1
    assert errors[0].startswith("workflows/w.yml:5: goal.criteria")
    assert problem in errors[0]


@pytest.mark.parametrize(
    "text",
    [
        "{property: seen, between: [2026-01-05, 2026-01-05]}",
        "{property: seen, between: ['2026-01-05T12:00:00', 2026-01-05]}",
        "{property: seen, between: [2026-01-05, '2026-01-05T00:00:00']}",
        "{property: contact_id, is: 7}",
        "{property: plan, is: 007, ignore_case: true}",
        "{event: page_view, where: {event_id: {is: x}, path: {contains: x, ignore_case: true}}}",
        "{event: marketing_email, where: {event: {is: opened}}}",
        "{event: workflow_unenrolled, where: {workflow_id: {is: v}, reason: {is: goal_met}}}",
        "{event: workflow_enrolled, where: {any: [{workflow_id: {is: v}},"
        " {all: [{workflow_id: {any_of: [v]}}, {workflow_id: {known: true}}]}]}}",
        "{workflow: v, status: met_goal}",
    ],
)
def test_nothing_wrong(criteria: Read, found: Validate, text: str) -> None:
    assert found(criteria(text)) == ([], [])


def test_marketing_email_needs_its_source(project: Write, found: Validate) -> None:
    errors, _ = found(
        project(
            {
                "goalsql.yml": "{name: a, database: a.db, sources: {contacts: {from: c}}}",
                "segments/s.yml": "s: {criteria: {event: marketing_email}}",
            }
        )
    )
    assert errors == [
        "segments/s.yml:1: s.criteria.event: event `marketing_email`: the project has no such"
        " source (add `sources.marketing_emails`)"
    ]


def test_a_long_list_of_known_names_is_cut(criteria: Read, catalog: Catalog) -> None:
    definitions = criteria("{property: '?', is: x}").definitions
    assert definitions is not None
    many = {**catalog.contacts, **{f"x{n}": catalog.contacts["stage"] for n in range(50)}}
    errors, _ = validate(definitions, Catalog(many, catalog.events, catalog.property_changes))
    assert errors[0].mend.endswith(f"and {len(many) - 12} more")


def test_what_could_not_be_read_is_not_called_unknown(project: Write) -> None:
    loaded = project(
        {
            "goalsql.yml": "{name: a, database: a.db, sources: {contacts: {from: c},"
            " marketing_emails: {}, events: {view: {}}}}",
            "segments/s.yml": "s: {}\nt: {criteria: {all: [{event: view}, {in_segment: s},"
            " {workflow: b, status: active}, {event: marketing_email}]}}",
            "workflows/b.yml": "{id: b, enrollment: {trigger: manual}, goal: []}",
        }
    )
    assert len(loaded.problems) == 4
    assert loaded.definitions is not None
    assert validate(loaded.definitions, Catalog({})) == ([], [])


def test_after_an_unreadable_file_no_name_is_called_unknown(project: Write) -> None:
    loaded = project(
        {
            "segments/a.yml": "a: b: c",
            "segments/b.yml": "t: {criteria: {any: [{in_segment: s}, {workflow: x,"
            " status: active}]}}",
            "workflows/b.yml": "",
        }
    )
    assert len(loaded.problems) == 2
    assert loaded.definitions is not None
    assert validate(loaded.definitions, Catalog({})) == ([], [])


def test_a_source_that_is_not_in_the_catalog_is_not_checked(criteria: Read) -> None:
    text = "[{property: zzz, is: x}, {event: page_view, where: {zzz: {is: x}}}]"
    definitions = criteria(text).definitions
    assert definitions is not None
    assert validate(definitions, Catalog({})) == ([], [])
