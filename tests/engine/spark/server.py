"""A Spark Connect server without Java."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sail() -> Iterator[str]:
    """The address of Sail's server, which runs in this process meanwhile."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer()
    server.start(background=True)
    _, port = server.listening_address
    yield f"sc://localhost:{port}"
    server.stop()
