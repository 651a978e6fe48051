"""A sample of `python -m tests.hostile`: see there for the long version."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.hostile.harness import NAMES, WRONG, Ground, Outcome, is_text, shape_of
from tests.hostile.places import PLACES
from tests.hostile.words import PIECES, sheets


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("hostile"))


def test_no_word_does_harm_anywhere(ground: Ground) -> None:
    @seed(6)
    @settings(
        max_examples=1, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(sheets(PLACES))
    def run(sheet: dict[str, str]) -> None:
        for raw in (False, True):
            found = ground.outcomes(sheet, raw)
            assert found.keys() == sheet.keys()
            assert not {one: found[one] for one in found if found[one].kind in WRONG}

    run()


def test_every_name_at_once_changes_no_row(ground: Ground) -> None:
    plain = ground.rows({})
    assert not isinstance(plain, Outcome)
    assert all(plain.values())
    pieces = [piece for piece in PIECES if is_text(piece) and len(piece) < 400]
    hostile = {name: f"{pieces[n]}{pieces[-n]}{n}" for n, name in enumerate(NAMES)}
    assert ground.rows(hostile) == plain


def test_the_harness_would_see_it(ground: Ground) -> None:
    """Another shape, an exception, and a file that is read outside are found."""
    assert shape_of("SELECT 'a'") == shape_of("SELECT 'b; DROP TABLE c'")
    assert shape_of('SELECT "a"') != shape_of('SELECT "a", "b"')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.hostile.harness.load", lambda directory: 1 / 0)
        assert ground.outcomes({"email": "x"}, raw=False)["email"].kind == "traceback"
    with pytest.MonkeyPatch.context() as patch:
        read = (ground.outside / "canary.csv").read_text
        patch.setattr("tests.hostile.harness.load", lambda directory: read())
        assert ground.outcomes({"email": "x"}, raw=False)["email"].kind == "outside read"
    words = {"source of contacts": "nowhere.csv", "database": "it's.duckdb"}
    assert {one.kind for one in ground.outcomes(words, raw=False).values()} == {
        "refused", "same shape",
    }  # fmt: skip
