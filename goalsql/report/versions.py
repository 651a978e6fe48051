"""A directory of versions in Parquet, one for each tick, of which the last few stay.

The tables that only grow are folders of files, which a version shares with the one before; so it
costs what is new. `latest` is a link to the last version. Once contacts are forgotten, no version
from before stays, and none shares a file with one.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from goalsql.compile.statements import template
from goalsql.engine.protocol import Engine
from goalsql.report.export import (
    MANIFEST,
    TICKED,
    LastTick,
    copy,
    read_manifest,
    tick_data,
    write_manifest,
)
from goalsql.report.views import RELATIONS

LATEST = "latest"
GROWING = tuple(relation for relation in TICKED if relation != "goalsql.enrollments")
"""The relations to which a tick adds rows; seldom does one take a receipt back."""
MOST_FILES = 64
"""How many files a growing relation has at the most before they become one."""

_NEW = ".new-"
_VERSION = re.compile(r"tick-\d{6,}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Version:
    """The version before; `weights` says of each growing relation what its files hold."""

    path: Path
    tick_id: int = 0
    weights: dict[str, str | None] = field(default_factory=dict)


def is_latest(to: Path, tick: LastTick, forgotten: str) -> bool:
    """Whether the last version is of a tick, and no version has anybody in it who is forgotten."""
    manifest = read_manifest(to / LATEST)
    if not manifest.items() >= tick_data(tick).items():
        return False
    return not any(_is_from_before(path, forgotten) for path in _versions(to))


def publish_version(
    engine: Engine, to: Path, keep: int, tick: LastTick, forgotten: str = ""
) -> None:
    """Writes a version, lets `to/latest` be it, and removes the older ones but `keep`.

    Args:
        engine: the project's database.
        to: the directory of versions.
        keep: how many versions stay.
        tick: the last tick.
        forgotten: what the contacts that are forgotten are told by; empty if nobody is.
    """
    to.mkdir(exist_ok=True)
    for left in to.glob(f"{_NEW}*"):  # by a process that was killed
        _remove(left)
    before = _before(to, forgotten)
    with tempfile.TemporaryDirectory(prefix=_NEW, dir=to) as workshop:
        new = Path(workshop, "version")
        _write(engine, new, before, tick, forgotten)
        name = _free_name(to, tick)
        new.rename(to / name)
    link = to / f"{_NEW}{LATEST}"
    link.symlink_to(name)
    link.replace(to / LATEST)
    older = [path for path in _versions(to) if path.name != name]
    for old in (
        path for n, path in enumerate(older, 1) if n >= keep or _is_from_before(path, forgotten)
    ):
        # Under its own name a version is whole, or not there.
        _remove(old.rename(to / f"{_NEW}{old.name}"))


def _versions(to: Path) -> list[Path]:
    """The versions, the newest first."""
    found = [
        path
        for path in to.iterdir()
        if _VERSION.fullmatch(path.name) and (path / MANIFEST).exists()
    ]
    return sorted(found, key=lambda path: (path / MANIFEST).stat().st_mtime_ns, reverse=True)


def _is_from_before(version: Path, forgotten: str) -> bool:
    """Whether a version may have somebody in it who is forgotten."""
    return bool(forgotten) and read_manifest(version).get("forgotten") != forgotten


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path)


def _before(to: Path, forgotten: str) -> _Version:
    path = (to / LATEST).resolve()
    manifest = read_manifest(path)
    if "weights" not in manifest or _is_from_before(path, forgotten):
        return _Version(path)
    return _Version(path, manifest["tick_id"], manifest["weights"])


def _free_name(to: Path, tick: LastTick) -> str:
    """The tick's name; with a number where definitions were applied after the tick."""
    name, number = f"tick-{tick.tick_id:06}", 1
    while (to / name).exists():
        number += 1
        name = f"tick-{tick.tick_id:06}.{number}"
    return name


def _write(engine: Engine, new: Path, before: _Version, tick: LastTick, forgotten: str) -> None:
    rows: dict[str, int] = {}
    weights: dict[str, str | None] = {}
    with engine.transaction():
        for relation in RELATIONS:
            path = new.joinpath(*relation.split("."))
            path.parent.mkdir(parents=True, exist_ok=True)
            if relation in GROWING:
                rows[relation], weights[relation] = _grow(engine, relation, path, before, tick)
            else:
                rows[relation] = copy(engine, relation, path.with_suffix(".parquet"))
    extra = {"weights": weights} | ({"forgotten": forgotten} if forgotten else {})
    write_manifest(new, tick, rows, extra)


def _grow(
    engine: Engine, relation: str, folder: Path, before: _Version, tick: LastTick
) -> tuple[int, str | None]:
    """Takes the files of the version before and adds one of what is new, or writes all anew.

    Returns:
        The rows of the relation, and what they weigh.
    """
    folder.mkdir()
    columns = ", ".join(engine.columns(relation.removeprefix("goalsql.")))
    [weigh] = template("report/weigh.sql", relation=relation, columns=columns)
    [[newer, rows, weight_before, weight]] = engine.execute(
        weigh.name, weigh.text, {"since": before.tick_id}
    )
    files = sorted(before.path.joinpath(*relation.split(".")).glob("*.parquet"))
    known = weight_before is not None and weight_before == before.weights.get(relation)
    shared = files if known and len(files) < MOST_FILES else []
    for file in shared:
        _link(file, folder / file.name)
    if newer or not shared:
        name = f"tick-{tick.tick_id:06}.parquet"
        copy(engine, relation, folder / name, before.tick_id if shared else None)
    return rows, weight


def _link(file: Path, to: Path) -> None:
    """The same file under another name; its own copy where the file system has no links."""
    try:
        os.link(file, to)
    except OSError:
        shutil.copy2(file, to)
