"""What counts is what the last row of the ledger lists; parts that no longer count go away."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any

import polars as pl
import pytest

from goalsql import EngineError
from goalsql.compile.dialects.translate import to_spark
from goalsql.engine.spark.engine import FEW, MOST_PARTS, Spark
from goalsql.engine.spark.store import KEPT, Manifest, Relation, Store

CREATE = "CREATE TABLE goalsql.t (n INTEGER)"
READ = "SELECT n FROM goalsql.t ORDER BY n"


class Killed(BaseException):
    pass


def engine(session: Any, root: Path) -> Spark:
    return Spark(session, str(root), to_spark)


def insert(one: Spark, *numbers: int) -> None:
    """Adds rows, each by a statement of its own."""
    for number in numbers:
        one.execute("insert", f"INSERT INTO goalsql.t SELECT {number}")


def write_and_die(one: Spark) -> None:
    """Writes what lasts, and what does not."""
    insert(one, 9)
    one.execute("passing", "CREATE TEMPORARY TABLE u AS SELECT n FROM goalsql.t")
    raise Killed


def runs(root: Path) -> set[tuple[str, str]]:
    """The folders of runs that hold any rows."""
    files = [path.relative_to(root) for path in root.glob("s*/*/*/*/*.parquet")]
    return {(file.parts[0], file.parts[1]) for file in files}


def folders(root: Path) -> int:
    return len(list(root.glob("state/*/goalsql.t/*")))


def test_there_is_nothing_before_the_first_run(session: Any, tmp_path: Path) -> None:
    assert Store(session, str(tmp_path / "none")).load() == Manifest()


def test_what_a_dead_run_wrote_does_not_count(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    with pytest.raises(Killed):  # noqa: PT012, SIM117
        with one.transaction():
            insert(one, 1)
            assert one.execute("read", READ) == [(1,)]
            assert engine(session, tmp_path).execute("read", READ) == []
            raise Killed
    assert one.execute("read", READ) == []
    with one.transaction():
        insert(one, 2)
    assert engine(session, tmp_path).execute("read", READ) == [(2,)]


def test_of_two_runs_at_once_the_first_counts_and_the_other_says_so(
    session: Any, tmp_path: Path
) -> None:
    engine(session, tmp_path).execute("create", CREATE)
    said = f"another run has changed {tmp_path} meanwhile; nothing of this one counts"
    for number in range(5):
        one, other = engine(session, tmp_path), engine(session, tmp_path)
        insert(one, number)
        with pytest.raises(EngineError, match=re.escape(said)):
            insert(other, 9)
        found = engine(session, tmp_path).execute("read", READ)
        assert found == [(each,) for each in range(number + 1)]


def test_of_two_that_are_done_in_the_same_moment_one_counts(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(session, tmp_path).execute("create", CREATE)
    engines = [engine(session, tmp_path) for _ in range(2)]
    both, note = Barrier(2, timeout=60), Store._note

    def note_together(store: Store, version: int, run: str, manifest: str | None) -> None:
        if manifest is not None:
            both.wait()
        note(store, version, run, manifest)
        if manifest is not None:
            both.wait()

    def counts(number: int) -> bool:
        try:
            insert(engines[number], number)
        except EngineError:
            return False
        return True

    monkeypatch.setattr(Store, "_note", note_together)
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(counts, range(2)))
    [(number,)] = engine(session, tmp_path).execute("read", READ)
    assert said == [number == 0, number == 1]


def test_many_small_parts_become_one(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    with one.transaction():
        insert(one, *range(MOST_PARTS + 1))
    assert len(one.state.tables["goalsql.t"].parts) == 1
    found = engine(session, tmp_path).execute("read", READ)
    assert found == [(number,) for number in range(MOST_PARTS + 1)]


def test_of_each_three_parts_one_is_made_and_of_each_three_of_these(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goalsql.engine.spark.engine.MOST_PARTS", 2)
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    counts = []
    for number in range(13):
        insert(one, number)
        counts.append(len(one.state.tables["goalsql.t"].parts))
    # As many as the digits of 1 to 13 add up to, where they are written to the base of three.
    assert counts == [1, 2, 1, 2, 3, 2, 3, 4, 1, 2, 3, 2, 3]
    assert one.execute("read", READ) == [(number,) for number in range(13)]
    one.compact()
    assert len(one.state.tables["goalsql.t"].parts) == 1
    assert one.execute("read", READ) == [(number,) for number in range(13)]


def test_dropped_parts_go_away_after_a_few_runs(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    insert(one, 0)
    counts = []
    for _ in range(KEPT + 3):
        one.execute("update", "DELETE FROM goalsql.t WHERE n > 5")
        counts.append(folders(tmp_path))
    assert max(counts) == counts[-1] == KEPT + 1
    assert one.execute("read", READ) == [(0,)]


def test_what_a_run_itself_puts_another_in_place_of_goes_away_at_once(
    session: Any, tmp_path: Path
) -> None:
    one = engine(session, tmp_path)
    with one.transaction():
        one.execute("create", CREATE)
        for number in range(3):
            insert(one, number)
            one.execute("delete", "DELETE FROM goalsql.t WHERE n < 1")
    assert folders(tmp_path) == len(one.state.tables["goalsql.t"].parts) == 1
    assert one.execute("read", READ) == [(1,), (2,)]


def test_what_a_failed_run_wrote_goes_away_with_it(session: Any, tmp_path: Path) -> None:
    engine(session, tmp_path).execute("create", CREATE)
    with closing(engine(session, tmp_path)) as one:
        with pytest.raises(Killed), one.transaction():
            write_and_die(one)
        assert {kind for kind, _ in runs(tmp_path)} == {"scratch", "state"}
    assert runs(tmp_path) == set()


def test_what_a_killed_run_wrote_goes_away_after_a_few_runs(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    with pytest.raises(Killed), one.transaction():
        write_and_die(one)
    killed, counts = runs(tmp_path), []
    assert {kind for kind, _ in killed} == {"scratch", "state"}
    for number in range(KEPT):
        with closing(engine(session, tmp_path)) as other:
            insert(other, number)
        counts.append(len(killed & runs(tmp_path)))
    assert counts == [2] * (KEPT - 1) + [0]
    assert engine(session, tmp_path).execute("read", READ) == [(each,) for each in range(KEPT)]


def test_the_ledger_does_not_grow(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goalsql.engine.spark.store.PAGE", 3)
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    insert(one, *range(12))
    assert {page.name for page in (tmp_path / "ledger").iterdir()} == {"3", "4"}
    assert Store(session, str(tmp_path)).load().version == 13


def test_of_what_goes_away_out_of_reach_files_without_rows_are_left(
    session: Any, tmp_path: Path
) -> None:
    one = Spark(session, tmp_path.as_uri(), to_spark)
    one.execute("create", CREATE)
    one.execute("insert", "INSERT INTO goalsql.t SELECT UNNEST([0, 7])")
    for number in range(KEPT + 3):
        one.execute("update", f"DELETE FROM goalsql.t WHERE n > {number}")
    assert one.execute("read", READ) == [(0,)]
    rows = [
        sum(pl.read_parquet(file).height for file in folder.glob("*.parquet"))
        for folder in tmp_path.glob("state/*/goalsql.t/*")
    ]
    assert sorted(rows) == [0, 0, 0, *[1] * (KEPT + 1)]


def test_what_passes_stays_as_long_as_its_engine(session: Any, tmp_path: Path) -> None:
    with closing(engine(session, tmp_path)) as one:
        one.execute("create", CREATE)
        one.execute("passing", "CREATE TEMPORARY TABLE u AS SELECT COUNT(*) AS n FROM goalsql.t")
        insert(one, *range(KEPT + 2))
        assert one.execute("read", "SELECT n FROM u") == [(0,)]
    assert {kind for kind, _ in runs(tmp_path)} == {"state"}


def test_a_store_can_be_moved(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path / "here")
    one.execute("create", CREATE)
    insert(one, 7)
    (tmp_path / "here").rename(tmp_path / "there")
    assert engine(session, tmp_path / "there").execute("read", READ) == [(7,)]


def test_a_few_rows_that_a_statement_says_need_no_file(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path)
    create = "CREATE TEMPORARY TABLE t AS SELECT UNNEST($some) AS n"
    one.execute("few", create, {"some": [1, 2]})
    assert list(tmp_path.iterdir()) == []
    one.execute("insert", "INSERT INTO t SELECT 3")
    one.execute("delete", "DELETE FROM t WHERE n = 2")
    assert one.execute("read", "SELECT n FROM t ORDER BY n") == [(1,), (3,)]
    one.execute("many", create.replace(" t ", " u "), {"some": list(range(FEW + 1))})
    assert len(list(tmp_path.glob("scratch/*/u/*/*.parquet"))) > 0
    assert one.execute("count", "SELECT COUNT(*) FROM u") == [(FEW + 1,)]


def test_a_manifest_is_what_its_text_says() -> None:
    manifest = Manifest(
        3, {"goalsql.t": Relation({"n": "int"}, ("a", "b"))}, {"v": "SELECT 1"}, {"c": 2}
    )
    assert Manifest.of(3, manifest.text()) == manifest
