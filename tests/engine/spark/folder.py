"""A project that runs on Spark, and the folder of its state, read without Spark."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import polars as pl

LEDGER = {"version": pl.Int64, "run": pl.String, "manifest": pl.String}


def without_text_files(directory: Path) -> None:
    """Lets the segments of a project be Parquet instead of CSV files."""
    for csv in directory.glob("data/*.csv"):
        duckdb.read_csv(str(csv)).write_parquet(str(csv.with_suffix(".parquet")))
    for segment in directory.glob("segments/*.yml"):
        segment.write_text(segment.read_text().replace(".csv", ".parquet"))


def on_spark(directory: Path, remote: str) -> None:
    """Lets a project run on a server."""
    with (directory / "goalsql.yml").open("a") as file:
        file.write(f'\nengine: {{spark: {{remote: "{remote}"}}}}\n')


def tables_of(state: Path) -> dict[str, list[str]]:
    """The files of each table of state that count, by the ledger's last row; none before it."""
    done = finished(state).sort("version", "run", descending=[True, False])
    tables = json.loads(done.row(0, named=True)["manifest"])["tables"] if len(done) else {}
    return {
        name.removeprefix("goalsql."): [
            str(file) for part in parts for file in sorted(state.joinpath(part).glob("*.parquet"))
        ]
        for name, (_, parts) in tables.items()
    }


def finished(state: Path) -> pl.DataFrame:
    """The rows of the ledger, but for those of runs that have only begun."""
    files = list(state.glob("ledger/**/*.parquet"))
    ledger = pl.read_parquet(files) if files else pl.DataFrame(schema=LEDGER)
    return ledger.filter(pl.col("manifest").is_not_null())
