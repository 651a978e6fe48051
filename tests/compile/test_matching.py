"""Rows and the rules that take them: as plain Python says, read once, texts asked once each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from goalsql.compile.matching import Relation, RowRule, taken
from goalsql.compile.statements import create_table, render
from goalsql.model.catalog import TEXT, ColumnType, Kind

COLUMNS = {"a": TEXT, "b": TEXT, "n": ColumnType("BIGINT", Kind.INTEGER), "number": TEXT}
NAMES = list(COLUMNS)
VALUES: dict[str, list[Any]] = {
    "a": ["x", "xy", "z", None],
    "b": ["x", "y", None],
    "n": [1, 2, 3, None],
    "number": ["x", "y", None],
}
Row = tuple[Any, ...]
Rest = tuple[str, str, Callable[[dict[str, Any]], bool]]

# What else may be asked for: its name, its SQL, and what it means.
RESTS: list[Rest] = [
    ("a has x", "COALESCE(CONTAINS(e.a, 'x'), FALSE)", lambda r: "x" in (r["a"] or "")),
    ("a has no z", "COALESCE(NOT CONTAINS(e.a, 'z'), TRUE)", lambda r: "z" not in (r["a"] or "")),
    ("b has y", "COALESCE(CONTAINS(e.b, 'y'), FALSE)", lambda r: "y" in (r["b"] or "")),
    ("b is unknown", "e.b IS NULL", lambda r: r["b"] is None),
    ("n > 1", "COALESCE(e.n > 1, FALSE)", lambda r: r["n"] is not None and r["n"] > 1),
    (
        "number and a",
        "COALESCE(e.number < e.a, FALSE)",
        lambda r: r["number"] is not None and r["a"] is not None and r["number"] < r["a"],
    ),
]

rows = st.lists(st.tuples(*(st.sampled_from(VALUES[name]) for name in NAMES)), max_size=8)


@st.composite
def one_rule(draw: st.DrawFn) -> tuple[dict[str, list[Any]], list[Rest]]:
    names = draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
    key = {
        name: draw(
            st.lists(st.sampled_from(VALUES[name][:-1]), min_size=1, max_size=2, unique=True)
        )
        for name in names
    }
    return key, draw(st.lists(st.sampled_from(RESTS), max_size=2, unique=True))


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


RELATION = Relation(exp.to_table("e").as_("e"), "e", COLUMNS)


def rule(number: int, key: dict[str, list[Any]], rests: list[str]) -> RowRule:
    return RowRule(number, key, [exp.maybe_parse(sql, dialect="duckdb") for sql in rests])


def prepared(connection: duckdb.DuckDBPyConnection, rules: list[RowRule]) -> str:
    """The query of the rows, once its tables are made."""
    found = taken(RELATION, rules, ["id"])
    for statement in found.tables("e"):
        connection.execute(statement.sql())
    return render(found.rows)


@settings(deadline=None)
@given(rows, st.lists(one_rule(), min_size=1, max_size=6))
def test_each_rule_takes_the_rows_that_it_describes(
    connection: duckdb.DuckDBPyConnection,
    rows: list[Row],
    rules: list[tuple[dict[str, list[Any]], list[Rest]]],
) -> None:
    connection.execute("CREATE OR REPLACE TABLE e (id INT, a TEXT, b TEXT, n BIGINT, number TEXT)")
    for number, row in enumerate(rows):
        connection.execute("INSERT INTO e VALUES (?, ?, ?, ?, ?)", [number, *row])
    asked = [
        rule(number, key, [sql for _, sql, _ in rests])
        for number, (key, rests) in enumerate(rules, start=1)
    ]
    found = connection.execute(prepared(connection, asked)).fetchall()
    expected = Counter(
        (place, number)
        for place, row in enumerate(rows)
        for number, (key, rests) in enumerate(rules, start=1)
        if all(row[NAMES.index(name)] in some for name, some in key.items())
        and all(holds(dict(zip(NAMES, row, strict=True))) for *_, holds in rests)
    )
    assert Counter(found) == expected


MANY = [
    rule(1, {"a": ["x"]}, []),
    rule(2, {"b": ["x", "y"]}, ["COALESCE(e.n > 1, FALSE)"]),
    rule(3, {"a": ["z"], "b": ["x"]}, []),
    rule(4, {}, ["COALESCE(e.n > 2, FALSE)"]),
]
PATTERNS = [
    rule(5, {}, ["COALESCE(CONTAINS(e.a, 'x'), FALSE)"]),
    rule(6, {}, ["COALESCE(CONTAINS(e.a, 'y'), FALSE)"]),
    rule(7, {}, ["COALESCE(CONTAINS(e.b, 'y'), FALSE)"]),
]


@pytest.mark.parametrize(
    ("rules", "texts"),
    [(MANY[:1], 0), (MANY, 0), (PATTERNS[:2], 1), (MANY + PATTERNS, 2)],
    ids=["one", "many", "patterns of one text", "many, and patterns of two texts"],
)
def test_rows_are_read_once_and_texts_once_more(
    rules: list[RowRule], texts: int, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "CREATE OR REPLACE TABLE e AS SELECT i AS id, (i % 7)::TEXT AS a, (i % 3)::TEXT AS b, "
        "i AS n, 'x' AS number FROM RANGE(10_000) AS made(i)"
    )
    found = taken(RELATION, rules, ["id"])
    assert len(found.texts) == texts
    for query in [found.rows, *found.texts.values()]:
        for name, made in found.texts.items():
            connection.execute(render(create_table(name, made)))
        ((_, plan),) = connection.execute(f"EXPLAIN (FORMAT json) {render(query)}").fetchall()
        assert plan.count('"Table": "memory.main.e"') == 1


def test_a_pattern_is_asked_once_of_each_text(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "CREATE OR REPLACE TABLE e AS "
        "SELECT i AS id, (i % 7)::TEXT AS a, 'x' AS b FROM RANGE(10_000) AS made(i)"
    )
    asked: list[str] = []

    def is_three(text: str) -> bool:
        asked.append(text)
        return text == "3"

    connection.create_function("is_three", is_three, ["VARCHAR"], "BOOLEAN")
    rules = [rule(1, {"b": ["x"]}, []), rule(2, {}, ["COALESCE(IS_THREE(e.a), FALSE)"])]
    query = prepared(connection, rules)
    assert len(connection.execute(query).fetchall()) == 10_000 + len(range(3, 10_000, 7))
    assert 7 <= len(asked) <= 4 * 7
