"""Spark reads what a tick needs of the sources, and joins by keys what is as long as they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.engine.spark.conftest import Both
from tests.engine.spark.plans import Planned, planned
from tests.engine.spark.test_project import changed

MOST_SCANS = {"match": 3, "count": 1}
"""Of an event source, by the quickstart's rules. To match: the rows, and the texts that patterns
are held to, each with the columns that one of them asks for."""
KEPT = {"responses": 1, "store": 1}
"""Email events are kept besides."""
BESIDES = ("describe", "pending")
"""What columns there are; and, where there are rows after the tick, which files hold them."""


@pytest.fixture(scope="module")
def plans(
    ticked: Both, session: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Planned]]:
    """Those of a tick over the whole history."""
    both = changed(ticked, tmp_path_factory.mktemp("plans"))
    with planned(session) as found:
        both.spark.tick("2025-08-02", "event", full=True)
    return both.there, found


def test_no_join_compares_all_with_all(plans: tuple[Path, list[Planned]]) -> None:
    _, found = plans
    assert {one.name: one.products for one in found if one.products} == {}


def test_a_source_of_events_is_read_a_fixed_number_of_times(
    plans: tuple[Path, list[Planned]],
) -> None:
    directory, found = plans
    data = directory / "data"
    for source in ("page_views", "forms", "product_events", "email_events"):
        scans: Counter[str] = Counter()
        for one in found:
            scans[one.name.split(".")[0]] += one.scans(data).count(source)
        most = Counter(MOST_SCANS | (KEPT if source == "email_events" else {}))
        assert scans["count"] == most["count"], source
        assert {kind for kind in scans - most if kind not in BESIDES} == set(), source


def test_neither_contacts_nor_events_come_to_the_driver(
    plans: tuple[Path, list[Planned]],
) -> None:
    _, found = plans
    assert [(one.name, one.collected) for one in found if one.collected > 100] == []
