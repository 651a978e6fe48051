"""Which source cannot be read, and why: what is looked for once a statement has failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlglot import exp

from goalsql.codes import Code
from goalsql.compile.relations import table
from goalsql.compile.statements import Statement
from goalsql.engine.duckdb import DuckDB
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError, SourceError, shortened
from goalsql.model.project import Source
from goalsql.run.files import read_parquet
from goalsql.run.text_files import Header, as_texts, read_csv, read_json

KIND = re.compile(r"^[A-Z][A-Za-z -]* Error: ")
ADVICE = ("LINE ", "Possible ", "The search space", "Stack Trace", "Try ", "  file =", "* ")
NOT_THE_SOURCE = ("Out of Memory Error", "INTERRUPT Error")
MOST_LETTERS, MOST_LINES = 120, 4  # of what DuckDB says


@dataclass(frozen=True, slots=True)
class Reading:
    """A source as it is read: by its view, and the files behind that, if it is files."""

    source: Source
    view: str
    reader: str | None = None
    files: Sequence[str] = ()


def words_of(cause: str) -> str:
    r"""What DuckDB says, in one line: without its SQL, and options that are not goalsql's.

    Example:
        >>> words_of("IO Error: no such file\n\nLINE 1: SELECT")
        'no such file'
    """
    said: list[str] = []
    for line in cause.splitlines():
        if line.startswith(ADVICE):
            break
        bare = KIND.sub("", line).strip().removesuffix(":")
        if bare:
            short = shortened(bare, MOST_LETTERS, MOST_LETTERS // 2)  # a path is in the middle
            said.append(
                "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in short)
            )
    if len(said) > MOST_LINES:
        said = [*said[: MOST_LINES - 2], "...", said[-1]]
    return "; ".join(said)


def blamed(engine: Engine, readings: Iterable[Reading], error: EngineError) -> Exception:
    """The source that made a statement fail, or what failed if it was none of them.

    Args:
        engine: where it failed, with the sources' views.
        readings: the sources.
        error: what failed.
    """
    if error.cause.startswith(NOT_THE_SOURCE):
        return error
    known = list(readings)
    if why := damaged_file(known):
        return SourceError(Code.UNREADABLE_SOURCE, why)
    for reading in known:
        try:
            _read_all(engine, table(reading.view))
        except EngineError as failed:
            if _is_dead(engine):
                return error
            why = f"cannot read {reading.source.name}: {words_of(failed.cause)}"
            return SourceError(Code.UNREADABLE_SOURCE, why)
    return error


def _is_dead(engine: Engine) -> bool:
    """Whether DuckDB has given the database up; it answers nothing then."""
    alive = Statement("alive", "Asks whether anything can be asked.", exp.select(exp.true()))
    try:
        engine.execute(alive.name, alive.text)
    except EngineError:
        return True
    return False


def damaged_file(readings: Iterable[Reading]) -> str:
    """The first file that cannot be read, and why; read apart, as it may be what killed the engine.

    Args:
        readings: the sources.
    """
    with closing(DuckDB(None)) as engine:
        for reading in readings:
            for file in reading.files:
                try:
                    _read_file(engine, reading.reader, file)
                except EngineError as error:
                    words = words_of(error.cause)
                    where = "" if file in words else f"{file}: "
                    return f"cannot read {reading.source.name}: {where}{words}"
    return ""


def separator_of(engine: Engine, name: str, files: Sequence[str]) -> str:
    """What separates the fields of a source's CSV files.

    Args:
        engine: what reads them.
        name: the source's name.
        files: its files.

    Raises:
        SourceError: if one cannot be read, has no header, or they are written in several ways.
    """
    found: dict[str, str] = {}
    for file in files:
        try:
            header = Header.of(engine, file)
        except EngineError as error:
            why = f"cannot read {name}: {file}: {words_of(error.cause)}"
            raise SourceError(Code.UNREADABLE_SOURCE, why) from error
        if not header.names:
            why = f"cannot read {name}: {file} has no line with the columns' names"
            raise SourceError(Code.UNREADABLE_SOURCE, why)
        found.setdefault(header.separator, file)
    if len(found) > 1:
        (first, one), (second, other), *_ = found.items()
        why = f"{name}: the fields are separated by {first!r} in {one}, by {second!r} in {other}"
        raise SourceError(Code.UNREADABLE_SOURCE, f"{why}; write all in the same way")
    return next(iter(found))


def _read_file(engine: Engine, reader: str | None, file: str) -> None:
    if reader == "READ_CSV":
        header = Header.of(engine, file)
        if header.names:
            _read_all(engine, as_texts(file, header))
        _read_all(engine, read_csv([file], header.separator))
    else:
        _read_all(engine, read_parquet([file]) if reader == "READ_PARQUET" else read_json([file]))


def _read_all(engine: Engine, relation: exp.Table) -> None:
    """Reads every value of a relation."""
    rows = exp.select("*").from_(relation).subquery("row_of")
    query = exp.select(exp.func("BIT_XOR", exp.func("HASH", exp.column("row_of")))).from_(rows)
    statement = Statement("damage", "Reads every value of a source.", query)
    engine.execute(statement.name, statement.text)
