"""The worlds are valid projects, and enough happens in them to be worth comparing."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings

from goalsql.model.validation import validate
from tests.property.edits import step_lists
from tests.property.harness import (
    directory,
    examples,
    normalised,
    read_definitions,
    reference_after,
    write_files,
    write_sources,
)
from tests.property.world import Clock, World
from tests.property.worlds import EVERYTHING, Feature, worlds
from tests.reference.dependence import needs
from tests.reference.interpreter import Reference
from tests.reference.measures import BUCKETS

CLOCKS: tuple[Clock, ...] = ("event", "tick")
WORLDS = int(os.environ.get("GOALSQL_WORLDS", 60))
FEWEST = 3
"""A floor is asked of worlds only where it expects so many of them: of 60 where it is 0.05 or more;
with GOALSQL_WORLDS=1500 all are."""
FLOORS = {
    "enrolled": 0.5,
    "enrolled twice": 0.02,
    "completion": 0.15,
    "completion of a completed enrollment": 0.03,
    "outbox": 0.3,
    "two steps at different instants": 0.05,
    "outcome already_active": 0.05,
    "outcome not_re_enrollable": 0.03,
    "outcome suppressed": 0.05,
    "outcome unenrollment_trigger": 0.005,
    "outcome goal_already_met": 0.05,
    "active": 0.03,
    "completed": 0.2,
    "ended by goal_met": 0.08,
    "ended by suppressed": 0.005,
    "ended by unenrollment_trigger": 0.005,
    "ended by contact_deleted": 0.02,
} | {f"bucket {name}": 0.002 for name in BUCKETS}
"""In what share of the worlds each must happen at least: a third or less of what was measured."""
FEATURE_FLOORS: dict[tuple[Feature, ...], dict[str, float]] = {
    ("chains", "circles"): {"decision by the state of workflows": 0.1},
    ("edits", "apply"): {
        "decision after an edit of the trigger": 0.01,
        "re_enroll switched on": 0.03,
        "goal epoch after the first": 0.08,
        "completion in a later epoch": 0.002,
        "step after an edit of steps": 0.005,
    },
    ("observed",): {
        "observed value": 0.1,
        "observed member": 0.05,
        "rows after observed values": 0.004,
    },
}


@examples(20)
@given(worlds(EVERYTHING))
def test_every_world_is_a_valid_project(world: World) -> None:
    with directory() as path:
        for tick in range(len(world.ticks)):
            for files in world.files_at(tick):
                write_files(world, path, files)
                errors, _ = validate(read_definitions(path), world.tables.catalog)
                assert not errors, errors


@pytest.mark.parametrize("as_parquet", [False, True])
def test_sources_are_written_as_they_are(as_parquet: bool) -> None:
    @examples(5)
    @given(worlds(EVERYTHING))
    def check(world: World) -> None:
        with directory() as path:
            write_sources(world.tables, path, as_parquet)
            database = ":memory:" if as_parquet else str(path / "sources.duckdb")
            with duckdb.connect(database) as connection:
                place = f"'{path}/contacts/*.parquet'" if as_parquet else "contacts"
                rows = connection.execute(f"SELECT * FROM {place}").fetchall()
        assert rows == [tuple(row.values()) for row in world.tables.contacts]

    check()


def test_enough_happens() -> None:
    assert_often(FLOORS, ())


@pytest.mark.parametrize("features", FEATURE_FLOORS, ids=" ".join)
def test_enough_happens_by_each_feature(features: tuple[Feature, ...]) -> None:
    assert_often(FEATURE_FLOORS[features], features)


def assert_often(floors: dict[str, float], features: tuple[Feature, ...]) -> None:
    """Fails where something happens in too few worlds."""
    asked = {what: floor for what, floor in floors.items() if floor * WORLDS >= FEWEST}
    assert asked
    seen: Counter[str] = Counter()

    @settings(
        parent=examples(WORLDS),
        derandomize=True,  # the floors are loose, yet a test must not fail by bad luck
        database=None,
        phases=[Phase.generate],
    )
    @given(worlds(features))
    def look(world: World) -> None:
        for clock in CLOCKS:
            reference = reference_after(world, world.ticks, clock)
            seen.update(what_happens(reference, world) | what_features_do(reference, world))
            seen["worlds"] += 1

    look()
    shares = {what: seen[what] / seen["worlds"] for what in asked}
    rare = {what: share for what, share in shares.items() if share < asked[what]}
    assert not rare, rare


def what_happens(reference: Reference, world: World) -> set[str]:
    """What can be seen to have happened in a world, by the names of FLOORS."""
    found: set[str] = set()
    for state in reference.workflows.values():
        for passages in state.passages.values():
            found |= {f"outcome {decision.outcome}" for decision in passages.decisions}
            for each in passages.enrollments:
                found.add("enrolled" if each.number == 1 else "enrolled twice")
                found.add(f"ended by {each.end_reason}" if each.end_reason else each.status)
            for completion in passages.completions:
                found.add("completion")
                if passages.enrollments[completion.number - 1].status == "completed":
                    found.add("completion of a completed enrollment")
            if passages.outbox:
                found.add("outbox")
            if len({sent.executed_at for sent in passages.outbox}) > 1:
                found.add("two steps at different instants")
    relations = normalised(reference.relations(world.tables_at(len(world.ticks) - 1)))
    for _, bucket, contacts in relations["goal_funnel"]:
        if contacts:
            found.add(f"bucket {bucket}")
    return found


def what_features_do(reference: Reference, world: World) -> set[str]:
    """What only the features of worlds bring about, by the names of FEATURE_FLOORS."""
    found: set[str] = set()
    assert reference.applied is not None
    for name, state in reference.workflows.items():
        if len(state.epochs) > 1:
            found.add("goal epoch after the first")
        if state.re_enroll_from is not None:
            found.add("re_enroll switched on")
        looks_at_others = needs(reference.applied.workflows[name], reference.applied)
        first_steps = {step["id"] for step in _steps(world, name) if "id" in step}
        for passages in state.passages.values():
            if passages.decisions and looks_at_others:
                found.add("decision by the state of workflows")
            if any(decision.edits for decision in passages.decisions):
                found.add("decision after an edit of the trigger")
            if any(completion.epoch > 1 for completion in passages.completions):
                found.add("completion in a later epoch")
            if first_steps and any(s.step_id not in first_steps for s in passages.outbox):
                found.add("step after an edit of steps")
    observed = reference.observed
    changed = {key for key, entries in observed.values.items() if len(entries) > 1}
    if changed:
        found.add("observed value")
    if changed & observed.closed:
        found.add("rows after observed values")
    if any(
        span != (None, None)
        for members in observed.members.values()
        for spans in members.values()
        for span in spans
    ):
        found.add("observed member")
    return found


def _steps(world: World, name: str) -> list[dict[str, Any]]:
    """All steps of a workflow before any edit."""
    (workflow,) = (each for each in world.workflows if each["id"] == name)
    return [step for steps in step_lists(workflow["steps"]) for step in steps]
