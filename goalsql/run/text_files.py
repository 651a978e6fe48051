"""Sources that are files of text: what separates their fields, and as what they are read.

DuckDB would guess the dialect of a CSV file from all of its rows: one row with a field too few, and
it reads the file in another way, or leaves out what stands before. So the header alone decides.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from goalsql.compile.statements import Statement
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError
from goalsql.model.project import Source
from goalsql.run.files import reader_of

SEPARATORS = (",", ";", "\t", "|")
QUOTE = '"'
NOTHING = "\x1f"  # separates what no file of text has
_PIECE = 2**20  # bytes
VARCHAR = exp.Literal.string("VARCHAR")


def option(name: str, value: exp.Expr) -> exp.Expr:
    """An option of a function that reads files."""
    return exp.PropertyEQ(this=exp.to_identifier(name), expression=value)


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a CSV file: what separates its fields, and their names."""

    separator: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, engine: Engine, file: str) -> Header:
        """Reads it; the separator is the one that is most frequent in it.

        Raises:
            EngineError: if it cannot be read.
        """
        lines = _csv(
            [file],
            NOTHING,
            option("header", exp.false()),
            option("columns", _types(["line"])),
            option("auto_detect", exp.false()),
            option("strict_mode", exp.false()),  # lines may end in CRLF, and those in quotes in LF
            quote="",
        )
        query = exp.select("line").from_(lines).limit(1)
        statement = Statement("header", "Reads the first line of a file.", query)
        line = "".join(str(one) for (one,) in engine.execute(statement.name, statement.text))
        bare = "".join(line.split(QUOTE)[::2])
        separator = max(SEPARATORS, key=bare.count)
        try:
            (names,) = csv.reader([line], delimiter=separator) if line else [[]]
        except csv.Error as error:
            why = f"the first line does not hold names of columns: {error}"
            raise EngineError(statement.name, statement.text, why) from error
        return cls(separator, tuple(names))


def read_csv(files: Sequence[str], separator: str) -> exp.Table:
    """Some CSV files as a relation."""
    return _csv(
        files,
        separator,
        option("union_by_name", exp.true()),
        option("sample_size", exp.Literal.number(-1)),
        option("header", exp.true()),
    )


def as_they_stand(csv_files: exp.Expr, columns: Sequence[str]) -> exp.Expr:
    """CSV files, with columns that are read as text, whatever they look like."""
    spelt = csv_files.copy()
    spelt.this.append("expressions", option("types", _types(columns)))
    return spelt


def as_texts(file: str, header: Header) -> exp.Table:
    """A CSV file as a relation of texts: what cannot be read of it is told with its line."""
    names = [f"{number} {name}" for number, name in enumerate(header.names)]
    return _csv(
        [file],
        header.separator,
        option("header", exp.true()),
        option("columns", _types(names)),
        option("auto_detect", exp.false()),
    )


def _csv(files: Sequence[str], separator: str, *options: exp.Expr, quote: str = QUOTE) -> exp.Table:
    quoted = exp.Literal.string(quote)
    dialect = (
        option("delim", exp.Literal.string(separator)),
        option("quote", quoted),
        option("escape", quoted.copy()),
        option("skip", exp.Literal.number(0)),
        option("comment", exp.Literal.string("")),
    )
    return exp.Table(this=exp.func("READ_CSV", _listed(files), *dialect, *options))


def read_json(files: Sequence[str], types: Mapping[str, str] | None = None) -> exp.Table:
    """Some files of JSON lines as a relation; with the types of all columns, if they are known."""
    found = option("sample_size", exp.Literal.number(-1))
    if types:
        values = [_of_column(name, exp.Literal.string(sql)) for name, sql in types.items()]
        found = option("columns", exp.Struct(expressions=values))
    by_name = option("union_by_name", exp.true())
    return exp.Table(this=exp.func("READ_JSON", _listed(files), by_name, found))


def mistake_in_text(source: Source, files: Sequence[str], types: Mapping[str, str]) -> str | None:
    """What is wrong with files of text that DuckDB reads all the same.

    Args:
        source: the source.
        files: its files.
        types: the columns that DuckDB finds in them; one of files of JSON that hold no objects.
    """
    damaged = next(filter(_is_damaged, files), None)
    if damaged is not None:
        return f"{damaged} is damaged, or was packed in part"
    is_json = reader_of(source) == "READ_JSON"
    if is_json and types.keys() == {"json"} and "json" not in source.columns.values():
        return f"{source.location} holds no JSON objects"
    return None


def _is_damaged(file: str) -> bool:
    """Whether a file packed by gzip is not what was packed: DuckDB does not look at its sum."""
    if not file.endswith(".gz"):
        return False
    try:
        with gzip.open(file) as packed:
            while packed.read(_PIECE):
                pass
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return True
    except OSError:  # of which DuckDB says what it is
        return False
    return False


def _of_column(column: str, value: exp.Expr) -> exp.Expr:
    """What is said of one column."""
    return exp.PropertyEQ(this=exp.to_identifier(column, quoted=True), expression=value)


def _types(columns: Sequence[str]) -> exp.Expr:
    """All of these columns are texts."""
    return exp.Struct(expressions=[_of_column(column, VARCHAR.copy()) for column in columns])


def _listed(files: Sequence[str]) -> exp.Expr:
    return exp.array(*[exp.Literal.string(file) for file in files])
