"""Every relation of SPEC 7 as Parquet, in a directory that is replaced as a whole."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from goalsql.compile.statements import template
from goalsql.engine.protocol import Engine
from goalsql.errors import UsageError
from goalsql.report.views import RELATIONS

MANIFEST = "manifest.json"
_CONTENT = {MANIFEST, "goalsql", "report"}


def export(engine: Engine, to: Path) -> dict[str, int]:
    """Writes `to/goalsql/NAME.parquet` and `to/report/NAME.parquet`, all of the same instant.

    They are written beside `to` first and take its place at the end, so a failed export leaves
    an earlier one as it was.

    Args:
        engine: the project's database.
        to: a directory: absent, empty, or holding an earlier export.

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
            rows = _write(engine, Path(workshop) / "new")
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
    return isinstance(manifest, dict) and manifest.keys() == {"tick_at", "rows"}


def _write(engine: Engine, directory: Path) -> dict[str, int]:
    rows: dict[str, int] = {}
    with engine.transaction():
        [last_tick] = template("report/last_tick.sql")
        [[tick_at]] = engine.execute(last_tick.name, last_tick.text)
        for relation in RELATIONS:
            schema, name = relation.split(".")
            path = directory / schema / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            [copy] = template("report/export.sql", relation=relation)
            [[count]] = engine.execute(copy.name, copy.given({"path": str(path)}).sql())
            rows[relation] = count
    manifest = {"tick_at": tick_at.isoformat() if tick_at else None, "rows": rows}
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return rows


def _swap(new: Path, to: Path, old: Path) -> None:
    """Puts `new` in the place of `to`, which goes to `old`, or comes back if that fails."""
    if to.exists():
        to.rename(old)
    try:
        new.rename(to)
    except OSError:
        if old.exists():
            old.rename(to)
        raise
