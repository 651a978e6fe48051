"""What ticks cost (processor time) where all events are of one contact, or of many."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb
import yaml

from goalsql import Project

ROWS = """
COPY (
  SELECT i % {contacts} AS contact_id, i AS event_id,
    TIMESTAMP '2025-01-01' + TO_MICROSECONDS(i * {step}) AS occurred_at,
    CASE WHEN i % 1000 = 0 THEN '/pricing' ELSE '/blog' END AS path, i % 100 AS amount
  FROM range({first}, {last}) AS row_of(i)
) TO '{file}' (FORMAT PARQUET)
"""
YEAR = 365 * 86_400 * 1_000_000
WORKFLOW: dict[str, Any] = {
    "id": "nurture",
    "active_from": "2025-01-01T00:00:00Z",
    "enrollment": {
        "trigger": "event",
        "criteria": {"event": "view", "where": {"amount": {"lt": 50}}},
    },
    "goal": {
        "criteria": {
            "any": [
                {"event": "view", "times": {"at_least": 3}, "during": {"last": "2 hours"},
                 "where": {"path": {"is": "/pricing"}}},
                {"event": "view", "times": {"at_least": 100_000_000}, "during": {"last": "1 day"}},
            ]
        }
    },
    "steps": [{"id": "hello", "send_email": "hello"}, {"id": "wait", "delay": "30 days"}],
}  # fmt: skip
AGAIN = WORKFLOW | {
    "enrollment": WORKFLOW["enrollment"] | {"re_enroll": True},
    "steps": [{"id": "hello", "send_email": "hello"}],
}
"""Every event of the trigger enrols its contact again."""


def measured(
    directory: Path, rows: int, contacts: int, workflow: dict[str, Any]
) -> tuple[float, float]:
    """The processor seconds of a first tick over a year of events, and of one with 1 % more.

    Args:
        directory: an empty one.
        rows: how many events.
        contacts: how many contacts they are of.
        workflow: whom the events enroll.
    """
    (directory / "views").mkdir()
    (directory / "workflows").mkdir()
    settings = {
        "name": "one",
        "database": "one.duckdb",
        "sources": {
            "contacts": {"from": "contacts.parquet"},
            "events": {"view": {"from": "views/*.parquet"}},
        },
    }
    (directory / "goalsql.yml").write_text(yaml.safe_dump(settings))
    (directory / "workflows" / "nurture.yml").write_text(yaml.safe_dump(workflow))
    duckdb.sql(
        f"COPY (SELECT i AS contact_id, TIMESTAMP '2024-12-01' AS created_at FROM "
        f"range({contacts}) AS row_of(i)) TO '{directory}/contacts.parquet'"
    )
    return (
        _tick(directory, 0, rows, contacts, rows, "2026-01-01"),
        _tick(directory, rows, rows + rows // 100, contacts, rows, "2026-01-05"),
    )


def _tick(directory: Path, first: int, last: int, contacts: int, rows: int, at: str) -> float:
    """Adds a file of events, and runs a tick that sees them."""
    file = directory / "views" / f"{first}.parquet"
    step = YEAR // rows
    duckdb.sql(ROWS.format(contacts=contacts, step=step, first=first, last=last, file=file))
    began = time.process_time()
    Project.load(directory).tick(at, "event")
    return time.process_time() - began
