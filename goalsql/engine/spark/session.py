"""The Spark session that a project runs on: found, reached, and of a version that will do."""

from __future__ import annotations

import os
import shutil
import socket
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from goalsql.codes import Code
from goalsql.engine.spark.asking import ask_again
from goalsql.errors import ResourceError

Session: TypeAlias = Any
"""A SparkSession, classic or Connect; neither is there unless goalsql[spark] is installed."""

_VERSIONS = ("4.",)
_PORT = 15002
_CONNECT = "pyspark.sql.connect"
_SHORTLY = 10  # seconds in which a server answers
_QUIET = {
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
}
"""Of a Spark that is begun here: else it writes a page for each folder that is not there yet."""
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    # What is sent to all executors passes through the driver. Rules are small; 10 MB of Parquet, as
    # is usual, may be millions of contacts, for which a driver of 1 GB has no room.
    "spark.sql.autoBroadcastJoinThreshold": "1MB",
}


def session_of(remote: str | None, master: str | None, given: Session = None) -> Session:
    """The session to run on: the one given, or that of an address or a master.

    Args:
        remote: of a Spark Connect server, such as `sc://host:15002`.
        master: of a cluster, such as `local[2]`; None for what Spark's own configuration says.
        given: a SparkSession.

    Raises:
        ResourceError: if there is no Spark, no Java for it, none that answers, or one of a version
            that goalsql does not know.
    """
    session = _begun(remote, master) if given is None else given
    if not str(session.version).startswith(_VERSIONS):
        raise _none(f"this is Spark {session.version}, and goalsql needs Spark 4: use another one")
    for name, value in _SETTINGS.items():
        session.conf.set(name, value)
    if type(session).__module__.startswith(_CONNECT):
        ask_again(session.client)
    return session


@lru_cache
def _begun(remote: str | None, master: str | None) -> Session:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise _none("Spark is not installed: pip install 'goalsql[spark]'", error) from error
    builder = SparkSession.builder.appName("goalsql")
    if remote is not None:
        _reach(remote)
        builder = builder.remote(remote)
    elif find_spec("py4j") is None:
        raise _none("this is Spark's client alone: pip install 'goalsql[spark]', or use `remote`")
    elif not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise _none("Spark needs Java 17 or later, and there is none: install it, or use `remote`")
    else:
        for name, value in _QUIET.items():
            builder = builder.config(name, value)
        if master is not None:
            builder = builder.master(master)
    try:
        # What is there already would be taken else, whatever server it is of.
        return builder.getOrCreate() if remote is None else builder.create()
    except Exception as error:
        where = remote or master or "what its configuration names"
        raise _none(f"no Spark session can be had from {where}: see that it runs", error) from error


def _reach(remote: str) -> None:
    """Looks whether anybody answers: Spark itself would try for minutes."""
    address = urlsplit(remote)
    try:
        where = (address.hostname or "", address.port or _PORT)
        socket.create_connection(where, _SHORTLY).close()
    except (OSError, ValueError) as error:
        words = f"nobody answers at {remote}: see that a Spark Connect server runs there"
        raise _none(words, error) from error


def _none(words: str, error: Exception | None = None) -> ResourceError:
    return ResourceError(Code.NO_SPARK, "open", "", str(error or words), words)
