"""Copies of state and reports for those who read while ticks write, each swapped in at once."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import md5
from pathlib import Path

from goalsql.codes import Code
from goalsql.compile.statements import named, template
from goalsql.engine.files import new_database
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError, PublishError, UsageError
from goalsql.model.project import Publication
from goalsql.report.export import LastTick, last_tick, read_manifest
from goalsql.report.versions import LATEST, is_latest, publish_version
from goalsql.report.views import report_statements

_WRITABLE = 0o222
_READ_ONLY = 0o444


def check_places(publications: Sequence[Publication], formats: Collection[str]) -> None:
    """Finds out before the work starts whether copies can be put where they belong.

    Args:
        publications: the places.
        formats: those that the project's engine can write.

    Raises:
        UsageError: if a copy cannot be made, a place cannot be written, or it holds what goalsql
            has not put there.
    """
    for publication in publications:
        to = publication.to.resolve()
        if publication.format not in formats:
            raise UsageError(
                Code.OTHER_ENGINE,
                f"cannot publish to {to}: only DuckDB writes that; say `format: parquet`",
            )
        if publication.format == "duckdb":
            _check_file(to)
        elif to.exists() and not to.is_dir():
            raise UsageError(
                Code.PLACE_TAKEN, f"cannot publish to {to}: it is a file; name a directory"
            )
        elif (to / LATEST).exists() and not (to / LATEST).is_symlink():
            raise UsageError(
                Code.PLACE_TAKEN, f"cannot publish to {to}: its `{LATEST}` is no link of goalsql's"
            )
        directory = to.parent if publication.format == "duckdb" else to
        there = next(path for path in (directory, *directory.parents) if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise UsageError(
                Code.CANNOT_WRITE,
                f"cannot publish to {to}: {there} is no directory that can be written; "
                "mend that, or name another place under `publish` in goalsql.yml",
            )


def _check_file(to: Path) -> None:
    """A copy can only be read; so whatever can be written is somebody else's."""
    if to.is_dir():
        raise UsageError(
            Code.PLACE_TAKEN, f"cannot publish to {to}: it is a directory; name a file"
        )
    if to.exists() and to.stat().st_mode & _WRITABLE:
        raise UsageError(
            Code.PLACE_TAKEN,
            f"cannot publish to {to}: goalsql did not put this file there, for its copies can only "
            "be read; name another file, or remove this one",
        )


def publish(
    engine: Engine, publications: Sequence[Publication], *, done: str = "", again: bool = True
) -> None:
    """Puts a copy of state and reports as of the last tick in each place; none before the first.

    Args:
        engine: the project's database, outside a transaction.
        publications: the places.
        done: what was done before and stays so, for the error.
        again: also where the copy is of the last tick already: definitions may have changed.

    Raises:
        PublishError: if a copy cannot be written; the one before is as it was.
    """
    tick, forgotten = last_tick(engine), _mark_of_forgotten(engine)
    if tick.tick_id is None:
        return
    for publication in publications:
        to = publication.to.resolve()
        try:
            if not again and _is_of(engine, publication, to, tick, forgotten):
                continue
            to.parent.mkdir(parents=True, exist_ok=True)
            if publication.format == "duckdb":
                _publish_file(engine, to)
            else:
                publish_version(engine, to, publication.keep, tick, forgotten)
        except (OSError, EngineError) as error:
            message = f"cannot publish to {to}: {error}"
            if done:
                message = f"{done}, but: {message}; `goalsql publish` finishes it"
            raise PublishError(message) from error


def _mark_of_forgotten(engine: Engine) -> str:
    """What the contacts that are forgotten are told by, all together; empty if nobody is."""
    known = named("forget/known.sql")
    if not engine.columns("forgotten"):
        return ""
    read = known["forgotten.read"]
    digests = sorted(digest for _, digest in engine.execute(read.name, read.text))
    return md5(",".join(digests).encode()).hexdigest() if digests else ""


def _is_of(
    engine: Engine, publication: Publication, to: Path, tick: LastTick, forgotten: str
) -> bool:
    """Whether a copy is of a tick; False where that cannot be found out.

    A file does not say who was forgotten when it was made: where anybody is, it is made anew.
    """
    if publication.format == "parquet":
        return is_latest(to, tick, forgotten)
    if forgotten:
        return False
    with suppress(EngineError), _attached(engine, "published.look", to):
        found = named("report/published.sql")["published.last_tick"]
        return engine.execute(found.name, found.text) == [(tick.tick_id, tick.finished_at)]
    return False


def tick_of(engine: Engine, publication: Publication) -> int | None:
    """The tick that a copy is of; None where there is none, or it cannot be read.

    Args:
        engine: any, outside a transaction.
        publication: the place of the copy.
    """
    to = publication.to.resolve()
    if publication.format == "parquet":
        tick_id = read_manifest(to / LATEST).get("tick_id")
        return tick_id if isinstance(tick_id, int) else None
    with suppress(EngineError), _attached(engine, "published.look", to):
        found = named("report/published.sql")["published.last_tick"]
        [(tick_id, _)] = engine.execute(found.name, found.text)
        return None if tick_id is None else int(tick_id)
    return None


def _publish_file(engine: Engine, to: Path) -> None:
    with new_database(to, _READ_ONLY) as new, _attached(engine, "publish.attach", new):
        with engine.transaction():
            for statement in (*template("report/publish.sql")[1:], *report_statements()):
                engine.execute(statement.name, statement.text)
        checkpoint = named("report/published.sql")["published.checkpoint"]
        engine.execute(checkpoint.name, checkpoint.text)


@contextmanager
def _attached(engine: Engine, attach: str, path: Path) -> Iterator[None]:
    statements = named("report/publish.sql") | named("report/published.sql")
    opened = statements[attach].given({"path": str(path)})
    engine.execute(opened.name, opened.sql())
    try:
        yield
    finally:
        for statement in (statements["published.leave"], statements["published.detach"]):
            engine.execute(statement.name, statement.text)
