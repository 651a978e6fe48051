"""A project that runs on Spark, and the folder of its state, read without Spark."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import polars as pl


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
    if not any(state.glob("ledger/*.parquet")):
        return {}
    ledger = pl.read_parquet(state / "ledger" / "*.parquet")
    last = ledger.sort("version", "run", descending=[True, False]).row(0, named=True)
    tables = json.loads(last["manifest"])["tables"]
    return {
        name.removeprefix("goalsql."): [
            str(file) for part in parts for file in sorted(state.joinpath(part).glob("*.parquet"))
        ]
        for name, (_, parts) in tables.items()
    }
