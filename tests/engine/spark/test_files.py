"""Files as Spark finds them: by path, glob, folder and URI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goalsql.engine.spark.files import files_found, parquet

NAMES = ("a.parquet", "b.parquet", "deep/c.parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(NAMES):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pl.DataFrame({"n": [number]}).write_parquet(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("start", ["", "file://"])
@pytest.mark.parametrize(
    ("pattern", "names"),
    [("a.parquet", NAMES[:1]), ("[ab].parquet", NAMES[:2]), ("", NAMES), ("none.parquet", ())],
)
def test_they_are_found(
    session: Any, folder: Path, start: str, pattern: str, names: tuple[str, ...]
) -> None:
    found = files_found(session, f"{start}{folder}/{pattern}")
    assert sorted(one.path for one in found) == [str(folder / name) for name in names]
    assert all(one.size == Path(one.path).stat().st_size for one in found)
    written = {one.path: Path(one.path).stat().st_mtime_ns for one in found}
    assert all(abs(one.modified - written[one.path]) < 1_000_000 for one in found)


def test_rows_tell_their_file(session: Any, folder: Path) -> None:
    paths = [str(folder / name) for name in NAMES]
    rows = parquet(session, paths, named=True).collect()
    assert sorted((row["n"], row["filename"]) for row in rows) == list(enumerate(paths))
