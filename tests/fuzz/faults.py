"""What happens to the rows of a source: values, types and columns, whatever the files are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from tests.fuzz.harness import Case, Expected, Fault
from tests.fuzz.world import KEYS, Table

EARLIEST, LATEST = datetime(1, 1, 1), datetime(9999, 12, 30)
TYPED = ("parquet", "parquets", "table")
CSV = ("csv", "csvs", "tsv", "csv.gz")
REFUSED = Expected(None)
Change = Callable[[Any], Any]


def changed(table: Table, column: str, change: Change) -> Table:
    """The rows with another value in a column."""
    place = table.place(column)
    rows = [(*row[:place], change(row[place]), *row[place + 1 :]) for row in table.rows]
    return replace(table, rows=rows)


def some(case: Case, column: str, change: Change, share: float = 0.2) -> Table:
    """The rows, some of them with another value in a column."""
    chance = case.chance
    return changed(case.table, column, lambda v: change(v) if chance.random() < share else v)


def without(table: Table, column: str) -> Table:
    """The rows without a column."""
    place = table.place(column)
    columns = {name: sql for name, sql in table.columns.items() if name != column}
    return Table(columns, [(*row[:place], *row[place + 1 :]) for row in table.rows])


def instant_of(case: Case) -> str:
    """The column of a source that says when."""
    return KEYS[case.name][-1]


def nulls(case: Case) -> Expected:
    """Values are not there, in any column."""
    table = some(case, case.chance.choice(list(case.table.columns)), lambda v: None)
    case.write(table)
    return Expected(table)


def no_value_at_all(case: Case) -> Expected:
    """A column holds nothing; a text file does not say what type it has, and rules want one."""
    column = case.chance.choice(list(case.table.columns))
    table = changed(case.table, column, lambda v: None)
    case.write(table)
    return Expected(table, or_error=case.kind not in TYPED)


def twice(case: Case) -> Expected:
    """Rows stand more than once."""
    rows = [*case.table.rows, *case.chance.sample(list(case.table.rows), 2)]
    case.write(replace(case.table, rows=rows))
    return REFUSED if case.name == "contacts" else Expected(case.table)


def no_rows(case: Case) -> Expected:
    """All rows are gone."""
    table = replace(case.table, rows=[])
    case.write(table)
    return Expected(table, or_error=case.kind not in TYPED or case.name == "contacts")


ANCIENT = {
    "0001-01-01 00:00:00": EARLIEST,
    "1582-10-10 12:00:00": datetime(1582, 10, 10, 12),
    "1900-01-01 00:00:00": datetime(1900, 1, 1),
    "1970-01-01 00:00:00": datetime(1970, 1, 1),
    "0044-03-15 (BC) 10:00:00": EARLIEST,
    "290000-01-01 (BC) 00:00:00": EARLIEST,
    "-infinity": EARLIEST,
}
DISTANT = {
    "9999-12-31 23:59:59.999999": LATEST,
    "20000-01-01 00:00:00": LATEST,
    "290000-01-01 00:00:00": LATEST,
    "infinity": LATEST,
}
FAR = ANCIENT | DISTANT


def far_instants(case: Case) -> Expected:
    """Instants lie far in past and future, as far as a type goes."""
    column = case.chance.choice([c for c, sql in case.table.columns.items() if sql == "TIMESTAMP"])
    kind = case.chance.choice(["TIMESTAMP", "TIMESTAMPTZ", "VARCHAR"])
    words = list(case.chance.choice([ANCIENT, DISTANT, FAR]))
    table = some(case, column, lambda v: case.chance.choice(words))
    spelt = changed(table, column, lambda v: v if v is None else str(v))
    if case.kind in TYPED:
        spelt = spelt.typed(**{column: kind})
    case.write(spelt)
    near = changed(table, column, lambda v: FAR.get(v, v))
    return Expected(near, or_error=column == "seen")


def epochs(case: Case) -> Expected:
    """Instants are seconds since 1970, as integers."""
    column = instant_of(case)
    table = changed(case.table, column, lambda v: int(v.replace(tzinfo=UTC).timestamp()))
    case.write(table.typed(**{column: "BIGINT"}))
    return REFUSED


def zoned(case: Case) -> Expected:
    """Instants say their time zone."""
    column = instant_of(case)
    zones = [timezone(timedelta(hours=hours)) for hours in (-9, 0, 2, 14)]

    def elsewhere(value: datetime) -> str:
        return value.replace(tzinfo=UTC).astimezone(case.chance.choice(zones)).isoformat(" ")

    table = changed(case.table, column, elsewhere)
    case.write(table.typed(**{column: case.chance.choice(["VARCHAR", "TIMESTAMPTZ"])}))
    return Expected(case.table)


def mixed_zones(case: Case) -> Expected:
    """Some instants say their time zone, others do not."""
    column = instant_of(case)

    def spelt(value: datetime) -> str:
        zone = timezone(timedelta(hours=case.chance.choice([-5, 3])))
        elsewhere = value.replace(tzinfo=UTC).astimezone(zone).isoformat("T")
        return str(case.chance.choice([elsewhere, value.isoformat("T"), f"{value}Z"]))

    case.write(changed(case.table, column, spelt).typed(**{column: "VARCHAR"}))
    return Expected(case.table)


def units(case: Case) -> Expected:
    """Instants are in seconds, milliseconds, microseconds or nanoseconds."""
    kind = case.chance.choice(["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP"])
    case.write(case.table.typed(**{instant_of(case): kind}))
    return Expected(case.table)


def days(case: Case) -> Expected:
    """Instants are dates: the first instant of the day in the project's timezone."""
    column = instant_of(case)
    share = case.chance.choice([0.5, 1])
    spelt = some(case, column, lambda v: v.date(), share)
    kind = "DATE" if share == 1 else "VARCHAR"
    case.write(changed(spelt, column, str).typed(**{column: kind}))

    def start(value: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        local = datetime.combine(value, time(), ZoneInfo(case.timezone))
        return local.astimezone(UTC).replace(tzinfo=None)

    return Expected(changed(spelt, column, start))


def nonsense(case: Case) -> Expected:
    """Some instants are no instants: such rows are bad."""
    column = instant_of(case)
    words = ("yesterday", "2026-13-45", "NaN", "2026-02-30 00:00:00", "25:00", "2026-02-30")
    table = some(case, column, lambda v: case.chance.choice(words))
    case.write(changed(table, column, str).typed(**{column: "VARCHAR"}))
    return Expected(changed(table, column, lambda v: None if isinstance(v, str) else v))


def ahead(case: Case) -> Expected:
    """Instants lie after the tick."""
    more = [timedelta(days=1), timedelta(days=9999)]
    table = some(case, instant_of(case), lambda v: v + case.chance.choice(more))
    case.write(table)
    return Expected(table)


def instants_as_text(case: Case) -> Expected:
    """Instants have become texts."""
    column = instant_of(case)
    case.write(changed(case.table, column, str).typed(**{column: "VARCHAR"}))
    return Expected(case.table)


def no_number(sql: str, values: dict[str, Change]) -> Callable[[Case], Expected]:
    """Contact ids that are neither integer nor text."""

    def spoil(case: Case) -> Expected:
        table = changed(case.table, "contact_id", values[sql])
        case.write(table.typed(contact_id=sql))
        is_text = case.table.columns["contact_id"] == "VARCHAR" and case.kind not in TYPED
        if is_text and case.name != "contacts":
            return Expected(changed(table, "contact_id", str))  # as it stands there
        return REFUSED

    return spoil


NO_IDS: dict[str, Change] = {
    "DOUBLE": lambda v: number_of(v) % 1_000 + 0.25,
    "DECIMAL(18,3)": lambda v: number_of(v) % 1_000,
    "BOOLEAN": lambda v: True,
    "TIMESTAMP": lambda v: datetime(2026, 1, 1),
    "INTEGER[]": lambda v: [1],
}


def number_of(value: Any) -> int:
    """The number of a contact, whatever its id looks like."""
    found = re.search(r"[0-9]+$", str(value))
    return value if isinstance(value, int) else int(found[0] if found else 0)


def _wide(table: Table, sql: str) -> str:
    """A type that has room for the ids: the one wanted, or a greater one."""
    numbers = [number_of(row[table.place("contact_id")]) for row in table.rows]
    room = {"INTEGER": (-(2**31), 2**31), "UBIGINT": (0, 2**64)}.get(sql)
    fits = room is None or all(room[0] <= number < room[1] for number in numbers)
    return sql if fits else "HUGEINT"


def ids_as(sql: str) -> Callable[[Case], Expected]:
    """Contact ids of one source have another type, with the same values."""

    def spoil(case: Case) -> Expected:
        own = case.table.columns["contact_id"]
        is_text = own == "VARCHAR"
        # Parquet has no HUGEINT: DuckDB writes decimals instead.
        kind = sql if is_text or sql == "VARCHAR" or case.kind == "table" else own
        bare = changed(case.table, "contact_id", str if sql == "VARCHAR" else number_of)
        case.write((bare if is_text else case.table).typed(contact_id=_wide(bare, kind)))
        if case.name == "contacts":
            return Expected(None, or_error=True)
        return Expected(changed(bare, "contact_id", str), True) if is_text else Expected(case.table)

    return spoil


def ids_that_cannot_be(case: Case) -> Expected:
    """Some contact ids cannot be of the contacts' type: no row vanishes without a word."""
    decimals = {"1.5", "12e3", "9" * 41}
    words = ("p-x", *sorted(decimals), " ", "0x1F", "1_000", "١٢")
    table = some(case, "contact_id", lambda v: case.chance.choice(words))
    case.write(changed(table, "contact_id", str).typed(contact_id="VARCHAR"))
    if case.table.columns["contact_id"] == "VARCHAR":
        return Expected(table)
    place = table.place("contact_id")
    put_in = {row[place] for row in table.rows if isinstance(row[place], str)}
    found = changed(table, "contact_id", lambda v: None if isinstance(v, str) else v)
    return Expected(found, or_error=case.kind in CSV and put_in <= decimals)


def vanished(case: Case) -> Expected:
    """A column is gone."""
    column = case.chance.choice(list(case.table.columns))
    case.write(without(case.table, column))
    return _unless_needed(case, column)


def other_name(case: Case) -> Expected:
    """A column has another name."""
    column = case.chance.choice(list(case.table.columns))
    columns = {f"new {n}" if n == column else n: sql for n, sql in case.table.columns.items()}
    case.write(replace(case.table, columns=columns))
    return _unless_needed(case, column)


def _unless_needed(case: Case, column: str) -> Expected:
    if column == "loaded_at":
        return Expected(changed(case.table, column, lambda v: None))
    if case.name == "competitors" and column == "added_at":
        return Expected(without(case.table, column))
    return REFUSED


def more_columns(case: Case) -> Expected:
    """There are columns that no rule asks for, of any type."""
    kinds = {"more": "VARCHAR", "select": "INTEGER[]", "a b": "STRUCT(a INTEGER)", "c": "BLOB"}
    names = case.chance.sample(list(kinds), 2)
    values = (None,) if case.kind in TYPED else (None, "x, y", 'say "x"', "two\nlines")
    rows = [(*row, *(case.chance.choice(values) for _ in names)) for row in case.table.rows]
    case.write(Table({**case.table.columns, **{name: kinds[name] for name in names}}, rows))
    return Expected(case.table)


def numbers_as(sql: str) -> Callable[[Case], Expected]:
    """A number that rules compare has another type."""

    def spoil(case: Case) -> Expected:
        column = "score" if case.name == "contacts" else "amount"
        case.write(case.table.typed(**{column: sql}))
        return REFUSED if sql == "VARCHAR" else Expected(case.table)

    return spoil


def number_for_text(case: Case) -> Expected:
    """A text that rules compare has become a number."""
    case.write(changed(case.table, "stage", lambda v: 7).typed(stage="INTEGER"))
    return REFUSED


def mixed_values(case: Case) -> Expected:
    """Values of the history are texts and numbers."""
    table = some(case, "value", lambda v: case.chance.choice([5, 1.5]))
    case.write(table)
    return Expected(changed(table, "value", str))


ROWS = (
    Fault("NULL in a column", nulls),
    Fault("a column of nothing", no_value_at_all),
    Fault("rows twice", twice),
    Fault("no rows", no_rows),
    Fault("instants far away", far_instants),
    Fault("instants as integers", epochs),
    Fault("instants with time zones", zoned),
    Fault("instants with and without time zones", mixed_zones),
    Fault("instants in s, ms, us, ns", units, TYPED),
    Fault("dates for instants", days),
    Fault("words for instants", nonsense),
    Fault("instants after the tick", ahead),
    Fault("instants as texts", instants_as_text, TYPED),
    Fault("ids that cannot be", ids_that_cannot_be, sources=tuple(KEYS)[1:]),
    *(Fault(f"ids as {sql}", ids_as(sql), TYPED)
      for sql in ("VARCHAR", "INTEGER", "HUGEINT", "UBIGINT")),
    *(Fault(f"ids as {sql}", no_number(sql, NO_IDS), TYPED) for sql in NO_IDS),
    Fault("ids as decimals in a text file", no_number("DOUBLE", NO_IDS), (*CSV, "jsonl")),
    Fault("a column gone", vanished),
    Fault("a column renamed", other_name),
    Fault("columns added", more_columns),
    *(Fault(f"numbers as {sql}", numbers_as(sql), TYPED, ("contacts", "purchase"))
      for sql in ("BIGINT", "DOUBLE", "DECIMAL(9,2)", "UTINYINT", "HUGEINT", "VARCHAR")),
    Fault("a number for a text", number_for_text, sources=("contacts",)),
    Fault("values of several kinds", mixed_values, ("jsonl", "jsonl.gz"), ("property_changes",)),
)  # fmt: skip
