"""Files that readers find whole: the old one or the new one, never a part."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from goalsql.errors import GoalsqlError, ResourceError, UsageError

if sys.platform != "win32":
    import fcntl

_WORKSHOP = ".goalsql-new"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A new file beside `path`, to be written; it takes the place of `path` when the block ends.

    It is made at once, so that a place that cannot be written is known before any work. If the
    block fails, it is gone and `path` is as it was.

    Raises:
        UsageError: if the file cannot be written.
        ResourceError: if no space is left for it.
    """
    path = path.resolve()
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a directory; name a file")
        with workshop(path) as directory:
            new = directory / path.name
            new.touch()
            yield new
            os.replace(new, path)
    except OSError as error:
        raise not_written(f"cannot write {path}", error) from error


@contextmanager
def workshop(path: Path) -> Iterator[Path]:
    """A hidden directory beside `path`, in which its successor is made; gone when the block ends.

    Those that processes have left that were killed are cleared: nobody has a lock on them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.iterdir():
        if left.name.startswith(f".{path.name}.") and left.name.endswith(_WORKSHOP):
            _clear(left)
    with tempfile.TemporaryDirectory(
        prefix=f".{path.name}.", suffix=_WORKSHOP, dir=path.parent
    ) as made:
        handle = _lock(Path(made))
        try:
            yield Path(made)
        finally:
            if handle is not None:
                os.close(handle)


def _clear(left: Path) -> None:
    handle = _lock(left)
    if handle is not None:
        shutil.rmtree(left, ignore_errors=True)
        os.close(handle)


def _lock(directory: Path) -> int | None:
    """A lock that goes with the process; None where another has it, or there are no such locks."""
    if sys.platform == "win32":
        return None
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise
        return handle
    return None


def not_written(what: str, error: OSError) -> GoalsqlError:
    """What to raise where something could not be written: a full disk is nobody's mistake.

    Args:
        what: what could not be done.
        error: why.
    """
    if error.errno in _FULL:
        words = f"{what}: no space is left on the disk: free some, then run again"
        return ResourceError("write", "", str(error), words)
    return UsageError(f"{what}: {error}")
