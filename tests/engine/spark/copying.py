"""What is asked of a DuckDB file, asked of a project on Spark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import polars as pl

from goalsql import Project


def copy_of(project: Project, relations: Iterable[str]) -> duckdb.DuckDBPyConnection:
    """A database in memory with some of a project's relations, under their names."""
    return database_of({name: project.relation(name) for name in relations})


def database_of(frames: Mapping[str, pl.DataFrame]) -> duckdb.DuckDBPyConnection:
    """A database in memory with frames as its tables."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA goalsql; CREATE SCHEMA report")
    for name, frame in frames.items():
        huge = [column for column, kind in frame.schema.items() if kind == pl.Int128]
        rows = frame.with_columns(pl.col(huge).cast(pl.String)).to_arrow()  # noqa: F841
        shown = ", ".join(f"CAST({column} AS HUGEINT) AS {column}" for column in huge)
        replaced = f"REPLACE ({shown})" if huge else ""
        connection.execute(f"CREATE TABLE {name} AS SELECT * {replaced} FROM rows")
    return connection
