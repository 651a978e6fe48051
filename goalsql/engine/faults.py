"""What DuckDB says of memory, disk and files, in words that say what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, TypeAlias

from goalsql.codes import Code
from goalsql.errors import EngineError, ResourceError

About: TypeAlias = Literal["anything", "spills", "database"]

_SETTINGS = "under `engine: {duckdb: ...}` in goalsql.yml"
_DENIED = r"Permission denied|Read-only file system|Operation not permitted"
_DAMAGED = (
    r"Corrupt database file|Corrupt WAL file|Failure while replaying WAL|while loading database"
)
_FAULTS: tuple[tuple[Code, About, str, str], ...] = (
    (
        Code.NO_MEMORY,
        "anything",
        r"max_temp_directory_size",
        "the disk space for what memory cannot hold is used up: free some below SPILLS, or raise "
        f"memory_limit or max_temp_size {_SETTINGS}",
    ),
    (
        Code.NO_MEMORY,
        "anything",
        r"Out of Memory Error",
        f"memory is full: raise memory_limit {_SETTINGS}, or lower threads there",
    ),
    (
        Code.NO_SPACE,
        "anything",
        r"No space left on device|Disk quota exceeded|File too large",
        "no space is left on the disk: free some, then run again; what was not finished is as it "
        "was before",
    ),
    (
        Code.NO_MEMORY,
        "spills",
        rf"Failed to create directory|File exists|Not a directory|No such file|{_DENIED}",
        "SPILLS cannot be written, where statements put what memory cannot hold: name another "
        f"temp_directory {_SETTINGS}, or raise memory_limit there",
    ),
    (
        Code.FOREIGN_LOG,
        "database",
        r"WAL does not match database file|WAL was created for",
        "DATABASE.wal belongs to another state of DATABASE: where a backup was put in place, "
        "remove DATABASE.wal; otherwise restore both from a backup",
    ),
    (
        Code.DAMAGED,
        "database",
        rf"Could not read enough bytes|{_DAMAGED}",
        "DATABASE is damaged: restore it from a backup, or remove it and DATABASE.wal to begin "
        "anew; nothing was changed",
    ),
    (
        Code.CANNOT_OPEN,
        "database",
        r"not a valid DuckDB database|Is a directory|Extension .*sqlite",
        "DATABASE is no DuckDB database: restore it from a backup, or name another file as "
        "`database` in goalsql.yml; nothing was changed",
    ),
    (
        Code.CANNOT_OPEN,
        "database",
        _DENIED,
        "DATABASE cannot be opened for this, it or its directory may not be written: give this "
        "user the right to",
    ),
    (
        Code.CANNOT_OPEN,
        "database",
        r"No such file or directory",
        "there is no directory for DATABASE: make it, or name another file as `database` in "
        "goalsql.yml",
    ),
    (
        Code.DAMAGED,
        "anything",
        _DAMAGED,
        "a database file is damaged, DATABASE or one that is attached: restore it from a backup",
    ),
)
"""Its code, what a fault is about, the signs of it in what DuckDB says, and what to say instead."""


def failed(
    statement: str, sql: str, cause: str, database: Path | None, spills: Path
) -> EngineError:
    """What to raise for a statement that failed.

    Args:
        statement: its name; `open` for the opening of the database.
        sql: its text.
        cause: what DuckDB says.
        database: the database file; None if it is in memory.
        spills: the directory for what memory cannot hold.
    """
    named: dict[About, bool] = {
        "anything": True,
        "spills": str(spills) in cause,
        "database": statement == "open" or f'"{database}' in cause,
    }
    for code, about, signs, words in _FAULTS:
        if named[about] and re.search(signs, cause):
            said = words.replace("DATABASE", str(database)).replace("SPILLS", str(spills))
            return ResourceError(code, statement, sql, cause, said)
    if statement == "open":
        return EngineError(statement, sql, f"cannot open {database}: {cause}", Code.CANNOT_OPEN)
    return EngineError(statement, sql, cause)
