"""What reads while a process writes the database: the published copy, or a word on what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from goalsql import LockedError, Project
from goalsql.cli import app
from tests.holding import held
from tests.run.acme import acme_in

AT, DATABASE = "2026-02-01T00:00:00Z", "acme.duckdb"

PUBLISH = "publish: [{to: published/tables, format: parquet}, {to: published/shop.duckdb}]\n"
METRICS = "report.workflow_goal_metrics"


def run(project: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "-p", str(project)])


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def ticked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project after a tick, without a copy; not to be changed."""
    acme = acme_in(tmp_path_factory.mktemp("meanwhile"))
    acme.tick(AT)
    return acme.directory


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with copies; not to be changed."""
    acme = acme_in(tmp_path_factory.mktemp("meanwhile"))
    with (acme.directory / "goalsql.yml").open("a") as file:
        file.write(PUBLISH)
    acme.tick(AT)
    return acme.directory


@pytest.fixture
def changed(published: Path, tmp_path: Path) -> Path:
    """A copy of `published`, to be changed."""
    return Path(shutil.copytree(published, tmp_path / "changed", symlinks=True))


COMMANDS = [
    ("report",),
    ("report", "nurture", "--json"),
    ("report", "--csv", "--view", "goal_funnel"),
    ("validate",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_printed_is_the_same_meanwhile(published: Path, command: tuple[str, ...]) -> None:
    before = run(published, *command)
    assert (before.exit_code, before.stderr) == (0, "")
    with held(published / DATABASE) as writer:
        meanwhile = run(published, *command)
    assert meanwhile.exit_code == 0
    assert meanwhile.stdout == before.stdout
    assert meanwhile.stderr.startswith("note: ")
    assert meanwhile.stderr.count("\n") == 1
    assert f"in use by process {writer.pid}" in meanwhile.stderr
    copy = published / "published" / "shop.duckdb"
    assert f"its copy {copy} instead, as of tick 1 at 2026-02-01 00:00 UTC" in meanwhile.stderr


def test_files_are_written_from_the_copy(published: Path, tmp_path: Path) -> None:
    with held(published / DATABASE):
        page = run(published, "report", "--html", tmp_path / "meanwhile.html")
        tables = run(published, "export", "--to", tmp_path / "meanwhile")
    assert (page.exit_code, tables.exit_code) == (0, 0)
    assert page.stderr.count("note: ") == tables.stderr.count("note: ") == 1
    assert "<html" in (tmp_path / "meanwhile.html").read_text()
    run(published, "export", "--to", tmp_path / "after")
    manifests = [
        json.loads((tmp_path / name / "manifest.json").read_text())
        for name in ("meanwhile", "after")
    ]
    assert manifests[0] == manifests[1]
    assert manifests[0]["rows"]["goalsql.decisions"] > 0


def test_python_reads_the_copy_and_is_told_once(published: Path) -> None:
    told: list[str] = []
    project = Project.load(published, notify=told.append)
    expected = project.relation(METRICS).sort("workflow_id")
    assert told == []
    with held(published / DATABASE):
        assert project.relation(METRICS).sort("workflow_id").equals(expected)
        report = project.report("nurture")
        assert report["goal_funnel"].height > 0
        with project.connect() as connection:
            found = connection.sql(f"SELECT converted FROM {METRICS}").fetchall()
    assert found == [(number,) for number in expected["converted"]]
    assert len(told) == 1
    assert "read from its copy" in told[0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda project: project.relation(METRICS),
        lambda project: project.report(),
        lambda project: project.validate(),
        lambda project: project.compile(),
        lambda project: project.export(project.directory / "tables"),
        lambda project: project.report_html(project.directory / "page.html"),
    ],
)
def test_without_a_copy_it_is_said_what_to_do(
    ticked: Path, ask: Callable[[Project], object]
) -> None:
    there = sorted(path.name for path in ticked.iterdir())
    with held(ticked / DATABASE) as writer:
        with pytest.raises(LockedError) as caught:
            ask(Project.load(ticked))
        assert caught.value.holder == writer.pid
    assert "wait until it is done" in str(caught.value)
    assert "publish: {to: published/acme.duckdb}" in str(caught.value)
    assert sorted(path.name for path in ticked.iterdir()) == there


def test_before_the_first_copy_it_is_said_to_wait(changed: Path) -> None:
    shutil.rmtree(changed / "published")
    with held(changed / DATABASE):
        result = run(changed, "report")
    assert result.exit_code == 1
    assert "wait until it is done, or until it has published" in words(result.stderr)


@pytest.mark.parametrize("damage", [b"", b"no database"])
def test_a_copy_that_cannot_be_read_is_none(changed: Path, damage: bytes) -> None:
    copy = changed / "published" / "shop.duckdb"
    copy.unlink()
    copy.write_bytes(damage)
    with held(changed / DATABASE), pytest.raises(LockedError, match="wait until"):
        Project.load(changed).relation(METRICS)


def test_what_needs_the_database_itself_says_to_wait(published: Path, tmp_path: Path) -> None:
    goal = tmp_path / "goal.yml"
    goal.write_text("{event: signup}")
    with held(published / DATABASE):
        for command in (("explain", "nurture", "a"), ("whatif", "nurture", "--goal", str(goal))):
            result = run(published, *command)
            assert result.exit_code == 1, command
            assert "wait until it is done" in words(result.stderr)
            assert "note: " not in result.stderr


def test_mistakes_are_found_meanwhile(changed: Path) -> None:
    file = changed / "workflows" / "one.yml"
    file.write_text(file.read_text().replace("goal:", "gaol:"))
    with held(changed / DATABASE):
        result = run(changed, "validate")
    assert result.exit_code == 2
    assert "unknown key `gaol`" in words(result.stderr)


def test_a_workflow_whose_file_is_gone_is_known_meanwhile(changed: Path) -> None:
    (changed / "workflows" / "one.yml").unlink()
    with held(changed / DATABASE):
        assert Project.load(changed).compile("nurture")
        assert list(Project.load(changed).report()["goal_funnel"]["workflow_id"].unique()) == [
            "nurture"
        ]


def test_tables_that_only_the_database_has_are_no_mistakes_meanwhile(changed: Path) -> None:
    with duckdb.connect(str(changed / DATABASE)) as connection:
        contacts = connection.read_parquet(str(changed / "contacts.parquet"))
        contacts.create("people")
    settings = changed / "goalsql.yml"
    settings.write_text(settings.read_text().replace("from: contacts.parquet", "from: people"))
    assert run(changed, "validate").exit_code == 0
    with held(changed / DATABASE):
        result = run(changed, "validate")
    assert result.exit_code == 1
    assert "in use by process" in words(result.stderr)


def test_who_reads_the_copy_keeps_no_tick_out(changed: Path) -> None:
    with held(changed / "published" / "shop.duckdb", read_only=True):
        result = run(changed, "tick", "--at", "2026-02-02", "--clock", "event")
    assert result.exit_code == 0, result.stderr
    with held(changed / DATABASE):
        assert run(changed, "tick", "--at", "2026-02-03", "--clock", "event").exit_code == 1
