"""A what-if gives the figures that the reference gives of either definition by itself."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from goalsql import Project
from tests.property.harness import directory, examples, reference_after, write_files, write_sources
from tests.property.world import World
from tests.property.worlds import worlds
from tests.reference.measures import BUCKETS, buckets_of

PARTS = ("goal", "enrollment", "suppression")
SHOWN = (2, *range(4, 15))
"""Of the reference's metrics: the goal's name, and the figures from `enrolled` on."""


@examples(10)
@given(worlds(lawful=True), st.data())
def test_both_sides_agree_with_the_reference(world: World, data: st.DataObject) -> None:
    assume(len(world.workflows) > 1)
    today, donor = data.draw(st.permutations(world.workflows))[:2]
    parts = data.draw(st.sets(st.sampled_from(PARTS), min_size=1))
    given_parts = {part: donor[part] for part in parts if part in donor}
    assume(given_parts)
    other = copy.deepcopy(world)
    index = world.workflows.index(today)
    other.workflows[index] = today | given_parts
    with directory() as path:
        write_files(world, path)
        write_sources(world.tables_at(len(world.ticks) - 1), path)
        files = {part: _write(path, part, given_parts[part]) for part in given_parts}
        found = Project.load(path).whatif(today["id"], **files, at=world.ticks[-1])
    expected = [_outcome(each, today["id"]) for each in (world, other)]
    rows = [tuple(_plain(v) for v in row[1:]) for row in found.metrics.rows()[:2]]
    assert rows == [metrics for metrics, _ in expected]
    before, after = (buckets for _, buckets in expected)
    assert {b: (n, m) for b, n, m, _ in found.funnel.rows()} == {
        bucket: (Counter(before.values())[bucket], Counter(after.values())[bucket])
        for bucket in BUCKETS
    }
    pairs = ((before.get(one), after.get(one)) for one in before.keys() | after.keys())
    moved = Counter(pair for pair in pairs if pair[0] != pair[1])
    assert {(a, b): n for a, b, n in found.moves.rows()} == moved


def _write(path: Path, part: str, definition: Any) -> Path:
    file = path / f"{part}.yaml"
    text = yaml.dump(definition, Dumper=yaml.CSafeDumper, allow_unicode=True)
    file.write_text(text, encoding="utf-8")
    return file


def _outcome(world: World, workflow_id: str) -> tuple[tuple[Any, ...], dict[Any, str]]:
    """The figures of a workflow after one tick, and the bucket of each contact."""
    reference = reference_after(world, world.ticks[-1:], "event")
    tables = world.tables_at(len(world.ticks) - 1)
    metrics = reference.relations(tables)["workflow_goal_metrics"]
    (row,) = [row for row in metrics if row[0] == workflow_id]
    buckets = buckets_of(reference.workflows[workflow_id])
    return tuple(_plain(row[place]) for place in SHOWN), buckets


def _plain(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value
