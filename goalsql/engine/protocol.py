"""What goalsql needs of an engine; another one is a class with these methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

import polars as pl

Tracer: TypeAlias = Callable[[str, str], None]
"""Called with the name and text of every statement before it runs."""


@dataclass(frozen=True, slots=True)
class FileFound:
    """A file as it is now: size in bytes, `modified` in nanoseconds.

    The inode tells a file from one put in its place; 0 where files have none.
    """

    path: str
    size: int
    modified: int
    inode: int = 0


class Engine(Protocol):
    """Runs SQL. Every statement comes with its name, which errors and traces repeat.

    Attributes:
        local: whether it runs in this process, and reads what this process can: files of text, the
            queries of sources, attached databases. Others read Parquet and tables, and URIs.
    """

    local: bool

    def execute(
        self, name: str, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a statement and returns its rows; none for statements that return nothing.

        Args:
            name: the statement's name.
            sql: its text as DuckDB takes it; `$name` stands for a parameter.
            parameters: their values.

        Raises:
            EngineError: with the statement's name, its SQL and the engine's own words.
        """

    def frame(self, name: str, sql: str) -> pl.DataFrame:
        """Runs a query and returns its rows as a polars frame."""

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table of state, with their types as DuckDB names them; none without it.

        Args:
            table: its name in schema `goalsql`.
        """

    def files(self, pattern: str) -> list[FileFound]:
        """The files that a path or glob stands for, in no order; none for one that is not there."""

    def confine(self, directories: Sequence[str], paths: Sequence[str]) -> None:
        """Shuts off every file but these, and those below the directories, where that can be."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing: commits when the block ends, undoes everything if it raises."""

    def close(self) -> None:
        """Lets go of the database."""


class Place(Protocol):
    """Where a project keeps its state.

    Attributes:
        formats: of the copies for readers that can be published from it.
    """

    formats: ClassVar[tuple[str, ...]]

    @property
    def name(self) -> str:
        """What to call it."""

    def exists(self) -> bool:
        """Whether there is anything yet."""

    def connect(self, *, read_only: bool) -> Engine:
        """An engine on what is there; unless it is to read only, it is made if it is not."""

    def beside(self) -> Engine:
        """An engine that keeps nothing, with the sources that the state's engine has."""

    def take_observed(self, engine: Engine) -> None:
        """Copies what ticks have observed of contacts and segments into an engine beside.

        Args:
            engine: one that `beside` gave.
        """

    def compact(self) -> None:
        """Puts together what ticks leave in small files, where they are left in any.

        Raises:
            UsageError: if there are none, or no state yet.
        """
