"""New projects from examples: all or nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from goalsql import UsageError, examples
from goalsql.resources import resource


def fail_after_a_file(directory: Path, *, contacts: int) -> None:
    (directory / "data").mkdir()
    (directory / "data" / "half.parquet").write_bytes(b"half")
    raise OSError("no space left on device")


@pytest.fixture
def broken_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(generate=fail_after_a_file)
    monkeypatch.setattr(examples, "_load", lambda path: module)


@pytest.mark.usefixtures("broken_generator")
def test_a_failure_leaves_no_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no space left"):
        examples.init(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("broken_generator")
def test_a_failure_leaves_an_empty_directory_empty(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no space left"):
        examples.demo(tmp_path)
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="new or empty directory"):
        examples.init(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_the_generator_is_not_copied(fresh_quickstart: Path) -> None:
    source = resource("seeds") / "quickstart"
    for path in source.rglob("*.yml"):
        assert (fresh_quickstart / path.relative_to(source)).read_text() == path.read_text()
    assert not [path for path in fresh_quickstart.rglob("*") if path.suffix in (".py", ".sql")]


def test_no_bytecode_is_left_beside_the_generator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    seeds = shutil.copytree(resource("seeds"), tmp_path / "seeds", ignore=hidden)
    monkeypatch.setattr(examples, "resource", lambda name: seeds)
    examples.init(tmp_path / "new", contacts=1_000)
    assert not list(seeds.rglob("__pycache__"))


def test_too_few_contacts_for_the_stories(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1,000 contacts"):
        examples.init(tmp_path / "new", contacts=10)
    assert list(tmp_path.iterdir()) == []
