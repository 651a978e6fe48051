"""Sources that are files: how they are read, and those of their rows that are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlglot import exp

from goalsql.compile.predicates import instant
from goalsql.compile.relations import CONTACTS, create_view, new_rows
from goalsql.compile.statements import Statement
from goalsql.model.project import Source
from goalsql.run.arrivals import Delivery
from goalsql.run.forgotten import Choice

READERS = {
    ".parquet": "READ_PARQUET",
    ".pq": "READ_PARQUET",
    ".csv": "READ_CSV",
    ".tsv": "READ_CSV",
    ".json": "READ_JSON",
    ".jsonl": "READ_JSON",
    ".ndjson": "READ_JSON",
}
PACKED = (".gz", ".zst")


def reader_of(source: Source) -> str | None:
    """The function that reads a source's files; None if it is no source of files."""
    return reader_of_path(source.location or "")


def reader_of_path(path: str) -> str | None:
    """The function that reads a file of such a name, or a folder; None if there is none."""
    if path.endswith("/"):
        return "READ_PARQUET"
    name = path.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    return READERS.get(Path(name).suffix)


def is_parquet(source: Source) -> bool:
    """Whether a source's files say themselves what types they have, so that some can be read."""
    return source.query is None and reader_of(source) == "READ_PARQUET"


def is_text(source: Source) -> bool:
    """Whether a source is files of text: what types they have is found by reading them."""
    return source.query is None and reader_of(source) in ("READ_CSV", "READ_JSON")


def seen_from(view: str, columns: Mapping[str, object]) -> exp.Expr | None:
    """From when on ticks see a row; None if they always do."""
    instants = ["created_at"] if view == CONTACTS else ["occurred_at", "loaded_at"]
    latest = [exp.column(name) for name in instants if name in columns]
    if not latest:
        return None
    return exp.func("GREATEST", *latest) if len(latest) > 1 else latest[0]


@dataclass(frozen=True, slots=True)
class Files:
    """The Parquet files of a source: their columns' types, and what its view makes of them.

    `seen_from` is from when on ticks see a row, None if they always do; `choice` is whose rows are
    shown, None if all are.
    """

    types: Mapping[str, str]
    selected: Sequence[exp.Expr]
    seen_from: exp.Expr | None
    choice: Choice | None = None

    def new_rows(
        self,
        view: str,
        delivery: Delivery,
        types: Mapping[str, str],
        last_tick_at: datetime | None,
    ) -> Statement:
        """Makes the view of the rows that no tick has seen.

        Args:
            view: the source's view.
            delivery: its files.
            types: the columns' types in the files that are read.
            last_tick_at: the previous tick's T.
        """
        file = exp.column("filename")
        rows = self._rows(delivery.unseen, types, file.as_("filename")).subquery("row_of")
        is_new: exp.Expr = exp.false()
        if delivery.fresh:
            is_new = file.isin(*[exp.Literal.string(name) for name in delivery.fresh])
        if self.seen_from is not None and last_tick_at is not None:
            after = exp.GT(this=self.seen_from.copy(), expression=instant(last_tick_at))
            is_new = exp.or_(is_new, after, copy=False)
        comment = "Makes the view of a source's rows that are new."
        query = exp.select(*[exp.column(one.alias, quoted=True) for one in self.selected])
        query = query.from_(rows).where(is_new)
        if self.choice is not None:
            query = self.choice.of(query)
        name = new_rows(view)
        return Statement(f"view.{name}", comment, create_view(name, query))

    def pending(self, view: str, files: Sequence[str]) -> Statement:
        """Finds the files that have rows after the tick."""
        file = exp.column("filename")
        rows = self._rows(files, self.types, file.as_("filename")).subquery("row_of")
        after: exp.Expr = exp.false()
        if self.seen_from is not None:
            tick_at = exp.Placeholder(this="tick_at")
            after = exp.GT(this=self.seen_from.copy(), expression=tick_at)
        comment = "Finds the files that have rows after the tick."
        query = exp.select(file.copy()).distinct().from_(rows).where(after)
        return Statement(f"pending.{view}", comment, query)

    def _rows(self, files: Sequence[str], types: Mapping[str, str], more: exp.Expr) -> exp.Select:
        """Rows of some of the files, in the types of all; a column that they lack is NULL."""
        typed: list[exp.Expr] = []
        for name, sql in self.types.items():
            column: exp.Expr = exp.null()
            if name in types:
                column = exp.column(name, quoted=True)
            if types.get(name) != sql:
                column = exp.cast(column, exp.DataType.build(sql, dialect="duckdb"))
            typed.append(column.as_(name, quoted=True))
        raw = exp.select(*typed, more).from_(read_parquet(files)).subquery("raw")
        return exp.select(*[one.copy() for one in self.selected], more.copy()).from_(raw)


def read_parquet(files: Sequence[str]) -> exp.Table:
    """Some Parquet files as a relation."""
    by_name = exp.PropertyEQ(this=exp.to_identifier("union_by_name"), expression=exp.true())
    listed = exp.array(*[exp.Literal.string(file) for file in files])
    return exp.Table(this=exp.func("READ_PARQUET", listed, by_name))
