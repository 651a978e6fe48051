"""What counts is what the last row of the ledger lists; parts that no longer count go away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


def folders(root: Path) -> int:
    return len(list((root / "state" / "goalsql.t").iterdir()))


def test_there_is_nothing_before_the_first_run(session: Any, tmp_path: Path) -> None:
    assert Store(session, str(tmp_path / "none")).load() == Manifest()


def test_what_a_dead_run_wrote_does_not_count(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    with pytest.raises(Killed):  # noqa: PT012, SIM117
        with one.transaction():
            one.execute("insert", "INSERT INTO goalsql.t SELECT 1")
            assert one.execute("read", READ) == [(1,)]
            assert engine(session, tmp_path).execute("read", READ) == []
            raise Killed
    assert one.execute("read", READ) == []
    with one.transaction():
        one.execute("insert", "INSERT INTO goalsql.t SELECT 2")
    assert engine(session, tmp_path).execute("read", READ) == [(2,)]


def test_of_two_runs_at_once_one_counts_and_the_other_says_so(session: Any, tmp_path: Path) -> None:
    engine(session, tmp_path).execute("create", CREATE)
    one, other = engine(session, tmp_path), engine(session, tmp_path)
    one.execute("insert", "INSERT INTO goalsql.t SELECT 1")
    words = []
    try:
        other.execute("insert", "INSERT INTO goalsql.t SELECT 2")
    except EngineError as error:
        words.append(str(error).split(" (")[0])
    counts = 1 if words else 2
    said = f"another run has changed {tmp_path} meanwhile; nothing of this one counts"
    assert words == ([said] if counts == 1 else [])
    assert engine(session, tmp_path).execute("read", READ) == [(counts,)]


def test_many_small_parts_become_one(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    with one.transaction():
        for number in range(MOST_PARTS + 1):
            one.execute("insert", f"INSERT INTO goalsql.t SELECT {number}")
    assert len(one.state.tables["goalsql.t"].parts) == 1
    found = engine(session, tmp_path).execute("read", READ)
    assert found == [(number,) for number in range(MOST_PARTS + 1)]


def test_dropped_parts_go_away_after_a_few_runs(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path)
    one.execute("create", CREATE)
    one.execute("insert", "INSERT INTO goalsql.t SELECT 0")
    counts = []
    for _ in range(KEPT + 3):
        one.execute("update", "DELETE FROM goalsql.t WHERE n > 5")
        counts.append(folders(tmp_path))
    assert max(counts) == counts[-1] == KEPT + 1
    assert one.execute("read", READ) == [(0,)]


def test_a_store_can_be_moved(session: Any, tmp_path: Path) -> None:
    one = engine(session, tmp_path / "here")
    one.execute("create", CREATE)
    one.execute("insert", "INSERT INTO goalsql.t SELECT 7")
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
