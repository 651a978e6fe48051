"""Definitions read the project directory, and what `allow_paths` names (SPEC 2)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from goalsql import DefinitionError, Project
from goalsql.model.reach import Reach
from tests.run.acme import Acme, acme_in


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """A project whose purchases lie in `outside`, beside it."""
    acme = acme_in(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.move(acme.directory / "events_1.parquet", outside / "purchases.parquet")
    with duckdb.connect(str(outside / "crm.duckdb")) as connection:
        connection.execute("CREATE TABLE people AS SELECT 'a' AS contact_id")
    acme.settings["sources"]["events"]["purchase"] = {"from": "../outside/purchases.parquet"}
    acme.settle()
    return acme


def mistakes(acme: Acme) -> list[tuple[str, int, str, str]]:
    with pytest.raises(DefinitionError) as caught:
        Project.load(acme.directory).validate()
    return [
        (one.place.file, one.place.line, one.message, one.mend)
        for one in caught.value.problems
        if one.place.file != "workflows/one.yml"
    ]


def test_a_path_outside_is_a_mistake_until_it_is_allowed(acme: Acme) -> None:
    lines = (acme.directory / "goalsql.yml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "purchase:" in text)
    message = "`../outside/purchases.parquet` is outside of the project directory"
    mend = "allow it in goalsql.yml: `allow_paths: [../outside]`"
    assert mistakes(acme) == [("goalsql.yml", line, message, mend)]
    acme.settings["allow_paths"] = ["../outside"]
    acme.settle()
    acme.tick("2026-01-10")
    assert Project.load(acme.directory).report()["workflow_goal_metrics"]["met_goal"][0] == 2


@pytest.mark.parametrize(
    "allowed", [["../outside/purchases.parquet"], ["{outside}"], ["../outside/"], ["x", ".."]]
)
def test_a_file_or_a_directory_may_be_allowed(acme: Acme, allowed: list[str]) -> None:
    outside = str(acme.directory.parent / "outside")
    acme.settings["allow_paths"] = [one.replace("{outside}", outside) for one in allowed]
    acme.settle()
    Project.load(acme.directory).validate()


@pytest.mark.parametrize("allowed", [["../out"], ["../outside/p"], ["outside"], []])
def test_another_one_does_not_help(acme: Acme, allowed: list[str]) -> None:
    acme.settings["allow_paths"] = allowed
    acme.settle()
    assert len(mistakes(acme)) == 1


def test_segments_and_attached_databases_too(acme: Acme) -> None:
    segments = acme.directory / "segments" / "all.yml"
    segments.write_text("x: {criteria: {property: score, gt: 1}}\ns: {static: {from: ../a.csv}}\n")
    acme.settings["attach"] = {"crm": "../outside/crm.duckdb"}
    acme.settings["allow_paths"] = ["../outside/purchases.parquet"]
    acme.settle()
    found = {(file, message) for file, _, message, _ in mistakes(acme)}
    assert found == {
        ("goalsql.yml", "`../outside/crm.duckdb` is outside of the project directory"),
        ("segments/all.yml", "`../a.csv` is outside of the project directory"),
    }


def test_a_link_in_the_project_may_lead_out(acme: Acme) -> None:
    (acme.directory / "data").symlink_to(acme.directory.parent / "outside")
    (acme.directory / "one.duckdb").symlink_to(acme.directory.parent / "outside" / "crm.duckdb")
    acme.settings["sources"]["events"]["purchase"] = {"from": "data/*.parquet"}
    acme.settings["attach"] = {"crm": "one.duckdb"}
    acme.settle()
    Project.load(acme.directory).validate()
    query = "SELECT * FROM 'data/purchases.parquet' WHERE contact_id IN (SELECT * FROM crm.people)"
    acme.settings["sources"]["events"]["purchase"] = {"query": query}
    acme.settle()
    Project.load(acme.directory).validate()


def test_dots_after_a_link_stay_in_the_project(acme: Acme) -> None:
    (acme.directory / "data").symlink_to(acme.directory.parent / "outside")
    acme.settings["sources"]["events"]["purchase"] = {"from": "data/../outside/purchases.parquet"}
    acme.settle()
    [(_, _, message, _)] = mistakes(acme)
    assert message == "no file matches data/../outside/purchases.parquet"


def test_the_engine_reads_and_writes_nothing_else(acme: Acme) -> None:
    acme.settings["allow_paths"] = ["../outside"]
    acme.settle()
    project = Project.load(acme.directory)
    other = acme.directory.parent / "other.csv"
    other.write_text("a\n1\n")
    with project._database.open(read_only=True) as opened:
        execute = opened.engine.connection.execute
        execute(f"FROM '{acme.directory.parent}/outside/purchases.parquet'")
        for sql in (
            f"FROM read_text('{other}')", f"COPY (SELECT 1) TO '{other}'", "FROM glob('/*')",
            f"ATTACH '{acme.directory.parent}/evil.duckdb'", "SET enable_external_access = true",
            "SET allowed_directories = ['/']", "INSTALL httpfs", "LOAD httpfs",
        ):  # fmt: skip
            with pytest.raises(duckdb.Error):
                execute(sql)
        opened_here = [{"a": 1}]
        with pytest.raises(duckdb.Error, match="opened_here"):
            execute("FROM opened_here")
        assert opened_here
    assert other.read_text() == "a\n1\n"


def test_a_connection_that_is_open_already_stays_free(acme: Acme) -> None:
    acme.settings["allow_paths"] = ["../outside"]
    acme.settle()
    project = Project.load(acme.directory)
    project.tick("2026-01-10")
    with project.connect() as connection:
        assert project.explain("nurture", "a").contact_id == "a"
        connection.execute(f"FROM read_text('{__file__}')")


def test_ticks_publish_and_spill_where_the_project_writes(acme: Acme, tmp_path: Path) -> None:
    """The database, its log, what it spills, and both kinds of copies lie elsewhere."""
    acme.settings |= {
        "allow_paths": ["../outside"],
        "database": "../state/acme.duckdb",
        "publish": [{"to": "../copies/acme.duckdb"}, {"to": "../tables", "format": "parquet"}],
    }
    acme.settle()
    (tmp_path / "state").mkdir()
    for at in ("2026-01-05", "2026-01-10"):
        Project.load(acme.directory).tick(at, "event")
    with duckdb.connect(str(tmp_path / "copies" / "acme.duckdb"), read_only=True) as copy:
        assert copy.execute("SELECT MAX(tick_id) FROM goalsql.ticks").fetchall() == [(2,)]
    assert (tmp_path / "tables" / "latest" / "manifest.json").is_file()


def test_an_attached_database_cannot_be_written(acme: Acme) -> None:
    acme.settings |= {"allow_paths": ["../outside"], "attach": {"crm": "../outside/crm.duckdb"}}
    acme.settle()
    with (
        Project.load(acme.directory)._database.open(read_only=True) as opened,
        pytest.raises(duckdb.Error, match="read-only"),
    ):
        opened.engine.connection.execute("DELETE FROM crm.people")
    query = "WITH a AS (DELETE FROM crm.people RETURNING *) SELECT * FROM a"
    acme.settings["sources"]["contacts"] = {"query": query}
    acme.settle()
    assert "DELETE is not allowed" in mistakes(acme)[0][2]
    with duckdb.connect(str(acme.directory.parent / "outside" / "crm.duckdb")) as connection:
        assert connection.execute("FROM people").fetchall() == [("a",)]


TRICKS: list[tuple[dict[str, str], str]] = [
    ({"x": "acme.duckdb"}, "is the project's own database"),
    ({"x": "./segments/../acme.duckdb"}, "is the project's own database"),
    ({"x": "linked.duckdb"}, "is the project's own database"),
    ({"x": ":memory:"}, "there is no file"),
    ({"x": "postgres:dbname=x"}, "is no path"),
    ({"x": "sqlite:x.db"}, "is no path"),
    ({"x": "http://example.com/x.duckdb"}, "is no path"),
    ({"x": "md:x"}, "is no path"),
    ({"x": "x' (TYPE sqlite); --"}, "there is no file"),
    ({"x": "sqlite.duckdb"}, "cannot be attached"),
    ({"goalsql": "crm.duckdb"}, "is taken by goalsql's own database"),
    ({"MEMORY": "crm.duckdb"}, "is taken by goalsql's own database"),
    ({"x": "workflows"}, "there is no file"),
]


@pytest.mark.parametrize(("attach", "message"), TRICKS)
def test_attaching_is_not_tricked(acme: Acme, attach: dict[str, Any], message: str) -> None:
    acme.settings |= {"allow_paths": ["../outside"]}
    acme.settle()
    acme.tick("2026-01-05")
    (acme.directory / "linked.duckdb").symlink_to("acme.duckdb")
    (acme.directory / "sqlite.duckdb").write_bytes(b"SQLite format 3\0" + bytes(84))
    shutil.copy(acme.directory.parent / "outside" / "crm.duckdb", acme.directory / "crm.duckdb")
    acme.settings["attach"] = attach
    acme.settle()
    [(file, line, said, _)] = mistakes(acme)
    assert file == "goalsql.yml"
    assert line == 2 + (acme.directory / "goalsql.yml").read_text().split("attach:")[0].count("\n")
    assert message in said


@pytest.mark.parametrize(
    ("database", "message"),
    [
        ("contacts.parquet", "takes a file of that name for data"),
        ("new.CSV.gz", "takes a file of that name for data"),
        ("memory.duckdb", "goalsql uses that name itself"),
        ("state/published copy.db", "goalsql uses that name itself"),
    ],
)
def test_a_database_is_kept_under_its_name(acme: Acme, database: str, message: str) -> None:
    acme.settings |= {"allow_paths": ["../outside"], "database": database}
    acme.settle()
    there = (acme.directory / "contacts.parquet").read_bytes()
    with pytest.raises(DefinitionError, match=message):
        acme.tick("2026-01-05")
    assert (acme.directory / "contacts.parquet").read_bytes() == there


@pytest.mark.parametrize(
    "name", ['it\'s "q", x.duckdb', "a;b--", "{{x}}.db", ":memory:", "md:x", "sqlite:x.db"]
)
def test_a_database_may_have_any_other_name(acme: Acme, name: str) -> None:
    acme.settings |= {"allow_paths": ["../outside"], "database": name}
    acme.settle()
    acme.tick("2026-01-05")
    assert (acme.directory / name).is_file()
    goal = acme.directory / "goal.yml"
    goal.write_text("{event: signup}")
    assert Project.load(acme.directory).whatif("nurture", goal).metrics.height > 0


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("data/x.csv", True), ("./a/../x.csv", True), ("/srv/acme/x", True), ("/srv/in/x", True),
        ("../in/x.csv", True), ("/srv/one.csv", True), ("../acme/x", True), ("..x/y", True),
        ("../acme2/x", False), ("/srv/inn/x", False), ("/srv/one.csv2", False), ("..", False),
        ("a/../../x", False), ("*/../../x", False), ("/", False), ("//etc/passwd", False),
        ("~/x.csv", True), ("file:///srv/acme/x", False), ("s3://b/x", False), ("c:x", True),
        ("s3a://acme/crm/x", True), ("s3a://acme/crm", True), ("s3a://acme/crm2/x", False),
        ("s3a://b/c/*.parquet", True), ("s3a://b/c/../x", False), ("s3a://b/x", False),
    ],
)  # fmt: skip
def test_reach_is_judged_as_it_is_written(text: str, fine: bool) -> None:
    reach = Reach.of(Path("/srv/acme"), ["/srv/in/", "../one.csv", "s3a://acme/crm", "s3a://b/c/"])
    assert (reach.mistake(text) is None) == fine


def test_a_project_that_reaches_the_root_may_read_all() -> None:
    assert Reach.of(Path("/srv/acme"), ["/"]).mistake("/etc/passwd") is None


def test_the_command_says_so_with_status_2(acme: Acme) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "goalsql", "tick", "-p", str(acme.directory)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "`../outside/purchases.parquet` is outside of the project directory" in done.stderr
    assert "Traceback" not in done.stderr
    assert not acme.database.exists()
