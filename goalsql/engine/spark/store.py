"""Tables as folders of Parquet, and a ledger of which of them count (ENGINES 4.4).

Plain Spark has neither UPDATE nor DELETE nor transactions. So a table is a list of parts, each a
folder that is written once; a change adds parts, or puts others in their place; and what counts is
what the last row of the ledger lists. That row is written last: of an unfinished run nothing is
ever visible, and running it again begins from the same parts. What a run writes is in folders of
its own, and a row before it says that it has begun: so what a killed one leaves is found.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

from goalsql.codes import Code
from goalsql.engine.spark.asking import asked, found
from goalsql.errors import ResourceError

LEDGER, STATE, SCRATCH = "ledger", "state", "scratch"
KEPT = 5
"""For so many runs a part stays that no longer counts: somebody may be reading it."""
PAGE = 24
"""A folder of the ledger is for so many runs; of its pages only the last two are needed."""


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
    """The folder of a project's state, and what runs write there; paths are as Spark takes them."""

    def __init__(self, session: Any, root: str) -> None:
        self.session = session
        self.root = root.rstrip("/")
        self._run: str | None = None
        self._written: set[str] = set()

    def load(self) -> Manifest:
        """What the last finished run left; nothing where there was none."""
        last = _last(self._rows())
        return Manifest.of(last["version"], last["manifest"]) if last else Manifest()

    def commit(self, before: Manifest, after: Manifest) -> Manifest:
        """Lets a manifest be what counts from now on, and removes what nobody needs any more.

        Args:
            before: what counted when the run began.
            after: what is to count.

        Raises:
            ResourceError: if another run has changed the state meanwhile; that one counts.
        """
        version, run = before.version + 1, self._begun()
        gone = dict.fromkeys(sorted(before.parts - after.parts), version) | before.dropped
        old = [part for part, dropped in gone.items() if dropped <= version - KEPT]
        kept = {part: dropped for part, dropped in gone.items() if part not in old}
        done = Manifest(version, after.tables, after.views, kept)
        if self.load().version == before.version:
            self._note(version, run, done.text())
        rows = self._rows()
        if (last := _last(rows)) is None or last["run"] != run:
            words = f"another run has changed {self.root} meanwhile; nothing of this one counts"
            raise ResourceError(Code.FILE_CHANGED, "transaction.commit", "", words, words)
        passing = {part for part in self._written if part.startswith(SCRATCH)}
        unused = self._written - passing - after.parts
        self._run, self._written = None, passing
        self.remove({*old, *unused, *_left(rows, version)} - _runs(passing))
        return done

    def write(self, rows: Any, table: str, lasts: bool, level: int = 0) -> str:
        """Writes rows as a new part of a table, of which nobody knows yet.

        Args:
            rows: a frame.
            table: the table's name.
            lasts: whether it is of the state.
            level: how often its rows have been put together with others.
        """
        above = f"{STATE if lasts else SCRATCH}/{self._begun()}/{table.replace(' ', '_')}"

        def written() -> str:
            part = f"{above}/{level}-{uuid.uuid4().hex}"
            self._written.add(part)
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

    def remove(self, folders: Iterable[str]) -> None:
        """Removes the rows of folders; where they are out of reach, a file without rows is left."""
        within_reach = Path(self.root).is_dir()
        for folder in folders:
            path = self._path(folder)
            if within_reach:
                with suppress(FileNotFoundError):
                    shutil.rmtree(path)
                for above in Path(path).parents[: folder.count("/") - 1]:
                    with suppress(OSError):  # where something else is in it
                        above.rmdir()
            else:
                nothing = self.session.range(0).write.mode("overwrite")
                asked(partial(nothing.parquet, path))

    def close(self) -> None:
        """Removes what does not last, and what a run wrote that has come to nothing."""
        self.remove(_runs(self._written))
        self._run, self._written = None, set()

    def _begun(self) -> str:
        """The name of the run, which is in the ledger before anything of it is written."""
        if self._run is None:
            self._run = uuid.uuid4().hex
            self._note(self.load().version, self._run, None)
        return self._run

    def _note(self, version: int, run: str, manifest: str | None) -> None:
        """Adds a row to the ledger, in a folder of its own: in one, writers break each other."""
        row = _ROW.row(self.session, version, run, manifest)

        def noted() -> None:
            row.write.parquet(self._path(f"{LEDGER}/{version // PAGE}/{uuid.uuid4().hex}"))

        asked(noted)

    def _rows(self) -> list[Any]:
        """The ledger; of runs that have only begun, without a manifest."""
        reader = self.session.read.schema(_ROW.schema).option("recursiveFileLookup", "true")
        reader = reader.option("ignoreMissingFiles", "true")  # its first pages may go meanwhile
        return found(lambda: reader.parquet(self._path(LEDGER)).collect())

    def _path(self, folder: str) -> str:
        return f"{self.root}/{folder}"


def level_of(part: str) -> int:
    """How often the rows of a part have been put together with others."""
    return int(part.rpartition("/")[2].partition("-")[0])


def crowded(parts: Iterable[str], most: int) -> list[str]:
    """The parts of a level that has more than so many; none where there is no such level."""
    levels: dict[int, list[str]] = defaultdict(list)
    for part in parts:
        levels[level_of(part)].append(part)
    return next((some for some in levels.values() if len(some) > most), [])


def _done(rows: Iterable[Any]) -> dict[int, Any]:
    """The rows that count; of runs that wrote the same version, the first by name."""
    done: dict[int, Any] = {}
    for row in sorted(rows, key=lambda row: row["run"]):
        if row["manifest"] is not None:
            done.setdefault(row["version"], row)
    return done


def _last(rows: Iterable[Any]) -> Any:
    done = _done(rows)
    return done[max(done)] if done else None


def _left(rows: Sequence[Any], version: int) -> Iterator[str]:
    """The folders of runs that began long ago, and of what the ledger said before these."""
    done = {row["run"] for row in _done(rows).values()}
    for run in {row["run"] for row in rows if row["version"] == version - KEPT} - done:
        yield from (f"{SCRATCH}/{run}", f"{STATE}/{run}")
    for page in {row["version"] // PAGE for row in rows}:
        if page < version // PAGE - 1:
            yield f"{LEDGER}/{page}"


def _runs(parts: Iterable[str]) -> set[str]:
    """The folders of runs that parts are in."""
    return {"/".join(part.split("/")[:2]) for part in parts}
