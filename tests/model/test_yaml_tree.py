from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from goalsql.model import yaml_tree
from goalsql.model.yaml_tree import (
    MapNode,
    TextNode,
    as_data,
    json_scalar,
    parse_yaml,
    read_yaml,
)
from tests.model.conftest import plain


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers of PyYAML: the fast one is not everywhere."""
    name = str(request.param)
    monkeypatch.setattr(yaml_tree, "LOADER", getattr(yaml, name))
    return name


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("{a: NO, b: 007, c: 2026-01-05, d: 1.10, e: ~}", ["NO", "007", "2026-01-05", "1.10", "~"]),
        ("{a: 'x', b: \"y\\n\", c: 12:30:00}", ["x", "y\n", "12:30:00"]),
        ("a: |\n  x\n  y\n", ["x\ny\n"]),
        ("a: &x [1]\nb: *x", [["1"], ["1"]]),
        ("\ufeffa: 1", ["1"]),
    ],
)
def test_every_scalar_is_its_text(loader: str, text: str, data: list[object]) -> None:
    node, problems = parse_yaml(text, "f.yml")
    assert not problems
    assert node is not None
    assert list(as_data(node).values()) == data  # type: ignore[attr-defined]


def test_lines_are_those_of_keys_and_values(loader: str) -> None:
    node, _ = parse_yaml("# c\na:\n  b: 1\n\n  c:\n    - x\n", "f.yml")
    assert isinstance(node, MapNode)
    a = node.entries["a"]
    assert isinstance(a.value, MapNode)
    assert (a.key_line, a.value.line) == (2, 3)
    assert (a.value.entries["c"].key_line, a.value.entries["c"].value.line) == (5, 6)


BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
TOWER = "a0: &a0 x\n" + "".join(
    f"a{n}: &a{n} {'[' * 50}*a{n - 1}{']' * 50}\n" for n in range(1, 40)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "f.yml:1: is empty"),
        ("# only a comment\n", "f.yml:1: is empty"),
        ("---\n", "is empty"),
        ("a: 1\nb: 'x", "f.yml:2: is not YAML"),
        ("a: 1\nb: c: d", "f.yml:2: is not YAML: "),
        ("a: 1\n\tb: 2", "f.yml:2: is not YAML"),
        ("a: 1\nb:\n  c: 2\n  c: 3\n", "f.yml:4: b.c: key `c` stands twice: at line 3 and at line"),
        ("a:\n - !!python/object:os.x y", "f.yml:2: a[0]: YAML tag `tag:yaml.org,2002:python/obj"),
        ("a: !foo [1]", "f.yml:1: a: YAML tag `!foo`"),
        ("!!map {a: 1}", "f.yml:1: YAML tag"),
        ("a: &x {b: 1}\nc: {<<: *x}", "f.yml:2: c.<<: merge keys are not supported"),
        ("a: &x [*x]", "f.yml:1: alias `*x` has no anchor `&x` that ends before it"),
        ("a: *y", "alias `*y` has no anchor"),
        (BOMB, "f.yml:6: holds more than 100,000 values, aliases expanded"),
        (TOWER, "f.yml:3: is nested more than 100 deep, aliases expanded"),
        ("[" * 5000, "f.yml:1: is nested more than 100 deep"),
        ("a: öööö\nb: \x00\n\n", "f.yml:2: holds the character U+0000"),
        ('a: 1\nb: "\\0"', "f.yml:2: b: holds a character that no text may have"),
        ('a: 1\nb: "\\ud800"', "f.yml:2: "),
        ('a: "\\UFFFFFFFF"', "is not YAML"),
        ("a: 1\n---\nb: 2", "f.yml:2: a second document begins here"),
        ("[a, b]: c", "f.yml:1: a key must be a text"),
        ("%YAML 2.0\n---\na: 1", "is not YAML"),
    ],
)
def test_refused(loader: str, text: str, problem: str) -> None:
    _, problems = parse_yaml(text, "f.yml")
    assert len(problems) == 1
    assert problem in plain(problems[0])


def test_several_mistakes_are_found_at_once() -> None:
    node, problems = parse_yaml("a: 1\na: 2\nb: !x 3\nc: 4\n", "f.yml")
    assert [problem.place.line for problem in problems] == [2, 3]
    assert node is not None
    assert as_data(node) == {"a": "1", "b": "3", "c": "4"}


def test_a_forbidden_character_is_not_passed_on() -> None:
    node, _ = parse_yaml('a: "x\\0"', "f.yml")
    assert node is not None
    assert as_data(node) == {"a": "x\ufffd"}


def test_merge_key_in_quotes_is_a_key() -> None:
    node, problems = parse_yaml("'<<': 1", "f.yml")
    assert not problems
    assert node is not None
    assert as_data(node) == {"<<": "1"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"a: 1\nb: \xff", "f.yml:2: is not UTF-8"), (None, "f.yml:1: cannot be read: ")],
)
def test_unreadable_files(tmp_path: Path, content: bytes | None, problem: str) -> None:
    path = tmp_path / "f.yml"
    if content is not None:
        path.write_bytes(content)
    node, problems = read_yaml(path, "f.yml")
    assert node is None
    assert problem in plain(problems[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("null", None), ("3", 3), ("-4", -4), ("2.5", 2.5),
        ("1.10", "1.10"), ("007", "007"), ("1e5", "1e5"), ("NaN", "NaN"), ("NO", "NO"),
        ("True", "True"), ("2026-01-05", "2026-01-05"), ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_json_scalars_keep_what_stands_there(text: str, value: object) -> None:
    assert json_scalar(TextNode(text, True, 1)) == value
    assert type(json_scalar(TextNode(text, True, 1))) is type(value)
    assert json_scalar(TextNode(text, False, 1)) == text
