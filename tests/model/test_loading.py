from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goalsql.model.catalog import Catalog
from goalsql.model.loading import Loaded, load
from goalsql.model.validation import validate
from tests.model.conftest import plain

Write = Callable[[dict[str, str]], Loaded]
WORKFLOW = "{id: ID, enrollment: {trigger: manual}}"
SEGMENT = "{criteria: {property: p, is: 1}}"
EXAMPLES = Path(__file__).parent / "spec_section_2.md"


def examples() -> dict[str, str]:
    """The files of SPEC section 2, verbatim."""
    blocks = re.findall(r"```yaml\n(.*?)```", EXAMPLES.read_text(encoding="utf-8"), re.DOTALL)
    return {block.split("\n", 1)[0].removeprefix("# "): block for block in blocks}


def test_the_example_of_the_spec(project: Write) -> None:
    loaded = project(examples())
    assert not loaded.problems
    assert loaded.definitions is not None
    assert not loaded.definitions.warnings
    assert list(loaded.definitions.segments) == ["customers", "competitors"]
    workflow = loaded.definitions.workflows["nurture"]
    assert [step.step_id for step in workflow.steps] == ["hello", "pause", "split", "flag", "hook"]
    assert workflow.sends_marketing_email


def test_no_project(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "nowhere"):
        loaded = load(directory)
        assert loaded.definitions is None
        assert len(loaded.problems) == 1
        assert plain(loaded.problems[0]).startswith("goalsql.yml:1: no such file in ")
        assert "`goalsql init`" in loaded.problems[0].mend


def test_all_files_are_read_even_if_goalsql_yml_is_broken(project: Write) -> None:
    loaded = project(
        {"goalsql.yml": "a: 'x", "segments/s.yml": "a: {}", "workflows/w.yaml": "id: w"}
    )
    assert loaded.definitions is None
    files = [problem.place.file for problem in loaded.problems]
    assert files == ["goalsql.yml", "segments/s.yml", "workflows/w.yaml"]


def test_both_endings_and_any_number_of_segments_a_file(project: Write) -> None:
    loaded = project(
        {
            "segments/a.yml": f"a: {SEGMENT}\nb: {SEGMENT}\n",
            "segments/c.yaml": f"c: {SEGMENT}\n",
            "segments/notes.txt": "{{{",
            "workflows/x.yml": WORKFLOW.replace("ID", "x"),
            "workflows/y.yaml": WORKFLOW.replace("ID", "y"),
        }
    )
    assert not loaded.problems
    assert loaded.definitions is not None
    assert set(loaded.definitions.segments) == {"a", "b", "c"}
    assert set(loaded.definitions.workflows) == {"x", "y"}


def test_the_same_segment_twice(project: Write) -> None:
    loaded = project({"segments/a.yml": f"a: {SEGMENT}", "segments/b.yml": f"\na: {SEGMENT}"})
    assert [plain(problem) for problem in loaded.problems] == [
        "segments/b.yml:2: a: segment `a` stands twice: at segments/a.yml:1 and here"
        " (rename one, or remove it)"
    ]


def test_the_same_workflow_twice(project: Write) -> None:
    text = WORKFLOW.replace("ID", "w")
    loaded = project({"workflows/a.yml": text, "workflows/b.yml": "\n" + text})
    assert [plain(problem) for problem in loaded.problems] == [
        "workflows/b.yml:2: id: workflow id `w` stands twice: at workflows/a.yml:1 and here"
        " (rename one, or remove it)"
    ]


def test_files_that_cannot_be_read_are_remembered(project: Write) -> None:
    loaded = project({"segments/a.yml": "", "workflows/b.yml": "a: b: c"})
    assert len(loaded.problems) == 2
    assert loaded.definitions is not None
    assert loaded.definitions.broken == {("segment", ""), ("workflow", "")}


@pytest.mark.parametrize("text", ["Ünïcode id; DROP TABLE x --", "a.b", "007", "'", "  x  "])
def test_any_text_is_an_id(project: Write, text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    loaded = project({"workflows/w.yml": WORKFLOW.replace("ID", quoted)})
    assert not loaded.problems
    assert loaded.definitions is not None
    assert list(loaded.definitions.workflows) == [text]


SCALARS = [match.span() for match in re.finditer(r"[\w./*%-]+", "\0".join(examples().values()))]


def survives(files: dict[str, bytes]) -> None:
    """Whatever the files hold: problems, and no exception; what is left can be validated."""
    with tempfile.TemporaryDirectory() as name:
        for file, content in files.items():
            path = Path(name, file)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        loaded = load(Path(name))
        for problem in loaded.problems:
            assert str(problem).encode()
            assert problem.place.line > 0
        if loaded.definitions is not None:
            validate(loaded.definitions, Catalog({}))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SCALARS) - 1), st.text(max_size=12))
def test_any_text_in_any_position(position: int, text: str) -> None:
    whole = "\0".join(examples().values())
    start, end = SCALARS[position]
    changed = (whole[:start] + text.replace("\0", "") + whole[end:]).split("\0")
    files = zip(examples(), changed, strict=True)
    survives({file: text.encode("utf-8", "surrogatepass") for file, text in files})


SHAPES = st.recursive(
    st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def flow(shape: object) -> str:
    """A value in YAML's flow style, every text in double quotes."""
    if isinstance(shape, list):
        return "[" + ", ".join(flow(item) for item in shape) + "]"
    if isinstance(shape, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in shape.items()) + "}"
    return '"' + "".join(f"\\U{ord(char):08x}" for char in str(shape)) + '"'


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SCALARS) - 1), SHAPES)
def test_any_shape_in_any_position(position: int, shape: object) -> None:
    whole = "\0".join(examples().values())
    start, end = SCALARS[position]
    changed = (whole[:start] + flow(shape) + whole[end:]).split("\0")
    survives({file: text.encode() for file, text in zip(examples(), changed, strict=True)})


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(content: bytes) -> None:
    survives({file: content for file in examples()})


def test_problems_are_in_the_order_of_the_lines(project: Write) -> None:
    text = "id: w\nsteps: x\ngoal: x\nenabled: x\nenrollment: x\nzzz: x\n"
    loaded = project({"workflows/w.yml": text, "segments/s.yml": "s: x"})
    places = [(problem.place.file[:1], problem.place.line) for problem in loaded.problems]
    assert places == [("s", 1), ("w", 2), ("w", 3), ("w", 4), ("w", 5), ("w", 6)]
