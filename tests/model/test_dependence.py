"""Which workflows must be known to run a workflow (SPEC 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import pytest

from goalsql.model.dependence import depends_on, looks_at
from goalsql.model.loading import Loaded
from goalsql.model.project import Definitions

Write: TypeAlias = Callable[[Mapping[str, str]], Loaded]

MANUAL = "enrollment: {trigger: manual}"
ACTIVE = "{workflow: v, status: active}"
MET = "{event: workflow_goal_met, where: {workflow_id: {is: v}}}"


def definitions(project: Write, segments: str = "", **workflows: str) -> Definitions:
    files = {f"workflows/{name}.yml": f"id: {name}\n{text}" for name, text in workflows.items()}
    if segments:
        files["segments/all.yml"] = segments
    loaded = project(files)
    assert not loaded.problems, loaded.problems
    assert loaded.definitions is not None
    return loaded.definitions


def of(found: Definitions, workflow: str = "w") -> set[str]:
    return depends_on(found.workflows[workflow], found)


@pytest.mark.parametrize(
    "text",
    [
        f"enrollment: {{trigger: filter, criteria: {{not: {ACTIVE}}}}}",
        f"enrollment: {{trigger: event, criteria: {MET}}}",
        f"enrollment: {{trigger: event, criteria: {{event: page_view}}, also: {ACTIVE}}}",
        f"enrollment: {{trigger: any_of, of: [{{trigger: filter, criteria: {ACTIVE}}}]}}",
        f"{MANUAL}\ngoal: {{criteria: {{any: [{{event: form}}, {ACTIVE}]}}}}",
        f"{MANUAL}\nunenroll_when: {ACTIVE}",
        f"{MANUAL}\nsteps: [{{branch: [{{when: {ACTIVE}, steps: []}}]}}]",
        f"{MANUAL}\nsuppression: [busy]",
        f"{MANUAL}\ngoal: {{criteria: {{not_in_segment: nested}}}}",
    ],
)
def test_wherever_criteria_stand(project: Write, text: str) -> None:
    segments = f"busy: {{criteria: {ACTIVE}}}\nnested: {{criteria: {{in_segment: busy}}}}"
    found = definitions(project, segments, w=text, v=MANUAL)
    assert of(found) == {"v"}
    assert of(found, "v") == set()


def test_a_built_in_event_may_name_several(project: Write) -> None:
    several = "{event: workflow_enrolled, where: {workflow_id: {any_of: [u, v]}}}"
    found = definitions(
        project, w=f"{MANUAL}\ngoal: {{criteria: {several}}}", v=MANUAL, u=MANUAL, x=MANUAL
    )
    assert of(found) == {"u", "v"}


def test_a_field_of_that_name_on_another_event_is_no_dependence(project: Write) -> None:
    email = "{event: marketing_email, where: {workflow_id: {is: v}}}"
    found = definitions(project, w=f"{MANUAL}\ngoal: {{criteria: {email}}}", v=MANUAL)
    assert of(found) == set()


def test_what_those_depend_on_in_their_turn(project: Write) -> None:
    sees_v = f"enrollment: {{trigger: filter, criteria: {ACTIVE}}}"
    sees_u = "enrollment: {trigger: filter, criteria: {workflow: u, status: enrolled}}"
    found = definitions(project, w=sees_v, v=sees_u, u=MANUAL)
    assert looks_at(found.workflows["w"], found) == {"v"}
    assert of(found) == {"v", "u"}


def test_in_a_circle_a_workflow_depends_on_itself(project: Write) -> None:
    sees_v = f"enrollment: {{trigger: filter, criteria: {ACTIVE}}}"
    sees_w = "enrollment: {trigger: filter, criteria: {workflow: w, status: enrolled}}"
    found = definitions(project, w=sees_v, v=sees_w, x=sees_w, y=sees_w.replace("w,", "y,"))
    assert of(found) == {"v", "w"}
    assert of(found, "x") == {"v", "w"}
    assert of(found, "y") == {"y"}


def test_segments_in_a_circle_and_unknown_names_do_no_harm(project: Write) -> None:
    inner = "{any: [{in_segment: a}, {in_segment: gone}]}"
    segments = f"a: {{criteria: {{in_segment: b}}}}\nb: {{criteria: {inner}}}"
    found = definitions(project, segments, w=f"{MANUAL}\nsuppression: [a]\nunenroll_when: {ACTIVE}")
    assert of(found) == {"v"}
