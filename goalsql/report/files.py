"""Files that readers find whole: the old one or the new one, never a part."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goalsql.codes import Code
from goalsql.errors import UsageError


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A new file beside `path`, to be written; it takes the place of `path` when the block ends.

    It is made at once, so that a place that cannot be written is known before any work. If the
    block fails, it is gone and `path` is as it was.

    Raises:
        UsageError: if the file cannot be written.
    """
    path = path.resolve()
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a directory; name a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as workshop:
            new = Path(workshop, path.name)
            new.touch()
            yield new
            os.replace(new, path)
    except OSError as error:
        raise UsageError(Code.CANNOT_WRITE, f"cannot write {path}: {error}") from error
