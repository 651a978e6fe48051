"""Database files that others find whole: the old one or the new one, never a part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goalsql.workshop import workshop


@contextmanager
def new_database(path: Path, mode: int) -> Iterator[Path]:
    """The place beside `path` of a database that takes its place when the block ends.

    If the block fails, what it wrote is gone and `path` is as it was.

    Args:
        path: the file, new or to be replaced.
        mode: the new one's permissions.

    Raises:
        OSError: if it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with workshop(path) as directory:
        new = directory / path.name
        yield new
        new.chmod(mode)
        _sync(new)
        # What somebody has written to the old file since is no part of the new one.
        wal_of(path).unlink(missing_ok=True)
        new.replace(path)
        _sync(path.parent)


def wal_of(path: Path) -> Path:
    """Where DuckDB keeps what it has not yet written to a database's file."""
    return path.with_name(f"{path.name}.wal")


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, would outlive a power cut."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
