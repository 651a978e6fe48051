"""A command that is told to stop by SIGTERM ends as by Ctrl-C: with a rollback, and in order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED, TERMINATED = 130, 143


class Stopping:
    """How a command was told to stop: `status` is what it exits with then."""

    def __init__(self) -> None:
        self.status = INTERRUPTED

    @contextmanager
    def terminable(self) -> Iterator[None]:
        """Lets SIGTERM interrupt the block; only a main thread can be told so."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGTERM, self._terminate)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _terminate(self, number: int, frame: object) -> None:
        self.status = TERMINATED
        raise KeyboardInterrupt
