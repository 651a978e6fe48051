"""A sample of what `python -m tests.fuzz` does in full: spoiled sources, and one contact's rows."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.broken_files import FILES
from tests.fuzz.faults import ROWS
from tests.fuzz.harness import Fault, World, trials
from tests.fuzz.one_contact import AGAIN, WORKFLOW, measured

Faults = tuple[Fault, ...]


@pytest.mark.parametrize("faults", [ROWS, FILES], ids=["rows", "files"])
def test_every_input_is_read_right_or_refused_clearly(faults: Faults, tmp_path: Path) -> None:
    world = World(tmp_path, 6)
    verdicts = list(trials(world, faults, 6, random.Random(6)))
    assert not [v for v in verdicts if v.outcome in ("wrong", "traceback")]
    assert {v.outcome for v in verdicts} == {"correct", "clear error"}


@pytest.mark.parametrize("workflow", [WORKFLOW, AGAIN], ids=["once", "again"])
def test_all_rows_of_one_contact_take_no_longer_than_of_many(
    workflow: dict[str, Any], tmp_path: Path
) -> None:
    seconds: dict[int, list[float]] = {1: [], 5_000: []}
    for attempt, contacts in product(range(2), seconds):
        directory = tmp_path / f"{contacts} {attempt}"
        directory.mkdir()
        seconds[contacts].append(sum(measured(directory, 100_000, contacts, workflow)))
    of_one, of_many = map(min, seconds.values())
    assert of_one < 3 * of_many
