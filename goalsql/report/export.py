"""Relations of SPEC 7 as Parquet, in a directory that is replaced as a whole."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from goalsql.codes import Code
from goalsql.compile.statements import template
from goalsql.engine.protocol import Engine
from goalsql.errors import UsageError
from goalsql.report.files import not_written
from goalsql.report.views import RELATIONS
from goalsql.workshop import workshop

MANIFEST = "manifest.json"
LARGE = frozenset(
    {
        "goalsql.decisions",
        "goalsql.enrollments",
        "goalsql.goal_completions",
        "goalsql.receipts",
        "goalsql.outbox",
        "report.goal_contacts",
        "report.unenrolled_by_goal",
        "report.enrollment_history",
    }
)
"""The relations with a row for each contact, or more."""

TICKED = (
    "goalsql.ticks",
    "goalsql.decisions",
    "goalsql.enrollments",
    "goalsql.goal_completions",
    "goalsql.receipts",
    "goalsql.outbox",
)
"""The relations whose rows say which tick first knew them, or last changed them."""

_CONTENT = {MANIFEST, "goalsql", "report"}
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)


@dataclass(frozen=True, slots=True)
class LastTick:
    """What is written is as of this tick; all None before the first."""

    tick_id: int | None
    tick_at: datetime | None
    finished_at: datetime | None
    schema_version: int | None


def last_tick(engine: Engine) -> LastTick:
    """The last tick of a project's database."""
    [statement] = template("report/last_tick.sql")
    [row] = engine.execute(statement.name, statement.text)
    return LastTick(*row)


def export(
    engine: Engine,
    to: Path,
    relations: Sequence[str] = RELATIONS,
    *,
    partition: bool = False,
    since_tick: int | None = None,
) -> dict[str, int]:
    """Writes `to/goalsql/NAME.parquet` and `to/report/NAME.parquet`, all of the same tick.

    They are written beside `to` first and take its place at the end, so a failed export leaves
    an earlier one as it was. On Linux that is one step: whoever opens `to` finds the old export
    or the new one. Elsewhere there is an instant at which it is not there.

    Args:
        engine: the project's database.
        to: a directory: absent, empty, or holding an earlier export.
        relations: which ones, of RELATIONS.
        partition: write those of LARGE to `to/SCHEMA/NAME/workflow_id=ID/*.parquet`.
        since_tick: of those of TICKED, only the rows of later ticks.

    Returns:
        The rows of each relation that were written.

    Raises:
        UsageError: if there is no tick `since_tick`, or if `to` holds anything else, or cannot be
            written.
        ResourceError: if no space is left for it.
    """
    tick = last_tick(engine)
    if since_tick is not None and not 0 <= since_tick <= (tick.tick_id or 0):
        raise UsageError(
            Code.UNKNOWN_NAME,
            f"there is no tick {since_tick}; the last one is {tick.tick_id or 0}, "
            "and 0 stands for all ticks",
        )
    to = to.resolve()
    _check_replaceable(to)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with workshop(to) as directory:
            new = directory / "new"
            with engine.transaction():
                rows = _write(engine, new, relations, partition, since_tick)
            extra = {} if since_tick is None else _increments(since_tick, relations)
            write_manifest(new, tick, rows, extra)
            _swap(new, to, directory / "old")
    except OSError as error:
        raise not_written(f"cannot export to {to}", error) from error
    return rows


def _check_replaceable(to: Path) -> None:
    if not to.exists():
        return
    if not to.is_dir():
        raise UsageError(Code.PLACE_TAKEN, f"cannot export to {to}: it is a file; name a directory")
    names = {path.name for path in to.iterdir()}
    is_export = names <= _CONTENT and read_manifest(to).keys() >= {"tick_at", "rows"}
    if names and not is_export:
        raise UsageError(
            Code.PLACE_TAKEN,
            f"cannot export to {to}: it holds files that are not of an earlier export, "
            "and an export replaces the whole directory; name a new or empty one",
        )


def read_manifest(directory: Path) -> dict[str, Any]:
    """What the manifest in a directory says; nothing where there is none."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _write(
    engine: Engine,
    directory: Path,
    relations: Sequence[str],
    partition: bool,
    since_tick: int | None,
) -> dict[str, int]:
    rows: dict[str, int] = {}
    for relation in relations:
        path = directory.joinpath(*relation.split("."))
        path.parent.mkdir(parents=True, exist_ok=True)
        since = since_tick if relation in TICKED else None
        if not (partition and relation in LARGE):
            rows[relation] = copy(engine, relation, path.with_suffix(".parquet"), since)
            continue
        rows[relation] = copy(engine, relation, path, since, partition="yes")
        if not rows[relation]:  # a file without rows, so that its columns are known
            path.mkdir(exist_ok=True)
            copy(engine, relation, path / "none.parquet", since)
    return rows


def copy(
    engine: Engine, relation: str, path: Path, since: int | None = None, partition: str = ""
) -> int:
    """Writes one relation, or its rows of the ticks after `since`; returns how many rows."""
    shape = {"partition": partition, "since": "" if since is None else "yes"}
    [statement] = template("report/export.sql", relation=relation, **shape)
    given = statement.given({"path": str(path), "since": since})
    [[count]] = engine.execute(given.name, given.sql())
    return int(count)


def write_manifest(
    directory: Path, tick: LastTick, rows: Mapping[str, int], extra: Mapping[str, object]
) -> None:
    """Says beside the files what they are."""
    manifest = {**tick_data(tick), "rows": rows, **extra}
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def tick_data(tick: LastTick) -> dict[str, object]:
    """What a manifest says of the tick."""
    return {
        "tick_id": tick.tick_id,
        "tick_at": _text(tick.tick_at),
        "finished_at": _text(tick.finished_at),
        "schema_version": tick.schema_version,
    }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant.isoformat()}Z"


def _increments(since_tick: int, relations: Sequence[str]) -> dict[str, object]:
    increments = [relation for relation in relations if relation in TICKED]
    return {"since_tick": since_tick, "increments": increments}


def _swap(new: Path, to: Path, old: Path) -> None:
    """Puts `new` in the place of `to`, if it is there: at once, or `to` makes room at `old`."""
    if not to.exists():
        new.rename(to)
    elif not _exchange(new, to):
        to.rename(old)
        try:
            new.rename(to)
        except OSError:
            old.rename(to)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two paths in one step; False where the system or the file system cannot."""
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    return bool(renameat2(_HERE, paths[0], _HERE, paths[1], _EXCHANGE) == 0)
