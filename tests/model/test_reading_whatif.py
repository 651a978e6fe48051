"""The other definition of a what-if: what a file of it may hold, and what is wrong with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from goalsql.model.criteria import AllOf, Condition, EventLeaf, PropertyLeaf
from goalsql.model.reading_whatif import Part, read_other
from goalsql.model.workflow import Delay, EventTrigger, FilterTrigger, Goal, Workflow
from tests.model.conftest import plain

LEAD = PropertyLeaf("stage", (Condition("is", ("lead",)),))
TODAY = Workflow(
    "w",
    "The w",
    (FilterTrigger(LEAD),),
    (Delay("rest", timedelta(days=1)),),
    Goal(LEAD, "Today's"),
    suppression=("rivals",),
    re_enroll=True,
)

VIEW = EventLeaf("page_view")


def read(tmp_path: Path, part: Part, text: str) -> tuple[Workflow, list[str]]:
    path = tmp_path / "other.yml"
    path.write_text(text, encoding="utf-8")
    other, problems = read_other(TODAY, {part: path})
    return other, [plain(problem).replace(str(path), "other.yml") for problem in problems]


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("name: Seen\ncriteria: {event: page_view}", Goal(VIEW, "Seen")),
        ("goal: {name: Seen, criteria: {event: page_view}}", Goal(VIEW, "Seen")),
        ("criteria: {event: page_view}", Goal(VIEW)),
        ("event: page_view", Goal(VIEW)),
        ("goal: {event: page_view}", Goal(VIEW)),
        ("all: [{event: page_view}, {property: stage, is: lead}]", Goal(AllOf((VIEW, LEAD)))),
        ("- {event: page_view}\n- {property: stage, is: lead}", Goal(AllOf((VIEW, LEAD)))),
    ],
)
def test_a_goal_or_its_criteria_alone(tmp_path: Path, text: str, goal: Goal) -> None:
    other, problems = read(tmp_path, "goal", text)
    assert problems == []
    assert other.goal == goal
    assert (other.triggers, other.steps) == (TODAY.triggers, TODAY.steps)


@pytest.mark.parametrize("head", ["", "enrollment: "])
def test_an_enrollment_is_replaced_as_a_whole(tmp_path: Path, head: str) -> None:
    text = f"{head}{{trigger: event, criteria: {{event: page_view}}}}"
    other, problems = read(tmp_path, "enrollment", text)
    assert problems == []
    assert other.triggers == (EventTrigger((VIEW,)),)
    assert not other.re_enroll, "it is false where it is not said"
    assert other.goal == TODAY.goal


@pytest.mark.parametrize(
    ("text", "names"),
    [("[a, b]", ("a", "b")), ("suppression: [a]", ("a",)), ("[]", ())],
)
def test_a_suppression(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    other, problems = read(tmp_path, "suppression", text)
    assert problems == []
    assert other.suppression == names


def test_several_parts_at_once(tmp_path: Path) -> None:
    (tmp_path / "goal.yml").write_text("event: page_view")
    (tmp_path / "out.yml").write_text("[]")
    files: dict[Part, Path] = {"goal": tmp_path / "goal.yml", "suppression": tmp_path / "out.yml"}
    other, problems = read_other(TODAY, files)
    assert problems == []
    assert (other.goal, other.suppression) == (Goal(VIEW), ())


@pytest.mark.parametrize(
    ("part", "text", "expected"),
    [
        ("goal", "\n\ncriterai: {event: page_view}", "other.yml:3: criterai: unknown key"),
        ("goal", "goal:\n  criteria: {property: stage, iz: lead}", "other.yml:2: goal.criteria.iz"),
        ("goal", "event: page_view\ntimse: 3", "other.yml:2: timse: unknown key"),
        ("goal", "id: w\ngoal: {event: page_view}", "other.yml:1: id: unknown key"),
        ("goal", "customers", "other.yml:1: must be a mapping"),
        ("goal", "", "other.yml:1: is empty"),
        ("goal", "a: ]", "other.yml:1: is not YAML"),
        ("enrollment", "criteria: {event: page_view}", "other.yml:1: `trigger` is missing"),
        ("enrollment", "trigger: ]", "other.yml:1: is not YAML"),
        ("suppression", "rivals", "other.yml:1: must be a list"),
    ],
)
def test_mistakes_are_named_with_file_and_line(
    tmp_path: Path, part: Part, text: str, expected: str
) -> None:
    _, problems = read(tmp_path, part, text)
    assert problems[0].startswith(expected)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    _, (problem,) = read_other(TODAY, {"goal": tmp_path / "gone.yml"})
    assert problem.place.file == str(tmp_path / "gone.yml")
    assert "No such file" in problem.message
