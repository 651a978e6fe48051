"""Every row says which tick it is of: the first that knew it, or the last that changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from goalsql import Project
from tests.run.acme import EMAIL, NURTURE, Acme, acme_in, contacts_of, events_of, write_parquet

TABLES = ("decisions", "enrollments", "goal_completions", "receipts", "outbox")
DAYS = range(2, 14)


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """Eight contacts in a workflow with a delay, three of whom meet the goal."""
    acme = acme_in(tmp_path)
    names = "abcdefgh"
    contacts_of(acme, [(name, "2026-01-01", 1) for name in names])
    signups = [(name, f"s{i}", f"2026-01-0{2 + i // 2}", "demo") for i, name in enumerate(names)]
    events_of(acme, "signup", signups)
    events_of(acme, "purchase", [(n, f"p{n}", f"2026-01-{day:02}T12:00", 9)
                                 for n, day in (("a", 3), ("d", 7), ("h", 12))])  # fmt: skip
    return acme


def bare(project: Project, table: str) -> dict[tuple[Any, ...], int]:
    """Each row without what says its tick, and that."""
    frame = project.relation(f"goalsql.{table}")
    ticks = frame["tick_id"].to_list()
    rows = frame.select(name for name in frame.columns if "tick" not in name).rows()
    return dict(zip(rows, ticks, strict=True))


def edit(acme: Acme, day: int) -> None:
    """On two days the steps change."""
    if day == 6:
        acme.workflow(NURTURE | {"steps": [*NURTURE["steps"], {"id": "more", "delay": "1 day"}]})
        Project.load(acme.directory).apply()
    if day == 8:
        acme.workflow(NURTURE | {"steps": [NURTURE["steps"][0], {"id": "new", "delay": "9 days"}]})
        Project.load(acme.directory).apply()


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("emails", [False, True])
def test_rows_are_of_the_tick_that_first_showed_them(acme: Acme, full: bool, emails: bool) -> None:
    if emails:
        acme.source("marketing_emails", EMAIL, [])
    seen: dict[str, dict[tuple[Any, ...], int]] = {table: {} for table in TABLES}
    for number, day in enumerate(DAYS, start=1):
        edit(acme, day)
        if emails:
            rows = [("a", "e1", "2026-01-03", "nurture", "m", "delivered")]
            rows += [("b", f"e{at}", f"2026-01-{at:02}", "nurture", "m", "delivered")
                     for at in (3, 5, 9) if at != 5 or day > 7]  # fmt: skip
            write_parquet(acme.directory / "marketing_emails.parquet", EMAIL, rows)
        project = Project.load(acme.directory)
        project.tick(at=f"2026-01-{day:02}T06:00", clock="event", full=full)
        for table in TABLES:
            now = bare(project, table)
            seen[table] = {row: seen[table].get(row, number) for row in now}
            assert now == seen[table], (table, day)
    assert all(len(set(rows.values())) > 1 for rows in seen.values())


def test_an_edit_that_is_applied_is_of_the_next_tick(acme: Acme) -> None:
    acme.tick("2026-01-02T06:00")
    acme.workflow(NURTURE | {"steps": [NURTURE["steps"][0], {"id": "new", "send_email": "x"}]})
    project = Project.load(acme.directory)
    project.apply()
    assert set(bare(project, "enrollments").values()) == {2}
    assert project.tick(at="2026-01-02T06:00").already_done
