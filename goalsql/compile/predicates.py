"""Conditions on one value as SQL expressions (SPEC 3.1, 3.2); literals enter as AST only."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlglot import exp

from goalsql.errors import InternalError
from goalsql.model.catalog import Catalog, ColumnType, Kind
from goalsql.model.criteria import AllOf, AnyOf, Condition, FieldTest, Not, Where
from goalsql.model.literals import Day, Value, literal

TIMESTAMP = exp.DataType.build("TIMESTAMP")
FOREVER = datetime(9999, 12, 31)
EARLIEST, LATEST = datetime(1, 1, 1), datetime(9000, 1, 1)
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATE = rf"^\s*{DAY}\s*$"
"""What a date looks like in a text."""

TEXT_OPERATORS: dict[str, type[exp.Expr]] = {
    "contains": exp.Contains,
    "starts_with": exp.StartsWith,
    "ends_with": exp.EndsWith,
}

POSITIVE = {
    "is_not": "is",
    "none_of": "any_of",
    "not_contains": "contains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_between": "between",
}


def instant(value: datetime) -> exp.Expr:
    """An instant as a TIMESTAMP literal."""
    return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), TIMESTAMP)


def interval(value: timedelta) -> exp.Expr:
    """A duration as an expression that can be added to a TIMESTAMP."""
    return exp.func("TO_MICROSECONDS", exp.Literal.number(microseconds(value)))


def microseconds(value: timedelta) -> int:
    """A duration in whole microseconds."""
    return value // timedelta(microseconds=1)


def constant(value: Value, column: ColumnType) -> exp.Expr:
    """A literal in the type of the column that it is compared with."""
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | Decimal):
        number = exp.Literal.number(format(value, "f") if isinstance(value, Decimal) else value)
        floating = column.sql in ("DOUBLE", "FLOAT")
        return exp.cast(number, exp.DataType.build(column.sql)) if floating else number
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.build("DATE"))
    if isinstance(value, str):
        return exp.Literal.string(value)
    raise InternalError("a whole day is compared by its edges")


def day_start(day: exp.Expr, timezone: str) -> exp.Expr:
    """The first instant (UTC) of a DATE in the project's timezone (SPEC 1).

    Where the clock is set back over midnight, the day's first midnight counts: an hour earlier.
    """
    midnight = exp.cast(day, TIMESTAMP)
    if timezone == "UTC":
        return midnight
    first = _to_utc(midnight, timezone)
    earlier = exp.Sub(this=first.copy(), expression=interval(timedelta(hours=1)))
    same_day = exp.cast(_to_local(earlier.copy(), timezone), exp.DataType.build("DATE")).eq(day)
    return exp.case().when(same_day, earlier).else_(first)


def _to_utc(local: exp.Expr, timezone: str) -> exp.Expr:
    zoned = exp.AtTimeZone(this=local, zone=exp.Literal.string(timezone))
    return exp.AtTimeZone(this=zoned, zone=exp.Literal.string("UTC"))


def _to_local(utc: exp.Expr, timezone: str) -> exp.Expr:
    zoned = exp.AtTimeZone(this=exp.paren(utc), zone=exp.Literal.string("UTC"))
    return exp.AtTimeZone(this=zoned, zone=exp.Literal.string(timezone))


def text_as(text: exp.Expr, column: ColumnType, timezone: str) -> exp.Expr:
    """A text value cast to a column's type; NULL where it cannot be (SPEC 3.1)."""
    if column.kind is Kind.TEXT:
        return text
    if column.kind is Kind.INSTANT:
        return text_as_instant(text, timezone)
    cast = exp.TryCast(this=text, to=exp.DataType.build(column.sql, dialect="duckdb"))
    if column.kind is Kind.INTEGER:
        whole = exp.RegexpLike(
            this=text.copy(), expression=exp.Literal.string(r"^\s*[+-]?[0-9]+\s*$")
        )
        return exp.case().when(whole, cast)
    if column.kind is Kind.DATE:
        return exp.case().when(_looks_like_a_date(text), cast)
    return cast


def text_as_instant(text: exp.Expr, timezone: str) -> exp.Expr:
    """A text as an instant: a date is its day's start, an offset is converted, else UTC."""
    day = exp.TryCast(this=text.copy(), to=exp.DataType.build("DATE"))
    zoned = exp.TryCast(this=text.copy(), to=exp.DataType.build("TIMESTAMPTZ"))
    utc = exp.AtTimeZone(this=zoned, zone=exp.Literal.string("UTC"))
    return exp.case().when(_looks_like_a_date(text), day_start(day, timezone)).else_(utc)


def _looks_like_a_date(text: exp.Expr) -> exp.Expr:
    return exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(DATE))


def holds(
    value: exp.Expr,
    column: ColumnType,
    condition: Condition,
    timezone: str,
    ignore_case: bool = False,
) -> exp.Expr:
    """A condition of SPEC 3.1's table on a value: TRUE, FALSE, or NULL where it is unknown."""
    operator: str = condition.operator
    if operator == "known":
        unknown = value.copy().is_(exp.null())
        return unknown.not_() if condition.values == ("true",) else unknown
    if operator in POSITIVE:
        return exp.not_(_holds(value, column, POSITIVE[operator], condition, timezone, ignore_case))
    return _holds(value, column, operator, condition, timezone, ignore_case)


def _holds(
    value: exp.Expr,
    column: ColumnType,
    operator: str,
    condition: Condition,
    timezone: str,
    ignore_case: bool,
) -> exp.Expr:
    def folded(text: exp.Expr) -> exp.Expr:
        return exp.Lower(this=text.copy()) if ignore_case else text.copy()

    values = [literal(text, column.kind, timezone) for text in condition.values]
    if operator in TEXT_OPERATORS:
        part = folded(constant(values[0], column))
        return TEXT_OPERATORS[operator](this=folded(value), expression=part)
    if operator == "between":
        first, last = values
        inside = exp.and_(
            _compare(value, "gte", first, column), _compare(value, "lte", last, column)
        )
        return exp.paren(inside)
    if operator in ("is", "any_of", "ever"):
        tests = [
            _within(value, wanted)
            if isinstance(wanted, Day)
            else exp.EQ(this=folded(value), expression=folded(constant(wanted, column)))
            for wanted in values
        ]
        return exp.paren(exp.or_(*tests, copy=False)) if len(tests) > 1 else tests[0]
    return _compare(value, operator, values[0], column)


def _within(value: exp.Expr, wanted: Day) -> exp.Expr:
    after_start = exp.GTE(this=value.copy(), expression=instant(wanted.start))
    before_end = exp.LT(this=value.copy(), expression=instant(wanted.end))
    return exp.paren(exp.and_(after_start, before_end))


def _compare(value: exp.Expr, operator: str, wanted: Value, column: ColumnType) -> exp.Expr:
    """`lt` is before a whole day's start, `gt` after its end; `lte` and `gte` take it in."""
    if isinstance(wanted, Day):
        edge = instant(wanted.start if operator in ("lt", "gte") else wanted.end)
        node: type[exp.Binary] = exp.LT if operator in ("lt", "lte") else exp.GTE
        return node(this=value.copy(), expression=edge)
    node = {"lt": exp.LT, "lte": exp.LTE, "gt": exp.GT, "gte": exp.GTE}[operator]
    return node(this=value.copy(), expression=constant(wanted, column))


def where_holds(where: Where, catalog: Catalog, event: str, timezone: str, table: str) -> exp.Expr:
    """An event leaf's `where` on one row: TRUE or FALSE, never NULL (SPEC 3.2)."""

    def build(part: Where) -> exp.Expr:
        match part:
            case AllOf(members):
                return exp.paren(exp.and_(*[build(member) for member in members]))
            case AnyOf(members):
                return exp.paren(exp.or_(*[build(member) for member in members]))
            case Not(member):
                return exp.not_(exp.paren(build(member)))
            case FieldTest():
                return _field_holds(part, catalog.events[event][part.name], timezone, table)

    return build(where)


def _field_holds(test: FieldTest, column: ColumnType, timezone: str, table: str) -> exp.Expr:
    value = exp.column(test.name, table=table, quoted=True)
    tests = [holds(value, column, one, timezone, test.ignore_case) for one in test.conditions]
    unknown = exp.Boolean(this=test.include_unknown)
    return exp.Coalesce(this=exp.and_(*tests, copy=False), expressions=[unknown])
