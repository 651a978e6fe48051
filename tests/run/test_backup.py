"""`goalsql backup`: a whole copy, which can be put in the place of the database."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from goalsql import LockedError, Project, UsageError
from goalsql.cli import app
from goalsql.errors import ResourceError
from tests.conformance.values import state_of
from tests.holding import held
from tests.run.acme import Acme, acme_in
from tests.run.versions import DATABASE, restore

OBJECTS = """
    SELECT schema_name, table_name, column_name, data_type, column_index, comment
    FROM duckdb_columns() WHERE NOT internal
    UNION ALL
    SELECT schema_name, view_name, sql, NULL, NULL, comment FROM duckdb_views() WHERE NOT internal
    UNION ALL
    SELECT schema_name, table_name, sql, NULL, NULL, comment FROM duckdb_tables()
    UNION ALL
    SELECT schema_name, function_name, macro_definition, NULL, NULL, comment
    FROM duckdb_functions() WHERE NOT internal
    ORDER BY ALL
"""
FULL_DISK = """
import resource, signal, sys
from goalsql.cli import app
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
app(["backup", *sys.argv[1:]])
"""
KILLED = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute(sys.argv[2])
os.abort()
"""
OWN = """
    CREATE TABLE calls AS SELECT 1 AS id, DATE '2026-01-01' AS day;
    COMMENT ON TABLE calls IS 'ours';
    CREATE VIEW late AS FROM calls WHERE day > DATE '2026-01-01';
    COMMENT ON VIEW late IS 'ours too';
    CREATE MACRO twice(x) AS 2 * x;
"""


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    return result.exit_code, " ".join((result.stdout + result.stderr).split())


def objects(database: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(OBJECTS).fetchall()


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """The project after its first tick."""
    acme = acme_in(tmp_path)
    acme.tick("2026-01-05")
    return acme


def back_up(acme: Acme, to: Path) -> Path:
    return Project.load(acme.directory).backup(to)


def test_ticks_go_on_from_a_backup_as_from_the_database(acme: Acme, tmp_path: Path) -> None:
    with duckdb.connect(str(acme.database)) as connection:
        connection.execute(OWN)
    before = acme.state()
    backup = back_up(acme, tmp_path / "safe" / "it's acme.bak")
    assert acme.state() == before
    assert state_of(backup) == before
    assert objects(backup) == objects(acme.database)
    assert any("goal_funnel" in found for found in objects(backup))
    with duckdb.connect(str(backup), read_only=True) as connection:
        assert connection.execute("FROM report.workflow_goal_metrics").fetchall()
    acme.tick("2026-01-10")
    after = acme.facts()
    assert after != before
    shutil.copyfile(backup, acme.database)
    assert acme.state() == before
    acme.tick("2026-01-10")
    assert acme.facts() == after


def test_a_backup_takes_the_place_of_the_one_before(acme: Acme, tmp_path: Path) -> None:
    backup = tmp_path / "backup.duckdb"
    acme.database.chmod(0o600)
    assert run("backup", backup, "-p", acme.directory)[0] == 0
    # What a process that was killed has left: its half-written copy, a log of the old one.
    left = tmp_path / ".backup.duckdb.x.goalsql-new"
    left.mkdir()
    (left / "backup.duckdb").write_text("half of it")
    acme.tick("2026-01-10")
    status, said = run("backup", backup, "-p", acme.directory)
    assert status == 0
    assert said == f"backed up to {backup}: {backup.stat().st_size:,} bytes"
    assert state_of(backup) == acme.state()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"acme", "backup.duckdb"}


def test_nothing_but_a_backup_is_replaced(acme: Acme, tmp_path: Path) -> None:
    acme.settings["publish"] = [
        {"to": "published/acme.duckdb"},
        {"to": "published/tables", "format": "parquet"},
    ]
    acme.settle()
    Project.load(acme.directory).publish()
    text, other = tmp_path / "notes.txt", tmp_path / "other.duckdb"
    text.write_text("to be kept")
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE own AS SELECT 1")
    their = Acme(tmp_path / "theirs")
    shutil.copytree(acme.directory, their.directory, dirs_exist_ok=True, symlinks=True)
    their.settings = acme.settings | {"name": "theirs"}
    their.settle()
    their.tick("2026-01-06")
    link, hard = tmp_path / "link.duckdb", tmp_path / "hard.duckdb"
    link.symlink_to(acme.database)
    os.link(acme.database, hard)
    refused = {
        tmp_path: "it is a directory",
        acme.database: "it is the database itself",
        acme.database.with_name("acme.duckdb.wal"): "it is the database itself",
        link: "it is the database itself",
        hard: "it is the database itself",
        acme.directory / "published" / "acme.duckdb": "that is where goalsql publishes",
        acme.directory / "published" / "tables" / "new.duckdb": "that is where goalsql publishes",
        text: "it cannot be read",
        other: "it is no backup of goalsql's",
        their.database: "it is the database of the project theirs",
    }
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for to, why in refused.items():
        with pytest.raises(UsageError, match=f"cannot back up to .*: {why}"):
            back_up(acme, to)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_a_full_disk_leaves_the_backup_before(acme: Acme, tmp_path: Path) -> None:
    backup = back_up(acme, tmp_path / "backup.duckdb")
    acme.tick("2026-01-10")
    before, state = backup.read_bytes(), acme.state()
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(backup), "-p", str(acme.directory)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error GQ327: no space is left")
    assert "File too large" in done.stderr
    assert backup.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"acme", "backup.duckdb"}
    assert acme.state() == state
    assert state_of(back_up(acme, backup)) == state


def test_a_backup_waits_for_a_tick(acme: Acme, tmp_path: Path) -> None:
    backup = tmp_path / "backup.duckdb"
    with held(acme.database) as holder:
        with pytest.raises(LockedError, match=f"in use by process {holder.pid}"):
            back_up(acme, backup)
        assert not backup.exists()
        threading.Timer(0.5, holder.kill).start()
        assert run("backup", backup, "--wait", "60s", "-p", acme.directory)[0] == 0
    assert state_of(backup) == acme.state()


def test_before_the_first_tick(tmp_path: Path) -> None:
    acme, backup = acme_in(tmp_path), tmp_path / "backup.duckdb"
    status, said = run("backup", backup, "-p", acme.directory)
    assert status == 2
    assert said.endswith("acme.duckdb yet: run `goalsql tick`")
    Project.load(acme.directory).enroll("nurture", ["a"])
    assert state_of(back_up(acme, backup))["enroll_queue"]


def test_a_backup_of_an_earlier_version_is_of_that_version(tmp_path: Path) -> None:
    directory, backup = tmp_path / "orchard", tmp_path / "backup.duckdb"
    restore(directory, 1)
    before = state_of(directory / DATABASE)
    Project.load(directory).backup(backup)
    assert state_of(backup) == before == state_of(directory / DATABASE)
    assert objects(backup) == objects(directory / DATABASE)
    Project.load(directory).apply()
    shutil.copyfile(backup, directory / DATABASE)
    Project.load(directory).apply()
    assert "forgotten" in state_of(directory / DATABASE)


def test_a_log_that_was_left_beside_a_restored_database_is_named(
    acme: Acme, tmp_path: Path
) -> None:
    backup = back_up(acme, tmp_path / "backup.duckdb")
    leave_a_log = "INSERT INTO goalsql.enroll_queue VALUES ('nurture', 'b')"
    subprocess.run([sys.executable, "-c", KILLED, acme.database, leave_a_log], capture_output=True)
    log = acme.database.with_name("acme.duckdb.wal")
    assert log.exists()
    shutil.copyfile(backup, acme.database)
    with pytest.raises(ResourceError, match=r"acme.duckdb.wal belongs to another .* remove .*wal"):
        acme.tick("2026-01-10")
    log.unlink()
    acme.tick("2026-01-10")
