"""Tables as folders of Parquet, and a ledger of which of them count (ENGINES 4.4).

Plain Spark has neither UPDATE nor DELETE nor transactions. So a table is a list of parts, each a
folder that is written once; a change adds parts, or puts others in their place; and what counts is
what the last row of the ledger lists. That row is written last: of an unfinished run nothing is
ever visible, and running it again begins from the same parts.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Relation:
    """A table: its columns' types, and the folders that its rows are in."""

    columns: Mapping[str, str]
    parts: tuple[str, ...] = ()

    @property
    def schema(self) -> str:
        """For a reader, which would else guess it from the files, of which there may be none."""
        return ", ".join(f"`{name}` {kind}" for name, kind in self.columns.items())


@dataclass(slots=True)
class Manifest:
    """What is in force: the tables of state, and the text of views on them, in their order."""

    version: int = 0
    tables: dict[str, Relation] = field(default_factory=dict)
    views: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Manifest:
        """One that can be changed apart from this."""
        return Manifest(self.version, dict(self.tables), dict(self.views))

    def text(self) -> str:
        """As JSON."""
        tables = {n: [dict(one.columns), list(one.parts)] for n, one in self.tables.items()}
        return json.dumps({"tables": tables, "views": self.views})

    @classmethod
    def of(cls, version: int, text: str) -> Self:
        """What `text` made."""
        found: dict[str, Any] = json.loads(text)
        tables = {n: Relation(columns, tuple(parts)) for n, (columns, parts) in found["tables"].items()}
        return cls(version, tables, found["views"])


class Store:
    """The folder of a project's state; paths are as Spark takes them."""

    def __init__(self, session: Any, root: str) -> None:
        self.session = session
        self.root = root.rstrip("/")

    def load(self) -> Manifest:
        """What the last finished run left; nothing where there was none."""
        try:
            rows = self.session.read.parquet(f"{self.root}/{LEDGER}").collect()
        except Exception as error:
            if "PATH_NOT_FOUND" in str(error) or "not found" in str(error).lower():
                return Manifest()
            raise
        last = max(rows, key=lambda row: row["version"], default=None)
        return Manifest() if last is None else Manifest.of(last["version"], last["manifest"])

    def commit(self, manifest: Manifest) -> Manifest:
        """Lets a manifest be what counts from now on."""
        done = Manifest(manifest.version + 1, manifest.tables, manifest.views)
        row = self.session.createDataFrame(
            [(done.version, done.text())], "version BIGINT, manifest STRING"
        )
        row.coalesce(1).write.mode("append").parquet(f"{self.root}/{LEDGER}")
        return done

    def write(self, rows: Any, folder: str) -> str:
        """Writes rows as a new part, of which nobody knows yet."""
        path = f"{self.root}/{folder}/{uuid.uuid4().hex}"
        rows.write.parquet(path)
        return path
