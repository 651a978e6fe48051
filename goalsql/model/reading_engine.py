"""Reads which engine there is, and what it may use (`engine` in goalsql.yml)."""

from __future__ import annotations

import re
from pathlib import Path

from goalsql.codes import Code
from goalsql.model.project import DuckDBSettings, EngineSettings, SparkSettings
from goalsql.model.reach import URI
from goalsql.model.reading import Spot, part, part_or

UNITS = ("KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB")
_SIZE = re.compile(rf"([0-9]{{1,9}})\s*({'|'.join(UNITS)})", re.IGNORECASE)


def read_engine(at: Spot, directory: Path) -> EngineSettings:
    """The settings of the engine; those that are not there or wrong are left to it."""
    before = len(at.log.problems)
    settings = _read(at, directory)
    if len(at.log.problems) > before:
        at.log.broken.add(("engine", ""))
    return settings


def _read(at: Spot, directory: Path) -> EngineSettings:
    found = at.fields(("duckdb", "spark")) or {}
    if len(found) > 1:
        at.wrong(Code.KEYS_CONFLICT, "a project runs on `duckdb` or on `spark`", "keep one of them")
    if "spark" in found:
        return _spark(found["spark"], directory)
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


def _spark(at: Spot, directory: Path) -> SparkSettings:
    found = at.fields(("remote", "master", "state")) or {}
    if "remote" in found and "master" in found:
        mend = "`remote` is the address of a Spark Connect server, `master` of a cluster"
        at.wrong(Code.KEYS_CONFLICT, "a session has either `remote` or `master`", mend)
    remote = part(found, "remote", _remote)
    state = part(found, "state", Spot.text)
    if state is not None and not URI.match(state):
        state = str(directory / state)
    return SparkSettings(remote, part(found, "master", Spot.text), state)


def _remote(at: Spot) -> str | None:
    text = at.text()
    if text is not None and not text.startswith("sc://"):
        at.wrong(Code.WRONG_VALUE, f"`{text}` is no address", "write e.g. `sc://host:15002`")
        return None
    return text


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
