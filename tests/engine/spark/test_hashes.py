"""Rows are told apart by hashes on Spark as on DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from goalsql.compile.dialects.translate import to_spark
from goalsql.engine.spark.engine import Spark

ROWS = "(NULL, 'x', 'y'), ('x', NULL, 'y'), ('x', 'y', NULL), (NULL, NULL, 'x'), (NULL, 'x', NULL)"


def test_a_row_whose_null_has_another_place_is_another_row(session: Any, tmp_path: Path) -> None:
    engine = Spark(session, str(tmp_path), to_spark, lasting=False)
    sql = f"SELECT COUNT(DISTINCT HASH(a, b, c)) FROM (VALUES {ROWS}) AS rows(a, b, c)"
    assert engine.execute("hashes", sql) == [(5,)]
