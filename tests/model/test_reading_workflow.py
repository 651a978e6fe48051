from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from goalsql.model.criteria import Condition, EventLeaf, PropertyLeaf
from goalsql.model.loading import Loaded
from goalsql.model.workflow import (
    Action,
    Arm,
    Branch,
    Delay,
    EventTrigger,
    FilterTrigger,
    ManualTrigger,
    SendEmail,
    SetProperty,
    Step,
    Trigger,
    Workflow,
)
from tests.model.conftest import plain

Read = Callable[[str], Loaded]
MANUAL = "enrollment: {trigger: manual}\n"
LEAF = "{property: p, is: 1}"
P = PropertyLeaf("p", (Condition("is", ("1",)),))


def read(loaded: Loaded) -> Workflow:
    assert not loaded.problems
    assert loaded.definitions is not None
    return loaded.definitions.workflows["w"]


@pytest.mark.parametrize(
    ("text", "triggers"),
    [
        ("{trigger: manual}", [ManualTrigger()]),
        (f"{{trigger: filter, criteria: {LEAF}}}", [FilterTrigger(P)]),
        (f"{{trigger: filter, criteria: {LEAF}, enroll_existing: false}}",
         [FilterTrigger(P, enroll_existing=False)]),
        ("{trigger: event, criteria: {event: a}}", [EventTrigger((EventLeaf("a"),))]),
        (f"{{trigger: event, criteria: {{any: [{{event: a}}, {{event: b}}]}}, also: {LEAF}}}",
         [EventTrigger((EventLeaf("a"), EventLeaf("b")), P)]),
        (f"{{trigger: any_of, of: [{{trigger: filter, criteria: {LEAF}, enroll_existing: false}},"
         " {trigger: event, criteria: {event: a}}, {trigger: manual}]}",
         [FilterTrigger(P, enroll_existing=False), EventTrigger((EventLeaf("a"),)),
          ManualTrigger()]),
    ],
)  # fmt: skip
def test_triggers(workflow: Read, text: str, triggers: list[Trigger]) -> None:
    found = read(workflow(f"enrollment: {text}"))
    assert list(found.triggers) == triggers
    assert found.re_enroll is False


@pytest.mark.parametrize(
    "text",
    [
        "{trigger: manual, re_enroll: true}",
        f"{{trigger: filter, criteria: {LEAF}, re_enroll: true}}",
        "{trigger: any_of, re_enroll: true, of: [{trigger: event, criteria: {event: a}}]}",
    ],
)
def test_re_enroll_stands_beside_the_trigger(workflow: Read, text: str) -> None:
    assert read(workflow(f"enrollment: {text}")).re_enroll is True


def test_defaults(workflow: Read) -> None:
    found = read(workflow(MANUAL))
    assert (found.name, found.enabled, found.active_from) == ("w", True, None)
    assert (found.goal, found.suppression, found.unenroll_when, found.steps) == (None, (), None, ())


def test_everything_given(workflow: Read) -> None:
    found = read(
        workflow(
            f"name: W\nenabled: false\nactive_from: 2026-01-01T02:00:00+02:00\n{MANUAL}"
            f"suppression: [a, b]\nunenroll_when: {LEAF}\ngoal: {{name: G, criteria: {LEAF}}}\n"
        )
    )
    assert (found.name, found.enabled, found.active_from) == ("W", False, datetime(2026, 1, 1))
    assert found.suppression == ("a", "b")
    paths = [place.path for place in found.suppression_places]
    assert paths == ["suppression[0]", "suppression[1]"]
    assert found.unenroll_when == P
    assert found.goal is not None
    assert (found.goal.name, found.goal.criteria, found.goal.place.line) == ("G", P, 8)
    assert found.definition == {
        "id": "w",
        "name": "W",
        "enabled": False,
        "active_from": "2026-01-01T02:00:00+02:00",
        "enrollment": {"trigger": "manual"},
        "suppression": ["a", "b"],
        "unenroll_when": {"property": "p", "is": 1},
        "goal": {"name": "G", "criteria": {"property": "p", "is": 1}},
    }


def test_active_from_is_a_day_of_the_projects_timezone(
    project: Callable[[dict[str, str]], Loaded],
) -> None:
    files = {
        "goalsql.yml": "{name: a, database: a.db, timezone: Europe/Paris,"
        " sources: {contacts: {from: c}}}",
        "workflows/w.yml": f"id: w\nactive_from: 2026-01-01\n{MANUAL}",
    }
    assert read(project(files)).active_from == datetime(2025, 12, 31, 23)


STEPS = """\
steps:
  - send_email: welcome
  - {id: own, send_email: invoice, marketing: false}
  - branch:
      - {when: {property: p, is: 1}, steps: [{delay: 1 hour}]}
      - otherwise: true
        steps: [{set_property: {a: true, b: 007, c: [1, x]}}, {branch: [{otherwise: true,
          steps: [{action: go}]}]}]
  - {action: sync, with: {queue: high, retries: 3}}
"""


def test_steps_and_their_default_ids(workflow: Read) -> None:
    expected: list[Step] = [
        SendEmail("1", "welcome"),
        SendEmail("own", "invoice", marketing=False),
        Branch(
            "3",
            (
                Arm(P, (Delay("3.1.1", timedelta(hours=1)),)),
                Arm(
                    None,
                    (
                        SetProperty("3.2.1", {"a": True, "b": "007", "c": [1, "x"]}),
                        Branch("3.2.2", (Arm(None, (Action("3.2.2.1.1", "go"),)),)),
                    ),
                ),
            ),
        ),
        Action("4", "sync", {"queue": "high", "retries": 3}),
    ]
    assert list(read(workflow(MANUAL + STEPS)).steps) == expected


def test_steps_without_ids_get_one_warning(workflow: Read) -> None:
    definitions = workflow(MANUAL + STEPS).definitions
    assert definitions is not None
    (warning,) = definitions.warnings
    assert plain(warning).startswith("workflows/w.yml:4: steps[0]: steps without an id: 7")


# Each text stands from line 2 on.
MISTAKES = [
    ("", ":1: `enrollment` is missing"),
    (MANUAL + "gaol: {}", ":3: gaol: unknown key `gaol` (did you mean `goal`?)"),
    (MANUAL + "name: ''", ":3: name: must not be empty"),
    (MANUAL + "enabled: maybe", ":3: enabled: `maybe` is not true or false"),
    (MANUAL + "active_from: soon", ":3: active_from: `soon` is not an instant"),
    (MANUAL + "active_from: 9999-12-31", "lies outside the years"),
    (MANUAL + "suppression: rivals", ":3: suppression: must be a list (`[...]`), not the text"
     " `rivals` (write `[rivals]`)"),
    (MANUAL + "suppression: [[a]]", ":3: suppression[0]: must be one value"),
    (MANUAL + "unenroll_when: []", ":3: unenroll_when: must not be an empty list"),
    (MANUAL + "goal: {name: G}", ":3: goal: `criteria` is missing"),
    (MANUAL + "goal:", ":3: goal: must be a mapping (`key: value`), not nothing"),
    ("enrollment: {}", ":2: enrollment: `trigger` is missing"),
    ("enrollment: {trigger: filtr}", ":2: enrollment.trigger: `filtr` is not one of `filter`,"
     " `event`, `manual`, `any_of` (did you mean `filter`?)"),
    ("enrollment: {trigger: filter}", ":2: enrollment: `criteria` is missing"),
    (f"enrollment: {{trigger: manual, criteria: {LEAF}}}",
     ":2: enrollment.criteria: `criteria` does not go with trigger `manual` (it belongs to"),
    (f"enrollment: {{trigger: filter, criteria: {LEAF}, also: {LEAF}}}",
     ":2: enrollment.also: `also` does not go with trigger `filter` (it belongs to trigger `event"),
    ("enrollment: {trigger: event, criteria: {event: a}, enroll_existing: true}",
     ":2: enrollment.enroll_existing: `enroll_existing` does not go with trigger `event`"),
    ("enrollment: {trigger: event, criteria: {event: a}, of: []}", "(it belongs to `any_of`)"),
    ("enrollment: {trigger: any_of}", ":2: enrollment: `of` is missing"),
    ("enrollment: {trigger: any_of, of: []}", ":2: enrollment.of: must not be an empty list"),
    ("enrollment: {trigger: any_of, of: [{trigger: any_of}]}",
     ":2: enrollment.of[0].trigger: `any_of` is not one of"),
    ("enrollment: {trigger: any_of, of: [{trigger: manual, re_enroll: true}]}",
     ":2: enrollment.of[0].re_enroll: `re_enroll` stands beside the list `of`"),
    ("enrollment: {trigger: any_of, enroll_existing: true, of: [{trigger: manual}]}",
     ":2: enrollment.enroll_existing: `enroll_existing` stands in the forms of `any_of`"),
    ("enrollment: {trigger: event, criteria: {event: a, times: {at_least: 2}}}",
     ":2: enrollment.criteria.event: an event trigger's event takes no `times`"),
    ("enrollment: {trigger: event, criteria: {any: [{event: a, during: {last: 1 day}}]}}",
     ":2: enrollment.criteria.any[0].event: an event trigger's event takes no"),
    (f"enrollment: {{trigger: event, criteria: {LEAF}}}",
     ":2: enrollment.criteria.property: an event trigger's criteria are an event leaf"),
    ("enrollment: {trigger: event, criteria: [{event: a}]}",
     ":2: enrollment.criteria: an event trigger's criteria are an event leaf"),
    (MANUAL + "steps: {delay: 1 day}", ":3: steps: must be a list"),
    (MANUAL + "steps: [x]", ":3: steps[0]: must be a mapping"),
    (MANUAL + "steps: [{id: a, send_mail: x}]", "(did you mean `send_email`?)"),
    (MANUAL + "steps: [{id: a, webhook: x}]", "(for any other action write `action: name`)"),
    (MANUAL + "steps: [{id: a, send_email: x, delay: 1 day}]", ":3: steps[0]: a step has one of"),
    (MANUAL + "steps: [{id: a, send_email: ''}]", ":3: steps[0].send_email: must not be empty"),
    (MANUAL + "steps: [{id: a, delay: 3}]", ":3: steps[0].delay: `3`: a duration is"),
    (MANUAL + "steps: [{id: a, delay: 1 day, marketing: false}]", ":3: steps[0].marketing: unkn"),
    (MANUAL + "steps: [{id: a, send_email: x, with: {}}]", ":3: steps[0].with: unknown key"),
    (MANUAL + "steps: [{id: a, set_property: {}}]", ":3: steps[0].set_property: sets nothing"),
    (MANUAL + "steps: [{id: a, set_property: x}]", ":3: steps[0].set_property: must be a mapping"),
    (MANUAL + "steps:\n - {id: a, delay: 1 day}\n - {id: a, delay: 1 day}",
     ":5: steps[1].id: step id `a` stands twice: at line 4 and at line 5"),
    (MANUAL + "steps:\n - {id: '2', delay: 1 day}\n - {delay: 1 day}",
     ":5: steps[1]: step id `2` stands twice: at line 4 and at line 5"),
    (MANUAL + "steps: [{id: a, branch: []}]", ":3: steps[0].branch: must not be an empty list"),
    (MANUAL + "steps: [{id: a, branch: [{steps: []}]}]",
     ":3: steps[0].branch[0]: an arm has either `when` or `otherwise: true`"),
    (MANUAL + f"steps: [{{id: a, branch: [{{when: {LEAF}, otherwise: true, steps: []}}]}}]",
     ":3: steps[0].branch[0]: an arm has either"),
    (MANUAL + "steps: [{id: a, branch: [{otherwise: false, steps: []}]}]",
     ":3: steps[0].branch[0].otherwise: `otherwise: false` says nothing"),
    (MANUAL + "steps: [{id: a, branch: [{otherwise: true}]}]", ":3: steps[0].branch[0]: `steps`"),
    (MANUAL + "steps: [{id: a, branch: [{otherwise: true, steps: []},"
     f" {{when: {LEAF}, steps: []}}]}}]", ":3: steps[0].branch[0]: `otherwise` must be the last"),
    (MANUAL + "steps: [{id: a, branch: [{otherwise: true, steps: []},"
     " {otherwise: true, steps: []}]}]", ":3: steps[0].branch[0]: `otherwise` must be the last"),
    (MANUAL + "steps: [{id: a, branch: [{otherwise: true, stepz: []}]}]", "unknown key `stepz`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), MISTAKES)
def test_mistakes(workflow: Read, text: str, problem: str) -> None:
    said = [plain(found) for found in workflow(text).problems]
    assert any(problem in each for each in said), said
    assert all(each.startswith("workflows/w.yml:") for each in said)
    assert len(said) == (2 if "stepz" in text else 1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("enrollment: {trigger: manual}", "workflows/w.yml:1: `id` is missing"),
        ("id: ''\nenrollment: {trigger: manual}", "workflows/w.yml:1: id: must not be empty"),
        ("- id: w", "workflows/w.yml:1: must be a mapping"),
    ],
)
def test_a_workflow_without_an_id_is_left_out(
    project: Callable[[dict[str, str]], Loaded], text: str, problem: str
) -> None:
    loaded = project({"workflows/w.yml": text})
    assert [problem in plain(each) for each in loaded.problems] == [True]
    assert loaded.definitions is not None
    assert not loaded.definitions.workflows


def test_parts_that_are_right_stay_for_further_checks(workflow: Read) -> None:
    loaded = workflow(
        f"enrollment: {{trigger: filter, criteria: {LEAF}}}\ngoal: {{criteria: []}}\n"
    )
    assert loaded.definitions is not None
    found = loaded.definitions.workflows["w"]
    assert found.triggers == (FilterTrigger(P),)
    assert found.goal is None
    assert loaded.definitions.broken == {("workflow", "w")}
