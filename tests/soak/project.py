"""The project of a story on disk: its sources grow file by file, row by row."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from goalsql.model.catalog import ColumnType, Kind
from tests.property.harness import dump, write_definitions
from tests.property.world import Edit
from tests.reference.tables import Row, Tables
from tests.soak.world import EMAIL, SETTINGS, no_rows

TYPES: dict[Kind, Any] = {
    Kind.TEXT: pl.String,
    Kind.INTEGER: pl.Int64,
    Kind.NUMBER: pl.Float64,
    Kind.BOOLEAN: pl.Boolean,
    Kind.DATE: pl.Date,
    Kind.INSTANT: pl.Datetime("us"),
}
SOURCES = {
    "contacts": {"from": "data/contacts.parquet"},
    "property_changes": {"from": "data/property_changes/*.parquet"},
    "marketing_emails": {"from": "crm.emails"},
    "events": {
        "page_view": {"from": "data/page_view/*.parquet"},
        "form": {"from": "data/form.parquet"},
    },
}
PEOPLE = {"people": {"static": {"from": "data/people.csv"}}}
PUBLISH = [
    {"to": "published/soak.duckdb"},
    {"to": "published/tables", "format": "parquet"},
]
EVERY = 100
"""After how many deliveries the files of a folder become one."""


def write_project(path: Path, *, publishes: bool = False) -> None:
    """Writes goalsql.yml."""
    project: dict[str, Any] = SETTINGS | {"attach": {"crm": "data/crm.duckdb"}, "sources": SOURCES}
    dump(project | ({"publish": PUBLISH} if publishes else {}), path / "goalsql.yml")


def write_files(path: Path, files: Edit) -> None:
    """Writes segments and workflows anew."""
    write_definitions(path, files.segments | PEOPLE, files.workflows)


@dataclass
class Sources:
    """The files and tables of all sources: what they hold is brought to what `tables` say.

    - contacts, form: a Parquet file, written anew with each change.
    - people: a CSV file, the same.
    - page_view: a folder to which each delivery adds a Parquet file.
    - property_changes: the same, whose files become one now and then.
    - marketing_email: a table of an attached database, to which rows are added.
    """

    path: Path
    written: dict[str, list[Row]] = field(default_factory=dict)
    deliveries: int = 0

    def __post_init__(self) -> None:
        for name in ("page_view", "property_changes"):
            (self.path / "data" / name).mkdir(parents=True)
        empty = no_rows()
        self._file("page_view/0", empty.catalog.events["page_view"], [])
        self._file("property_changes/0", empty.catalog.property_changes, [])
        columns = empty.catalog.events[EMAIL].items()
        declared = ", ".join(f"{column} {kind.sql}" for column, kind in columns)
        with self._crm() as connection:
            connection.execute(f"CREATE TABLE emails ({declared})")

    def deliver(self, tables: Tables, rows: dict[str, list[Row]]) -> None:
        """Writes what is new."""
        self.deliveries += 1
        columns = tables.catalog
        self._anew("contacts", columns.contacts, tables.contacts)
        self._anew("form", columns.events["form"], tables.events["form"])
        self._anew("people", columns.segments["people"], tables.segments["people"])
        if "page_view" in rows:
            self._file(
                f"page_view/{self.deliveries}", columns.events["page_view"], rows["page_view"]
            )
        if "property_changes" in rows:
            self._file(
                f"property_changes/{self.deliveries}",
                columns.property_changes,
                rows["property_changes"],
            )
        if self.deliveries % EVERY == 0:
            shutil.rmtree(self.path / "data" / "property_changes")
            (self.path / "data" / "property_changes").mkdir()
            self._file("property_changes/0", columns.property_changes, tables.property_changes)
        if EMAIL in rows:
            names = columns.events[EMAIL]
            places = ", ".join("?" for _ in names)
            values = [[row.get(name) for name in names] for row in rows[EMAIL]]
            with self._crm() as connection:
                connection.executemany(f"INSERT INTO emails VALUES ({places})", values)

    def _crm(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.path / "data" / "crm.duckdb"))

    def _anew(self, name: str, columns: Any, rows: list[Row]) -> None:
        if self.written.get(name) != rows:
            self._file(name, columns, rows)
            self.written[name] = list(rows)

    def _file(self, name: str, columns: dict[str, ColumnType], rows: list[Row]) -> None:
        schema = {column: TYPES[kind.kind] for column, kind in columns.items()}
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        if name == "people":
            frame.write_csv(self.path / "data" / "people.csv")
        else:
            frame.write_parquet(self.path / "data" / f"{name}.parquet")
