"""A contact that is forgotten leaves what there would be if it had never been there."""

from __future__ import annotations

from collections import Counter
from pprint import pformat

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.property.engine import run_engine, without_orphans
from tests.property.harness import examples
from tests.property.transforms import without
from tests.property.world import Clock, World
from tests.property.worlds import IN_THE_ENGINE, worlds
from tests.reference.measures import Relations

CLOCKS = st.sampled_from(("event", "tick"))


@examples(3)
@given(worlds(IN_THE_ENGINE), CLOCKS, st.booleans(), st.booleans(), st.data())
def test_who_is_forgotten_has_never_been_there(
    world: World, clock: Clock, as_parquet: bool, full: bool, data: st.DataObject
) -> None:
    contact = data.draw(st.sampled_from([row["contact_id"] for row in world.tables.contacts]))
    at = data.draw(st.integers(0, len(world.ticks) - 1))
    other = without(world, contact)
    # A source without any rows is not in goalsql.yml.
    assume(bool(other.tables.property_changes) == bool(world.tables.property_changes))
    expected = run_engine(
        other, other.ticks, clock, as_parquet=as_parquet, full=full, remembered=True
    )
    found = run_engine(
        world,
        world.ticks,
        clock,
        as_parquet=as_parquet,
        full=full,
        remembered=True,
        forgotten=contact,
        forgotten_at=at,
    )
    for relations in (found, expected):
        without_orphans(relations)
    # The names of properties are no person's.
    assert set(found.pop("changed_properties")) >= set(expected.pop("changed_properties"))
    assert_all_the_same(found, expected)


def assert_all_the_same(found: Relations, expected: Relations) -> None:
    """Fails with the rows, by relation, that only one side has; of what is remembered too."""
    assert found.keys() == expected.keys()
    wrong = {
        name: (list((ours - theirs).elements()), list((theirs - ours).elements()))
        for name in found
        for ours, theirs in [(Counter(found[name]), Counter(expected[name]))]
        if ours != theirs
    }
    assert not wrong, pformat(wrong)
