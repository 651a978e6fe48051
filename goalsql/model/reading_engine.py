"""Reads what the engine may use: memory, threads, disk (`engine` in goalsql.yml)."""

from __future__ import annotations

import re
from pathlib import Path

from goalsql.codes import Code
from goalsql.model.project import DuckDBSettings
from goalsql.model.reading import Spot, part, part_or

UNITS = ("KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB")
_SIZE = re.compile(rf"([0-9]{{1,9}})\s*({'|'.join(UNITS)})", re.IGNORECASE)


def read_engine(at: Spot, directory: Path) -> DuckDBSettings:
    """The settings of the engine; those that are not there or wrong are left to it."""
    found = at.fields(("duckdb",)) or {}
    return part_or(found, "duckdb", lambda spot: _duckdb(spot, directory), DuckDBSettings())


def _duckdb(at: Spot, directory: Path) -> DuckDBSettings:
    found = at.fields(("memory_limit", "threads", "temp_directory", "max_temp_size")) or {}
    temp_directory = part(found, "temp_directory", Spot.text)
    return DuckDBSettings(
        memory_limit=part(found, "memory_limit", _size),
        threads=part(found, "threads", _threads),
        temp_directory=None if temp_directory is None else directory / temp_directory,
        max_temp_size=part(found, "max_temp_size", _size),
    )


def _size(at: Spot) -> str | None:
    """A size as DuckDB takes it."""
    text = at.scalar(mend="write e.g. `4 GB`")
    if text is None:
        return None
    match = _SIZE.fullmatch(text.strip())
    if match is None or not int(match[1]):
        bare = re.fullmatch(r"[1-9][0-9]{0,8}", text.strip())
        mend = f"write e.g. `{text.strip()} GB`" if bare else "write e.g. `4 GB` or `512 MiB`"
        at.wrong(
            Code.WRONG_VALUE, f"`{text}` is not a size: a whole number from 1 on and its unit", mend
        )
        return None
    return f"{int(match[1])}{match[2]}"


def _threads(at: Spot) -> int | None:
    count = at.count()
    if count is not None and not 1 <= count <= 1024:
        at.wrong(Code.WRONG_VALUE, f"{count} threads cannot be", "write a number from 1 to 1024")
        return None
    return count
