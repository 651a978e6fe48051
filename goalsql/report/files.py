"""Files that readers find whole: the old one or the new one, never a part."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goalsql.codes import Code
from goalsql.errors import GoalsqlError, ResourceError, UsageError
from goalsql.workshop import workshop

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
        path.parent.mkdir(parents=True, exist_ok=True)
        with workshop(path) as directory:
            new = directory / path.name
            new.touch()
            yield new
            os.replace(new, path)
    except OSError as error:
        raise not_written(f"cannot write {path}", error) from error


def not_written(what: str, error: OSError) -> GoalsqlError:
    """What to raise where something could not be written: a full disk is nobody's mistake.

    Args:
        what: what could not be done.
        error: why.
    """
    if error.errno in _FULL:
        words = f"{what}: no space is left on the disk: free some, then run again"
        return ResourceError(Code.NO_SPACE, "write", "", str(error), words)
    return UsageError(Code.CANNOT_WRITE, f"{what}: {error}")
