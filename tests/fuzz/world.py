"""A small project for faults to strike: its rows, its definitions, and the files of its rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

FIRST, SECOND = "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z"
SINCE = datetime(2026, 2, 1)
DAYS = 60  # of rows: some lie after the second tick
CONTACTS, EVENTS = 14, 40

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """The rows of a source, with the types of its columns."""

    columns: Mapping[str, str]
    rows: Sequence[Row]

    def typed(self, **columns: str) -> Table:
        """The same rows with columns of other types."""
        return replace(self, columns={**self.columns, **columns})

    def place(self, column: str) -> int:
        """Where a column stands."""
        return list(self.columns).index(column)


Tables = dict[str, Table]

KEYS = {
    "contacts": ("contact_id", "created_at"),
    "property_changes": ("contact_id", "property", "occurred_at"),
    "signup": ("contact_id", "event_id", "occurred_at"),
    "purchase": ("contact_id", "event_id", "occurred_at"),
    "marketing_emails": ("contact_id", "event_id", "occurred_at"),
    "competitors": ("contact_id", "added_at"),
}
"""The columns of each source without which a row says nothing."""
SEEN_FROM = ("created_at", "occurred_at", "loaded_at")
"""The instants that a tick must have reached to see a row (SPEC 4)."""
NURTURE: dict[str, Any] = {
    "id": "nurture",
    "active_from": "2026-02-01T00:00:00Z",
    "enrollment": {
        "trigger": "event",
        "criteria": {"event": "signup", "where": {"form": {"is": "demo"}}},
        "re_enroll": True,
    },
    "suppression": ["competitors"],
    "unenroll_when": {"property": "score", "gt": 90},
    "goal": {
        "criteria": {
            "any": [
                {"event": "purchase", "where": {"amount": {"gte": 80}}},
                {"event": "purchase", "times": {"at_least": 2}, "during": {"last": "5 days"}},
                {"property": "plan", "is": "gold"},
            ]
        }
    },
    "steps": [
        {"id": "hello", "send_email": "hello"},
        {"id": "wait", "delay": "3 days"},
        {"id": "bye", "send_email": "bye"},
    ],
}
CARE: dict[str, Any] = {
    "id": "care",
    "active_from": "2026-02-01T00:00:00Z",
    "enrollment": {
        "trigger": "filter",
        "criteria": {
            "any": [
                {"property": "stage", "any_of": ["lead", "customer"]},
                {"all": [
                    {"property": "vip", "is": True},
                    {"property": "renewal", "within_next": "30 days"},
                ]},
            ]
        },
    },
    "goal": {"criteria": {"event": "purchase", "during": {"since": "enrollment"}}},
    "steps": [
        {"id": "pause", "delay": "2 days"},
        {
            "id": "split",
            "branch": [
                {
                    "when": {"property": "seen", "within_last": "10 days"},
                    "steps": [{"id": "warm", "send_email": "warm"}],
                },
                {"otherwise": True, "steps": [{"id": "cold", "send_email": "cold"}]},
            ],
        },
        {"id": "last", "delay": "20 days"},
    ],
}  # fmt: skip


IDS: dict[str, tuple[str, Callable[[int], Any]]] = {
    "small": ("BIGINT", lambda n: n),
    "beyond 2^53": ("BIGINT", lambda n: 2**53 + n),
    "beyond 2^63": ("UBIGINT", lambda n: 2**63 + n),
    "negative": ("BIGINT", lambda n: -n),
    "text": ("VARCHAR", lambda n: f"p{n}"),
    "hostile": ("VARCHAR", lambda n: f"{HOSTILE[n % len(HOSTILE)]}{n}"),
    "very long": ("VARCHAR", lambda n: "x" * 100_000 + str(n)),
}
"""Kinds of contact ids: their type, and the n-th."""
HOSTILE = (
    "it's ", 'say "hi" ', "a,b;c\t", "two\nlines ", "👩‍🚀 ", "'; DROP TABLE x; --", "{{ 7 }}",
    " # ", "\u202e", "\\", "%_", "null", "-", "é",
)  # fmt: skip


def tables(chance: random.Random, ids_are: str) -> Tables:
    """Rows at random.

    Args:
        chance: where the rows come from.
        ids_are: the kind of contact ids.
    """
    id_type, nth = IDS[ids_are]
    ids = [nth(n) for n in range(1, CONTACTS + 1)]
    owners = [*ids, nth(99)]

    def at(until: float = DAYS) -> datetime:
        return SINCE + timedelta(seconds=chance.randrange(int(until * 86_400)))

    def events(name: str, *values: Sequence[Any]) -> list[Row]:
        return [
            (chance.choice(owners), f"{name}{n}", at(), *(chance.choice(of) for of in values))
            for n in range(EVENTS)
        ]

    contacts = [
        (
            one,
            SINCE - timedelta(days=20) if n % 4 else at(40),
            chance.choice(["lead", "customer", "other", None]),
            chance.choice([None, 1, 50, 95]),
            chance.choice([True, False, None]),
            date(2026, 2, 1) + timedelta(days=chance.randrange(90)),
            at(),
        )
        for n, one in enumerate(ids)
    ]
    changes = [
        (chance.choice(owners), "plan", chance.choice(["gold", "free", ""]), at())
        for _ in range(EVENTS // 4)
    ]
    loaded = [None, None, SINCE, datetime(2026, 3, 5), datetime(2026, 4, 1)]
    emails = [
        (who, f"m{n}", at(), workflow, "hello", event)
        for n in range(EVENTS)
        for who, workflow, event in [
            (chance.choice(owners), chance.choice(["nurture", "care"]), "delivered")
        ]
    ]
    members = [(one, at()) for one in chance.sample(owners, 3)]
    key = {"contact_id": id_type}
    head = {**key, "event_id": "VARCHAR", "occurred_at": "TIMESTAMP"}
    return {
        "contacts": Table(
            {
                **key, "created_at": "TIMESTAMP", "stage": "VARCHAR", "score": "INTEGER",
                "vip": "BOOLEAN", "renewal": "DATE", "seen": "TIMESTAMP",
            },
            contacts,
        ),
        "property_changes": Table(
            {**key, "property": "VARCHAR", "value": "VARCHAR", "occurred_at": "TIMESTAMP"}, changes
        ),
        "signup": Table({**head, "form": "VARCHAR"}, events("s", ["demo", "other", "demo"])),
        "purchase": Table(
            {**head, "amount": "INTEGER", "loaded_at": "TIMESTAMP"},
            events("p", [1, 20, 79, 80, 200], loaded),
        ),
        "marketing_emails": Table(
            {**head, "workflow_id": "VARCHAR", "email_id": "VARCHAR", "event": "VARCHAR"}, emails
        ),
        "competitors": Table({**key, "added_at": "TIMESTAMP"}, members),
    }  # fmt: skip


FORMATS = ("parquet", "parquets", "csv", "csvs", "tsv", "jsonl", "csv.gz", "jsonl.gz", "table")
"""How a source may be kept; an s at the end: as two files of a glob."""


def location(name: str, kind: str) -> str:
    """What goalsql.yml says of where a source is."""
    if kind == "table":
        return f"src.{name}"
    suffix = kind.removesuffix("s")
    return f"data/{name}/*.{suffix}" if kind.endswith("s") else f"data/{name}.{suffix}"


def files(directory: Path, name: str, kind: str) -> list[Path]:
    """Where a source's rows are."""
    if kind == "table":
        return [directory / f"{name}.duckdb"]
    if kind.endswith("s"):
        return [directory / "data" / name / f"{n}.{kind.removesuffix('s')}" for n in (0, 1)]
    return [directory / "data" / f"{name}.{kind}"]


def write_project(directory: Path, kinds: Mapping[str, str], timezone: str) -> None:
    """Writes goalsql.yml, the segment and the workflows."""
    where = {name: {"from": location(name, kind)} for name, kind in kinds.items()}
    attached = {}
    for name, kind in kinds.items():
        if kind == "table":
            attached[f"src_{name}"] = f"{name}.duckdb"
            where[name] = {"from": f"src_{name}.main.{name}"}
    segment = {"competitors": {"static": where.pop("competitors")}}
    events = {name: where.pop(name) for name in ("signup", "purchase")}
    settings = {
        "name": "acme",
        "database": "acme.duckdb",
        "timezone": timezone,
        "sources": {**where, "events": events},
        **({"attach": attached} if attached else {}),
    }
    for folder in ("segments", "workflows", "data"):
        (directory / folder).mkdir(parents=True)
    for file, content in (
        ("goalsql.yml", settings),
        ("segments/all.yml", segment),
        ("workflows/nurture.yml", NURTURE),
        ("workflows/care.yml", CARE),
    ):
        (directory / file).write_text(yaml.safe_dump(content, allow_unicode=True))


def write_source(directory: Path, name: str, kind: str, table: Table) -> None:
    """Writes a source's rows in the way that it is kept; in two files the odd and even rows."""
    paths = files(directory, name, kind)
    for number, path in enumerate(paths):
        write_file(path, replace(table, rows=table.rows[number :: len(paths)]), name)


def write_file(path: Path, table: Table, name: str = "rows") -> None:
    """Writes rows to a file of the format that its name says."""
    remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix in (".parquet", ".duckdb"):
        _write_typed(path, table, name)
        return
    text = _json_lines(table) if ".jsonl" in path.name else csv_text(table, path)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def remove(path: Path) -> None:
    """Removes a file, or what stands in its place."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def csv_text(table: Table, path: Path = Path("rows.csv"), **dialect: Any) -> str:
    """Rows as CSV; None is nothing between two commas."""
    text = io.StringIO()
    delimiter = "\t" if path.suffix == ".tsv" else ","
    options = {"delimiter": delimiter, "lineterminator": "\n", **dialect}
    writer = csv.writer(text, **options)
    writer.writerow(table.columns)
    writer.writerows([[_text(value) for value in row] for row in table.rows])
    return text.getvalue()


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value


def _json_lines(table: Table) -> str:
    lines = [
        {
            name: value if isinstance(value, str | int | float | None) else str(value)
            for name, value in zip(table.columns, row, strict=True)
        }
        for row in table.rows
    ]
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def _write_typed(path: Path, table: Table, name: str) -> None:
    database = str(path) if path.suffix == ".duckdb" else ":memory:"
    with duckdb.connect(database) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        declared = ", ".join(f'"{column}" {sql}' for column, sql in table.columns.items())
        connection.execute(f'CREATE TABLE "{name}" ({declared})')
        if table.rows:
            marks = ", ".join(f"({', '.join('?' * len(table.columns))})" for _ in table.rows)
            values = [value for row in table.rows for value in row]
            connection.execute(f'INSERT INTO "{name}" VALUES {marks}', values)
        if path.suffix == ".parquet":
            connection.table(f'"{name}"').write_parquet(str(path))
