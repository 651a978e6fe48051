"""Databases of earlier versions are upgraded, those of later ones refused (README)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from goalsql import EngineError, Project, UsageError
from goalsql.cli import app
from goalsql.compile.statements import Statement, template
from goalsql.engine.duckdb import DuckDB
from goalsql.run import migrations
from goalsql.run.state import SCHEMA_VERSION
from tests.conformance.values import state_of
from tests.run.versions import DATABASE, VERSIONS, go_on, live, restore

COLUMNS = """
    SELECT table_name, column_name, data_type, column_index
    FROM duckdb_columns() WHERE schema_name = 'goalsql' AND NOT internal ORDER BY ALL
"""
OF_THE_PLACE = {
    "source_parts": "source, PARSE_FILENAME(file), size, pending",
    "project": "* EXCLUDE (rules)",
}
OF_THE_CLOCK = {
    "ticks": "* EXCLUDE (started_at, finished_at)",
    "workflow_versions": "* EXCLUDE (applied_at)",
    "forgotten": "LENGTH(digest)",
}


def rows(directory: Path) -> dict[str, list[str]]:
    """The rows of every table of state and every view, the time and place of the runs aside."""
    found = {}
    with duckdb.connect(str(directory / DATABASE), read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() UNION ALL "
            "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        for schema, name in names:
            chosen = (OF_THE_PLACE | OF_THE_CLOCK).get(name, "*")
            query = f"SELECT {chosen} FROM {schema}.{name}"
            found[name] = sorted(map(str, connection.execute(query).fetchall()))
    return found


def columns(directory: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(directory / DATABASE), read_only=True) as connection:
        return connection.execute(COLUMNS).fetchall()


def version_in(directory: Path) -> int:
    with duckdb.connect(str(directory / DATABASE), read_only=True) as connection:
        [[version]] = connection.execute("SELECT schema_version FROM goalsql.project").fetchall()
        return int(version)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    return result.exit_code, " ".join(result.stderr.split())


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The history of the fixtures, lived with the goalsql of today; not to be changed."""
    directory = tmp_path_factory.mktemp("lived") / "orchard"
    live(directory)
    return directory


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """The project as version 1 left it."""
    restore(tmp_path / "orchard", 1)
    return tmp_path / "orchard"


def tables_of(directory: Path) -> dict[str, list[str]]:
    return state_of(directory / DATABASE)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_has_rows_in_every_table(version: int, tmp_path: Path) -> None:
    restore(tmp_path / "orchard", version)
    assert not [name for name, found in tables_of(tmp_path / "orchard").items() if not found]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_next_tick_is_that_of_a_history_of_today(
    version: int, lived: Path, tmp_path: Path
) -> None:
    restore(tmp_path / "orchard", version)
    go_on(tmp_path / "orchard")
    expected = Path(shutil.copytree(lived, tmp_path / "lived"))
    go_on(expected, full=True)
    found, wanted = rows(tmp_path / "orchard"), rows(expected)
    if version == 1:
        assert (found.pop("forgotten"), wanted.pop("forgotten")) == ([], ["(64,)"])
    assert found == wanted
    assert columns(tmp_path / "orchard") == columns(expected)
    assert version_in(tmp_path / "orchard") == SCHEMA_VERSION


def test_the_tables_that_wait_for_a_first_tick_say_their_version(
    fresh: Path, tmp_path: Path
) -> None:
    project = Project.load(fresh)
    project.enroll("nurture", [1])
    with duckdb.connect(str(project.database)) as connection:
        found = connection.execute("FROM goalsql.project").fetchall()
        assert found == [(None, None, None, SCHEMA_VERSION, None, None)]
        # As version 1 did it.
        connection.execute("DELETE FROM goalsql.project")
        connection.execute("DROP TABLE goalsql.forgotten")
    project.enroll("nurture", [2])
    with duckdb.connect(str(project.database)) as connection:
        found = connection.execute("FROM goalsql.project").fetchall()
        assert found == [(None, None, None, SCHEMA_VERSION, None, None)]
        assert connection.execute("FROM goalsql.forgotten").fetchall() == []
        assert len(connection.execute("FROM goalsql.enroll_queue").fetchall()) == 2


def test_a_migration_that_fails_leaves_the_version_before(first: Path) -> None:
    before = tables_of(first)

    def fail(name: str, sql: str) -> None:
        if name == "version.reach":
            raise EngineError(name, sql, "no more")

    with pytest.raises(EngineError):
        Project.load(first, fail).apply()
    assert tables_of(first) == before
    assert Project.load(first).apply().workflows == ()
    assert version_in(first) == SCHEMA_VERSION
    after = tables_of(first)
    del after["forgotten"]
    assert after.keys() == before.keys()
    same = {name for name in after if after[name] == before[name]}
    assert before.keys() - same == {"project", "source_parts"}


def test_a_run_killed_between_two_migrations_is_gone_on_with(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if there were a version after today's, whose migration fails at first."""
    text = "SELECT ERROR('no more')"

    def steps(path: str, **words: str) -> tuple[Statement, ...]:
        if path != f"schema/migrations/{SCHEMA_VERSION + 1:04}.sql":
            return template(path, **words)
        return (Statement("migration.next", "Comes later.", text),)

    monkeypatch.setattr(migrations, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr(migrations, "template", steps)
    with closing(DuckDB(first / DATABASE)) as engine:
        with pytest.raises(EngineError, match="no more"):
            migrations.migrate(engine)
        assert migrations.schema_version(engine) == SCHEMA_VERSION
        text = "CREATE TABLE goalsql.next (a INTEGER)"
        migrations.migrate(engine)
        migrations.migrate(engine)
    assert version_in(first) == SCHEMA_VERSION + 1
    assert {"forgotten", "next"} <= tables_of(first).keys()


READING: dict[str, Callable[[Project], object]] = {
    "report": lambda project: project.report(),
    "report_html": lambda project: project.report_html(project.directory / "report.html"),
    "explain": lambda project: project.explain("nurture", 1),
    "relation": lambda project: project.relation("goalsql.ticks"),
    "export": lambda project: project.export(project.directory / "tables"),
    "whatif": lambda project: project.whatif("nurture", project.directory / "goal.yml"),
    "connect": lambda project: project.connect().__enter__(),
}


def refused(project: Project, message: str) -> list[str]:
    """The reading commands that do not refuse to read with that message."""
    wrong = []
    for name, command in READING.items():
        try:
            command(project)
        except UsageError as error:
            if re.search(message, str(error)):
                continue
        wrong.append(name)
    return wrong


def test_what_reads_an_earlier_version_says_what_to_run(first: Path) -> None:
    (first / "goal.yml").write_text("{property: stage, is: customer}")
    before = (first / DATABASE).read_bytes()
    assert refused(Project.load(first), "run `goalsql apply`, or a tick") == []
    assert Project.load(first).validate() == ()  # the files can be checked before an upgrade
    assert Project.load(first).compile()
    assert (first / DATABASE).read_bytes() == before
    Project.load(first).apply()
    assert refused(Project.load(first), "") == list(READING)


def test_what_reads_the_views_of_another_version_says_what_to_run(
    lived: Path, tmp_path: Path
) -> None:
    directory = Path(shutil.copytree(lived, tmp_path / "orchard"))
    (directory / "goal.yml").write_text("{property: stage, is: customer}")
    with duckdb.connect(str(directory / DATABASE)) as connection:
        connection.execute("UPDATE goalsql.project SET views = 'others'")
        connection.execute("DROP VIEW report.cohorts; DROP VIEW goalsql.conversions")
    message = "views .* by another version .* run `goalsql apply`"
    assert refused(Project.load(directory), message) == ["whatif"]  # it makes its own
    Project.load(directory).apply()
    assert refused(Project.load(directory), "") == list(READING)


COMMANDS = (
    "tick --at 2026-02-01",
    "apply",
    "apply --at 2026-02-01",
    "enroll by_hand 5",
    "validate",
    "report",
    "explain nurture 1",
    "compile",
    "whatif nurture --goal {0}/goal.yml",
    "export --to {0}/tables",
    "publish",
    "backup {0}/backup.duckdb",
)


def test_every_command_refuses_a_newer_version(lived: Path, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(lived, tmp_path / "orchard"))
    settings = directory / "goalsql.yml"
    settings.write_text(settings.read_text() + "publish: {to: published/orchard.duckdb}\n")
    (directory / "goal.yml").write_text("{property: stage, is: customer}")
    with duckdb.connect(str(directory / DATABASE)) as connection:
        connection.execute("UPDATE goalsql.project SET schema_version = 99")
    before = (directory / DATABASE).read_bytes()
    there = sorted(directory.rglob("*"))
    for command in COMMANDS:
        status, said = run(*command.format(directory).split(), "-p", directory)
        assert status == 2, command
        assert f"schema version 99, and this goalsql knows versions up to {SCHEMA_VERSION}" in said
        assert "upgrade goalsql" in said
    assert (directory / DATABASE).read_bytes() == before
    assert sorted(directory.rglob("*")) == there
