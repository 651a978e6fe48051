"""A state that is exported and imported goes on as it would have gone on where it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from goalsql import Project, SourceError, UsageError
from goalsql.cli import app
from goalsql.moving import STATE
from goalsql.report.views import RELATIONS
from goalsql.run.state import SCHEMA_VERSION
from tests.run.acme import CONTACTS, acme_in, contacts_of

FIRST, SECOND = "2025-07-01", "2025-08-01"
OF_THE_CLOCK = {"started_at", "finished_at", "applied_at", "mode"}


def rows_of(database: Path, names: set[str]) -> dict[str, list[str]]:
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for name in sorted(names):
            table = connection.table(name)
            kept = [column for column in table.columns if column not in OF_THE_CLOCK]
            rows = table.select(*map(duckdb.ColumnExpression, kept)).fetchall()
            found[name] = sorted(map(repr, rows))
    return found


@pytest.fixture(scope="module")
def before(fresh_quickstart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a tick, with contacts that wait for the next one, and `state` beside it."""
    directory = tmp_path_factory.mktemp("moving") / "shop"
    shutil.copytree(fresh_quickstart, directory)
    project = Project.load(directory)
    project.tick(FIRST, "event")
    project.enroll("nurture", [1, 2, 3])
    project.export_state(directory / "state")
    return directory


def empty(before: Path, folder: Path) -> Path:
    """The same project without its database."""
    directory = folder / "moved"
    shutil.copytree(before, directory, ignore=shutil.ignore_patterns("*.duckdb", "state"))
    return directory


def test_the_next_tick_is_that_of_the_project_that_stayed(before: Path, tmp_path: Path) -> None:
    stays, moves = Project.load(before), Project.load(empty(before, tmp_path))
    moves.import_state(before / "state")
    names = {*RELATIONS, *STATE} - {"goalsql.project"}
    assert rows_of(moves.database, names) == rows_of(stays.database, names)
    stays.tick(SECOND, "event", full=True)
    moves.tick(SECOND, "event")
    assert rows_of(moves.database, names) == rows_of(stays.database, names)
    assert stays.relation("goalsql.ticks")["enrolled"][1] > 0


def test_every_table_of_state_is_moved_or_read_anew_from_the_sources(before: Path) -> None:
    remembered = {
        "source_parts",
        "seen_rows",
        "remembered",
        "matches",
        "changes",
        "changed_properties",
        "members",
        "next_turns",
    }
    with duckdb.connect(str(Project.load(before).database), read_only=True) as connection:
        query = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'goalsql'"
        tables = {name for (name,) in connection.execute(query).fetchall()}
    assert tables == {name.removeprefix("goalsql.") for name in STATE} | remembered


def test_a_project_with_a_state_keeps_it(before: Path) -> None:
    expected = rows_of(Project.load(before).database, set(STATE))
    with pytest.raises(UsageError, match="has a state already"):
        Project.load(before).import_state(before / "state")
    assert rows_of(Project.load(before).database, set(STATE)) == expected


def test_an_export_for_people_is_no_state(before: Path, tmp_path: Path) -> None:
    Project.load(before).export(tmp_path / "tables")
    with pytest.raises(UsageError, match="no export of the whole state"):
        Project.load(empty(before, tmp_path)).import_state(tmp_path / "tables")


def test_a_state_of_another_version_is_refused(before: Path, tmp_path: Path) -> None:
    shutil.copytree(before / "state", tmp_path / "state")
    manifest = tmp_path / "state" / "manifest.json"
    own, other = (f'"schema_version": {number}' for number in (SCHEMA_VERSION, 1))
    manifest.write_text(manifest.read_text().replace(own, other))
    with pytest.raises(UsageError, match="has schema version 1"):
        Project.load(empty(before, tmp_path)).import_state(tmp_path / "state")


def test_a_state_with_ids_of_another_type_is_refused(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    acme.tick(FIRST)
    Project.load(acme.directory).export_state(tmp_path / "state")
    acme.database.unlink()
    numbers = [(number, *row[1:]) for number, row in enumerate(CONTACTS)]
    contacts_of(acme, numbers, contact_id="BIGINT")
    with pytest.raises(SourceError, match="contact_id is BIGINT, but the state"):
        Project.load(acme.directory).import_state(tmp_path / "state")


def test_a_failed_import_leaves_nothing_and_can_be_repeated(before: Path, tmp_path: Path) -> None:
    shutil.copytree(before / "state", tmp_path / "state")
    outbox = tmp_path / "state" / "goalsql" / "outbox.parquet"
    kept = outbox.read_bytes()
    outbox.write_bytes(kept[: len(kept) // 2])
    project = Project.load(empty(before, tmp_path))
    with pytest.raises(Exception, match="outbox"):
        project.import_state(tmp_path / "state")
    with pytest.raises(UsageError, match="no tick has been run"):
        project.export(tmp_path / "tables")
    outbox.write_bytes(kept)
    assert project.import_state(tmp_path / "state")["goalsql.enroll_queue"] == 3


def test_from_the_command_line(before: Path, tmp_path: Path) -> None:
    moved = str(empty(before, tmp_path))
    runner = CliRunner()
    exported = runner.invoke(app, ["export", "--state", "--to", f"{tmp_path}/s", "-p", str(before)])
    assert "of 19 relations written" in exported.output
    imported = runner.invoke(app, ["import", "--from", f"{tmp_path}/s", "-p", moved])
    assert imported.exit_code == 0
    assert "of 19 tables imported" in imported.output
    again = runner.invoke(app, ["import", "--from", f"{tmp_path}/s", "-p", moved])
    assert again.exit_code == 2


def test_the_whole_state_goes_with_no_choice_of_relations(before: Path, tmp_path: Path) -> None:
    arguments = ["export", "--state", "--since-tick", "1", "--to", f"{tmp_path}/s"]
    assert CliRunner().invoke(app, [*arguments, "-p", str(before)]).exit_code == 2


def test_duckdb_needs_no_compaction(before: Path) -> None:
    with pytest.raises(UsageError, match="needs no compaction"):
        Project.load(before).compact()
