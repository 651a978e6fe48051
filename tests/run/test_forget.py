"""Forgetting a person: no row, no byte, no later tick (SPEC 8)."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from goalsql import Project, UsageError
from tests.run.acme import NURTURE, Acme, acme_in, contacts_of, events_of
from tests.run.persons import (
    FILE,
    GONE,
    STAYS,
    VERSIONS,
    files_with,
    forget,
    persons_in,
    rows,
    write_sources,
)


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    return persons_in(tmp_path)


TABLES = """
    SELECT table_name FROM duckdb_columns()
    WHERE database_name = CURRENT_DATABASE() AND schema_name = 'goalsql'
      AND column_name = 'contact_id' AND table_name IN (SELECT table_name FROM duckdb_tables())
"""


def test_every_table_with_contacts_is_named(acme: Acme) -> None:
    """Whoever adds a table with a contact_id has to say so in sql/forget/forget.sql."""
    from goalsql.compile.statements import named

    acme.tick("2026-01-03")
    tables = {str(name) for (name,) in rows(acme.database, TABLES)}
    assert len(tables) >= 15
    assert {f"forget.{name}" for name in tables} <= named("forget/forget.sql").keys()


def rows_of(acme: Acme, contact: str) -> dict[str, int]:
    """How many rows each table has of a contact."""
    return {
        str(name): len(rows(acme.database, f"FROM goalsql.{name} WHERE contact_id = '{contact}'"))
        for (name,) in rows(acme.database, TABLES)
    }


def test_no_row_of_any_table_is_left(acme: Acme) -> None:
    acme.tick("2026-01-03")
    write_sources(acme, score=3)
    acme.tick("2026-01-05")
    Project.load(acme.directory).enroll("nurture", [GONE, STAYS])
    held_before, others = rows_of(acme, GONE), rows_of(acme, STAYS)
    empty = {name for name, number in held_before.items() if not number}
    assert empty <= {"members", "next_turns"}, "the test is to have rows in all others"
    assert rows(acme.database, f"FROM goalsql.seen_events WHERE event_id LIKE '%{GONE}%'")
    removed = forget(acme, GONE, "nobody@example.com")
    expected = {name: number for name, number in held_before.items() if number}
    assert removed == {GONE: expected, "nobody@example.com": {}}
    assert not any(rows_of(acme, GONE).values())
    assert rows_of(acme, STAYS) == others
    seen = rows(acme.database, "SELECT event, event_id FROM goalsql.seen_events ORDER BY ALL")
    assert seen == [("signup", "s2"), ("workflow_enrolled", f'["nurture","{STAYS}",1]')]


def test_no_byte_is_left(acme: Acme) -> None:
    acme.tick("2026-01-03")
    acme.tick("2026-01-05")
    places = {"acme.duckdb", FILE, VERSIONS}
    assert files_with(acme.directory, GONE) == places
    forget(acme, GONE)
    assert files_with(acme.directory, GONE) == set()
    assert files_with(acme.directory, STAYS) == places
    assert not [path for path in acme.directory.rglob("*") if path.name.endswith((".wal", "-new"))]
    acme.tick("2026-01-10")
    assert files_with(acme.directory, GONE) == set()


@pytest.mark.parametrize("temp_directory", [None, "far/spills"])
def test_bytes_of_a_killed_tick_go_too(acme: Acme, temp_directory: str | None) -> None:
    if temp_directory:
        acme.settings["engine"] = {"duckdb": {"temp_directory": temp_directory}}
        acme.settle()
    acme.tick("2026-01-03")
    with Project.load(acme.directory).connect() as connection:
        query = "SELECT current_setting('temp_directory')"
        ((where,),) = connection.execute(query).fetchall()
    spilled = Path(where)
    spilled.mkdir()
    (spilled / "part.tmp").write_text(GONE)
    left = acme.directory / ".acme.duckdb.x.goalsql-new"
    left.mkdir()
    (left / "acme.duckdb").write_text(GONE)
    forget(acme, GONE)
    assert files_with(acme.directory, GONE) == set()
    assert not spilled.exists()


def test_everything_else_is_as_it_was(acme: Acme) -> None:
    acme.tick("2026-01-05")
    acme.database.chmod(0o640)
    with duckdb.connect(str(acme.database)) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1 AS a")
        connection.execute('CREATE VIEW "my view" AS SELECT a + 1 AS b FROM mine')
    views = "SELECT schema_name, view_name, sql, comment FROM duckdb_views() ORDER BY ALL"
    columns = (
        "SELECT schema_name, table_name, column_name, comment FROM duckdb_columns() ORDER BY ALL"
    )
    ticks = "SELECT * FROM goalsql.ticks"
    before = [rows(acme.database, query) for query in (views, columns, ticks)]
    forget(acme, GONE)
    assert [rows(acme.database, query) for query in (views, columns, ticks)] == before
    assert rows(acme.database, 'FROM "my view"') == [(2,)]
    assert acme.database.stat().st_mode & 0o777 == 0o640
    [[enrolled]] = rows(
        acme.database,
        "SELECT enrolled FROM report.workflow_goal_metrics WHERE workflow_id = 'nurture'",
    )
    assert enrolled == 1


def test_a_database_that_is_a_link_is_written_where_it_lies(acme: Acme, tmp_path: Path) -> None:
    acme.tick("2026-01-05")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(acme.database, elsewhere / "real.duckdb")
    acme.database.symlink_to(elsewhere / "real.duckdb")
    forget(acme, GONE)
    assert acme.database.is_symlink()
    assert GONE.encode() not in (elsewhere / "real.duckdb").read_bytes()


def test_nobody_sees_who_is_forgotten(acme: Acme) -> None:
    acme.tick("2026-01-03")
    forget(acme, GONE)
    write_sources(acme, score=95)
    project = Project.load(acme.directory)
    with pytest.raises(UsageError, match=f"{GONE} is forgotten"):
        project.enroll("nurture", [STAYS, GONE])
    with pytest.raises(UsageError, match=f"{GONE} is forgotten"):
        project.explain("nurture", GONE)
    with pytest.raises(UsageError, match="there is no contact") as near:
        project.explain("nurture", GONE[1:])
    assert GONE not in str(near.value)
    (acme.directory / "goal.yml").write_text("{event: purchase}")
    figures = project.whatif("nurture", goal=acme.directory / "goal.yml", at="2026-01-10").metrics
    assert figures["enrolled"].to_list() == [1, 1, 0]
    for full in (False, True):
        at = "2026-01-10" if full else "2026-01-09"
        assert not project.tick(at, "event", full=full).orphan_events
        assert GONE not in repr(acme.state())
        assert len(acme.state()["enrollments"]) == 2


@pytest.mark.parametrize("forgotten_after", [0, 1, 2])
def test_it_is_as_if_the_person_had_never_been_there(
    acme: Acme, tmp_path: Path, forgotten_after: int
) -> None:
    other = acme_in(tmp_path / "other")
    for path in ("segments", "workflows"):
        shutil.copytree(acme.directory / path, other.directory / path, dirs_exist_ok=True)
    (other.directory / "listed.csv").write_text("contact_id\n")
    write_sources(other, whom=(STAYS,))
    ticks = ("2026-01-03", "2026-01-05", "2026-01-10")
    for number, at in enumerate(ticks):
        if number == forgotten_after:
            forget(acme, GONE)
        found = acme.tick(at)
        expected = other.tick(at)
        if number >= forgotten_after:
            assert found.warnings == expected.warnings
            assert found.new_events == expected.new_events
    ours, theirs = acme.facts(), other.facts()
    for facts in (ours, theirs):
        for name in ("ticks", "source_parts", "forgotten", "project", "remembered"):
            facts.pop(name)
    ours["changed_properties"] = theirs["changed_properties"]
    assert ours == theirs


def test_rows_of_tables_that_are_forgotten_are_not_gone(acme: Acme) -> None:
    """Of tables the next tick knows by hashes what is new."""
    source = acme.directory / "events.duckdb"
    with duckdb.connect(str(source)) as connection:
        path = acme.directory / acme.settings["sources"]["events"]["signup"]["from"]
        connection.execute(f"CREATE TABLE signup AS FROM read_parquet('{path}')")
    acme.settings["attach"] = {"src": "events.duckdb"}
    acme.settings["sources"]["events"]["signup"] = {"from": "src.signup"}
    acme.settle()
    acme.tick("2026-01-03")
    forget(acme, GONE)
    found = acme.tick("2026-01-05")
    assert (found.mode, found.warnings, found.new_events) == ("incremental", (), 0)


def test_the_forgotten_are_not_gone(acme: Acme) -> None:
    """max_gone guards against truncated sources; who is forgotten was no active contact."""
    people = [f"p{number}" for number in range(40)]
    contacts_of(acme, [(name, "2026-01-01", 1) for name in people])
    events_of(acme, "signup", [(name, f"s {name}", "2026-01-02", "demo") for name in people])
    acme.tick("2026-01-03")
    forget(acme, *people[:30])
    assert acme.tick("2026-01-04").unenrolled == 0
    assert len(acme.state()["enrollments"]) == 20


@pytest.mark.parametrize("contact", ["x", "1.7", "", "99999999999999999999", "1e3"])
def test_an_id_that_no_contact_can_have(tmp_path: Path, contact: str) -> None:
    acme = acme_in(tmp_path)
    contacts_of(acme, [(7, "2026-01-01", 1)], contact_id="BIGINT")
    with pytest.raises(UsageError, match="is no contact id: the ids of contacts are BIGINT"):
        forget(acme, 7, contact)
    assert not acme.database.exists()


def test_ids_that_are_integers(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    contacts_of(acme, [(7, "2026-01-01", 1), (8, "2026-01-01", 1)], contact_id="BIGINT")
    first = Project.load(acme.directory).forget(["007", 7])
    assert (first.contacts, first.already, first.rows) == (("7",), (), 0)
    second = Project.load(acme.directory).forget(["+7", 9])
    assert (second.contacts, second.already) == (("7", "9"), ("7",))
    salts = rows(acme.database, "SELECT salt, COUNT(*) FROM goalsql.forgotten GROUP BY salt")
    assert [number for _, number in salts] == [2]
    acme.tick("2026-01-03")
    known = rows(acme.database, "SELECT contact_id FROM goalsql.known_contacts")
    assert known == [(8,)]
    with pytest.raises(UsageError, match="07 is forgotten"):
        Project.load(acme.directory).explain("nurture", "07")


def test_sources_that_cannot_be_read_stop_nobody(acme: Acme) -> None:
    acme.tick("2026-01-03")
    (acme.directory / "contacts.parquet").write_text("broken")
    assert forget(acme, GONE)[GONE]["decisions"] == 2
    assert files_with(acme.directory, GONE) == set()
    write_sources(acme)
    acme.tick("2026-01-10")
    assert GONE not in repr(acme.state())


def test_a_place_that_cannot_be_published_to_is_said_before(acme: Acme) -> None:
    acme.tick("2026-01-03")
    before = acme.facts()
    shutil.rmtree(acme.directory / "published")
    (acme.directory / "published").write_text("mine")
    with pytest.raises(UsageError, match="is no directory that can be written"):
        forget(acme, GONE)
    assert acme.facts() == before


def test_a_file_that_was_replaced_while_it_was_opened(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opens a file just before another takes its place would write where nobody reads."""
    acme.tick("2026-01-03")
    connect, calls = duckdb.connect, []

    def replaced_meanwhile(path: str, **options: object) -> duckdb.DuckDBPyConnection:
        connection = connect(path, **options)  # type: ignore[arg-type]
        calls.append(path)
        if len(calls) == 1:
            copy = acme.directory / "copy"
            shutil.copy(acme.database, copy)
            copy.replace(acme.database)
        return connection

    monkeypatch.setattr(duckdb, "connect", replaced_meanwhile)
    acme.tick("2026-01-05")
    monkeypatch.undo()
    assert rows(acme.database, "SELECT MAX(tick_id) FROM goalsql.ticks") == [(2,)]


def test_views_are_as_they_were_where_nobody_is_forgotten(acme: Acme) -> None:
    seen: dict[str, str] = {}
    acme.tick("2026-01-03", seen.__setitem__)
    assert seen["view.source contacts"].count("JOIN") == 0
    assert "view.chosen" not in seen
    forget(acme, GONE)
    acme.tick("2026-01-05", seen.__setitem__)
    assert seen["view.source contacts"].count("ANTI JOIN") == 1


def test_nothing_of_a_workflow_is_needed(acme: Acme) -> None:
    """A mistake in a file keeps nobody in the database."""
    acme.tick("2026-01-03")
    acme.workflow(NURTURE | {"goal": {"criteria": {"event": "nothing"}}})
    assert forget(acme, GONE)[GONE]
    (acme.directory / "workflows" / "one.yml").write_text("id: [")
    assert forget(acme, STAYS)[STAYS]
