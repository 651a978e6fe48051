"""`goalsql export`, as it is called from the command line."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from goalsql import Project
from goalsql.report.views import RELATIONS
from tests.test_cli import run


def test_writes_every_relation(run_quickstart: Path, tmp_path: Path) -> None:
    result = run("export", "--to", tmp_path / "out", "-p", run_quickstart)
    assert result.exit_code == 0
    assert "19 relations" in result.stdout
    written = sorted((tmp_path / "out").rglob("*.parquet"))
    assert {f"{path.parent.name}.{path.stem}" for path in written} == set(RELATIONS)
    project = Project.load(run_quickstart)
    for path in written:
        rows = project.relation(f"{path.parent.name}.{path.stem}").height
        assert pl.read_parquet(path).height == rows


def test_writes_what_is_chosen(run_quickstart: Path, tmp_path: Path) -> None:
    names = ["report.goal_funnel", "goalsql.receipts"]
    chosen = [word for name in names for word in ("--relation", name)]
    result = run("export", "--to", tmp_path / "out", *chosen, "--partition", "-p", run_quickstart)
    assert result.exit_code == 0
    assert "2 relations" in result.stdout
    assert (tmp_path / "out/report/goal_funnel.parquet").is_file()
    folders = {path.name for path in (tmp_path / "out/goalsql/receipts").iterdir()}
    assert "workflow_id=nurture" in folders


def test_an_unknown_relation(run_quickstart: Path, tmp_path: Path) -> None:
    asked = ("--relation", "report.goal_funel")
    result = run("export", "--to", tmp_path / "out", *asked, "-p", run_quickstart)
    assert result.exit_code == 2
    assert "did you mean report.goal_funnel?" in result.stderr
    assert not (tmp_path / "out").exists()


def test_replaces_nothing_but_an_export(run_quickstart: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    result = run("export", "--to", tmp_path, "-p", run_quickstart)
    assert result.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
