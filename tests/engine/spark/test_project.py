"""The quickstart on Spark gives the rows that it gives on DuckDB, whatever is asked of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from goalsql import DefinitionError, Project, UsageError
from goalsql.moving import STATE
from goalsql.report.views import RELATIONS
from tests.engine.spark.conftest import TICKS, Both, Edited
from tests.engine.spark.folder import tables_of

OF_THE_CLOCK = {"started_at", "finished_at", "applied_at", "mode"}
ENGINES = ("duckdb", "spark")


def rows(frame: pl.DataFrame) -> list[str]:
    kept = [name for name in frame.columns if name not in OF_THE_CLOCK]
    return sorted(map(repr, frame.select(kept).rows()))


def assert_same(both: Both) -> None:
    here, there = both.each()
    for name in RELATIONS:
        expected, found = here.relation(name), there.relation(name)
        assert found.columns == expected.columns, name
        assert rows(found) == rows(expected), name


def test_every_relation_has_the_same_rows(ticked: Both) -> None:
    assert_same(ticked)


def test_an_explanation_is_the_same(ticked: Both) -> None:
    here, there = ticked.each()
    contact = here.relation("goalsql.decisions")["contact_id"][0]
    assert there.explain("nurture", contact) == here.explain("nurture", contact)


def test_what_if_gives_the_same_figures(ticked: Both, tmp_path: Path) -> None:
    goal = tmp_path / "goal.yml"
    goal.write_text("criteria:\n  event: form_submission\n")
    here, there = (project.whatif("nurture", goal=goal) for project in ticked.each())
    for name in ("metrics", "funnel", "moves"):
        assert rows(getattr(there, name)) == rows(getattr(here, name)), name
    assert there.warnings == here.warnings


def test_an_export_holds_the_same_files_and_rows(ticked: Both, tmp_path: Path) -> None:
    here, there = ticked.each()
    chosen = ("goalsql.decisions", "report.goal_contacts", "report.time_to_goal")
    assert there.export(tmp_path / "there", chosen) == here.export(tmp_path / "here", chosen)
    for name in chosen:
        file = Path(*name.split(".")).with_suffix(".parquet")
        expected, found = (pl.read_parquet(tmp_path / one / file) for one in ("here", "there"))
        assert found.columns == expected.columns
        assert rows(found) == rows(expected), name


def test_a_partitioned_export_has_a_folder_for_each_workflow(ticked: Both, tmp_path: Path) -> None:
    here, there = ticked.each()
    name = ["goalsql.decisions"]
    counts = there.export(tmp_path / "there", name, partition=True, since_tick=1)
    assert counts == here.export(tmp_path / "here", name, partition=True, since_tick=1)
    found = {path.name for path in (tmp_path / "there/goalsql/decisions").iterdir()}
    wanted = {path.name for path in (tmp_path / "here/goalsql/decisions").iterdir()}
    assert {one for one in found if one.startswith("workflow_id=")} == wanted


def test_what_is_published_has_the_same_rows(ticked: Both, tmp_path: Path) -> None:
    both = ticked.copied(tmp_path)
    for project in both.each():
        with (project.directory / "goalsql.yml").open("a") as file:
            file.write("\npublish: {to: published, format: parquet}\n")
        Project.load(project.directory).publish()
    here, there = (one / "published" / "latest" for one in (both.here, both.there))
    names = {path.relative_to(here).with_suffix("") for path in here.glob("*/*")}
    assert {path.relative_to(there).with_suffix("") for path in there.glob("*/*")} == names
    for name in sorted(names):
        expected, found = (as_text(published(one / name)) for one in (here, there))
        assert rows(found.select(expected.columns)) == rows(expected), name


def published(path: Path) -> Path:
    return path / "*.parquet" if path.is_dir() else path.with_suffix(".parquet")


def test_a_copy_as_a_database_is_refused_before_the_tick(ticked: Both, tmp_path: Path) -> None:
    both = ticked.copied(tmp_path)
    with (both.there / "goalsql.yml").open("a") as file:
        file.write("\npublish: {to: shop.duckdb}\n")
    with pytest.raises(UsageError, match="say `format: parquet`"):
        both.spark.tick("2025-09-01")
    assert both.spark.relation("goalsql.ticks")["tick_id"].max() == len(TICKS)


def test_the_page_is_written(ticked: Both, tmp_path: Path) -> None:
    ticked.spark.report_html(tmp_path / "report.html")
    assert "Lead nurture" in (tmp_path / "report.html").read_text()


def test_edits_enrollments_and_a_full_tick(edited: Edited) -> None:
    assert edited.applied == [("nurture",), ("nurture",)]
    assert edited.enrolled == [3, 3]
    assert edited.ticks[0] == edited.ticks[1]
    assert_same(edited.both)


def test_the_state_moves_to_spark_and_back(ticked: Both, tmp_path: Path) -> None:
    both = ticked.copied(tmp_path)
    Project.load(both.here).export_state(tmp_path / "of_duckdb")
    shutil.rmtree(next(both.there.glob("*.state")))
    both.spark.import_state(tmp_path / "of_duckdb")
    for project in both.each():
        project.tick("2025-08-08", "event", full=True)
    both.spark.compact()
    assert_same(both)
    [state] = both.there.glob("*.state")
    assert all(
        len({Path(file).parent for file in files}) <= 1 for files in tables_of(state).values()
    )
    both.spark.export_state(tmp_path / "of_spark")
    shutil.rmtree(tmp_path / "of_duckdb")
    both.duckdb.export_state(tmp_path / "of_duckdb")
    for name in sorted(set(STATE) - {"goalsql.project"}):
        file = Path(*name.split(".")).with_suffix(".parquet")
        expected, found = (as_text(tmp_path / f"of_{one}" / file) for one in ENGINES)
        assert rows(found.select(expected.columns)) == rows(expected), name
    both.duckdb.database.unlink()
    both.duckdb.import_state(tmp_path / "of_spark")
    for project in both.each():
        project.tick("2025-08-15", "event")
    assert_same(both)


def as_text(file: Path) -> pl.DataFrame:
    """A Parquet file; what DuckDB calls JSON is text to others."""
    return pl.read_parquet(file).with_columns(pl.selectors.binary().cast(pl.String))


def test_the_same_tick_again_changes_nothing(ticked: Both) -> None:
    ledger = sorted(ticked.there.rglob("ledger/**/*.parquet"))
    assert ledger != []
    assert ticked.spark.tick("2025-08-01").already_done
    assert sorted(ticked.there.rglob("ledger/**/*.parquet")) == ledger


def test_readers_meanwhile_see_the_tick_before_and_then_the_whole_one(
    ticked: Both, tmp_path: Path
) -> None:
    both = ticked.copied(tmp_path)
    [state] = both.there.glob("*.state")
    before, seen = tables_of(state), []
    project = Project.load(both.there, tracer=lambda name, sql: seen.append(tables_of(state)))
    project.tick("2025-08-02", "event")
    after = tables_of(state)
    assert after != before
    assert seen.count(before) > 100
    assert seen == [before] * seen.count(before) + [after] * seen.count(after)
    assert [name for name, files in after.items() if not all(Path(f).exists() for f in files)] == []
    assert project.relation("goalsql.ticks")["tick_id"].max() == len(TICKS) + 1


def test_what_only_duckdb_reads_is_named(beginning: Both, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(beginning.there, project, ignore=shutil.ignore_patterns("*.state"))
    file = project / "goalsql.yml"
    text = file.read_text()
    file.write_text(text.replace("data/contacts.parquet", "data/competitors.csv"))
    segment = project / "segments" / "competitors.yml"
    segment.write_text(segment.read_text().replace(".parquet", ".csv"))
    with pytest.raises(DefinitionError) as caught:
        Project.load(project).validate()
    assert [str(one.code) for one in caught.value.problems].count("GQ210") == 2


@pytest.mark.parametrize("command", ["forget", "backup", "status", "connect"])
def test_a_command_of_duckdb_alone_says_so(ticked: Both, tmp_path: Path, command: str) -> None:
    project = ticked.spark
    commands = {
        "forget": lambda: project.forget([1]),
        "backup": lambda: project.backup(tmp_path / "backup.duckdb"),
        "status": project.status,
        "connect": lambda: project.connect().__enter__(),
    }
    with pytest.raises(UsageError, match="DuckDB") as caught:
        commands[command]()
    assert str(caught.value.code) == "GQ332"
