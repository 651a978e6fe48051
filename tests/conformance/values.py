"""Values, tables and state as texts: what a conformance file writes, what a run is compared by."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.conformance.scenario import Table


def canonical(text: str) -> str:
    """One text for all ways to write an instant, a number or JSON."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?", text):
        at = datetime.fromisoformat(text).replace(tzinfo=None)
        return at.isoformat().removesuffix("T00:00:00")
    if re.fullmatch(r"-?\d+\.\d+", text):
        return format(float(text), ".6g")
    if text.startswith("{"):
        return json.dumps(json.loads(text), sort_keys=True)
    return text


def shown(value: object) -> str:
    """A value of a result as a file writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return canonical(value.isoformat())
    if isinstance(value, float | Decimal):
        return format(float(value), ".6g")
    return canonical(str(value)) or "''"


def state_of(database: Path) -> dict[str, list[str]]:
    """Every table of state, rows in order; empty where no tick has succeeded."""
    if not database.exists():
        return {}
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'goalsql' AND table_type = 'BASE TABLE'"
        ).fetchall()
        return {
            name: sorted(map(str, connection.table(f"goalsql.{name}").fetchall()))
            for (name,) in found
        }


def write_table(connection: duckdb.DuckDBPyConnection, name: str, table: Table) -> None:
    """Makes a table of typed columns from the texts of a file."""
    columns = ", ".join(f'"{column}" {sql}' for column, sql in table.columns.items())
    connection.execute(f'CREATE OR REPLACE TABLE "{name}" ({columns})')
    if table.rows:
        marks = ", ".join(f"({', '.join('?' * len(table.columns))})" for _ in table.rows)
        values = [cell for row in table.rows for cell in row]
        connection.execute(f'INSERT INTO "{name}" VALUES {marks}', values)
