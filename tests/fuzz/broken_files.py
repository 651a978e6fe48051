"""What happens to the files of a source: bytes cut off, changed, of another kind or encoding."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from tests.fuzz.faults import CSV, LATEST, REFUSED, changed
from tests.fuzz.harness import Case, Expected, Fault
from tests.fuzz.world import FORMATS, Table, csv_text, remove, write_file

PARQUET = ("parquet", "parquets")
JSON = ("jsonl", "jsonl.gz")
PACKED = ("csv.gz", "jsonl.gz")
OF_FILES = tuple(kind for kind in FORMATS if kind != "table")
PLAIN_CSV = ("csv", "csvs", "tsv")

Bytes = Callable[[Case, bytes], bytes]


def in_one_file(change: Bytes, expected: Expected | None = None) -> Callable[[Case], Expected]:
    """Changes the bytes of one of the source's files; by default it is read or refused."""

    def spoil(case: Case) -> Expected:
        path = case.chance.choice(case.files)
        path.write_bytes(change(case, path.read_bytes()))
        return expected or as_read(case)

    return spoil


def in_text(change: Callable[[Case, str], str], expected: Expected | None) -> Fault | Any:
    """Changes the text of one of the source's files, be it packed or not."""

    def on_bytes(case: Case, data: bytes) -> bytes:
        packed = case.kind in PACKED
        text = (gzip.decompress(data) if packed else data).decode()
        spoilt = change(case, text).encode()
        return gzip.compress(spoilt) if packed else spoilt

    return in_one_file(on_bytes, expected)


WHOLE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}.[0-9]{2}:[0-9]{2}:[0-9]{2}"
CUT = r"[0-9]+-[0-9]+-[0-9]+([ T]([0-9]{1,2}(:[0-9]{0,2}){0,2})?)?"
"""An instant, and what may be left of one."""


class DoubtfulError(Exception):
    """What a value means is a matter of taste."""


OPTIONAL = {"added_at", "loaded_at"}
"""The columns that a source may do without."""


def as_read(case: Case) -> Expected:
    """What the files hold, read by other means; they may be refused too."""
    try:
        found = [_rows_of(case, path) for path in case.files]
    except (
        ValueError,
        OSError,
        EOFError,
        csv.Error,
        zlib.error,
        duckdb.Error,
        KeyError,
        TypeError,
        AttributeError,
    ):
        return REFUSED
    except DoubtfulError:
        return Expected(None, or_error=True)
    lost = case.table.columns.keys() - {name for names, _ in found for name in names}
    if lost - OPTIONAL:
        return REFUSED
    columns = {name: kind for name, kind in case.table.columns.items() if name not in lost}
    rows = [tuple(row[name] for name in columns) for _, part in found for row in part]
    return Expected(Table(columns, rows), or_error=True)


def _rows_of(case: Case, path: Path) -> tuple[set[str], list[dict[str, Any]]]:
    """The names of a file's columns and its rows; a column that it lacks is NULL."""
    if path.suffix == ".parquet":
        return _rows_of_parquet(case, path)
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    kinds = case.table.columns
    if ".jsonl" in path.name:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
        names = {name for row in found for name in row}
    else:
        separator = "\t" if path.suffix == ".tsv" else ","
        header, *lines = _lines_of(text, separator)
        header = [name.lower() for name in header]  # as for DuckDB, however they are spelt
        if any(len(line) != len(header) for line in lines):
            raise ValueError("ragged")
        found = [{n: value or None for n, value in zip(header, row, strict=True)} for row in lines]
        names = set(header)
    rows = [{n: _typed(case, n, row.get(n), kind) for n, kind in kinds.items()} for row in found]
    return names, rows


def _lines_of(text: str, separator: str) -> list[list[str]]:
    """The fields of each line that is not empty; ids may be longer than Python takes unasked."""
    limit = csv.field_size_limit(len(text) + 1)
    try:
        return list(filter(None, csv.reader(io.StringIO(text), delimiter=separator, strict=True)))
    finally:
        csv.field_size_limit(limit)


def _rows_of_parquet(case: Case, path: Path) -> tuple[set[str], list[dict[str, Any]]]:
    file = duckdb.read_parquet(str(path))
    names = {name.lower() for name in file.columns} & case.table.columns.keys()
    there = file.select(*(duckdb.ColumnExpression(name) for name in names))
    rows = [dict(zip(names, row, strict=True)) for row in there.fetchall()]
    if any(_is_denied(file, name, [row[name] for row in rows]) for name in names):
        raise DoubtfulError  # what the footer says of a column is not so
    nothing = dict.fromkeys(case.table.columns)
    return names, [nothing | row for row in rows]


def _is_denied(file: duckdb.DuckDBPyRelation, name: str, values: list[Any]) -> bool:
    """Whether a reader that asks for a value is told by the footer that there is none."""
    column = duckdb.ColumnExpression(name)
    asked = {value for value in values if value is not None}
    return any(
        not file.filter(column == duckdb.ConstantExpression(value)).fetchall() for value in asked
    )


def _typed(case: Case, name: str, value: Any, kind: str) -> Any:
    """A text in the type of its column; for a key that it cannot be, None."""
    try:
        return _read(value, kind)
    except ValueError:
        if (case.name, name) == ("contacts", "contact_id"):
            raise DoubtfulError from None  # then all ids are texts
        if name in ("contact_id", "created_at", "occurred_at", "added_at", "loaded_at"):
            return None
        raise


def _read(value: Any, kind: str) -> Any:
    if value is None or kind == "VARCHAR":
        return value if value is None else str(value)
    if kind == "BOOLEAN":
        if str(value).lower() not in ("true", "false"):
            raise ValueError(value)
        return str(value).lower() == "true"
    if kind in ("DATE", "TIMESTAMP") and re.match(r"[0-9]{5,6}-", str(value)):
        return LATEST
    if kind == "DATE":
        return date.fromisoformat(value)
    if kind == "TIMESTAMP" and re.fullmatch(CUT, value) and not re.match(WHOLE, value):
        raise DoubtfulError  # what is left of an instant may look like another one
    if kind == "TIMESTAMP":
        if value[10:11] not in ("T", " "):  # Python takes any letter there
            raise ValueError(value)
        return datetime.fromisoformat(value)
    if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", str(value)):
        raise ValueError(value)
    return int(value)


def cut(case: Case, data: bytes) -> bytes:
    """The end is missing."""
    return data[: case.chance.randrange(1, len(data))]


def flip(case: Case, data: bytes, first: float = 0, last: float = 1) -> bytes:
    """A few bytes are others, between two places of the file."""
    found = bytearray(data)
    for _ in range(case.chance.choice([1, 1, 1, 2, 8])):
        place = case.chance.randrange(int(first * len(data)), int(last * len(data)))
        found[place] ^= 1 << case.chance.randrange(8)
    return bytes(found)


def flip_footer(case: Case, data: bytes) -> bytes:
    """Bytes of the metadata at the end are others."""
    length = int.from_bytes(data[-8:-4], "little") + 8
    return flip(case, data, 1 - length / len(data))


def insert(case: Case, data: bytes) -> bytes:
    """Bytes have come between."""
    place = case.chance.randrange(len(data))
    return data[:place] + case.chance.randbytes(case.chance.choice([1, 7, 300])) + data[place:]


def swap(case: Case, data: bytes) -> bytes:
    """A stretch of bytes stands elsewhere."""
    first, second, third = sorted(case.chance.randrange(len(data)) for _ in range(3))
    return data[:first] + data[second:third] + data[first:second] + data[third:]


def unreadable(case: Case) -> Expected:
    """Nobody may read the file; the superuser always may."""
    case.chance.choice(case.files).chmod(0)
    return Expected(case.table) if os.geteuid() == 0 else REFUSED


def a_directory(case: Case) -> Expected:
    """A directory stands in the place of the file; in a folder of files it is none of them."""
    path = case.chance.choice(case.files)
    remove(path)
    path.mkdir()
    return REFUSED


def gone(case: Case) -> Expected:
    """The files are not there."""
    for path in case.files:
        remove(path)
    return REFUSED


def one_of_two_gone(case: Case) -> Expected:
    """One of two files is not there: its rows are gone."""
    case.files[1].unlink()
    return Expected(replace(case.table, rows=case.table.rows[::2]), case.name == "contacts")


def header_only(case: Case) -> Expected:
    """Nothing but the names of the columns."""
    for path in case.files:
        write_file(path, replace(case.table, rows=[]))
    return Expected(replace(case.table, rows=[]), or_error=True)


def spelt(encoding: str = "utf-8", **dialect: Any) -> Callable[[Case], Expected]:
    """The same rows as CSV of another dialect or encoding; with letters beyond ASCII."""

    def spoil(case: Case) -> Expected:
        table = case.table
        if encoding in ("latin-1", "utf-16"):
            column = next(name for name, sql in table.columns.items() if sql != "TIMESTAMP")
            table = changed(table.typed(**{column: "VARCHAR"}), column, lambda v: f"{v}é")
        for number, path in enumerate(case.files):
            part = replace(table, rows=table.rows[number :: len(case.files)])
            data = csv_text(part, path, **dialect).encode(encoding, errors="replace")
            path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        return REFUSED if encoding in ("latin-1", "utf-16") else Expected(case.table)

    return spoil


def line_of(case: Case, text: str, change: Callable[[str], str]) -> str:
    """The text with one of its lines changed: the first, the last or any other than the header."""
    lines = text.splitlines(keepends=True)
    place = case.chance.choice([1, len(lines) - 1, case.chance.randrange(1, len(lines))])
    lines[place] = change(lines[place])
    return "".join(lines)


def shorter(case: Case, text: str) -> str:
    """A row has too few fields."""
    separator = "\t" if case.kind == "tsv" else ","
    return line_of(case, text, lambda line: line.rsplit(separator, 2)[0] + "\n")


def longer(case: Case, text: str) -> str:
    """A row has too many fields."""
    separator = "\t" if case.kind == "tsv" else ","
    return line_of(case, text, lambda line: line.rstrip("\n") + separator + "x" + separator + "y\n")


def stray_quote(case: Case, text: str) -> str:
    """A quote opens and never closes, or closes rows later."""
    separator = "\t" if case.kind == "tsv" else ","

    def opened(line: str) -> str:
        fields = line.split(separator)
        place = case.chance.randrange(len(fields))
        fields[place] = f'"{fields[place]}'
        return separator.join(fields)

    return line_of(case, text, opened)


def nul(case: Case, text: str) -> str:
    """A field has NUL bytes."""
    return line_of(case, text, lambda line: f"\0\0{line}")


def huge_field(case: Case, text: str) -> str:
    """A field is three million letters long."""
    return line_of(case, text, lambda line: "x" * 3_000_000 + line)


def huge_name(case: Case, text: str) -> str:
    """The first name of the header is two hundred thousand letters longer."""
    return "x" * 200_000 + text


def other_columns(case: Case) -> Expected:
    """One of two files lacks a column that the other has: its values there are NULL."""
    column = case.chance.choice(list(case.table.columns))
    place = case.table.place(column)
    kept = {name: sql for name, sql in case.table.columns.items() if name != column}
    rows = [(*row[:place], *row[place + 1 :]) for row in case.table.rows[1::2]]
    write_file(case.files[1], Table(kept, rows))
    filled = [
        (*row[:place], None, *row[place + 1 :]) if number % 2 else row
        for number, row in enumerate(case.table.rows)
    ]
    return Expected(replace(case.table, rows=filled))


def other_types(case: Case) -> Expected:
    """One of two files has a column as text, of numbers or instants."""
    columns = [n for n, sql in case.table.columns.items() if sql in ("TIMESTAMP", "BIGINT")]
    column = case.chance.choice(columns)
    part = replace(case.table, rows=case.table.rows[1::2])
    typed = changed(part, column, lambda v: v if v is None else str(v)).typed(**{column: "VARCHAR"})
    write_file(case.files[1], typed)
    doubtful = column == "seen" or (case.name == "contacts" and column == "contact_id")
    return Expected(case.table, or_error=doubtful)


def garbage(case: Case, data: bytes) -> bytes:
    """Nothing but noise; it is no text in UTF-8, as one letter would be a file without rows."""
    noise = case.chance.randbytes(case.chance.choice([1, 100, 5_000]))
    return bytes([noise[0] | 0x80]) + noise[1:]


def another_kind(case: Case, data: bytes) -> bytes:
    """A web page, as a download that failed may leave it."""
    return b"<!DOCTYPE html>\n<html><body>503, try again later</body></html>\n"


FILES = (
    Fault("bytes cut off", in_one_file(cut), OF_FILES),
    Fault("bytes changed", in_one_file(flip), OF_FILES),
    Fault("first bytes changed", in_one_file(lambda c, d: flip(c, d, 0, 0.1)), OF_FILES),
    Fault("bytes of the footer changed", in_one_file(flip_footer), PARQUET),
    Fault("bytes inserted", in_one_file(insert), OF_FILES),
    Fault("bytes swapped", in_one_file(swap), OF_FILES),
    Fault("empty file", in_one_file(lambda case, data: b"", REFUSED), (*PARQUET, *PLAIN_CSV)),
    Fault("empty file of JSON", in_one_file(lambda case, data: b""), ("jsonl",)),
    Fault("noise", in_one_file(garbage, REFUSED), OF_FILES),
    Fault("a web page", in_one_file(another_kind, REFUSED), OF_FILES),
    Fault("a file that nobody may read", unreadable, OF_FILES),
    Fault("a directory for a file", a_directory, OF_FILES),
    Fault("no file", gone, OF_FILES),
    Fault("one of two files gone", one_of_two_gone, ("parquets", "csvs")),
    Fault("header only", header_only, (*PARQUET, *CSV)),
    Fault("one file without a column", other_columns, ("parquets", "csvs")),
    Fault("one file with other types", other_types, ("parquets", "csvs")),
    Fault("semicolons", spelt(delimiter=";"), CSV),
    Fault("bars", spelt(delimiter="|"), CSV),
    Fault("Latin-1", spelt("latin-1"), CSV),
    Fault("UTF-16", spelt("utf-16"), CSV),
    Fault("byte order mark", spelt("utf-8-sig"), CSV),
    Fault("CRLF", spelt(lineterminator="\r\n"), CSV),
    Fault("quotes everywhere", spelt(quoting=csv.QUOTE_ALL), CSV),
    Fault("a quote that stays open", in_text(stray_quote, None), CSV),
    Fault("a row too short", in_text(shorter, REFUSED), CSV),
    Fault("a row too long", in_text(longer, REFUSED), CSV),
    Fault("NUL bytes", in_text(nul, None), CSV),
    Fault("a huge field", in_text(huge_field, None), CSV),
    Fault("a huge name", in_text(huge_name, REFUSED), CSV),
)
