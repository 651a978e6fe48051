from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from goalsql.model.reading import Log, Spot, guess, nearest, part, part_or
from goalsql.model.yaml_tree import parse_yaml
from tests.model.conftest import plain


def spot(text: str) -> Spot:
    node, problems = parse_yaml(text, "f.yml")
    assert node is not None
    assert not problems
    return Spot(node, node.line, "f.yml", Log())


def test_fields_reports_unknown_and_missing_keys_at_once() -> None:
    at = spot("alpha: 1\nbetta: 2\nzzz: 3\n")
    assert list(at.fields(("alpha", "beta"), required=("gamma",)) or {}) == ["alpha"]
    assert [plain(problem) for problem in at.log.problems] == [
        "f.yml:2: betta: unknown key `betta` (did you mean `beta`?)",
        "f.yml:3: zzz: unknown key `zzz` (known: `alpha`, `beta`)",
        "f.yml:1: `gamma` is missing",
    ]


def test_an_empty_key_is_a_mistake() -> None:
    at = spot("{'': 1, a: 2}")
    assert list(at.named()) == ["a"]
    assert "a name must not be empty" in plain(at.log.problems[0])


@pytest.mark.parametrize(
    ("text", "read", "problem"),
    [
        ("[a]", Spot.mapping, "must be a mapping (`key: value`), not a list"),
        ("a", Spot.mapping, "must be a mapping (`key: value`), not the text `a`"),
        ("{a: 1}", Spot.items, "must be a list (`[...]`), not a mapping"),
        ("[]", Spot.items, "must not be an empty list"),
        ("[a]", Spot.scalar, "must be one value, not a list"),
        ("''", Spot.text, "must not be empty"),
        ("yes", Spot.boolean, "`yes` is not true or false"),
        ("-1", Spot.count, "`-1` is not a whole number"),
        ("1.5", Spot.count, "`1.5` is not a whole number"),
        ("9999999999999", Spot.count, "is not a whole number"),
        ("3", Spot.duration, "(write `3 days`)"),
        ("3 dayz", Spot.duration, "a duration is <integer> <unit>"),
        ("99999999 weeks", Spot.duration, "at most 1,000 years"),
    ],
)
def test_wrong_values(text: str, read: Callable[[Spot], object], problem: str) -> None:
    at = spot(text)
    assert read(at) is None
    assert len(at.log.problems) == 1
    assert problem in plain(at.log.problems[0])


def test_right_values() -> None:
    assert spot("TRUE").boolean() is True
    assert spot("'false'").boolean() is False
    assert spot("12").count() == 12
    assert spot("2 weeks").duration() == timedelta(weeks=2)
    assert spot("''").scalar() == ""
    assert spot("b").choice(("a", "b")) == "b"


def test_choice_guesses() -> None:
    at = spot("delivrd")
    assert at.choice(("delivered", "sent")) is None
    assert "did you mean `delivered`?" in plain(at.log.problems[0])


def test_nothing_after_the_colon() -> None:
    at = spot("a:").child("a")
    assert at is not None
    assert at.scalar() is None
    assert plain(at.log.problems[0]) == 'f.yml:1: a: has no value (for the empty text write "")'
    assert spot("[a]").child("a") is None


def test_guess_ignores_case_and_gives_up_where_nothing_is_near() -> None:
    assert guess("EUROPE/PARIS", ["Europe/Paris"]) == "did you mean `Europe/Paris`?"
    assert guess("zzz", ["abc"]) == ""
    assert nearest("x" * 100_000, ["abc"]) is None


def test_part_and_default() -> None:
    found = spot("{a: true, b: x}").mapping() or {}
    assert part(found, "a", Spot.boolean) is True
    assert part(found, "c", Spot.boolean) is None
    assert part_or(found, "b", Spot.boolean, False) is False
