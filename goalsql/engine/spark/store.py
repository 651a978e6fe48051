"""Tables as folders of Parquet, and a ledger of which of them count (ENGINES 4.4).

Plain Spark has neither UPDATE nor DELETE nor transactions. So a table is a list of parts, each a
folder that is written once; a change adds parts, or puts others in their place; and what counts is
what the last row of the ledger lists. That row is written last: of an unfinished run nothing is
ever visible, and running it again begins from the same parts.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

from goalsql.codes import Code
from goalsql.engine.spark.asking import asked, found
from goalsql.errors import ResourceError

LEDGER = "ledger"
KEPT = 5
"""For so many runs a part stays that no longer counts: somebody may be reading it."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table: its columns' types as Spark names them, and the folders that its rows are in.

    Folders are named from the store's own on, so that it can be moved. A few rows that a statement
    says itself, as rules are, need none.
    """

    columns: Mapping[str, str]
    parts: tuple[str, ...] = ()
    rows: Any = field(default=None, compare=False)

    @property
    def schema(self) -> str:
        """For a reader, which would else guess it from the files, of which there may be none."""
        return ", ".join(f"`{name}` {kind}" for name, kind in self.columns.items())

    def row(self, session: Any, *values: object) -> Any:
        """A frame of one row; or of none, without values.

        Spark sees how few they are, and plans accordingly. What it makes of a Python list is rows
        that another process is asked for, of which it knows nothing.
        """
        from pyspark.sql import functions

        given = zip(self.columns.items(), values or [None] * len(self.columns), strict=True)
        columns = [functions.lit(value).cast(kind).alias(name) for (name, kind), value in given]
        return session.range(0, 1, 1, 1).where("TRUE" if values else "FALSE").select(*columns)


_ROW = Relation({"version": "bigint", "run": "string", "manifest": "string"})


@dataclass(slots=True)
class Manifest:
    """What is in force: the tables of state, and the text of views on them, in their order.

    `version` counts the runs that changed anything; `dropped` says of parts that no longer count
    which of them did that.
    """

    version: int = 0
    tables: dict[str, Relation] = field(default_factory=dict)
    views: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Manifest:
        """One that can be changed apart from this."""
        return Manifest(self.version, dict(self.tables), dict(self.views), dict(self.dropped))

    @property
    def parts(self) -> set[str]:
        """The folders that count."""
        return {part for relation in self.tables.values() for part in relation.parts}

    def text(self) -> str:
        """As JSON."""
        tables = {n: [dict(one.columns), list(one.parts)] for n, one in self.tables.items()}
        return json.dumps({"tables": tables, "views": self.views, "dropped": self.dropped})

    @classmethod
    def of(cls, version: int, text: str) -> Self:
        """What `text` made."""
        found: dict[str, Any] = json.loads(text)
        tables = {n: Relation(kinds, tuple(parts)) for n, (kinds, parts) in found["tables"].items()}
        return cls(version, tables, found["views"], found["dropped"])


class Store:
    """The folder of a project's state; paths are as Spark takes them."""

    def __init__(self, session: Any, root: str) -> None:
        self.session = session
        self.root = root.rstrip("/")

    def load(self) -> Manifest:
        """What the last finished run left; nothing where there was none."""
        rows = self._rows()
        return Manifest.of(rows[-1]["version"], rows[-1]["manifest"]) if rows else Manifest()

    def commit(self, before: Manifest, after: Manifest) -> Manifest:
        """Lets a manifest be what counts from now on, and removes what has long been dropped.

        Args:
            before: what counted when the run began.
            after: what is to count.

        Raises:
            ResourceError: if another run has changed the state meanwhile; that one counts.
        """
        version, run = before.version + 1, uuid.uuid4().hex
        gone = dict.fromkeys(sorted(before.parts - after.parts), version) | before.dropped
        old = [part for part, dropped in gone.items() if dropped <= version - KEPT]
        kept = {part: dropped for part, dropped in gone.items() if part not in old}
        done = Manifest(version, after.tables, after.views, kept)
        row = _ROW.row(self.session, version, run, done.text())
        ledger = f"{self.root}/{LEDGER}"
        asked(lambda: row.write.mode("append").parquet(ledger))
        if self._rows()[-1]["run"] != run:
            words = f"another run has changed {self.root} meanwhile; nothing of this one counts"
            raise ResourceError(Code.FILE_CHANGED, "transaction.commit", "", words, words)
        self.remove(old)
        return done

    def _rows(self) -> list[Any]:
        """The ledger; of runs that wrote the same version, the first by name counts."""
        ledger = f"{self.root}/{LEDGER}"
        rows = found(lambda: self.session.read.schema(_ROW.schema).parquet(ledger).collect())
        chosen: dict[int, Any] = {}
        for row in sorted(rows, key=lambda row: (-row["version"], row["run"])):
            chosen.setdefault(row["version"], row)
        return list(reversed(chosen.values()))

    def write(self, rows: Any, folder: str) -> str:
        """Writes rows as a new part, of which nobody knows yet."""

        def written() -> str:
            part = f"{folder}/{uuid.uuid4().hex}"
            rows.write.parquet(self._path(part))
            return part

        return asked(written)

    def read(self, relation: Relation) -> Any:
        """The rows of a table."""
        if relation.rows is not None:
            return relation.rows
        if not relation.parts:
            return relation.row(self.session)
        return self.session.read.schema(relation.schema).parquet(*map(self._path, relation.parts))

    def remove(self, parts: Iterable[str]) -> None:
        """Removes the rows of folders; where they are out of reach, a file without rows is left."""
        for part in parts:
            path = self._path(part)
            if Path(path).is_dir():
                shutil.rmtree(path)
            else:
                nothing = self.session.range(0).write.mode("overwrite")
                asked(partial(nothing.parquet, path))

    def _path(self, part: str) -> str:
        return f"{self.root}/{part}"
