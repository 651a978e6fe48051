"""Which statements a tick observes with, by what earlier ticks left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlglot import exp

from goalsql.compile.observing import Observation, build_observation
from goalsql.model.catalog import Catalog
from tests.compile.cases import CATALOG, NOW, prop, workflow, world
from tests.property.harness import read_definitions, write_files

COMPARED = ["changed", "observed.values"]
BEFORE = NOW - timedelta(days=1)


def observation(
    path: Path, criteria: object, held: dict[str, str], catalog: Catalog = CATALOG
) -> Observation:
    """What a tick observes of a project with one workflow."""
    write_files(world(workflow(criteria)), path)
    return build_observation(read_definitions(path), catalog, held, BEFORE, NOW)


def names(found: Observation) -> list[str]:
    return [statement.name for statement in found.observe]


AGE = prop("age", gt=1)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({}, ["last_found"]),
        ({"city": "VARCHAR"}, ["last_found"]),
        ({"age": "INTEGER"}, ["found_now", *COMPARED, "observed.forget", "observed.keep"]),
        ({"age": "VARCHAR"}, [*COMPARED, "last_found"]),
    ],
    ids=["first tick", "another property", "as before", "another type"],
)
def test_the_table_is_made_anew_where_its_columns_change(
    held: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    found = names(observation(tmp_path, AGE, held))
    assert found == ["history", *expected, "observed.histories"]


@pytest.mark.parametrize("name", ["contact_id", "plan"])
def test_only_columns_that_can_change_are_observed(name: str, tmp_path: Path) -> None:
    found = names(observation(tmp_path, prop(name, known=True), {}))
    assert found == ["history", "observed.histories"]


def test_a_later_tick_compares_all_contacts_once(tmp_path: Path) -> None:
    criteria = [AGE, prop("city", known=True), prop("vip", known=True)]
    held = {"age": "INTEGER", "city": "VARCHAR", "vip": "BOOLEAN"}
    found = {one.name: one.ast for one in observation(tmp_path, criteria, held).observe}
    tables = [one.name for one in found["found_now"].find_all(exp.Table)]
    assert sorted(tables) == ["contact", "found_now", "last_found"]
    assert "found_now" in [one.name for one in found["changed"].find_all(exp.Table)]


def test_only_lists_without_instants_are_watched(tmp_path: Path) -> None:
    criteria = {"in_segment": "friends"}
    assert observation(tmp_path, criteria, {}).members == ()
    plain = replace(CATALOG, segments={"friends": {"contact_id": CATALOG.contacts["contact_id"]}})
    listed = [one.name for one in observation(tmp_path, criteria, {}, plain).members]
    assert listed == ["rules.noted", "listed", "listed.gone", "listed.new", "listed.seen"]
