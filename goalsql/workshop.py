"""Where a file or directory is made that takes the place of another when it is whole."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_WORKSHOP = ".goalsql-new"


@contextmanager
def workshop(path: Path) -> Iterator[Path]:
    """A hidden directory beside `path`, in which its successor is made; gone when the block ends.

    Those that processes have left that were killed are cleared: nobody has a lock on them.
    """
    with ExitStack() as stack:
        with _door(path.parent):
            for left in path.parent.iterdir():
                if left.name.startswith(f".{path.name}.") and left.name.endswith(_WORKSHOP):
                    _clear(left)
            made = stack.enter_context(
                tempfile.TemporaryDirectory(
                    prefix=f".{path.name}.", suffix=_WORKSHOP, dir=path.parent
                )
            )
            handle = _lock(Path(made))
        if handle is not None:
            stack.callback(os.close, handle)
        yield Path(made)


@contextmanager
def _door(directory: Path) -> Iterator[None]:
    """One process at a time: nobody clears what another has made and not locked yet."""
    handle = _lock(directory, wait=True)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _clear(left: Path) -> None:
    handle = _lock(left)
    if handle is not None:
        shutil.rmtree(left, ignore_errors=True)
        os.close(handle)


def _lock(directory: Path, *, wait: bool = False) -> int | None:
    """A lock that goes with the process; None where another has it, or there are no such locks."""
    if sys.platform == "win32":
        return None
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            os.close(handle)
            raise
        return handle
    return None
