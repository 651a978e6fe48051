"""How a project stands, for people."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from goalsql.cli.console import counted, outcome
from goalsql.report.terminal import WIDTH
from goalsql.report.wording import minute, number
from goalsql.run.state import SCHEMA_VERSION
from goalsql.run.unseen import SourceNews
from goalsql.status import LastTick, Status

_UPGRADES = {
    "older": f"; the next tick, or goalsql apply, upgrades it to {SCHEMA_VERSION}",
    "newer": f", newer than this goalsql, which knows {SCHEMA_VERSION}: upgrade goalsql",
    "other views": "; the report views are another goalsql's: run goalsql apply",
}
_FILES = {
    "new_files": "new",
    "changed_files": "changed",
    "gone_files": "gone",
    "later_files": "with rows after the tick",
}
_UNITS = ("B", "kB", "MB", "GB", "TB")


def render_status(console: Console, status: Status) -> None:
    """Prints a project's status.

    Args:
        console: where to.
        status: the status.
    """
    width = min(WIDTH, console.width)
    console.print(Text(status.project, "bold"), width=width)
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for title, text in _lines(status):
        table.add_row(title, text)
    console.print(table, width=width)
    if status.sources:
        console.print(_sources(status.sources), width=width)


def _lines(status: Status) -> Iterator[tuple[str, Text]]:
    yield "goalsql", Text(status.goalsql)
    yield "database", _database(status)
    yield "lock", _lock(status)
    if status.hidden is not None:
        yield "not seen", Text(f"what is not said here, for {status.hidden}", "yellow")
    if status.schema_version is not None:
        text = Text(str(status.schema_version))
        yield "schema", text.append(_UPGRADES.get(str(status.schema), ""), "yellow")
    if status.schema is not None and status.schema != "newer":
        tick = status.last_tick
        yield "last tick", Text("none yet") if tick is None else Text(_tick(tick))
    yield "definitions", _definitions(status)
    if status.waiting is not None:
        queues = [f"{counted(count, 'contact')} for {w}" for w, count in status.waiting.items()]
        yield "waiting", Text(", ".join(queues) or "nobody")
    rows = sorted(status.rows.items(), key=lambda table: (-table[1], table[0]))
    if rows:
        yield "rows", Text(", ".join(f"{name} {number(count)}" for name, count in rows))
    for copy in status.copies:
        yield "published", _copy(_near(copy.to), copy.tick_id, copy.size, status.last_tick)


def _database(status: Status) -> Text:
    name = _near(status.database)
    if status.size is None:
        return Text(f"{name}, not there yet")
    log = f", and a log of {_bytes(status.log_size)}" if status.log_size else ""
    return Text(f"{name}, {_bytes(status.size)}{log}")


def _lock(status: Status) -> Text:
    lock = status.lock
    if lock is None:
        return Text("free", "green")
    process = "another process" if lock.holder is None else f"process {lock.holder}"
    since = "" if lock.since is None else f", which runs since {_second(lock.since)},"
    does = "reads it, which keeps ticks out" if lock.only_reads else "has it"
    return Text(f"{process}{since} {does}", "yellow")


def _tick(tick: LastTick) -> str:
    took = (tick.finished_at - tick.started_at).total_seconds()
    counts = (
        counted(tick.new_events, "new event"),
        counted(tick.orphan_events, "orphan"),
        counted(tick.bad_rows, "bad row"),
        outcome(tick),
    )
    return (
        f"{tick.tick_id} at {minute(tick.tick_at)}, {tick.clock} clock, {tick.mode}; finished "
        f"{_second(tick.finished_at)} after {took:.1f} s\n{', '.join(counts)}"
    )


def _definitions(status: Status) -> Text:
    text = Text()
    if status.edited:
        text.append(f"not applied yet: {', '.join(status.edited)}; ", "yellow")
    elif status.edited is not None:
        text.append("as last applied; ")
    if status.mistakes:
        return text.append(f"{counted(status.mistakes, 'mistake')}: run goalsql validate", "red")
    alone = " in the files, sources not looked at" if status.schema in (None, "newer") else ""
    return text.append(f"no mistakes{alone}")


def _copy(to: str, tick_id: int | None, size: int | None, last: LastTick | None) -> Text:
    if tick_id is None:
        return Text(f"{to}: no copy that can be read; run goalsql publish", "yellow")
    text = Text(f"{to}: tick {tick_id}, {_bytes(size or 0)}")
    if last is not None and tick_id != last.tick_id:
        text.append(f", not {last.tick_id}: run goalsql publish", "yellow")
    return text


def _sources(sources: tuple[SourceNews, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("source", overflow="fold")
    table.add_column("files", justify="right", no_wrap=True)
    table.add_column("unseen rows", no_wrap=True)
    table.add_column("", overflow="fold")
    for source in sources:
        unseen = {True: Text("yes", "yellow"), False: Text("no"), None: Text("not known")}
        files = number(source.files) if source.kind == "files" else "-"
        table.add_row(Text(source.source), files, unseen[source.unseen], _why(source))
    return table


def _why(source: SourceNews) -> str:
    if source.kind == "unreadable":
        return "cannot be read: run goalsql validate"
    if source.kind == "files":
        counts = {title: getattr(source, name) for name, title in _FILES.items()}
        return ", ".join(f"{count:,} {title}" for title, count in counts.items() if count)
    if source.unseen is None:
        return "a table, read whole by each tick"
    found = [f"{counted(source.later_rows, 'row')} after the tick"] if source.later_rows else []
    return ", ".join([*found, *(["earlier ones differ"] if source.rows_changed else [])])


def _near(path: Path) -> str:
    """The path from here, where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)


def _second(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def _bytes(size: int) -> str:
    """A size in the largest unit of which it is one or more.

    Example:
        >>> _bytes(1), _bytes(2_540), _bytes(12_070_912)
        ('1 byte', '2.5 kB', '12.1 MB')
    """
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else counted(size, "byte")
