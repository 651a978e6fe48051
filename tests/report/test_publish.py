from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from goalsql import Project
from goalsql.errors import EngineError, PublishError, UsageError
from goalsql.report.versions import GROWING, LATEST, MOST_FILES
from goalsql.report.views import RELATIONS
from tests.run.acme import EMAIL, PURCHASES, SIGNUPS, Acme, events_of, write_parquet

FILE, VERSIONS = "published/copy.duckdb", "versions"
Rows = list[tuple[Any, ...]]


@pytest.fixture
def acme(acme: Acme) -> Acme:
    """Publishes both ways."""
    acme.settings["publish"] = [{"to": FILE}, {"to": VERSIONS, "format": "parquet"}]
    acme.settle()
    return acme


@pytest.fixture
def file(acme: Acme) -> Path:
    return acme.directory / FILE


@pytest.fixture
def versions(acme: Acme) -> Path:
    return acme.directory / VERSIONS


def sql(database: Path, query: str) -> Rows:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def rows_of(database: Path, relation: str) -> Rows:
    return sorted(sql(database, f"FROM {relation}"), key=repr)


def in_seconds(rows: Rows) -> Rows:
    """Parquet has no spans of time: they are seconds there."""
    return [
        tuple(v.total_seconds() if hasattr(v, "total_seconds") else v for v in row) for row in rows
    ]


def rows_in(version: Path, relation: str) -> Rows:
    path = version.joinpath(*relation.split("."))
    files = f"{path}/*.parquet" if path.is_dir() else f"{path}.parquet"
    with duckdb.connect() as connection:
        return sorted(
            in_seconds(connection.execute(f"FROM read_parquet('{files}')").fetchall()), key=repr
        )


def assert_published(acme: Acme) -> None:
    """Both copies hold what the project's database holds, row for row."""
    for relation in RELATIONS:
        expected = rows_of(acme.database, relation)
        assert rows_of(acme.directory / FILE, relation) == expected, relation
        version = acme.directory / VERSIONS / LATEST
        assert rows_in(version, relation) == sorted(in_seconds(expected), key=repr), relation


def files(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*")}


def inodes(version: Path, relation: str) -> dict[str, int]:
    folder = version.joinpath(*relation.split("."))
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_each_tick_publishes_all_relations(acme: Acme) -> None:
    for at in ("2026-01-03", "2026-01-05", "2026-01-05T06:00", "2026-01-10"):
        acme.tick(at)
        assert_published(acme)
    assert files(acme.directory / "published") == {"copy.duckdb"}


def test_receipts_that_are_taken_back(acme: Acme, versions: Path) -> None:
    """The files of a version before hold one that is no more."""

    def emails(*rows: tuple[str, str]) -> None:
        write_parquet(
            acme.directory / "emails.parquet",
            EMAIL,
            [("a", event, at, "nurture", "hello", "delivered") for event, at in rows],
        )

    acme.settings["sources"]["marketing_emails"] = {"from": "emails.parquet"}
    acme.settle()
    emails(("e1", "2026-01-02"), ("e2", "2026-01-02"))
    acme.tick("2026-01-03")
    emails(("e1", "2026-01-02"), ("e3", "2026-01-04"))
    acme.tick("2026-01-05")
    assert_published(acme)
    received = rows_in(versions / LATEST, "goalsql.receipts")
    assert [(row[4], row[5]) for row in received] == [("e1", 1), ("e3", 2)]
    acme.settings["sources"].pop("marketing_emails")  # each email sent is a receipt from now on
    acme.settle()
    acme.tick("2026-01-06")
    assert_published(acme)


def test_views_work_wherever_the_file_lies(acme: Acme, file: Path, tmp_path: Path) -> None:
    acme.tick("2026-01-05")
    moved = tmp_path / "another name.db"
    shutil.copy(file, moved)
    for relation in RELATIONS:
        assert rows_of(moved, relation) == rows_of(acme.database, relation)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{file}' AS acme (READ_ONLY)")
        expected = sql(acme.database, "SELECT SUM(contacts) FROM report.goal_funnel")
        assert (
            connection.execute("SELECT SUM(contacts) FROM acme.report.goal_funnel").fetchall()
            == expected
        )
    comments = (
        "SELECT view_name, comment FROM duckdb_views() WHERE schema_name = 'report' ORDER BY 1"
    )
    assert sql(file, comments) == sql(acme.database, comments)


def test_what_only_ticks_remember_stays_behind(acme: Acme, file: Path) -> None:
    acme.tick("2026-01-05")
    tables = {name for (name,) in sql(file, "SELECT table_name FROM duckdb_tables()")}
    assert tables == {
        "project", "ticks", "workflows", "workflow_versions", "decisions", "enrollments",
        "goal_completions", "receipts", "email_responses", "outbox",
    }  # fmt: skip


def test_who_has_the_old_copy_open_keeps_it(acme: Acme, file: Path, versions: Path) -> None:
    acme.tick("2026-01-03")
    version = (versions / LATEST).resolve()
    count = "SELECT COUNT(*), SUM(tick_id) FROM goalsql.ticks"
    with duckdb.connect(str(file), read_only=True) as reader:
        acme.tick("2026-01-05")
        assert reader.execute(count).fetchall() == [(1, 1)]
        assert reader.execute("SELECT COUNT(*) FROM report.goal_funnel").fetchall() == [(9,)]
    assert sql(file, count) == [(2, 3)]
    assert len(rows_in(version, "goalsql.ticks")) == 1
    assert (versions / LATEST).resolve() != version


def test_the_copy_can_only_be_read(acme: Acme, file: Path) -> None:
    acme.tick("2026-01-03")
    assert file.stat().st_mode & 0o777 == 0o444


def test_versions_share_the_files_of_what_grows(acme: Acme, versions: Path) -> None:
    acme.tick("2026-01-05")
    first = (versions / LATEST).resolve()
    acme.tick("2026-01-10")
    second = (versions / LATEST).resolve()
    assert [first.name, second.name] == ["tick-000001", "tick-000002"]
    for relation in GROWING:
        before, after = inodes(first, relation), inodes(second, relation)
        assert before.items() <= after.items()
        assert set(after) <= {"tick-000001.parquet", "tick-000002.parquet"}
    [row] = pl.read_parquet(second / "goalsql/ticks/tick-000002.parquet").rows(named=True)
    assert row["tick_id"] == 2
    manifest = json.loads((second / "manifest.json").read_text())
    assert manifest["rows"]["goalsql.ticks"] == 2


def test_many_files_become_one(acme: Acme, versions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_FILES > 3
    monkeypatch.setattr("goalsql.report.versions.MOST_FILES", 3)
    found = []
    for day in range(5, 10):
        acme.tick(f"2026-01-{day:02}")
        found.append(len(inodes(versions / LATEST, "goalsql.ticks")))
        assert_published(acme)
    assert found == [1, 2, 3, 1, 2]


def test_where_there_are_no_links_files_are_copied(
    acme: Acme, versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    acme.tick("2026-01-05")
    acme.tick("2026-01-10")
    assert_published(acme)


@pytest.mark.parametrize("keep", [1, 3])
def test_the_last_versions_stay(acme: Acme, versions: Path, keep: int) -> None:
    acme.settings["publish"][1]["keep"] = keep
    acme.settle()
    (versions / "tick-000000").mkdir(parents=True)  # no version of goalsql's: it has no manifest
    for day in range(3, 8):
        acme.tick(f"2026-01-0{day}")
    expected = {f"tick-00000{number}" for number in range(6 - keep, 6)}
    assert {path.name for path in versions.iterdir()} == {LATEST, "tick-000000", *expected}
    assert os.readlink(versions / LATEST) == "tick-000005"


def test_a_database_that_began_anew(acme: Acme, versions: Path) -> None:
    acme.tick("2026-01-05")
    acme.tick("2026-01-06")
    acme.database.unlink()
    events_of(acme, "signup", SIGNUPS[:1])
    acme.tick("2026-01-06")
    assert_published(acme)
    assert os.readlink(versions / LATEST) == "tick-000001.2"


def test_definitions_that_are_applied_are_published(acme: Acme, versions: Path) -> None:
    acme.tick("2026-01-05")
    acme.workflow({"id": "other", "enrollment": {"trigger": "manual"}}, "two")
    Project.load(acme.directory).apply()
    assert_published(acme)
    assert len(rows_in(versions / LATEST, "goalsql.workflow_versions")) == 2
    assert os.readlink(versions / LATEST) == "tick-000001.2"


def test_nothing_is_published_before_the_first_tick(acme: Acme) -> None:
    Project.load(acme.directory).apply()
    assert not (acme.directory / VERSIONS).exists()
    with pytest.raises(UsageError, match="no tick has been run"):
        Project.load(acme.directory).publish()


def test_publish_now(acme: Acme, file: Path, versions: Path) -> None:
    settings = acme.settings.pop("publish")
    acme.settle()
    acme.tick("2026-01-05")
    assert not file.exists()
    with pytest.raises(UsageError, match=r"publish: \{to: published/acme.duckdb\}"):
        Project.load(acme.directory).publish()
    acme.settings["publish"] = settings
    acme.settle()
    assert Project.load(acme.directory).publish() == (file, versions)
    assert_published(acme)


def not_a_place(acme: Acme) -> str:
    (acme.directory / "published").write_text("mine")
    return "is no directory that can be written"


def somebody_elses_file(acme: Acme) -> str:
    (acme.directory / "published").mkdir()
    duckdb.connect(str(acme.directory / FILE)).close()
    return "goalsql did not put this file there"


def a_directory(acme: Acme) -> str:
    (acme.directory / FILE).mkdir(parents=True)
    return "it is a directory; name a file"


def a_file(acme: Acme) -> str:
    (acme.directory / VERSIONS).write_text("mine")
    return "it is a file; name a directory"


def no_link(acme: Acme) -> str:
    (acme.directory / VERSIONS / LATEST).mkdir(parents=True)
    return "`latest` is no link"


@pytest.mark.parametrize("occupy", [not_a_place, somebody_elses_file, a_directory, a_file, no_link])
def test_a_place_that_cannot_be_used_is_said_before_the_tick(
    acme: Acme, occupy: Callable[[Acme], str]
) -> None:
    why = occupy(acme)
    before = files(acme.directory)
    for work in (
        lambda: acme.tick("2026-01-05"),
        lambda: Project.load(acme.directory).apply(),
        lambda: Project.load(acme.directory).publish(),
    ):
        with pytest.raises(UsageError, match=why):
            work()
    assert files(acme.directory) == before
    assert not acme.database.exists()


def test_a_directory_that_may_not_be_written(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have all rights, so the answer is given here."""
    monkeypatch.setattr(os, "access", lambda path, mode: path != acme.directory)
    with pytest.raises(UsageError, match="is no directory that can be written"):
        acme.tick("2026-01-05")
    assert not acme.database.exists()


FAILING = ["publish.outbox", "report.time_to_goal", "published.checkpoint", "export.report.cohorts"]


@pytest.mark.parametrize("statement", FAILING)
def test_a_copy_that_fails_is_mended_by_the_next_publish(acme: Acme, statement: str) -> None:
    acme.tick("2026-01-03")
    published = (acme.directory / "published", acme.directory / VERSIONS)
    before = [files(directory) for directory in published]
    old = (acme.directory / FILE).read_bytes()

    def fail(name: str, sql: str) -> None:
        if name == statement:
            raise EngineError(name, sql, "the disk is full")

    with pytest.raises(PublishError, match=r"the tick is done, but: .* `goalsql publish` finishes"):
        acme.tick("2026-01-05", fail)
    assert sql(acme.database, "SELECT COUNT(*) FROM goalsql.ticks") == [(2,)]
    assert files(published[1]) == before[1]
    if not statement.startswith("export"):
        assert [files(directory) for directory in published] == before
        assert (acme.directory / FILE).read_bytes() == old
    Project.load(acme.directory).publish()
    assert_published(acme)


KILLED = """
import os, sys
from goalsql import Project
directory, at, statement = sys.argv[1:]
Project.load(directory, lambda name, sql: name != statement or os._exit(9)).tick(at, "event")
"""


@pytest.mark.parametrize("statement", ["publish.outbox", "published.checkpoint", FAILING[-1]])
def test_a_killed_publish_is_mended_by_the_tick_again(
    acme: Acme, file: Path, versions: Path, statement: str
) -> None:
    acme.tick("2026-01-03")
    published = files(file.parent)
    (versions / ".new-latest").symlink_to("tick-000007")
    at = "2026-01-05"
    done = subprocess.run([sys.executable, "-c", KILLED, acme.directory, at, statement])
    assert done.returncode == 9
    assert files(file.parent) != published or len(list(versions.glob(".new-*"))) == 1
    assert acme.tick(at).already_done
    assert_published(acme)
    assert files(file.parent) == published
    assert {path.name for path in versions.iterdir()} == {LATEST, "tick-000001", "tick-000002"}


def test_a_tick_that_is_done_already_publishes_only_what_is_missing(
    acme: Acme, file: Path, versions: Path
) -> None:
    acme.tick("2026-01-05")
    copies = [file.stat().st_ino, os.readlink(versions / LATEST)]
    assert acme.tick("2026-01-05").already_done
    assert [file.stat().st_ino, os.readlink(versions / LATEST)] == copies
    file.unlink()
    assert acme.tick("2026-01-05").already_done
    assert_published(acme)
    assert os.readlink(versions / LATEST) == copies[1]


def test_what_is_no_copy_is_not_taken_for_one(acme: Acme, file: Path, versions: Path) -> None:
    acme.tick("2026-01-05")
    file.chmod(0o644)
    file.write_text("broken")
    file.chmod(0o444)
    (versions / LATEST / "manifest.json").write_text("[]")
    assert acme.tick("2026-01-05").already_done
    assert_published(acme)


def test_later_purchases_reach_the_readers(acme: Acme, file: Path) -> None:
    acme.tick("2026-01-09")
    events_of(acme, "purchase", [*PURCHASES, ("a", "p9", "2026-01-09T12:00", 50)])
    acme.tick("2026-01-10")
    assert sql(file, "SELECT COUNT(*) FROM goalsql.goal_completions") == sql(
        acme.database, "SELECT COUNT(*) FROM goalsql.goal_completions"
    )
    assert_published(acme)
