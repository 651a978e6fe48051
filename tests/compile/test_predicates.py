"""Conditions as SQL, executed in DuckDB and compared with plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from goalsql.compile.predicates import (
    POSITIVE,
    constant,
    day_start,
    holds,
    interval,
    microseconds,
    text_as,
    text_as_instant,
    where_holds,
)
from goalsql.compile.statements import from_rows, render
from goalsql.engine.duckdb import DuckDB
from goalsql.errors import InternalError
from goalsql.model.catalog import TEXT, Catalog, ColumnType, Kind
from goalsql.model.criteria import AllOf, AnyOf, Condition, FieldTest, Not, Operator, Where
from goalsql.model.literals import Day, literal
from tests.property.pools import LITERALS, PARTS_OF_TEXT, PROPERTIES, VALUES
from tests.reference import values as plain

ZONE = "Europe/Paris"
TYPES = {column.kind: column for column in PROPERTIES.values()}
EQUAL: tuple[Operator, ...] = ("is", "is_not")
LISTS: tuple[Operator, ...] = ("any_of", "none_of")
ORDER: tuple[Operator, ...] = ("lt", "lte", "gt", "gte")
RANGES: tuple[Operator, ...] = ("between", "not_between")
TEXTS: tuple[Operator, ...] = (
    "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with",
)  # fmt: skip
HOSTILE = (
    "'", "''", '"', ";", "--", "/*", "*/", "\\", "\\'", "'; DROP TABLE t; --", "{{ 1 }}", "{% x %}",
    "{#", "$1", ":tick_at", "?", "%", "_", "E'\\n'", "$$", "a\nb", "\r\n", "\t", "é名🙂", "\u202e",
    "NULL", "", " ", "1 OR 1=1", "@x", "#", "`", "[a]",
)  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    opened = DuckDB(None)
    yield opened
    opened.close()


def ask(engine: DuckDB, rows: exp.Query, wanted: list[exp.Expr]) -> list[tuple[Any, ...]]:
    """The expressions over the column `v` of the rows."""
    return engine.execute("ask", render(exp.select(*wanted).from_(rows.subquery("given"))))


def conditions(kind: Kind) -> list[Condition]:
    texts = LITERALS[kind]
    some = texts[:4]
    found = [Condition(operator, (text,)) for operator in EQUAL for text in texts]
    found += [Condition(operator, some) for operator in LISTS]
    found += [Condition("known", (text,)) for text in ("true", "false")]
    if kind is Kind.TEXT:
        found += [Condition(operator, (part,)) for operator in TEXTS for part in PARTS_OF_TEXT]
    elif kind is not Kind.BOOLEAN:
        found += [Condition(operator, (text,)) for operator in ORDER for text in texts]
        found += [Condition(o, (a, b)) for o in RANGES for a, b in pairwise(some)]
    return found


def expected(
    condition: Condition, value: Any, column: ColumnType, ignore_case: bool
) -> bool | None:
    if condition.operator == "known":
        return (value is not None) == (condition.values == ("true",))
    return None if value is None else plain.holds(condition, value, column, ignore_case, ZONE)


def literal_rows(columns: dict[str, str], rows: list[list[str | None]]) -> exp.Expr:
    """A query of rows that are literals in it."""
    return from_rows("rows", "Rows.", columns, rows, lambda query: query).literal().ast


@pytest.mark.parametrize("ignore_case", [False, True])
@pytest.mark.parametrize("kind", list(VALUES), ids=lambda kind: kind.value)
def test_every_operator_on_every_kind(engine: DuckDB, kind: Kind, ignore_case: bool) -> None:
    column, ignore_case = TYPES[kind], ignore_case and kind is Kind.TEXT
    values = [*VALUES[kind], None]
    asked = conditions(kind)
    rows = literal_rows({"v": column.sql}, [[v if v is None else str(v)] for v in values])
    v = exp.column("v")
    tests = [holds(v, column, one, ZONE, ignore_case).as_(f"c{n}") for n, one in enumerate(asked)]
    found = ask(engine, rows, [v.copy(), *tests])
    assert len(found) == len(values)
    for value, *held in found:
        for condition, one in zip(asked, held, strict=True):
            assert one is expected(condition, value, column, ignore_case), (value, condition)


def test_every_operator_was_tried() -> None:
    tried = {condition.operator for kind in VALUES for condition in conditions(kind)}
    assert tried == {*EQUAL, *LISTS, *ORDER, *RANGES, *TEXTS, "known"}
    assert set(POSITIVE) < tried


@pytest.mark.parametrize("zone", [ZONE, "America/Havana", "America/Sao_Paulo", "UTC"])
def test_a_day_starts_where_its_clock_says(engine: DuckDB, zone: str) -> None:
    days = [date(2010, 1, 1) + timedelta(days=number) for number in range(16 * 365 + 4)]
    rows = literal_rows({"v": "DATE"}, [[str(one)] for one in days])
    v = exp.column("v")
    found = dict(ask(engine, rows, [v, day_start(v.copy(), zone)]))
    local = ZoneInfo(zone)
    for one in days:
        start = datetime(one.year, one.month, one.day, tzinfo=local).astimezone(UTC)
        assert start.astimezone(local).date() == one
        assert (start - timedelta(microseconds=1)).astimezone(local).date() < one
        assert found[one] == start.replace(tzinfo=None), one
    assert len(found) == len(days)


INSTANTS: dict[str, datetime | None] = {
    "2026-01-05": datetime(2026, 1, 4, 23),
    " 2026-07-05 ": datetime(2026, 7, 4, 22),
    "2026-01-05 12:30:00": datetime(2026, 1, 5, 12, 30),
    "2026-01-05T12:30:00": datetime(2026, 1, 5, 12, 30),
    "2026-01-05T12:30:00Z": datetime(2026, 1, 5, 12, 30),
    "2026-01-05 12:30:00.000001+02:00": datetime(2026, 1, 5, 10, 30, 0, 1),
    "2026-01-05T12:30:00-05:30": datetime(2026, 1, 5, 18),
    "2026-02-31": None,
    "2026-02-31 00:00:00": None,
    "someday": None,
    "": None,
}


def test_text_as_instant(engine: DuckDB) -> None:
    rows = literal_rows({"v": "VARCHAR"}, [[text] for text in [*INSTANTS, None]])
    v = exp.column("v")
    assert dict(ask(engine, rows, [v, text_as_instant(v.copy(), ZONE)])) == {**INSTANTS, None: None}


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (Kind.TEXT, {"": "", " x ": " x "}),
        (Kind.INTEGER, {"5": 5, " -7 ": -7, "1.6": None, "1x": None, "": None, "9" * 30: None}),
        (Kind.NUMBER, {"0.5": 0.5, "1e3": 1000.0, "1,5": None, "": None}),
        (Kind.BOOLEAN, {"true": True, "f": False, "maybe": None, "": None}),
        (Kind.DATE, {"2026-01-05": date(2026, 1, 5), "2026-01-05 10:00:00": None, "": None}),
    ],
)
def test_text_as_other_kinds(engine: DuckDB, kind: Kind, texts: dict[str, Any]) -> None:
    rows = literal_rows({"v": "VARCHAR"}, [[text] for text in texts])
    v = exp.column("v")
    assert dict(ask(engine, rows, [v, text_as(v.copy(), TYPES[kind], ZONE)])) == texts


def test_where_is_never_null(engine: DuckDB) -> None:
    catalog = Catalog({}, {"e": {"v": TEXT}})
    x = FieldTest("v", (Condition("is", ("x",)),))
    unknown = FieldTest("v", (Condition("is_not", ("x",)),), include_unknown=True)
    cases: dict[Where, list[bool]] = {
        x: [True, False, False],
        Not(x): [False, True, True],
        unknown: [False, True, True],
        AllOf((unknown, Not(x))): [False, True, True],
        AnyOf((x, FieldTest("v", (Condition("known", ("false",)),)))): [True, False, True],
    }
    rows = literal_rows({"v": "VARCHAR"}, [["x"], ["y"], [None]])
    for where, wanted in cases.items():
        found = ask(
            engine, rows, [exp.column("v"), where_holds(where, catalog, "e", ZONE, "given")]
        )
        assert [dict(found)[value] for value in ("x", "y", None)] == wanted, where


def comparison(text: str) -> exp.Expr:
    column = exp.column("v")
    parts = [holds(column, TEXT, Condition(o, (text,)), ZONE) for o in ("is", *TEXTS)]
    return exp.select(*parts, constant(text, TEXT)).from_("t")


def node_types(sql: str) -> Counter[str]:
    (only,) = sqlglot.parse(sql, read="duckdb")
    assert only is not None
    return Counter(type(node).__name__ for node in only.walk())


SHAPE = node_types(render(comparison("x")))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_a_text(engine: DuckDB, text: str) -> None:
    check_text(engine, text)


def check_text(engine: DuckDB, text: str) -> None:
    """The literal changes no statement's shape, and is in DuckDB what it is in Python."""
    assert node_types(render(comparison(text))) == SHAPE
    same = holds(exp.Placeholder(this="v"), TEXT, Condition("is", (text,)), ZONE)
    query = exp.select(same, constant(text, TEXT))
    assert engine.execute("same", render(query), {"v": text}) == [(True, text)]


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_any_text_stays_a_text(text: str) -> None:
    engine = DuckDB(None)
    try:
        check_text(engine, text)
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("text", "kind"),
    [("-0.50", Kind.NUMBER), ("1e3", Kind.NUMBER), ("9" * 38, Kind.INTEGER), ("t", Kind.BOOLEAN)],
)
def test_a_number_stays_a_number(engine: DuckDB, text: str, kind: Kind) -> None:
    value = literal(text, kind, ZONE)
    column = {Kind.NUMBER: ColumnType(kind, "DECIMAL(10,2)")}.get(kind, TYPES[kind])
    sql = render(exp.select(constant(value, column)))
    assert engine.execute("number", sql) == [(value,)]


def test_intervals_are_exact(engine: DuckDB) -> None:
    span = timedelta(days=366_000, microseconds=1)
    assert microseconds(span) == 366_000 * 86_400_000_000 + 1
    start = constant(datetime(1000, 1, 1), TYPES[Kind.INSTANT])
    sql = render(exp.select(exp.Add(this=start, expression=interval(span))))
    assert engine.execute("later", sql) == [(datetime(1000, 1, 1) + span,)]


def test_a_whole_day_is_no_constant() -> None:
    with pytest.raises(InternalError, match="edges"):
        constant(Day(datetime(2026, 1, 1), datetime(2026, 1, 2)), TYPES[Kind.INSTANT])
