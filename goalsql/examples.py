"""New projects from the examples in `seeds/` (SPEC 8: init, demo)."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import ModuleType

import duckdb

from goalsql.codes import Code
from goalsql.errors import InternalError, UsageError, unknown
from goalsql.project import Project
from goalsql.resources import resource

DEMO = "goalsql-demo"
QUICKSTART = "quickstart"
CONTACTS = 20_000
_GENERATOR = "generate.py"
_NOT_COPIED = shutil.ignore_patterns(_GENERATOR, "generate", "__pycache__", ".*", "data")
_MONTHS = [datetime(2025, month, 1) for month in range(2, 13)] + [datetime(2026, 1, 1)]


def init(directory: str | Path, example: str = QUICKSTART, *, contacts: int = CONTACTS) -> Project:
    """Makes a new project from an example and generates its data.

    Args:
        directory: absent or empty; if anything fails it is left so.
        example: a folder of `seeds/`.
        contacts: how many contacts to generate, at least 1,000.

    Returns:
        The project, before its first tick.

    Raises:
        UsageError: if there is no such example, or the directory holds anything.
        ValueError: for too few contacts.
    """
    source = _example(example)
    target = Path(directory).absolute()
    with _all_or_nothing(target):
        _make(source, target, contacts)
    return Project.load(target)


def demo(
    directory: str | Path = DEMO,
    progress: Callable[[str], None] = lambda stage: None,
    *,
    contacts: int = CONTACTS,
) -> Project:
    """Makes the quickstart project and runs its year: twelve ticks with the event clock.

    Args:
        directory: absent or empty; if anything fails it is left so.
        progress: told what is being done.
        contacts: how many contacts to generate, at least 1,000.

    Returns:
        The project as of 2026-01-01.

    Raises:
        UsageError: if the directory holds anything, such as an earlier demo.
    """
    source = _example(QUICKSTART)
    target = Path(directory).absolute()
    if _same_files(source, target):
        raise UsageError(
            Code.PLACE_TAKEN,
            f"{directory} holds a demo already; remove it, or name another directory: "
            "goalsql demo DIR",
        )
    with _all_or_nothing(target):
        progress("making a year of data")
        _make(source, target, contacts)
        project = Project.load(target)
        for number, at in enumerate(_MONTHS, 1):
            progress(f"tick {number} of {len(_MONTHS)}, up to {at:%Y-%m-%d}")
            project.tick(at, "event")
    return project


def _example(name: str) -> Path:
    seeds = resource("seeds")
    names = sorted(path.parent.name for path in seeds.glob(f"*/{_GENERATOR}"))
    if name in names:
        return seeds / name
    raise unknown("example", name, names)


def _same_files(source: Path, target: Path) -> bool:
    files = [path.relative_to(source) for path in source.rglob("*.yml")]
    return all((target / file).is_file() for file in files)


@contextmanager
def _all_or_nothing(target: Path) -> Iterator[None]:
    """Makes the directory; empties it, or removes it if it was not there, when the block fails."""
    there = target.exists()
    if there and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            Code.PLACE_TAKEN, f"{target} is there and not empty; name a new or empty directory"
        )
    try:
        target.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        _clear(target)
        if not there and target.is_dir():
            target.rmdir()
        if isinstance(error, OSError | duckdb.Error):
            raise UsageError(Code.CANNOT_WRITE, f"cannot write {target}: {error}") from error
        raise


def _clear(directory: Path) -> None:
    for path in directory.glob("*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _make(source: Path, target: Path, contacts: int) -> None:
    shutil.copytree(
        source, target, ignore=_NOT_COPIED, copy_function=shutil.copyfile, dirs_exist_ok=True
    )
    _load(source / _GENERATOR).generate(target, contacts=contacts)


def _load(path: Path) -> ModuleType:
    """Imports a file by its path and leaves no bytecode beside it."""
    spec = importlib.util.spec_from_file_location(f"goalsql_example_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise InternalError(f"cannot import {path}")
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module
