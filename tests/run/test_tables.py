"""What a tick reads of sources that are tables: the rows that no tick has seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from goalsql import Project
from tests.run.acme import Acme, acme_in, quoted

FIRST = [
    ("b", "p1", "2026-01-04", 10, None),
    ("c", "p2", "2026-01-08", 20, None),
    ("a", "p3", "2026-01-03", 1, None),
]
AT = ("2026-01-05", "2026-01-09")
INTO = "INSERT INTO purchases VALUES "


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """Purchases are a table of an attached database; a tick has seen two of the three."""
    found = acme_in(tmp_path)
    with duckdb.connect(str(found.directory / "shop.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE purchases (contact_id VARCHAR, event_id VARCHAR, "
            "occurred_at TIMESTAMP, amount INT, loaded_at TIMESTAMP)"
        )
        connection.executemany(INTO + "(?, ?, ?, ?, ?)", FIRST)
    found.settings["attach"] = {"shop": "shop.duckdb"}
    found.settings["sources"]["events"]["purchase"] = {"from": "shop.purchases"}
    found.settle()
    assert found.tick(AT[0]).new_events == 4
    return found


def change(acme: Acme, *statements: str) -> None:
    with duckdb.connect(str(acme.directory / "shop.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def read_of(acme: Acme, at: str = AT[1]) -> str:
    """Where the next tick reads purchases; it leaves what one leaves that takes no shortcut."""
    before = acme.database.read_bytes()
    run: dict[str, str] = {}
    acme.tick(at, run.__setitem__)
    now = acme.facts()
    acme.database.write_bytes(before)
    Project.load(acme.directory).tick(at=at, clock="event", full=True)
    full = acme.facts()
    for name in now.keys() - {"ticks"}:
        assert now[name] == full[name], name
    return run["match.purchase"].split('FROM "')[1].split('"')[0]


def test_only_rows_after_the_last_tick_are_new(acme: Acme) -> None:
    assert read_of(acme) == "new events purchase"


def test_so_it_is_with_a_query(acme: Acme) -> None:
    query = "SELECT * FROM shop.purchases WHERE amount > 0"
    acme.settings["sources"]["events"]["purchase"] = {"query": query}
    acme.settle()
    acme.tick("2026-01-06")
    run: dict[str, str] = {}
    assert acme.tick(AT[1], run.__setitem__).new_events == 1
    assert '"new events purchase"' in run["match.purchase"]


def test_a_row_that_was_loaded_late_is_new(acme: Acme) -> None:
    change(acme, f"{INTO} ('a', 'p4', '2026-01-03', 50, '2026-01-06')")
    assert read_of(acme) == "new events purchase"


@pytest.mark.parametrize(
    "statements",
    [
        [f"{INTO} ('a', 'p4', '2026-01-03', 50, NULL)"],
        ["DELETE FROM purchases WHERE event_id = 'p1'"],
        ["UPDATE purchases SET amount = 50 WHERE event_id = 'p3'"],
        ["UPDATE purchases SET occurred_at = '2026-01-04T12:00' WHERE event_id = 'p1'"],
        [
            "DELETE FROM purchases WHERE event_id = 'p1'",
            f"{INTO} ('a', 'p4', '2026-01-03', 50, NULL)",
        ],
        [
            f"{INTO} ('a', 'p4', '2026-01-03', 50, NULL)",
            f"{INTO} ('a', 'p4', '2026-01-03', 50, NULL)",
        ],
        ["UPDATE purchases SET loaded_at = '2026-01-06' WHERE event_id = 'p3'"],
    ],
    ids=["late", "deleted", "updated", "moved", "another", "doubled", "loaded_again"],
)
def test_a_table_with_other_rows_than_were_seen_is_read_whole(
    acme: Acme, statements: Sequence[str]
) -> None:
    change(acme, *statements)
    assert read_of(acme) == "events purchase"


def test_a_table_that_is_read_whole_is_named(acme: Acme) -> None:
    change(acme, f"{INTO} ('a', 'p4', '2026-01-03', 50, NULL)")
    (warning,) = acme.tick(AT[1]).warnings
    assert warning.startswith("GQ253 events purchase: rows came late")
    assert acme.tick("2026-01-10").warnings == ()


def test_a_bad_row_is_counted_by_the_tick_that_sees_it_and_only_by_it(acme: Acme) -> None:
    change(
        acme, f"{INTO} (NULL, 'p5', '2026-01-07', 5, NULL)", f"{INTO} ('a', NULL, NULL, 5, NULL)"
    )
    bad = [acme.tick(at).bad_rows for at in ("2026-01-06", "2026-01-08", AT[1])]
    assert bad == [1, 1, 0]


@pytest.mark.parametrize("name", ["history", "contact", "events purchase", "found", "main.pair"])
@pytest.mark.parametrize("as_query", [False, True])
@pytest.mark.parametrize("shop", ["acme", "shop"])
def test_a_table_may_be_called_as_one_that_goalsql_makes(
    tmp_path: Path, name: str, as_query: bool, shop: str
) -> None:
    one, other = acme_in(tmp_path / "one"), acme_in(tmp_path / "other")
    file = other.directory / other.settings["sources"]["events"]["purchase"]["from"]
    with duckdb.connect(str(other.directory / f"{shop}.duckdb")) as connection:
        table = ".".join(quoted(part) for part in name.split("."))
        connection.execute(f"CREATE TABLE {table} AS FROM read_parquet(?)", [str(file)])
    if shop == "shop":
        other.settings["attach"] = {"shop": "shop.duckdb"}
        name, table = f"shop.{name}", f"SHOP.{table}"
    query = f"WITH H AS (SELECT * FROM {table}) SELECT * FROM h WHERE EXISTS (FROM {table})"
    source = {"query": query} if as_query else {"from": name}
    other.settings["sources"]["events"]["purchase"] = source
    other.settle()
    for at in AT:
        assert other.tick(at).decisions == one.tick(at).decisions
    expected, found = (
        sorted(Project.load(acme.directory).relation("goalsql.decisions").rows(), key=repr)
        for acme in (one, other)
    )
    assert found == expected
    assert found
