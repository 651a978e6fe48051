"""Spark reads what a tick needs of the sources, and joins by keys what is as long as they are."""

from __future__ import annotations

from collections import Counter

from tests.engine.spark.conftest import Edited

MOST_SCANS = {"match": 3, "count": 1}
"""Of an event source, by the quickstart's rules. To match: the rows, and the texts that patterns
are held to, each with the columns that one of them asks for."""
KEPT = {"responses": 1, "store": 1}
"""Email events are kept besides."""
BESIDES = ("describe", "pending")
"""What columns there are; and, where there are rows after the tick, which files hold them."""


def test_no_join_compares_all_with_all(edited: Edited) -> None:
    assert {one.name: one.products for one in edited.plans if one.products} == {}


def test_a_source_of_events_is_read_a_fixed_number_of_times(edited: Edited) -> None:
    data = edited.both.there / "data"
    for source in ("page_views", "forms", "product_events", "email_events"):
        scans: Counter[str] = Counter()
        for one in edited.plans:
            scans[one.name.split(".")[0]] += one.scans(data).count(source)
        most = Counter(MOST_SCANS | (KEPT if source == "email_events" else {}))
        assert scans["count"] == most["count"], source
        assert {kind for kind in scans - most if kind not in BESIDES} == set(), source


def test_neither_contacts_nor_events_come_to_the_driver(edited: Edited) -> None:
    assert [(one.name, one.collected) for one in edited.plans if one.collected > 100] == []
