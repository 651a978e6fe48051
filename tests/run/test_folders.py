"""A source may be a folder of Parquet files."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from goalsql import DefinitionError, Project
from tests.run.acme import NURTURE, PURCHASES, Acme, acme_in


def in_a_folder(acme: Acme) -> Path:
    """Lets the purchases be a folder of two files, one of them deeper down."""
    folder = acme.directory / "purchases"
    (folder / "2026" / "01").mkdir(parents=True)
    file = acme.directory / acme.settings["sources"]["events"]["purchase"]["from"]
    rows = duckdb.read_parquet(str(file))
    rows.limit(1).write_parquet(str(folder / "one.parquet"))
    rows.limit(len(PURCHASES), offset=1).write_parquet(str(folder / "2026" / "01" / "more.parquet"))
    acme.settings["sources"]["events"]["purchase"] = {"from": "purchases/"}
    acme.settle()
    return folder


def test_its_files_are_one_source(tmp_path: Path) -> None:
    acme, other = acme_in(tmp_path / "one"), acme_in(tmp_path / "other")
    in_a_folder(other)
    assert acme.tick("2026-01-10") == other.tick("2026-01-10")
    one, two = (Project.load(it.directory).relation("goalsql.decisions") for it in (acme, other))
    assert sorted(one.rows(), key=repr) == sorted(two.rows(), key=repr)
    assert len(one)


def test_what_a_job_has_not_finished_is_not_read(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    folder = in_a_folder(acme)
    (folder / "_temporary" / "0").mkdir(parents=True)
    shutil.copy(folder / "one.parquet", folder / "_temporary" / "0" / "one.parquet")
    (folder / "_SUCCESS").touch()
    assert (
        acme.tick("2026-01-10").new_events == acme_in(tmp_path / "b").tick("2026-01-10").new_events
    )


@pytest.mark.parametrize("source", ["purchases/", "purchases/*.parquet"])
def test_one_without_files_is_a_mistake(tmp_path: Path, source: str) -> None:
    acme = acme_in(tmp_path)
    (acme.directory / "purchases" / "a.parquet").mkdir(parents=True)
    acme.settings["sources"]["events"]["purchase"] = {"from": source}
    acme.settle()
    with pytest.raises(DefinitionError, match="purchase"):
        acme.tick("2026-01-10")


def test_a_new_file_in_it_is_what_the_next_tick_reads(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    folder = in_a_folder(acme)
    (folder / "2026" / "01" / "more.parquet").rename(tmp_path / "more.parquet")
    first = acme.tick("2026-01-10")
    (tmp_path / "more.parquet").rename(folder / "2026" / "01" / "more.parquet")
    second = acme.tick("2026-01-11")
    assert second.mode == "incremental"
    assert second.new_events == len(PURCHASES) - 1
    assert first.new_events > 0


def test_folders_that_say_a_value_are_a_column(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    file = acme.directory / acme.settings["sources"]["events"]["purchase"]["from"]
    for shop in ("paris", "lyon"):
        folder = acme.directory / "purchases" / f"shop={shop}"
        folder.mkdir(parents=True)
        rows = duckdb.read_parquet(str(file))
        only = rows.filter("contact_id = 'b'" if shop == "paris" else "contact_id <> 'b'")
        only.write_parquet(str(folder / "all.parquet"))
    acme.settings["sources"]["events"]["purchase"] = {"from": "purchases/"}
    acme.settle()
    where = {"event": "purchase", "where": {"shop": {"is": "paris"}}}
    acme.workflow(NURTURE | {"goal": {"criteria": where}})
    acme.tick("2026-01-10")
    met = Project.load(acme.directory).relation("goalsql.goal_completions")
    assert set(met["contact_id"]) == {"b"}


@pytest.mark.parametrize("source", ["purchases/", "purchases/**/*.parquet", "purchases/2026/01/"])
@pytest.mark.parametrize(
    ("system", "log"),
    [
        ("Delta", "_delta_log/00000000000000000000.json"),
        ("Iceberg", "metadata/00000-5f1c.metadata.json"),
        ("Hudi", ".hoodie/hoodie.properties"),
    ],
)
def test_a_table_of_another_system_is_refused_for_it_holds_rows_that_are_gone(
    tmp_path: Path, source: str, system: str, log: str
) -> None:
    acme = acme_in(tmp_path)
    file = in_a_folder(acme) / log
    file.parent.mkdir()
    acme.settings["sources"]["events"]["purchase"] = {"from": source}
    acme.settle()
    acme.tick("2026-01-10")
    file.touch()
    with pytest.raises(DefinitionError, match=f"purchase is a table of {system}") as caught:
        acme.tick("2026-01-11")
    assert [str(problem.code) for problem in caught.value.problems] == ["GQ211"]
