"""A small project to break: what the tests of this folder start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from goalsql import Project
from tests.conformance.values import state_of

SIGNUPS = [
    ("a", "s1", "2026-01-02", "demo"),
    ("b", "s2", "2026-01-02", "demo"),
    ("c", "s3", "2026-01-06", "demo"),
]
PURCHASES = [("b", "p1", "2026-01-04", 10), ("c", "p2", "2026-01-08", 20)]
CONTACTS = [("a", "2026-01-01", 1), ("b", "2026-01-01", 2), ("c", "2026-01-01", 3)]
EMAIL = {
    "contact_id": "VARCHAR",
    "event_id": "VARCHAR",
    "occurred_at": "TIMESTAMP",
    "workflow_id": "VARCHAR",
    "email_id": "VARCHAR",
    "event": "VARCHAR",
}
NURTURE = {
    "id": "nurture",
    "active_from": "2026-01-01T00:00:00Z",
    "enrollment": {
        "trigger": "event",
        "criteria": {"event": "signup", "where": {"form": {"is": "demo"}}},
    },
    "unenroll_when": {"property": "score", "gt": 90},
    "goal": {"criteria": {"event": "purchase", "where": {"amount": {"gte": 5}}}},
    "steps": [
        {"id": "hello", "send_email": "hello"},
        {"id": "wait", "delay": "3 days"},
        {"id": "bye", "send_email": "bye"},
    ],
}

Rows = Sequence[Sequence[object]]


class Acme:
    """A project whose sources are Parquet files that a test may rewrite."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings: dict[str, Any] = {"name": "acme", "database": "acme.duckdb", "sources": {}}
        (directory / "workflows").mkdir(parents=True)
        (directory / "segments").mkdir()

    @property
    def database(self) -> Path:
        return self.directory / "acme.duckdb"

    def source(self, name: str, columns: Mapping[str, str], rows: Rows) -> None:
        """Writes a source; `contacts`, `property_changes`, `marketing_emails` or an event's name.

        Args:
            name: the source.
            columns: the columns' names and types.
            rows: the values.
        """
        sources = self.settings["sources"]
        if name in ("contacts", "property_changes", "marketing_emails"):
            path = f"{name}.parquet"
            sources[name] = {"from": path}
        else:
            events = sources.setdefault("events", {})
            path = f"events_{[*events, name].index(name)}.parquet"
            events[name] = {"from": path}
        write_parquet(self.directory / path, columns, rows)
        self.settle()

    def settle(self) -> None:
        """Writes goalsql.yml."""
        (self.directory / "goalsql.yml").write_text(yaml.safe_dump(self.settings))

    def workflow(self, definition: Mapping[str, Any], file: str = "one") -> None:
        """Writes a workflow's file."""
        text = yaml.safe_dump(dict(definition), allow_unicode=True)
        (self.directory / "workflows" / f"{file}.yml").write_text(text)

    def tick(self, at: str, tracer: Callable[[str, str], None] | None = None) -> Any:
        """A tick with the event clock, by a project that is loaded anew."""
        return Project.load(self.directory, tracer).tick(at=at, clock="event")

    def state(self) -> dict[str, list[str]]:
        """Everything in the tables of state."""
        return state_of(self.database)

    def facts(self) -> dict[str, list[str]]:
        """The same without the times at which ticks ran, and where files lie."""
        facts = self.state()
        with duckdb.connect(str(self.database), read_only=True) as connection:
            query = "SELECT * EXCLUDE (started_at, finished_at) FROM goalsql.ticks"
            facts["ticks"] = sorted(map(str, connection.execute(query).fetchall()))
            query = "SELECT source, PARSE_FILENAME(file), size, pending FROM goalsql.source_parts"
            facts["source_parts"] = sorted(map(str, connection.execute(query).fetchall()))
        return facts


def write_parquet(path: Path, columns: Mapping[str, str], rows: Rows) -> None:
    """Writes a Parquet file of typed columns."""
    with duckdb.connect() as connection:
        declared = ", ".join(f"{quoted(name)} {sql}" for name, sql in columns.items())
        connection.execute(f"CREATE TABLE rows ({declared})")
        if rows:
            marks = ", ".join(f"({', '.join('?' * len(columns))})" for _ in rows)
            connection.execute(f"INSERT INTO rows VALUES {marks}", [v for row in rows for v in row])
        connection.table("rows").write_parquet(str(path))


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def contacts_of(acme: Acme, rows: Rows, contact_id: str = "VARCHAR", score: str = "INT") -> None:
    """Writes the contacts: id, created_at, score."""
    columns = {"contact_id": contact_id, "created_at": "TIMESTAMP", "score": score}
    acme.source("contacts", columns, rows)


def events_of(acme: Acme, name: str, rows: Rows) -> None:
    """Writes the signups (with a form) or purchases (with an amount)."""
    field = {"form": "VARCHAR"} if name == "signup" else {"amount": "INT"}
    columns = {"contact_id": "VARCHAR", "event_id": "VARCHAR", "occurred_at": "TIMESTAMP"}
    acme.source(name, columns | field, rows)


def acme_in(directory: Path) -> Acme:
    """The project with its usual data, before any tick."""
    acme = Acme(directory / "acme")
    contacts_of(acme, CONTACTS)
    events_of(acme, "signup", SIGNUPS)
    events_of(acme, "purchase", PURCHASES)
    acme.workflow(NURTURE)
    return acme
