from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from goalsql.model.catalog import TEXT, Catalog, ColumnType, Kind
from goalsql.model.loading import Loaded
from goalsql.model.validation import validate
from tests.model.conftest import plain

Read = Callable[[str], Loaded]
Validate = Callable[[Loaded], tuple[list[str], list[str]]]
Write = Callable[[dict[str, str]], Loaded]
NUMBER = ColumnType(Kind.NUMBER, "DOUBLE")
INSTANT = ColumnType(Kind.INSTANT, "TIMESTAMP")


def test_every_part_of_a_workflow_is_checked(workflow: Read, found: Validate) -> None:
    wrong = "{property: '?', is: x}"
    errors, _ = found(
        workflow(
            f"enrollment: {{trigger: any_of, of: [{{trigger: filter, criteria: {wrong}}},\n"
            f"  {{trigger: event, criteria: {{event: '?'}},\n  also: {wrong}}}]}}\n"
            f"unenroll_when: {wrong}\n"
            f"goal: {{criteria: {wrong}}}\n"
            f"suppression:\n  - lost\n"
            f"steps: [{{id: a, branch: [{{when: {wrong}, steps: [\n"
            f"  {{id: b, branch: [{{when: {wrong}, steps: []}}]}}]}}]}}]\n"
        )
    )
    assert [error.split(": ")[:2] for error in errors] == [
        ["workflows/w.yml:2", "enrollment.of[0].criteria.property"],
        ["workflows/w.yml:3", "enrollment.of[1].criteria.event"],
        ["workflows/w.yml:4", "enrollment.of[1].also.property"],
        ["workflows/w.yml:5", "unenroll_when.property"],
        ["workflows/w.yml:6", "goal.criteria.property"],
        ["workflows/w.yml:8", "suppression[0]"],
        ["workflows/w.yml:9", "steps[0].branch[0].when.property"],
        ["workflows/w.yml:10", "steps[0].branch[0].steps[0].branch[0].when.property"],
    ]


def test_suppression_without_places_is_checked_too(workflow: Read, catalog: Catalog) -> None:
    definitions = workflow("enrollment: {trigger: manual}\nsuppression: [lost]").definitions
    assert definitions is not None
    changed = replace(definitions.workflows["w"], suppression_places=())
    errors, _ = validate(replace(definitions, workflows={"w": changed}), catalog)
    assert [str(error.place) for error in errors] == ["workflows/w.yml:1: id"]


def segment(text: str) -> str:
    return f"{{criteria: {text}}}\n"


@pytest.mark.parametrize(
    ("text", "circles"),
    [
        ("a: " + segment("{in_segment: a}"), ["1: a.criteria.in_segment: `a` -> `a`"]),
        (
            "a: "
            + segment("{not: {in_segment: b}}")
            + "b: "
            + segment("[{not_in_segment: c}, {property: stage, is: x}]")
            + "c: "
            + segment("{any: [{in_segment: d}, {in_segment: a}]}")
            + "d: "
            + segment("{property: stage, is: x}"),
            ["1: a.criteria.not.in_segment: `a` -> `b` -> `c` -> `a`"],
        ),
        (
            "".join(
                f"{name}: " + segment(f"{{in_segment: {other}}}")
                for name, other in ("ab", "ba", "cd", "dc")
            ),
            [": `a` -> `b` -> `a`", ": `c` -> `d` -> `c`"],
        ),
        ("".join(f"s{n}: " + segment(f"{{in_segment: s{n + 1}}}") for n in range(3000)), []),
    ],
)
def test_circular_segments(project: Write, found: Validate, text: str, circles: list[str]) -> None:
    errors, _ = found(project({"segments/s.yml": text}))
    said = [error for error in errors if "segments in a circle" in error]
    assert len(said) == len(circles)
    for each, circle in zip(said, circles, strict=True):
        place, _, path = circle.rpartition(": ")
        assert each.startswith(f"segments/s.yml:{place}")
        names = path.split(" -> ")[:-1]
        turns = [[*names[n:], *names[:n], names[n]] for n in range(len(names))]
        assert any(" -> ".join(turn) in each for turn in turns)


@pytest.mark.parametrize(
    ("source", "missing", "message"),
    [
        ("contacts", "contact_id", "sources.contacts: source `contacts` has no column `contact_i"),
        ("contacts", "created_at", "sources.contacts: source `contacts` has no column `created_at"),
        *(
            ("property_changes", column, f"source `property_changes` has no column `{column}`")
            for column in ("contact_id", "property", "value", "occurred_at")
        ),
        *(
            ("page_view", column, f"source `events.page_view` has no column `{column}`")
            for column in ("contact_id", "event_id", "occurred_at")
        ),
        *(
            ("marketing_email", column, f"source `marketing_emails` has no column `{column}`")
            for column in ("contact_id", "event_id", "occurred_at", "workflow_id", "email_id",
                           "event")
        ),
        ("s", "contact_id", "segments/s.yml:1: s.static: source `segments.s` has no column"),
    ],
)  # fmt: skip
def test_missing_columns(
    project: Write, catalog: Catalog, source: str, missing: str, message: str
) -> None:
    definitions = project({"segments/s.yml": "s: {static: {from: s.csv}}"}).definitions
    assert definitions is not None
    segments = {"s": {"contact_id": TEXT, "added_at": INSTANT}}
    whole = {
        "contacts": catalog.contacts,
        "property_changes": catalog.property_changes,
        **catalog.events,
        **segments,
    }
    assert validate(definitions, replace(catalog, segments=segments))[0] == []
    whole[source] = {
        ("other" if name == missing else name): type_ for name, type_ in whole[source].items()
    }
    errors, _ = validate(
        definitions,
        Catalog(
            contacts=whole["contacts"],
            property_changes=whole["property_changes"],
            events={name: whole[name] for name in catalog.events},
            segments={"s": whole["s"]},
        ),
    )
    assert len(errors) == 1
    assert message in plain(errors[0])
    assert errors[0].mend.startswith(f"write `columns: {{{missing}: ")


EVENT = dict.fromkeys(("contact_id", "event_id"), TEXT)


@pytest.mark.parametrize(
    ("columns", "given", "message", "mend"),
    [
        ("", EVENT | {"note": TEXT, "viewed": INSTANT}, "no column `occurred_at`", "viewed"),
        ("", EVENT | {"ts": INSTANT, "Occured_At": TEXT}, "no column `occurred_at`", "Occured_At"),
        ("", EVENT | {"note": TEXT}, "no column `occurred_at`", "..."),
        ("occurred_at: vewed", EVENT | {"viewed": INSTANT}, "no column `vewed`", "viewed"),
        (
            "loaded_at: x",
            EVENT | {"occurred_at": INSTANT, "seen": INSTANT},
            "no column `x`",
            "seen",
        ),
    ],
)
def test_the_mend_guesses_the_column(
    project: Write,
    columns: str,
    given: dict[str, ColumnType],
    message: str,
    mend: str,
) -> None:
    definitions = project(
        {
            "goalsql.yml": "{name: a, database: a.db, sources: {contacts: {from: c},\n"
            f"events: {{v: {{from: v, columns: {{{columns}}}}}}}}}}}"
        }
    ).definitions
    assert definitions is not None
    (error,) = validate(definitions, Catalog({}, {"v": given}))[0]
    assert str(error.place) == "goalsql.yml:2: sources.events.v"
    assert message in error.message
    assert error.mend.endswith(f": {mend}}}`")


@pytest.mark.parametrize(
    ("name", "type_", "mend"),
    [
        ("contact_id", NUMBER, "it must be integer or text"),
        ("contact_id", ColumnType(Kind.OTHER, "UUID"), "it must be integer or text"),
        ("created_at", NUMBER, "it must be instant or date or text"),
        ("updated_at", ColumnType(Kind.BOOLEAN, "BOOLEAN"), "it must be instant or date or text"),
    ],
)
def test_columns_of_the_wrong_type(
    project: Write, catalog: Catalog, name: str, type_: ColumnType, mend: str
) -> None:
    definitions = project({}).definitions
    assert definitions is not None
    (error,) = validate(definitions, Catalog({**catalog.contacts, name: type_}))[0]
    assert f"column `{name}` of source `contacts` has the type {type_.sql}" in error.message
    assert error.mend == mend


LEAF = "{property: stage, is: x}"
SINCE = "event: form, during: {since: enrollment}"
MANUAL = "enrollment: {trigger: manual}\n"
EMAIL = "steps: [{id: a, send_email: x}]\n"


ITSELF = "w.yml:1: id: workflow `w` depends on itself"


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (f"{EMAIL}goal: {{criteria: {LEAF}}}", []),
        (f"goal: {{criteria: {LEAF}}}", ["w.yml:3: goal: workflow `w` has a goal but sends no"]),
        (
            f"steps: [{{id: a, send_email: x, marketing: false}}]\ngoal: {{criteria: {LEAF}}}",
            ["w.yml:4: goal: workflow `w` has a goal but sends no marketing email"],
        ),
        (
            "unenroll_when: {workflow: w, status: met_goal}",
            [
                ITSELF,
                "w.yml:3: unenroll_when.workflow: `status: met_goal`: workflow `w` sends no market",
            ],
        ),
        ("unenroll_when: {workflow: w, status: met_goal_any}", [ITSELF]),
        (
            "unenroll_when: {event: workflow_goal_met, where: {workflow_id: {is: w}}}",
            [
                ITSELF,
                "w.yml:3: unenroll_when.where.workflow_id.is: `workflow_goal_met`: workflow `w`",
            ],
        ),
        ("unenroll_when: {event: workflow_enrolled, where: {workflow_id: {is: w}}}", [ITSELF]),
        (f"{EMAIL}goal: {{criteria: {{{SINCE}}}}}", []),
        (
            f"{EMAIL}goal: {{criteria: {{{SINCE}, never: true}}}}",
            ["w.yml:4: goal.criteria.event: is true from the instant of enrollment on"],
        ),
        (f"{EMAIL}goal: {{criteria: {{not: {{{SINCE}, never: true}}}}}}", []),
        (
            f"unenroll_when: {{not: {{{SINCE}}}}}",
            ["w.yml:3: unenroll_when.not.event: is true from the instant of enrollment on"],
        ),
        (
            f"unenroll_when: {{any: [{LEAF}, {{{SINCE}, times: {{at_most: 2}}}}]}}",
            ["w.yml:3: unenroll_when.any[1].event: is true from the instant of enrollment on"],
        ),
        (
            f"steps: [{{id: a, branch: [{{when: {{{SINCE}, never: true}}, steps: []}}]}}]",
            [],
        ),
        ("steps: [{send_email: x}]", ["w.yml:3: steps[0]: steps without an id: 1"]),
    ],
)
def test_warnings(workflow: Read, found: Validate, text: str, warnings: list[str]) -> None:
    errors, said = found(workflow(MANUAL + text))
    assert not errors
    assert len(said) == len(warnings)
    for each, warning in zip(said, warnings, strict=True):
        assert warning in each


def test_a_circle_of_workflows_is_named_in_its_order(project: Write, found: Validate) -> None:
    asks = "unenroll_when: {workflow: other, status: active}\n"
    files = {
        f"workflows/{name}.yml": f"id: {name}\n" + MANUAL + asks.replace("other", other)
        for name, other in (("c", "a"), ("a", "b"), ("b", "c"))
    }
    errors, (warning,) = found(project(files))
    assert not errors
    assert warning.startswith(
        "workflows/a.yml:1: id: workflows that depend on each other in a circle: `a`, `b`, `c`"
    )


def test_a_workflow_with_mistakes_gets_no_warnings_of_doubt(workflow: Read) -> None:
    loaded = workflow(f"{MANUAL}steps: [{{id: a, send_mail: x}}]\ngoal: {{criteria: {LEAF}}}")
    assert loaded.definitions is not None
    assert validate(loaded.definitions, Catalog({})) == ([], [])
