"""The export: complete, typed for any reader, replaced as a whole or not at all."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goalsql.errors import EngineError, UsageError
from goalsql.report.export import LARGE, export
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


def test_only_what_is_chosen_is_written(filled: Database, tmp_path: Path) -> None:
    export(filled.engine, tmp_path / "out")
    chosen = ["report.goal_funnel", "goalsql.receipts"]
    assert export(filled.engine, tmp_path / "out", chosen) == {
        "report.goal_funnel": 9, "goalsql.receipts": 1,
    }  # fmt: skip
    written = {path.name for path in (tmp_path / "out").rglob("*.parquet")}
    assert written == {"goal_funnel.parquet", "receipts.parquet"}


HOSTILE = 'it\'s/../"x" = ü%20'


@pytest.mark.parametrize("relation", sorted(LARGE))
def test_large_relations_in_a_folder_for_each_workflow(
    filled: Database, tmp_path: Path, relation: str
) -> None:
    filled.workflow(HOSTILE)
    filled.enrolled(7, day(1), day(5), "goal_met", workflow=HOSTILE)
    filled.received(7, day(2), workflow=HOSTILE)
    filled.met(7, day(5), workflow=HOSTILE)
    for workflow in ("w", HOSTILE):
        ids = {"workflow_id": workflow, "contact_id": 7}
        filled.insert("decisions", **ids, decided_at=day(1), outcome="enrolled", tick_id=1)
        filled.insert("outbox", **ids, step_id="s", kind="action", executed_at=day(1))
    rows = export(filled.engine, tmp_path / "out", [relation], partition=True)
    schema, name = relation.split(".")
    folder = tmp_path / "out" / schema / name
    assert len(list(folder.iterdir())) == 2
    assert (folder / "workflow_id=w").is_dir()
    read = filled.run(
        f"SELECT workflow_id FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    )
    assert {row[0] for row in read} == {"w", HOSTILE}
    frame = pl.read_parquet(f"{folder}/**/*.parquet")
    assert frame.height == len(read) == rows[relation]
    assert set(frame["workflow_id"]) == {"w", HOSTILE}


def test_a_large_relation_without_rows_has_its_columns(db: Database, tmp_path: Path) -> None:
    rows = export(db.engine, tmp_path / "out", partition=True)
    assert set(rows.values()) == {0}
    for relation in LARGE:
        folder = tmp_path / "out" / relation.replace(".", "/")
        frame = pl.read_parquet(f"{folder}/**/*.parquet")
        assert frame.columns == [row[0] for row in db.run(f"DESCRIBE {relation}")]
        assert frame.is_empty()


def test_small_relations_are_one_file(filled: Database, tmp_path: Path) -> None:
    export(filled.engine, tmp_path / "out", partition=True)
    for relation in set(RELATIONS) - LARGE:
        assert (tmp_path / "out" / f"{relation.replace('.', '/')}.parquet").is_file()


def test_files_are_packed_by_zstd(filled: Database, tmp_path: Path) -> None:
    export(filled.engine, tmp_path / "out")
    path = tmp_path / "out" / "goalsql" / "enrollments.parquet"
    packed = filled.run(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')")
    assert packed == [("ZSTD",)]


def test_the_manifest_says_which_tick(filled: Database, tmp_path: Path) -> None:
    rows = export(filled.engine, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == {
        "tick_id": 1, "tick_at": "2026-01-06T00:00:00Z", "finished_at": None,
        "schema_version": None, "rows": rows,
    }  # fmt: skip


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


def test_where_nothing_can_be_exchanged_the_old_one_makes_room(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goalsql.report.export._exchange", lambda one, other: False)
    export(filled.engine, tmp_path / "out")
    filled.enrolled(2, day(3))
    assert export(filled.engine, tmp_path / "out")["goalsql.enrollments"] == 2
    assert pl.read_parquet(tmp_path / "out/goalsql/enrollments.parquet").height == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two paths in one step")
def test_the_directory_is_never_away(filled: Database, tmp_path: Path) -> None:
    out, done = tmp_path / "out", threading.Event()
    export(filled.engine, out)
    found: list[bool] = []

    def look() -> None:
        while not done.is_set():
            found.append((out / "manifest.json").exists())

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(20):
        export(filled.engine, out, ["goalsql.ticks"])
    done.set()
    reader.join()
    assert len(found) > 20
    assert all(found)


def test_an_exchange_that_fails_leaves_the_old_one(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goalsql.report.export._exchange", lambda one, other: False)
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
