"""A whole copy of a project's database, as a backup or to leave behind what was deleted."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlglot import exp

from goalsql.codes import Code
from goalsql.compile.statements import Statement, named
from goalsql.engine.files import new_database, wal_of
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError, UsageError
from goalsql.model.project import Publication
from goalsql.run.state import run


def copy_database(engine: Engine, to: Path) -> None:
    """Copies everything in a project's database into one file, with the same permissions.

    The copy is made beside `to` and takes its place when it is whole and on the disk. It holds no
    more than the rows that are there: what was deleted, or has not been used again, is not in it.

    Args:
        engine: the project's database, outside a transaction.
        to: a file, new or to be replaced.

    Raises:
        EngineError: if the copy cannot be made, as on a full disk; `to` is as it was.
        UsageError: if `to` cannot be written; it is as it was.
    """
    to = to.resolve()
    [(_, path)] = run(engine, named("schema/copy.sql")["copy.source"])
    try:
        with new_database(to, stat.S_IMODE(Path(path).stat().st_mode)) as new:
            write_copy(engine, new)
    except OSError as error:
        raise UsageError(Code.CANNOT_WRITE, f"cannot write {to}: {error}") from error


def write_copy(engine: Engine, new: Path) -> None:
    """Writes everything in a database to a new file: what was deleted is not in it.

    Args:
        engine: the database, outside a transaction; to read only is enough.
        new: the file, not there yet.

    Raises:
        EngineError: if it cannot be written.
    """
    statements = named("schema/copy.sql")
    [(name, _)] = run(engine, statements["copy.source"])
    database = exp.Introducer(
        this=exp.var("DATABASE"), expression=exp.to_identifier(name, quoted=True)
    )
    to = exp.to_identifier("copy of database", quoted=True)
    copy = exp.Copy(this=exp.From(this=database), files=[to])
    with _attached(engine, "copy.attach", new):
        run(engine, Statement("copy.database", "Copies all tables and views.", copy))
        run(engine, statements["copy.checkpoint"])


def check_place(to: Path, database: Path, publications: Sequence[Publication]) -> None:
    """Finds out whether a backup may be put somewhere, as far as that does not depend on the file.

    Args:
        to: where.
        database: the project's database.
        publications: the places of copies for readers.

    Raises:
        UsageError: if it is a directory, the database itself or the place of such a copy.
    """
    to, own = to.resolve(), database.resolve()
    if to.is_dir():
        raise UsageError(
            Code.PLACE_TAKEN, f"cannot back up to {to}: it is a directory; name a file"
        )
    if to in (own, wal_of(own)) or (to.exists() and own.exists() and to.samefile(own)):
        raise UsageError(
            Code.PLACE_TAKEN,
            f"cannot back up to {to}: it is the database itself; name another file",
        )
    for publication in publications:
        place = publication.to.resolve()
        if to == place or place in to.parents:
            raise UsageError(
                Code.PLACE_TAKEN,
                f"cannot back up to {to}: that is where goalsql publishes; name another file",
            )


def check_replaceable(engine: Engine, to: Path) -> None:
    """Finds out whether what is at a backup's place is an earlier one.

    Args:
        engine: the project's database.
        to: the place.

    Raises:
        UsageError: if it is anything else.
    """
    if not to.exists():
        return
    statements = named("schema/copy.sql")
    mend = "name another file, or remove this one"
    try:
        with _attached(engine, "copy.look", to):
            [(tables,)] = run(engine, statements["copy.tables"])
            if tables < 2:
                raise UsageError(
                    Code.PLACE_TAKEN,
                    f"cannot back up to {to}: it is no backup of goalsql's; {mend}",
                )
            [(theirs, ours)] = run(engine, statements["copy.names"])
            if None not in (theirs, ours) and theirs != ours:
                raise UsageError(
                    Code.PLACE_TAKEN,
                    f"cannot back up to {to}: it is the database of the project {theirs}; {mend}",
                )
    except EngineError as error:
        cause = error.cause.splitlines()[0]
        raise UsageError(
            Code.PLACE_TAKEN, f"cannot back up to {to}: it cannot be read ({cause}); {mend}"
        ) from error


@contextmanager
def _attached(engine: Engine, attach: str, path: Path) -> Iterator[None]:
    statements = named("schema/copy.sql")
    run(engine, statements[attach].given({"path": str(path)}).literal())
    try:
        yield
    except BaseException:
        with suppress(EngineError):  # as where the disk is full
            run(engine, statements["copy.detach"])
        raise
    run(engine, statements["copy.detach"])
