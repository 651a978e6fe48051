"""Files as Spark finds, reads and writes them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
from sqlglot import exp

from goalsql.engine.duckdb import files_here
from goalsql.engine.protocol import FileFound
from goalsql.engine.spark.asking import asked, found

FILENAME = "filename"
_OF_THE_FILE = "_metadata.file_path"
_LOCAL = r"^file:/+"
_PARTITION = r"(.*?)/[^/=]+=[^/]*/"


def files_found(session: Any, pattern: str) -> list[FileFound]:
    """The files that a path, glob or URI stands for; a folder for the Parquet files in it."""
    if os.path.isabs(pattern):
        return list(files_here(pattern))
    reader = session.read.format("binaryFile")
    if pattern.endswith("/"):
        reader = reader.option("recursiveFileLookup", "true").option("pathGlobFilter", "*.parquet")
    columns = ("path", "length", "modificationTime")
    listed = found(lambda: reader.load(pattern).select(*columns).collect())
    return [
        FileFound(_whole(path, pattern), size, int(at.timestamp() * 1e6) * 1_000)
        for path, size, at in listed
    ]


def _whole(path: str, pattern: str) -> str:
    """The path of a file that was listed, which some servers give without what comes before it."""
    if not urlsplit(path).scheme:
        scheme, store, *_ = urlsplit(pattern)
        path = f"{scheme}://{store}/{path.lstrip('/')}"
    return re.sub(_LOCAL, "/", path)


def parquet(session: Any, paths: Sequence[str], named: bool) -> Any:
    """The rows of Parquet files; with the path of each row's file in column `filename`, if named.

    A column that a file lacks is NULL. What folders say of their files (`day=2026-01-05`) are
    columns, where the server knows of that.
    """
    reader = session.read.option("mergeSchema", "true")
    above = above_partitions(paths)
    if above is not None:
        reader = reader.option("basePath", above)
    rows = reader.parquet(*paths)
    if not named:
        return rows
    from pyspark.sql import functions

    try:
        told = rows.withColumn(FILENAME, functions.col(_OF_THE_FILE))
        told.schema  # noqa: B018  # asks the server, if there is one
    except Exception:
        parts = [reader.parquet(path).withColumn(FILENAME, functions.lit(path)) for path in paths]
        return reduce(lambda one, other: one.unionByName(other, True), parts)
    decoded = functions.expr(f"url_decode(replace({FILENAME}, '+', '%2B'))")
    return told.withColumn(FILENAME, functions.regexp_replace(decoded, _LOCAL, "/"))


def above_partitions(paths: Sequence[str]) -> str | None:
    """The folder that holds all folders such as `day=2026-01-05`; None where there is no such one.

    Example:
        >>> above_partitions(["/a/day=1/x.parquet", "/a/day=2/kind=3/y.parquet"])
        '/a'
        >>> above_partitions(["/a/day=1/x.parquet", "/a/y.parquet"])
    """
    found = {match and match[1] for match in (re.match(_PARTITION, path) for path in paths)}
    return found.pop() if len(found) == 1 else None


def copied(copy: exp.Copy, rows: Any) -> int:
    """Writes rows to where `COPY ... TO` says, and returns how many: a file, or a folder of files.

    The executors write them, so the place has to be one that this process and they see alike; this
    one puts them together to one file, as a stream.
    """
    [place] = copy.args["files"]
    to = Path(place.name)
    parts = to.with_name(f"{to.name}.parts")
    by = any(one.name.upper() == "PARTITION_BY" for one in copy.args["params"])
    writer = rows.write.mode("overwrite").option("compression", "zstd")
    if by:
        writer = writer.partitionBy("workflow_id")
    asked(lambda: writer.parquet(str(parts)))
    parts.mkdir(exist_ok=True)  # which a server may not have made where there are no rows
    files = sorted(parts.rglob("*.parquet"))
    count = pl.scan_parquet(files).select(pl.len()).collect().item() if files else 0
    if by:
        parts.rename(to)
    else:
        none = rows.limit(0)
        there = pl.scan_parquet(files) if files else pl.LazyFrame(asked(none.toArrow))
        there.sink_parquet(to, compression="zstd")
        shutil.rmtree(parts)
    return int(count)
