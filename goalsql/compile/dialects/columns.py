"""The columns of the tables that a run's statements name: of state, of sources, and its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import sqlglot
from sqlglot import exp

from goalsql.compile.relations import CONTACTS, PROPERTY_CHANGES, event_view, segment_view
from goalsql.compile.statements import Statement, named, template
from goalsql.model.catalog import INSTANT, TEXT, Catalog, ColumnType

Columns = Mapping[str, str]
"""The types of a table's columns by their names, as DuckDB calls them."""

STATE = "goalsql"


@dataclass(slots=True)
class Tables:
    """What is known at some statement of a run: the columns of each table by its name.

    `state` are the tables of schema `goalsql`, `sources` the views of sources, `own` those that
    the run has made so far.
    """

    state: dict[str, Columns] = field(default_factory=dict)
    sources: dict[str, Columns] = field(default_factory=dict)
    own: dict[str, Columns] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog) -> Self:
        """What is known before a run."""
        contact = catalog.contacts["contact_id"]
        tables = cls()
        for statement in template("schema/state.sql", contact_id=contact.sql):
            tables.made(statement.ast)
        tables.made(named("tick/state.sql")["state.tally"].ast)
        rows = {"contact_id": contact, "property": TEXT, "value": TEXT, "occurred_at": INSTANT}
        changes = {**rows, **catalog.property_changes}
        sources: dict[str, Mapping[str, ColumnType]] = {
            CONTACTS: catalog.contacts,
            PROPERTY_CHANGES: changes,
            **{event_view(name): columns for name, columns in catalog.events.items()},
            **{segment_view(name): columns for name, columns in catalog.segments.items()},
        }
        for name, columns in sources.items():
            tables.sources[name] = {column: kind.sql for column, kind in columns.items()}
        return tables

    def made(self, ast: exp.Expr) -> None:
        """Takes note of a table whose columns its `CREATE TABLE` lists."""
        if isinstance(ast, exp.Create) and isinstance(ast.this, exp.Schema):
            columns = {one.name: one.args["kind"].sql("duckdb") for one in ast.this.expressions}
            self.note(ast.this.this, columns)

    def note(self, table: exp.Table, columns: Columns) -> None:
        """Takes note of a table's columns."""
        (self.state if table.db else self.own)[table.name] = columns

    def is_own(self, table: exp.Table) -> bool:
        """Whether it is one of the run's own tables."""
        return not table.db and table.name not in self.sources

    def knows(self, table: exp.Table) -> bool:
        """Whether its columns are known."""
        known = self.state if table.db else self.sources | self.own
        return table.name in known

    def by_schema(self) -> dict[str, dict[str, Columns]]:
        """All of them, as sqlglot wants to be told."""
        return {STATE: self.state, "source": self.sources, "own": self.own}


def parsed(statement: Statement) -> exp.Expr:
    """The statement's tree to be changed, its values as literals."""
    literal = statement.literal()
    if isinstance(literal.source, str):
        return sqlglot.parse_one(literal.source, read="duckdb")
    return literal.source.copy()
