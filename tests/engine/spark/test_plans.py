"""Spark reads what a tick needs of the sources, and joins by keys what is as long as they are."""

from __future__ import annotations

from collections import Counter

from tests.engine.spark.conftest import Edited

SCANS = {"match": 1, "count": 1}
"""Of an event source: its rows are read once for all rules, and once to count them."""
MORE = {"page_views": {"texts_1": 1}, "email_events": {"responses": 1, "store": 1}}
"""Paths are held to patterns, each once; of emails, those that arrived and responses are kept."""
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
        expected = Counter(SCANS) + Counter(MORE.get(source, {}))
        assert {kind: n for kind, n in scans.items() if n and kind not in BESIDES} == expected


def test_neither_contacts_nor_events_come_to_the_driver(edited: Edited) -> None:
    assert [(one.name, one.collected) for one in edited.plans if one.collected > 100] == []
