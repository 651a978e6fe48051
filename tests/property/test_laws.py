"""The Law of SPEC 4, of the engine and of the reference itself, and changes that do not matter."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeAlias

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.property.engine import run_engine
from tests.property.harness import (
    assert_same,
    examples,
    normalised,
    reference_after,
    run_reference,
    without_observed_at,
)
from tests.property.transforms import new_names, renamed, renamed_rows, shuffled
from tests.property.world import Clock, World
from tests.property.worlds import EVERYTHING, IN_THE_ENGINE, Feature, lawful_worlds, worlds
from tests.reference.measures import Relations

Run: TypeAlias = Callable[..., Relations]
CLOCKS = st.sampled_from(("event", "tick"))
RANDOMS = st.randoms(use_true_random=False)
MOST_TICKS = 25
both = pytest.mark.parametrize(
    ("run", "features"),
    [(run_reference, EVERYTHING), (run_engine, IN_THE_ENGINE)],
    ids=["reference", "engine"],
)


@both
def test_any_sequence_of_ticks_is_one_tick(run: Run, features: tuple[Feature, ...]) -> None:
    @examples(3)
    @given(lawful_worlds(features))
    def check(world: World) -> None:
        once = run(world, world.ticks[-1:], "event")
        many = run(world, world.ticks, "event")
        assert_same(without_observed_at(many), without_observed_at(once))

    check()


@both
def test_the_tick_clock_with_a_tick_at_every_instant_is_the_event_clock(
    run: Run, features: tuple[Feature, ...]
) -> None:
    @examples(3)
    @given(lawful_worlds(features))
    def check(world: World) -> None:
        end = world.ticks[-1]
        instants = reference_after(world, [end], "event").instants()
        assume(len(instants) <= MOST_TICKS)
        by_event = run(world, [end], "event")
        by_tick = run(world, sorted({*instants, end}), "tick")
        assert_same(without_observed_at(by_tick), without_observed_at(by_event))

    check()


@examples(3)
@given(worlds(IN_THE_ENGINE), CLOCKS)
def test_the_same_tick_again_changes_nothing(world: World, clock: Clock) -> None:
    once = run_engine(world, world.ticks, clock)
    assert_same(run_engine(world, world.ticks, clock, twice=True), once)


@examples(3)
@given(worlds(IN_THE_ENGINE), CLOCKS, st.booleans())
def test_no_shortcut_changes_anything(world: World, clock: Clock, as_parquet: bool) -> None:
    whole, short = (
        run_engine(world, world.ticks, clock, as_parquet=as_parquet, full=full, remembered=True)
        for full in (True, False)
    )
    looked_at, due = dict(short.pop("next_turns")), dict(whole.pop("next_turns"))
    late = {contact: at for contact, at in due.items() if looked_at.get(contact, at) > at}
    assert not late, "a turn would be missed"
    assert due.keys() <= looked_at.keys(), "a turn would be missed"
    assert_same(short, whole)


@both
def test_the_order_of_rows_and_doubled_events_change_nothing(
    run: Run, features: tuple[Feature, ...]
) -> None:
    @examples(3)
    @given(worlds(features), CLOCKS, RANDOMS)
    def check(world: World, clock: Clock, random: Random) -> None:
        other = shuffled(world, random)
        assert_same(run(other, other.ticks, clock), run(world, world.ticks, clock))

    check()


@both
def test_renaming_contacts_renames_the_rows(run: Run, features: tuple[Feature, ...]) -> None:
    @examples(3)
    @given(worlds(features), CLOCKS)
    def check(world: World, clock: Clock) -> None:
        names = new_names(world)
        other = renamed(world, names)
        expected = normalised(renamed_rows(run(world, world.ticks, clock), names))
        assert_same(run(other, other.ticks, clock), expected)

    check()
