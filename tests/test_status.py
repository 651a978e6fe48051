"""`goalsql status`: how a project stands, whatever its state, without changing anything."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from goalsql import DefinitionError, Project, Status, __version__
from goalsql.cli import app
from goalsql.run.state import SCHEMA_VERSION
from goalsql.run.unseen import SourceNews
from tests.holding import held
from tests.run.acme import NURTURE, Acme, acme_in, contacts_of, events_of
from tests.run.versions import DATABASE, restore

CALLS = "contact_id VARCHAR, event_id VARCHAR, occurred_at TIMESTAMP, minutes INTEGER"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["status", *map(str, arguments)])
    return result.exit_code, " ".join(result.stdout.split())


def status_of(acme: Acme) -> Status:
    return Project.load(acme.directory).status()


def news(acme: Acme) -> dict[str, SourceNews]:
    return {found.source: found for found in status_of(acme).sources or ()}


def say(database: Path, *statements: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            found = connection.execute(statement).fetchall()
    return found


def note(statements: list[str], name: str, sql: str) -> None:
    statements.append(name)


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """The project with a table of calls in a database beside it, after its first tick."""
    acme = acme_in(tmp_path)
    calls = "INSERT INTO calls VALUES ('a', 'c1', '2026-01-02', 5), ('b', 'c2', '2026-01-03', 6)"
    say(acme.directory / "crm.duckdb", f"CREATE TABLE calls ({CALLS})", calls)
    acme.settings["attach"] = {"crm": "crm.duckdb"}
    acme.settings["sources"]["events"]["call"] = {"from": "crm.calls"}
    acme.settle()
    acme.tick("2026-01-10")
    return acme


def test_before_the_first_tick(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    found = status_of(acme)
    assert (found.project, found.goalsql, found.database) == ("acme", __version__, acme.database)
    assert (found.size, found.lock, found.hidden, found.last_tick) == (None, None, None, None)
    assert (found.schema_version, found.schema) == (None, "none")
    assert (found.edited, found.mistakes, found.waiting) == (("nurture",), 0, {})
    assert {name: source.unseen for name, source in news(acme).items()} == {
        "contacts": True,
        "events.signup": True,
        "events.purchase": True,
    }
    status, said = run("-p", acme.directory)
    assert status == 0
    assert "not there yet" in said
    assert "last tick none yet" in said
    assert not acme.database.exists()
    Project.load(acme.directory).enroll("nurture", ["a"])
    found = status_of(acme)
    assert (found.schema_version, found.schema) == (SCHEMA_VERSION, "current")
    assert found.waiting == {"nurture": 1}
    assert found.last_tick is None


def test_after_a_tick_nothing_is_left_to_see(acme: Acme) -> None:
    before = acme.database.read_bytes()
    found = status_of(acme)
    [row] = say(acme.database, "FROM goalsql.ticks")
    assert found.last_tick is not None
    assert tuple(getattr(found.last_tick, name) for name in found.last_tick.__slots__) == row
    assert found.rows["decisions"] == found.last_tick.decisions == 3
    assert (found.size, found.log_size) == (len(before), 0)
    assert (found.edited, found.mistakes, found.has_unseen_rows) == ((), 0, False)
    status, said = run("-p", acme.directory, "--json")
    assert status == 0
    as_json = json.loads(said)
    assert as_json["last_tick"]["tick_at"] == "2026-01-10T00:00:00Z"
    assert as_json["has_unseen_rows"] is False
    assert as_json["sources"][0]["source"] == "contacts"
    status, said = run("-p", acme.directory)
    assert status == 0
    assert "last tick 1 at 2026-01-10 00:00 UTC, event clock, full; finished " in said
    assert "lock free" in said
    assert acme.database.read_bytes() == before


def test_files_that_are_new_changed_or_gone(acme: Acme) -> None:
    acme.settings["sources"]["events"]["signup"] = {"from": "events_*.parquet"}
    acme.settle()
    assert news(acme)["events.signup"] == SourceNews("events.signup", "files", True, 2, 1)
    acme.settings["sources"]["events"]["signup"] = {"from": "events_0.parquet"}
    acme.settle()
    assert news(acme)["events.signup"] == SourceNews("events.signup", "files", False, 1)
    events_of(acme, "signup", [("c", "s9", "2026-01-04", "demo")])
    contacts_of(acme, [("a", "2026-01-01", 1)])
    os.remove(acme.directory / "events_1.parquet")
    found = news(acme)
    assert found["contacts"].changed_files == 1
    assert found["events.purchase"] == SourceNews("events.purchase", "unreadable", None)
    say(acme.directory / "crm.duckdb", "ALTER TABLE calls RENAME occurred_at TO held_at")
    assert news(acme)["events.call"] == SourceNews("events.call", "unreadable", None)
    with pytest.raises(DefinitionError) as wrong:
        Project.load(acme.directory).validate()
    assert status_of(acme).mistakes == len(wrong.value.problems)


def test_files_with_rows_from_after_the_tick(acme: Acme) -> None:
    events_of(acme, "purchase", [("c", "p9", "2026-02-01", 10)])
    acme.tick("2026-01-16")
    found = news(acme)["events.purchase"]
    assert found == SourceNews("events.purchase", "files", True, 1, later_files=1)
    assert "events.purchase 1 yes 1 with rows after the tick" in run("-p", acme.directory)[1]


def test_rows_of_a_table(acme: Acme) -> None:
    crm = acme.directory / "crm.duckdb"
    rows = "INSERT INTO calls VALUES ('a', 'c3', '{}', 7)"
    undo = "DELETE FROM calls WHERE event_id = 'c3'"
    for change, later, differ, reads_all in [
        ("SELECT 1", 0, False, True),
        (rows.format("2026-01-16"), 1, False, False),
        (undo, 0, False, True),
        (rows.format("2026-01-04"), 0, True, False),
        (undo, 0, False, True),
        ("UPDATE calls SET minutes = 9 WHERE event_id = 'c1'", 0, True, True),
        ("DELETE FROM calls WHERE event_id = 'c1'", 0, True, False),
    ]:
        say(crm, change)
        statements: list[str] = []
        project = Project.load(acme.directory, partial(note, statements))
        [found] = [one for one in project.status().sources or () if one.source == "events.call"]
        assert (found.later_rows, found.rows_changed) == (later, differ), change
        assert found.unseen is bool(later or differ), change
        assert any(name.startswith("seen.") for name in statements) is reads_all, change


def test_what_waits_for_the_next_tick(acme: Acme) -> None:
    Project.load(acme.directory).enroll("nurture", ["a", "b"])
    acme.workflow(NURTURE | {"name": "Other"})
    acme.workflow(NURTURE | {"id": "second"}, "two")
    found = status_of(acme)
    assert found.waiting == {"nurture": 2}
    assert found.edited == ("nurture", "second")
    said = run("-p", acme.directory)[1]
    assert "waiting 2 contacts for nurture" in said
    assert "definitions not applied yet: nurture, second; no mistakes" in said


def test_mistakes_are_counted(acme: Acme) -> None:
    acme.workflow(NURTURE | {"enrolment": {}, "goal": {"criteria": {"property": "scor", "gt": 1}}})
    assert status_of(acme).mistakes == 2
    status, said = run("-p", acme.directory)
    assert status == 0
    assert "2 mistakes: run goalsql validate" in said
    (acme.directory / "goalsql.yml").write_text("name: [")
    assert run("-p", acme.directory)[0] == 2


def test_while_another_process_has_the_database(acme: Acme) -> None:
    acme.settings["publish"] = [
        {"to": "published/acme.duckdb"},
        {"to": "published/tables", "format": "parquet"},
    ]
    acme.settle()
    assert [copy.tick_id for copy in status_of(acme).copies] == [None, None]
    Project.load(acme.directory).publish()
    with held(acme.database) as holder:
        found = status_of(acme)
        status, said = run("-p", acme.directory)
    assert found.lock is not None
    assert (found.lock.holder, found.lock.only_reads) == (holder.pid, False)
    assert found.lock.since is not None
    assert found.hidden == "another process has the database"
    assert (found.last_tick, found.sources, found.has_unseen_rows) == (None, None, None)
    assert [copy.tick_id for copy in found.copies] == [1, 1]
    assert all(copy.size for copy in found.copies)
    assert status == 0
    assert f"lock process {holder.pid}, which runs since " in said
    assert "no mistakes in the files, sources not looked at" in said
    with held(acme.database, read_only=True) as holder:
        found = status_of(acme)
    assert found.lock is not None
    assert (found.lock.holder, found.lock.only_reads) == (holder.pid, True)
    assert found.last_tick is not None
    project = Project.load(acme.directory)
    with project.connect():
        assert project.status().lock is None
        with pytest.raises(AssertionError), held(acme.database):
            """To look at the lock has not let go of the one that this process has."""


def test_a_copy_that_is_behind_is_named(acme: Acme) -> None:
    acme.settings["publish"] = {"to": "published/acme.duckdb"}
    acme.settle()
    acme.tick("2026-01-16")
    del acme.settings["publish"]
    acme.settle()
    acme.tick("2026-01-17")
    acme.settings["publish"] = {"to": "published/acme.duckdb"}
    acme.settle()
    assert ", not 3: run goalsql publish" in run("-p", acme.directory)[1]


def test_databases_of_other_versions(acme: Acme, tmp_path: Path) -> None:
    directory = tmp_path / "orchard"
    restore(directory, 1)
    before = (directory / DATABASE).read_bytes()
    found = Project.load(directory).status()
    assert (found.schema_version, found.schema) == (1, "older")
    assert found.last_tick is not None
    assert found.last_tick.tick_id == 2
    assert (found.waiting, found.sources, found.edited) == ({"by_hand": 2}, None, None)
    status, said = run("-p", directory)
    assert status == 0
    assert f"schema 1; the next tick, or goalsql apply, upgrades it to {SCHEMA_VERSION}" in said
    assert (directory / DATABASE).read_bytes() == before
    say(acme.database, "UPDATE goalsql.project SET views = 'others'")
    found = status_of(acme)
    assert (found.schema, found.has_unseen_rows) == ("other views", False)
    say(acme.database, "UPDATE goalsql.project SET schema_version = 99", "DROP TABLE goalsql.ticks")
    found = status_of(acme)
    assert (found.schema_version, found.schema, found.last_tick) == (99, "newer", None)
    status, said = run("-p", acme.directory)
    assert status == 0
    assert "schema 99, newer than this goalsql" in said
