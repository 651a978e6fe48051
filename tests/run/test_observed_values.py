"""Columns of every type, with every name, are held as they are and compared with themselves."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.run.acme import Acme

VALUES = {
    "VARCHAR": "x", "BOOLEAN": True, "TINYINT": 1, "UBIGINT": 2**64 - 1, "HUGEINT": 10**30,
    "DECIMAL(10,2)": 1.5, "FLOAT": 0.1, "DOUBLE": "nan", "DATE": "infinity",
    "TIMESTAMP": "0044-03-15 (BC) 00:00:00", "TIMESTAMP_NS": "2026-01-01",
    "TIMESTAMPTZ": "2026-01-01 00:00:00+02", "UUID": "12345678-1234-1234-1234-123456789abc",
}  # fmt: skip
NAMES = (
    "value",
    "property",
    "told",
    "found",
    "contact",
    "rowid",
    "Value 2",
    'a "b" c',
    "d'e",
    "at",
)


def columns() -> dict[str, str]:
    """A column of each type; the first ones have names that statements use too."""
    odd = [*NAMES, *(f"column {number}" for number in range(len(VALUES)))]
    return dict(zip(odd, VALUES, strict=False))


def contacts_of(acme: Acme, second: str) -> None:
    """Two contacts: `a` has values, `b` has none; `second` decides which is which."""
    head = {"contact_id": "VARCHAR", "created_at": "TIMESTAMP"} | columns()
    empty = [None for _ in VALUES]
    rows = [
        (name, "2026-01-01", *(empty if name == second else VALUES.values())) for name in ("a", "b")
    ]
    acme.source("contacts", head, rows)


def test_columns_of_every_type_are_held(tmp_path: Path) -> None:
    acme = Acme(tmp_path)
    contacts_of(acme, second="b")
    known = [{"property": name, "known": True} for name in columns()]
    trigger = {"trigger": "filter", "criteria": {"any": known}, "re_enroll": True}
    definition = {"id": "w", "active_from": "2026-01-01T00:00:00Z", "enrollment": trigger}
    acme.workflow(definition)
    ran: list[str] = []
    acme.tick("2026-01-02", lambda name, sql: ran.append(name))
    assert "last_found" in ran
    ran.clear()
    acme.tick("2026-01-03", lambda name, sql: ran.append(name))
    assert "last_found" not in ran
    assert "found_now" in ran
    with duckdb.connect(acme.database, read_only=True) as connection:
        assert connection.table("goalsql.observed_values").fetchall() == []
    contacts_of(acme, second="a")
    acme.tick("2026-01-04")
    with duckdb.connect(acme.database, read_only=True) as connection:
        found = connection.sql(
            "SELECT property, contact_id, CAST(observed_from AS DATE) AS day, value IS NULL"
            " FROM goalsql.observed_values"
        ).fetchall()
    day = duckdb.sql("SELECT DATE '2026-01-04'").fetchall()[0][0]
    expected = [(name, "a", at, at is not None) for name in columns() for at in (None, day)]
    expected += [(name, "b", at, at is None) for name in columns() for at in (None, day)]
    assert sorted(map(str, found)) == sorted(map(str, expected))
