"""One value against one condition (SPEC 3.1): casts, comparisons, days as instants."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from goalsql.model import literals
from goalsql.model.catalog import ColumnType, Kind
from goalsql.model.criteria import Condition
from goalsql.model.literals import Day

Value: TypeAlias = str | bool | int | float | Decimal | date | datetime
BINARY_FLOATS = {"DOUBLE", "FLOAT", "REAL"}


def literal(text: str, column: ColumnType, timezone: str) -> Any:
    """A literal of a criterion as a value of the column's type (a Day for a date on instants)."""
    value = literals.literal(text, column.kind, timezone)
    return float(value) if isinstance(value, Decimal) and column.sql in BINARY_FLOATS else value


def cast(text: str | None, column: ColumnType, timezone: str) -> Value | None:
    """A text of property_changes as a value of the property's type; None is unknown.

    Raises:
        ValueError: if the text cannot be cast.
    """
    if text is None:
        return None
    if column.kind is Kind.TEXT:
        return text
    if text == "":
        return None
    if column.kind is Kind.INSTANT:
        return literals.instant(text, timezone)
    return literal(text, column, timezone)  # type: ignore[no-any-return]


def holds(
    condition: Condition, value: Value, column: ColumnType, ignore_case: bool, timezone: str
) -> bool:
    """Whether a known value satisfies a condition that looks at nothing but the value."""
    operands = [literal(text, column, timezone) for text in condition.values]
    if ignore_case:
        assert isinstance(value, str)
        value = value.lower()
        operands = [operand.lower() for operand in operands]
    operator = condition.operator
    if operator in ("is", "any_of"):
        return any(equal(value, operand) for operand in operands)
    if operator in ("is_not", "none_of"):
        return not any(equal(value, operand) for operand in operands)
    if operator in ("between", "not_between"):
        low, high = operands
        inside = not before(value, low) and not after(value, high)
        return inside if operator == "between" else not inside
    (operand,) = operands
    if operator == "lt":
        return before(value, operand)
    if operator == "gt":
        return after(value, operand)
    if operator == "lte":
        return not after(value, operand)
    if operator == "gte":
        return not before(value, operand)
    return _text_holds(operator, str(value), str(operand))


def _text_holds(operator: str, value: str, operand: str) -> bool:
    if operator == "contains":
        return operand in value
    if operator == "not_contains":
        return operand not in value
    if operator == "starts_with":
        return value.startswith(operand)
    if operator == "not_starts_with":
        return not value.startswith(operand)
    if operator == "ends_with":
        return value.endswith(operand)
    if operator == "not_ends_with":
        return not value.endswith(operand)
    raise ValueError(f"{operator} is not an operator on a value")


def equal(value: Any, operand: Any) -> bool:
    """Whether a value equals a literal; an instant equals a day when it lies within it."""
    if isinstance(operand, Day):
        return bool(operand.start <= value < operand.end)
    return bool(value == operand)


def before(value: Any, operand: Any) -> bool:
    """Whether a value lies before a literal; before a day is before its start."""
    return bool(value < (operand.start if isinstance(operand, Day) else operand))


def after(value: Any, operand: Any) -> bool:
    """Whether a value lies after a literal; after a day is from its end on."""
    if isinstance(operand, Day):
        return bool(value >= operand.end)
    return bool(value > operand)


def as_instant(value: Any, column: ColumnType, timezone: str) -> datetime:
    """A date or instant value as one instant: a date is its day's start."""
    if column.kind is Kind.DATE:
        return literals.day(value, timezone).start
    assert isinstance(value, datetime)
    return value
