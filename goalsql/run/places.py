"""Where the state of a project is: a DuckDB file, or a folder that a Spark session can write."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from goalsql.codes import Code
from goalsql.compile.dialects.translate import to_spark
from goalsql.engine.duckdb import DuckDB, once_free
from goalsql.engine.protocol import Engine, Tracer
from goalsql.engine.spark.engine import Spark
from goalsql.engine.spark.session import Session
from goalsql.engine.spark.store import Store
from goalsql.errors import UsageError
from goalsql.run.beside import copy_observed, look_into


def not_yet(name: str) -> str:
    """That there is no state yet, and how to come by one."""
    return f"there is no {name} yet: run `goalsql tick`"


@dataclass(frozen=True, slots=True)
class DuckDBFile:
    """A DuckDB file; `wait` seconds for another process that has it.

    `config` are further settings of DuckDB by name, such as memory_limit.
    """

    formats: ClassVar[tuple[str, ...]] = ("duckdb", "parquet")
    path: Path
    tracer: Tracer | None = None
    wait: float = 0
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What to call it."""
        return self.path.name

    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def connect(self, *, read_only: bool) -> DuckDB:
        """The database."""
        return DuckDB(
            self.path,
            read_only=read_only,
            tracer=self.tracer,
            wait=self.wait,
            config=self.config,
        )

    def copy_at(self, path: Path) -> DuckDB:
        """A copy of the database, to read only."""
        return DuckDB(path, read_only=True, tracer=self.tracer, config=self.config)

    def beside(self) -> DuckDB:
        """A database in memory, which finds the tables of the file by their names."""
        engine = DuckDB(None, tracer=self.tracer, config=self.config)
        try:
            if self.exists():
                once_free(self.path, True, self.wait, lambda: look_into(engine, self.path))
        except BaseException:
            engine.close()
            raise
        return engine

    def take_observed(self, engine: Engine) -> None:
        """Copies what ticks have observed into a database in memory that looks into the file."""
        copy_observed(engine, self.path)

    def compact(self) -> None:
        """Nothing that is needed: what is freed in the file is used again.

        Raises:
            UsageError: always.
        """
        message = f"{self.name} needs no compaction: DuckDB uses again what is freed in it"
        raise UsageError(Code.OTHER_ENGINE, message)


@dataclass(frozen=True, slots=True)
class SparkFolder:
    """A folder of Parquet, as the executors of a session name it."""

    formats: ClassVar[tuple[str, ...]] = ("parquet",)
    session: Session
    root: str
    tracer: Tracer | None = None

    @property
    def name(self) -> str:
        """What to call it."""
        return self.root

    def exists(self) -> bool:
        """Whether a run has ever been finished."""
        return Store(self.session, self.root).load().version > 0

    def connect(self, *, read_only: bool) -> Spark:
        """The state as the last finished run left it."""
        return Spark(self.session, self.root, to_spark, tracer=self.tracer)

    def beside(self) -> Spark:
        """A state of nothing, which is gone with its engine."""
        return Spark(self.session, self.root, to_spark, tracer=self.tracer, lasting=False)

    def take_observed(self, engine: Engine) -> None:
        """Shows what ticks have observed to an engine beside."""
        assert isinstance(engine, Spark)
        engine.take("last_found", "observed_")

    def compact(self) -> None:
        """Puts the files of each table together."""
        if not self.exists():
            raise UsageError(Code.NO_TICK, not_yet(self.name))
        with closing(self.connect(read_only=False)) as engine:
            engine.compact()
