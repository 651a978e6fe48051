"""What a DELETE or UPDATE leaves, as a query: the rows that DuckDB has after the statement."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from goalsql.engine.spark.changes import rows_left, rows_updated

CHANGES = [
    "DELETE FROM t WHERE a > 1",
    "DELETE FROM t WHERE b = 'x' AND a IS NOT NULL",
    "DELETE FROM t USING u WHERE t.a = u.a AND u.c = 1",
    "DELETE FROM t AS it USING u WHERE it.a = u.a",
    "UPDATE t SET b = u.c FROM u WHERE t.a = u.a",
    "UPDATE t AS it SET a = it.a + 10, b = NULL FROM u WHERE it.a = u.a AND u.c = 1",
]


@pytest.mark.parametrize("text", CHANGES)
def test_the_rows_are_those_after_the_statement(text: str) -> None:
    change = sqlglot.parse_one(text, read="duckdb")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t AS "
            "FROM (VALUES (1, 'x'), (2, 'y'), (2, 'x'), (NULL, 'x'), (3, NULL)) v(a, b)"
        )
        connection.execute("CREATE TABLE u AS FROM (VALUES (2, 1), (3, 2)) v(a, c)")
        if isinstance(change, exp.Delete):
            query = rows_left(change)
        else:
            assert isinstance(change, exp.Update)
            query = rows_updated(change, ["a", "b"])
        assert query is not None
        found = connection.execute(query.sql(dialect="duckdb")).fetchall()
        connection.execute(text)
        wanted = connection.execute("FROM t").fetchall()
    assert sorted(map(str, found)) == sorted(map(str, wanted))
    assert len(wanted) > 0


def test_a_delete_of_everything_leaves_nothing() -> None:
    change = sqlglot.parse_one("DELETE FROM t", read="duckdb")
    assert isinstance(change, exp.Delete)
    assert rows_left(change) is None
