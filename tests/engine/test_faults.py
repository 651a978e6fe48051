"""What is said, and what is left, where memory, disk or the database file fail."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from goalsql.engine.duckdb import DuckDB
from goalsql.engine.faults import failed
from goalsql.errors import EngineError, ResourceError

LARGE = (
    "CREATE TEMPORARY TABLE large AS "
    "SELECT range AS i, REPEAT('a longer text ' || range, 10) AS t FROM range(300000)"
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    engine = DuckDB(path)
    engine.execute("make", "CREATE TABLE t AS SELECT range AS i FROM range(50000)")
    engine.close()
    return path


def sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_bytes(b"text" * 5000),
    "sqlite": lambda path: (path.unlink(), sqlite(path)),
    "first bytes": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "header": lambda path: path.write_bytes(path.read_bytes()[:8192]),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "flipped": lambda path: path.write_bytes(
        path.read_bytes()[:200] + b"damage" + path.read_bytes()[206:]
    ),
    "log": lambda path: Path(f"{path}.wal").write_bytes(b"garbage" * 100),
}


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_told_and_not_touched(
    database: Path, damage: str, read_only: bool
) -> None:
    DAMAGES[damage](database)
    before = {path.name: path.read_bytes() for path in database.parent.iterdir()}
    with pytest.raises(ResourceError, match=r"restore it from a backup.*nothing was changed"):
        DuckDB(database, read_only=read_only)
    assert {path.name: path.read_bytes() for path in database.parent.iterdir()} == before


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="is no DuckDB database"):
        DuckDB(tmp_path)


def test_a_log_that_the_disk_never_got_is_none(database: Path) -> None:
    Path(f"{database}.wal").write_bytes(bytes(500))
    engine = DuckDB(database)
    assert engine.execute("count", "SELECT count(*) FROM t") == [(50000,)]
    engine.close()


def test_without_its_directory_there_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="there is no directory for"):
        DuckDB(tmp_path / "nowhere" / "x.db")


def test_too_little_memory_says_which_setting(tmp_path: Path) -> None:
    config = {"memory_limit": "20MB", "threads": "1", "max_temp_directory_size": "1KB"}
    engine = DuckDB(tmp_path / "x.db", config=config)
    with pytest.raises(ResourceError) as caught, engine.transaction():
        engine.execute("large", LARGE)
    assert "raise memory_limit" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert engine.execute("tables", "SELECT count(*) FROM duckdb_tables()") == [(0,)]
    engine.close()


def test_what_memory_cannot_hold_goes_to_the_chosen_directory(tmp_path: Path) -> None:
    spills = tmp_path / "far" / "spills"
    config = {"memory_limit": "40MB", "threads": "1", "temp_directory": str(spills)}
    engine = DuckDB(tmp_path / "x.db", config=config)
    own = engine.spills
    found = dict(
        engine.execute("settings", "SELECT name, value FROM duckdb_settings() WHERE name IN "
                       "('threads', 'memory_limit', 'temp_directory')")
    )  # fmt: skip
    assert found == {
        "threads": "1",
        "memory_limit": "38.1 MiB",
        "temp_directory": str(own),
    }
    assert own.parent == spills
    engine.execute("spill", LARGE)
    assert [path for path in own.iterdir() if "storage" in path.name]
    engine.close()
    assert not list(spills.iterdir())


def test_databases_that_share_a_directory_spill_apart(tmp_path: Path) -> None:
    config = {"temp_directory": str(tmp_path / "spills")}
    (tmp_path / "other").mkdir()
    paths = [tmp_path / "x.db", tmp_path / "other" / "x.db", None, None]
    engines = [DuckDB(path, config=config) for path in paths]
    assert len({engine.spills for engine in engines}) == 4
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("name", ["spills", "x.db.tmp"])
def test_a_place_for_spills_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("in the way")
    config = {"memory_limit": "20MB", "threads": "1"}
    if name == "spills":
        config["temp_directory"] = str(tmp_path / name)
    with pytest.raises(ResourceError, match=f"{name} cannot be written.* temp_directory"):
        DuckDB(tmp_path / "x.db", config=config).execute("large", LARGE)


def test_a_commit_to_a_file_that_is_not_there_fails(database: Path) -> None:
    engine = DuckDB(database)
    other = database.with_name("other.db")
    shutil.copy(database, other)
    with pytest.raises(ResourceError, match="was removed or replaced"), engine.transaction():  # noqa: PT012
        engine.execute("add", "INSERT INTO t VALUES (-1)")
        other.replace(database)
    engine.close()
    engine = DuckDB(database)
    assert engine.execute("min", "SELECT MIN(i), COUNT(*) FROM t") == [(0, 50000)]
    engine.close()


@pytest.mark.parametrize(
    ("statement", "cause", "words"),
    [
        ("x", "IO Error: Could not write file x.db: Disk quota exceeded", "no space is left"),
        ("open", 'IO Error: Cannot open file "/d/x.db": Permission denied', "may not be written"),
        ("x", 'Failed to commit: Cannot open file "/d/x.db.wal": Read-only file system',
         "may not be written"),
        ("open", 'IO Error: Failure while replaying WAL file "/d/x.db.wal": This WAL was created '
         "for this database file, but the WAL checkpoint iteration does not match the database "
         "file.", "where a backup was put in place, remove /d/x.db.wal"),
        ("x", "Corrupt database file: computed checksum 1 does not match stored checksum 2",
         "a database file is damaged, /d/x.db or one that is attached"),
    ],
)  # fmt: skip
def test_words(statement: str, cause: str, words: str) -> None:
    error = failed(statement, "", cause, Path("/d/x.db"), Path("/d/x.db.tmp"))
    assert isinstance(error, ResourceError)
    assert words in str(error)
    assert cause.splitlines()[0] in str(error)


@pytest.mark.parametrize(
    "cause",
    [
        "Binder Error: there is no table t",
        'IO Error: Cannot open file "/data/contacts.csv": Permission denied',
        'IO Error: Could not read enough bytes from file "/data/contacts.parquet"',
    ],
)
def test_other_errors_keep_their_words(cause: str) -> None:
    error = failed("some.name", "SELECT 1", cause, Path("/d/x.db"), Path("/d/x.db.tmp"))
    assert type(error) is EngineError
    assert str(error) == f"statement some.name failed: {cause}"
