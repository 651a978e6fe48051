"""A Spark Connect server without Java."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from goalsql.engine.spark.session import session_of

FOR_FEW_ROWS = {
    "spark.buffer.pageSize": "1m",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -Xmn1g "
    "-Djdk.lang.Process.launchMechanism=VFORK",
    "spark.driver.memory": "4g",
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.log.level": "ERROR",
    "spark.scheduler.mode": "FAIR",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.maxPlanStringLength": "100",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.ui.retainedExecutions": "10",
    "spark.ui.enabled": "false",
    "spark.ui.retainedJobs": "10",
    "spark.ui.retainedStages": "10",
    "spark.ui.showConsoleProgress": "false",
}


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


def for_few_rows(master: str) -> Any:
    """A session of Spark itself with settings for a hundred queries of a few rows each.

    Code that it writes and compiles for each query, plans that it makes anew while they run, and
    pages about them cost it more there than the rows do.
    """
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("goalsql").master(master)
    for name, value in FOR_FEW_ROWS.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
