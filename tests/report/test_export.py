"""The export: complete, typed for any reader, replaced as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goalsql.errors import EngineError, UsageError
from goalsql.report.export import export
from goalsql.report.views import RELATIONS
from tests.report.database import Database, day


@pytest.fixture
def filled(db: Database) -> Database:
    db.workflow()
    db.enrolled(1, day(1), day(5), "goal_met")
    db.received(1, day(2))
    db.met(1, day(5))
    db.insert("workflow_versions", workflow_id="w", version=1, definition='{"id": "w"}')
    db.tick(day(6))
    return db


def test_every_relation_comes_back_as_it_was(filled: Database, tmp_path: Path) -> None:
    rows = export(filled.engine, tmp_path / "out")
    assert list(rows) == list(RELATIONS)
    for relation in RELATIONS:
        schema, name = relation.split(".")
        path = tmp_path / "out" / schema / f"{name}.parquet"
        stored = filled.run(f"SELECT * FROM read_parquet('{path}')")
        assert len(stored) == rows[relation] == pl.read_parquet(path).height
        if "time_to_goal" not in relation and "goal_contacts" not in relation:
            assert sorted(stored, key=repr) == sorted(filled.run(f"FROM {relation}"), key=repr)
    assert rows["report.goal_funnel"] == 9


def test_spans_of_time_are_seconds(filled: Database, tmp_path: Path) -> None:
    export(filled.engine, tmp_path / "out")
    times = pl.read_parquet(tmp_path / "out/report/time_to_goal.parquet")
    assert times.select("p25", "median", "p75", "p90").row(0) == (3 * 86400.0,) * 4
    contacts = pl.read_parquet(tmp_path / "out/report/goal_contacts.parquet")
    assert contacts["time_to_goal"].to_list() == [3 * 86400.0]


def test_files_are_packed_by_zstd(filled: Database, tmp_path: Path) -> None:
    export(filled.engine, tmp_path / "out")
    path = tmp_path / "out" / "goalsql" / "enrollments.parquet"
    packed = filled.run(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')")
    assert packed == [("ZSTD",)]


def test_the_manifest_says_which_tick(filled: Database, tmp_path: Path) -> None:
    rows = export(filled.engine, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == {"tick_at": "2026-01-06T00:00:00", "rows": rows}


def test_a_project_without_a_tick_exports_no_rows(db: Database, tmp_path: Path) -> None:
    assert set(export(db.engine, tmp_path / "out").values()) == {0}


def test_a_new_export_replaces_the_old_one(filled: Database, tmp_path: Path) -> None:
    to = tmp_path / "deep" / "it's here"
    export(filled.engine, to)
    filled.enrolled(2, day(3))
    assert export(filled.engine, to)["goalsql.enrollments"] == 2
    assert pl.read_parquet(to / "goalsql" / "enrollments.parquet").height == 2
    assert [path.name for path in to.parent.iterdir()] == [to.name]


def test_an_empty_directory_is_taken(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    export(filled.engine, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").exists()


def test_a_link_stays_a_link(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    export(filled.engine, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "manifest.json").exists()


def test_a_failed_export_leaves_the_old_one(filled: Database, tmp_path: Path) -> None:
    rows = export(filled.engine, tmp_path / "out")
    filled.enrolled(2, day(3))
    filled.run("DROP VIEW report.time_to_goal")  # the last relation to be written
    with pytest.raises(EngineError, match="time_to_goal"):
        export(filled.engine, tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out/goalsql/enrollments.parquet").height == 1
    assert rows["goalsql.enrollments"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_exchange_that_fails_leaves_the_old_one(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(filled.engine, tmp_path / "out")
    filled.enrolled(2, day(3))
    rename: Callable[..., Any] = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(UsageError, match="cannot export"):
        export(filled.engine, tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out/goalsql/enrollments.parquet").height == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": "mine"},
        {"manifest.json": '{"name": "some web app"}'},
        {"manifest.json": "not JSON"},
        {"manifest.json": '{"tick_at": null, "rows": {}}', "notes.txt": "mine"},
        {"report": "a file without a manifest"},
    ],
)
def test_what_is_no_export_is_not_replaced(
    filled: Database, tmp_path: Path, files: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="name a new or empty one"):
        export(filled.engine, tmp_path)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == files


def test_a_file_is_no_directory(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        export(filled.engine, tmp_path / "out")
    with pytest.raises(UsageError, match="cannot export"):
        export(filled.engine, tmp_path / "out" / "below")
