"""Which other process has a database open."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from goalsql.engine.duckdb import running_since

_LOCKS = Path("/proc/locks")


@dataclass(frozen=True, slots=True)
class Lock:
    """Another process that has the database: which one, and since when it runs, if known.

    One that only reads lets others read, and keeps ticks out all the same.
    """

    holder: int | None
    since: datetime | None
    only_reads: bool = False


def lock_on(path: Path) -> Lock | None:
    """The lock that another process has on a file, where the system tells (Linux); else None.

    The file is not opened for that: closing it would let go of every lock that this process has
    on it.
    """
    try:
        found, lines = path.stat(), _LOCKS.read_text().splitlines()
    except OSError:
        return None
    file = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    locks = []
    for line in lines:
        _, kind, _, mode, pid, inode, *_ = [*line.split(), *[""] * 6]
        if kind == "POSIX" and inode == file and pid != str(os.getpid()):
            holder = int(pid) if pid.isdecimal() and pid != "0" else None
            locks.append(Lock(holder, running_since(holder), mode == "READ"))
    return min(locks, key=lambda lock: lock.only_reads, default=None)
