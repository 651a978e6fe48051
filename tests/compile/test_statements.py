"""Statements: templates, placeholders, rows of literals, one rendering."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import jinja2
import pytest
import sqlglot

from goalsql.compile import statements
from goalsql.compile.statements import (
    Statement,
    insert_rows,
    render,
    rule_table,
    template,
)
from goalsql.engine.duckdb import DuckDB
from goalsql.errors import InternalError

Write = Callable[[str], str]
COLUMNS = {"name": "VARCHAR", "number": "BIGINT", "at": "TIMESTAMP", "flag": "BOOLEAN"}
AT = datetime(2026, 1, 5, 12, 0, 0, 7)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a template file where templates are looked for; nothing is kept of it afterwards."""

    def file(text: str) -> str:
        (tmp_path / "x.sql").write_text(text, encoding="utf-8")
        return "x.sql"

    monkeypatch.setattr(statements, "resource", lambda name: tmp_path)
    template.cache_clear()
    yield file
    template.cache_clear()


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    opened = DuckDB(None)
    yield opened
    opened.close()


def statement(sql: str) -> Statement:
    return Statement("some", "Does it.", sql)


def test_a_file_holds_named_statements(write: Write) -> None:
    text = (
        "-- name: one\n-- Says one,\n-- and more.\nSELECT 1;\n-- name: two.b\n-- Two.\nSELECT 2;\n"
    )
    one, two = template(write(text))
    assert (one.name, one.comment, one.text) == ("one", "Says one, and more.", "SELECT 1")
    assert (two.name, two.comment, two.text) == ("two.b", "Two.", "SELECT 2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1;", "x.sql: a statement without a name"),
        ("", "x.sql: a statement without a name"),
        ("SELECT 1;\n-- name: two\n-- Two.\nSELECT 2;", "without a name"),
        ("-- name: one\nSELECT 1;", "x.sql: statement one does not say what it does"),
    ],
)
def test_name_and_comment_are_required(write: Write, text: str, message: str) -> None:
    with pytest.raises(InternalError, match=message):
        template(write(text))


def test_parameters_are_words_of_the_template(write: Write) -> None:
    path = write("-- name: {{ word }}\n-- Casts.\nSELECT CAST(1 AS {{ kind }});")
    (one,) = template(path, word="a", kind="BIGINT")
    assert (one.name, one.text) == ("a", "SELECT CAST(1 AS BIGINT)")
    with pytest.raises(jinja2.UndefinedError, match="kind"):
        template(path, word="a")


def test_a_template_is_read_once(write: Write) -> None:
    path = write("-- name: one\n-- One.\nSELECT 1;")
    first = template(path)
    assert template(path) is first


def test_placeholders_are_named() -> None:
    text = "SELECT $a, $b + $a"
    assert statement(text).placeholders == {"a", "b"}
    tree = sqlglot.parse_one(f"{text}, 'not $c'", "duckdb")
    assert Statement("some", "Some.", tree).placeholders == {"a", "b"}
    assert statement("SELECT 1").placeholders == frozenset()


def test_a_missing_value_is_an_internal_error() -> None:
    with pytest.raises(InternalError, match="some: no value for b, c"):
        statement("SELECT $a, $c, $b").given({"a": 1})


def test_given_takes_what_it_needs() -> None:
    one = statement("SELECT $a")
    given = one.given({"a": 1, "b": 2})
    assert given.parameters == {"a": 1}
    assert one.parameters == {}, "the statement itself is as it was"
    plain = statement("SELECT 1")
    assert plain.given({"a": 1}) is plain


@pytest.mark.parametrize("value", ["o'x; -- {{", "", 7, -1, True, False, None, AT])
def test_literals_are_the_values(engine: DuckDB, value: str | int | datetime | None) -> None:
    literal = statement("SELECT $a").given({"a": value}).literal()
    assert literal.placeholders == frozenset()
    assert engine.execute(literal.name, literal.text) == [(value,)]


def test_literal_leaves_the_statement_as_it_was() -> None:
    given = statement("SELECT $a").given({"a": 1})
    assert given.literal().text == "SELECT 1"
    assert given.sql() == "SELECT 1"
    assert given.placeholders == {"a"}
    assert given.literal().comment == given.comment


def test_a_text_reaches_the_engine_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlglot, "parse_one", None)
    given = statement("SELECT  $a + 1").given({"a": 1})
    assert (given.text, given.parameters) == ("SELECT  $a + 1", {"a": 1})


def test_values_become_literals_in_a_tree() -> None:
    given = Statement("some", "Some.", sqlglot.parse_one("SELECT $a", "duckdb")).given({"a": 1})
    assert (given.text, given.parameters) == ("SELECT 1", {})


def test_statements_are_compared_by_what_they_say() -> None:
    one, same = statement("SELECT 1"), statement("SELECT 1")
    assert one.text == "SELECT 1"
    assert one == same, "whether it was rendered already is no part of it"


def test_comments_in_a_tree_do_not_reach_the_text() -> None:
    assert render(sqlglot.parse_one("SELECT /* secret */ 1 -- more")) == "SELECT 1"


def test_a_rule_table_holds_its_rows(engine: DuckDB) -> None:
    rows = [("a", 1, AT, True), (None, None, None, None), ("o'x", 2**40, None, False)]
    table = rule_table("node", "Nodes.", COLUMNS, rows)
    assert (table.name, table.comment) == ("rules.node", "Nodes.")
    for _ in range(2):
        engine.execute(table.name, table.text, table.parameters)
    assert engine.execute("read", "SELECT * FROM node") == rows


def test_a_rule_table_without_rows_has_its_columns(engine: DuckDB) -> None:
    table = rule_table("node", "Nodes.", COLUMNS, [])
    engine.execute(table.name, table.text, table.parameters)
    assert engine.execute("read", "SELECT * FROM node") == []
    described = engine.execute("describe", "DESCRIBE node")
    assert {row[0]: row[1] for row in described} == COLUMNS


def test_a_column_of_nulls_keeps_its_type(engine: DuckDB) -> None:
    table = rule_table("node", "Nodes.", COLUMNS, [(None, None, None, None)])
    engine.execute(table.name, table.text, table.parameters)
    described = engine.execute("describe", "DESCRIBE node")
    assert {row[0]: row[1] for row in described} == COLUMNS


def test_rows_are_inserted_into_the_state(engine: DuckDB) -> None:
    engine.execute("schema", "CREATE SCHEMA goalsql")
    engine.execute("table", "CREATE TABLE goalsql.t (name VARCHAR, number BIGINT)")
    columns = {"name": "VARCHAR", "number": "BIGINT"}
    insert = insert_rows("t", "Adds.", columns, [("x", None)])
    assert insert.name == "state.t"
    engine.execute(insert.name, insert.text, insert.parameters)
    empty = insert_rows("t", "Adds.", columns, [])
    engine.execute(empty.name, empty.text, empty.parameters)
    assert engine.execute("read", "SELECT * FROM goalsql.t") == [("x", None)]


def test_rows_are_literals_for_people(engine: DuckDB) -> None:
    rows = [("a", 1, AT, True), ("o'x", None, None, False)]
    table = rule_table("node", "Nodes.", COLUMNS, rows)
    engine.execute("literal", table.sql())
    assert engine.execute("read", "SELECT * FROM node") == rows
