"""What goalsql needs of an engine; another one is a class with these methods."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import polars as pl


class Engine(Protocol):
    """Runs SQL. Every statement comes with its name, which errors and traces repeat."""

    def execute(
        self, name: str, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a statement and returns its rows; none for statements that return nothing.

        Args:
            name: the statement's name.
            sql: its text; `$name` stands for a parameter.
            parameters: their values.

        Raises:
            EngineError: with the statement's name, its SQL and the engine's own words.
        """

    def frame(self, name: str, sql: str) -> pl.DataFrame:
        """Runs a query and returns its rows as a polars frame."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing: commits when the block ends, undoes everything if it raises."""

    def close(self) -> None:
        """Lets go of the database."""
