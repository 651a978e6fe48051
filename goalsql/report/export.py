"""Relations of SPEC 7 as Parquet, in a directory that is replaced as a whole."""

from __future__ import annotations

import ctypes
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from goalsql.compile.statements import template
from goalsql.engine.protocol import Engine
from goalsql.errors import UsageError
from goalsql.report.views import RELATIONS

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

_CONTENT = {MANIFEST, "goalsql", "report"}
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)


def export(
    engine: Engine, to: Path, relations: Sequence[str] = RELATIONS, *, partition: bool = False
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

    Returns:
        The rows of each relation.

    Raises:
        UsageError: if `to` holds anything else, or cannot be written.
    """
    to = to.resolve()
    _check_replaceable(to)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=to.parent) as workshop:
            rows = _write(engine, Path(workshop) / "new", relations, partition)
            _swap(Path(workshop) / "new", to, Path(workshop) / "old")
    except OSError as error:
        raise UsageError(f"cannot export to {to}: {error}") from error
    return rows


def _check_replaceable(to: Path) -> None:
    if not to.exists():
        return
    if not to.is_dir():
        raise UsageError(f"cannot export to {to}: it is a file; name a directory")
    names = {path.name for path in to.iterdir()}
    if names and not (names <= _CONTENT and _is_manifest(to / MANIFEST)):
        raise UsageError(
            f"cannot export to {to}: it holds files that are not of an earlier export, "
            "and an export replaces the whole directory; name a new or empty one"
        )


def _is_manifest(path: Path) -> bool:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.keys() >= {"tick_at", "rows"}


def _write(
    engine: Engine, directory: Path, relations: Sequence[str], partition: bool
) -> dict[str, int]:
    rows: dict[str, int] = {}
    with engine.transaction():
        [last_tick] = template("report/last_tick.sql")
        [[tick_id, tick_at, schema_version]] = engine.execute(last_tick.name, last_tick.text)
        for relation in relations:
            schema, name = relation.split(".")
            path = directory / schema / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not (partition and relation in LARGE):
                rows[relation] = _copy(engine, relation, path.with_suffix(".parquet"))
                continue
            rows[relation] = _copy(engine, relation, path, partition="yes")
            if not rows[relation]:  # a file without rows, so that its columns are known
                path.mkdir(exist_ok=True)
                _copy(engine, relation, path / "none.parquet")
    manifest = {
        "tick_id": tick_id,
        "tick_at": f"{tick_at.isoformat()}Z" if tick_at else None,
        "schema_version": schema_version,
        "rows": rows,
    }
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return rows


def _copy(engine: Engine, relation: str, path: Path, partition: str = "") -> int:
    """Writes one relation and returns its number of rows."""
    [copy] = template("report/export.sql", relation=relation, partition=partition)
    [[count]] = engine.execute(copy.name, copy.given({"path": str(path)}).sql())
    return int(count)


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
