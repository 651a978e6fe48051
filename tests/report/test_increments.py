"""`export --since-tick`: what later ticks have added or changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goalsql import Project
from goalsql.errors import UsageError
from goalsql.report.export import TICKED
from goalsql.report.views import RELATIONS
from tests.run.acme import Acme
from tests.test_cli import run

KEYS = {
    "goalsql.ticks": ["tick_id"],
    "goalsql.decisions": ["workflow_id", "contact_id", "triggered_at", "decided_at"],
    "goalsql.enrollments": ["workflow_id", "contact_id", "enrollment_no"],
    "goalsql.goal_completions": ["workflow_id", "contact_id", "enrollment_no", "goal_epoch"],
    "goalsql.receipts": ["workflow_id", "contact_id", "email_id", "received_at"],
    "goalsql.outbox": ["workflow_id", "contact_id", "enrollment_no", "step_id"],
}
"""What tells the rows of each relation apart."""


@pytest.fixture
def ticked(acme: Acme) -> Acme:
    for at in ("2026-01-03", "2026-01-05", "2026-01-07"):
        acme.tick(at)
    return acme


def exported(acme: Acme, to: Path, since_tick: int | None) -> dict[str, pl.DataFrame]:
    rows = Project.load(acme.directory).export(to, since_tick=since_tick)
    found = {name: pl.read_parquet(to / f"{name.replace('.', '/')}.parquet") for name in RELATIONS}
    assert {name: frame.height for name, frame in found.items()} == rows
    return found


def sorted_rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(frame.rows(), key=repr)


def test_increments_put_upon_the_export_before_give_the_next(acme: Acme, tmp_path: Path) -> None:
    """A row of an increment takes the place of the one with the same key."""
    acme.tick("2026-01-03")
    held = exported(acme, tmp_path / "whole", None)
    for number, at in enumerate(("2026-01-05", "2026-01-06", "2026-01-10"), start=1):
        acme.tick(at)
        found = exported(acme, tmp_path / "increment", number)
        whole = exported(acme, tmp_path / "whole", None)
        for name in RELATIONS:
            if name in KEYS:
                kept = held[name].join(found[name], on=KEYS[name], how="anti", nulls_equal=True)
                found[name] = pl.concat([kept, found[name]])
            assert sorted_rows(found[name]) == sorted_rows(whole[name]), name
        assert found["goalsql.ticks"].height == number + 1
        held = whole


def test_only_what_came_later_is_written(ticked: Acme, tmp_path: Path) -> None:
    found = exported(ticked, tmp_path / "out", 1)
    whole = exported(ticked, tmp_path / "whole", None)
    for name in TICKED:
        assert set(found[name]["tick_id"]) <= {2, 3}
        assert found[name].height == whole[name].filter(pl.col("tick_id") > 1).height
    assert 0 < found["goalsql.outbox"].height < whole["goalsql.outbox"].height
    assert sorted_rows(found["report.goal_funnel"]) == sorted_rows(whole["report.goal_funnel"])


@pytest.mark.parametrize("partition", [False, True])
def test_the_manifest_says_so(ticked: Acme, tmp_path: Path, partition: bool) -> None:
    chosen = ["report.goal_funnel", "goalsql.outbox"]
    project = Project.load(ticked.directory)
    project.export(tmp_path / "out", chosen, since_tick=2, partition=partition)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert (manifest["tick_id"], manifest["since_tick"]) == (3, 2)
    assert manifest["increments"] == ["goalsql.outbox"]
    written = pl.read_parquet(tmp_path / "out/goalsql/**/*.parquet")
    assert set(written["tick_id"]) <= {3}
    assert written.height == manifest["rows"]["goalsql.outbox"]


def test_all_ticks_and_none(ticked: Acme, tmp_path: Path) -> None:
    whole = exported(ticked, tmp_path / "whole", None)
    every = exported(ticked, tmp_path / "all", 0)
    assert sorted_rows(every["goalsql.outbox"]) == sorted_rows(whole["goalsql.outbox"])
    assert exported(ticked, tmp_path / "none", 3)["goalsql.outbox"].is_empty()


@pytest.mark.parametrize("since", [4, -1])
def test_a_tick_that_is_not_there(ticked: Acme, tmp_path: Path, since: int) -> None:
    with pytest.raises(UsageError, match=f"there is no tick {since}; the last one is 3"):
        Project.load(ticked.directory).export(tmp_path / "deep/out", since_tick=since)
    assert not (tmp_path / "deep").exists()


def test_from_the_command_line(ticked: Acme, tmp_path: Path) -> None:
    asked = ("--relation", "goalsql.ticks", "--since-tick", "1", "-p", ticked.directory)
    result = run("export", "--to", tmp_path / "out", *asked)
    assert result.exit_code == 0
    assert result.stdout.startswith("2 rows of 1 relation written")
    wrong = run("export", "--to", tmp_path / "out", "--since-tick", "9", "-p", ticked.directory)
    assert wrong.exit_code == 2
    assert "there is no tick 9" in wrong.stderr


def test_publish_from_the_command_line(ticked: Acme) -> None:
    nowhere = run("publish", "-p", ticked.directory)
    assert nowhere.exit_code == 2
    assert "add e.g. `publish: {to: published/acme.duckdb}`" in nowhere.stderr
    ticked.settings["publish"] = {"to": "for analysts/acme.duckdb"}
    ticked.settle()
    result = run("publish", "-p", ticked.directory)
    assert result.exit_code == 0
    assert result.stdout.endswith("for analysts/acme.duckdb'\n")
    assert (ticked.directory / "for analysts/acme.duckdb").exists()
