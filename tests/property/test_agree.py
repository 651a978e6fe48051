"""The engine's rows are the reference's, in any world."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from tests.property.engine import run_engine
from tests.property.harness import assert_same, examples, run_reference
from tests.property.world import Clock, World
from tests.property.worlds import IN_THE_ENGINE, worlds

CLOCKS = st.sampled_from(("event", "tick"))


@examples(10)
@given(worlds(IN_THE_ENGINE), CLOCKS, st.booleans(), st.sampled_from((1, 2, 5)))
def test_the_engine_agrees_with_the_reference(
    world: World, clock: Clock, parquet: bool, ahead: int
) -> None:
    expected = run_reference(world, world.ticks, clock)
    with patch("goalsql.run.rounds.look_ahead", return_value=ahead):
        found = run_engine(world, world.ticks, clock, as_parquet=parquet)
    assert_same(found, expected)


@examples(5)
@given(worlds(IN_THE_ENGINE), CLOCKS)
def test_full_agrees_with_the_reference(world: World, clock: Clock) -> None:
    expected = run_reference(world, world.ticks, clock)
    assert_same(run_engine(world, world.ticks, clock, full=True), expected)
