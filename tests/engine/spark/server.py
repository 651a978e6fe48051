"""A Spark Connect server without Java."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from goalsql.engine.spark.session import session_of


@contextmanager
def sail() -> Iterator[str]:
    """The address of Sail's server, which runs in this process meanwhile."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer()
    server.start(background=True)
    _, port = server.listening_address
    yield f"sc://localhost:{port}"
    server.stop()


@contextmanager
def session_at(address: str) -> Iterator[Any]:
    """The session of a server; stopped, as it would else look for it for minutes in the end."""
    session = session_of(address, None)
    yield session
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # in how it says that it was idle
        session.stop()
