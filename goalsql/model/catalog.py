"""What the sources hold: columns and their types, as validation and compiling need them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """The kinds of values that operators distinguish (SPEC 3.1)."""

    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's kind and its type's name in the database (for casts), e.g. `DECIMAL(10,2)`."""

    kind: Kind
    sql: str


TEXT = ColumnType(Kind.TEXT, "VARCHAR")
INSTANT = ColumnType(Kind.INSTANT, "TIMESTAMP")


@dataclass(frozen=True, slots=True)
class Catalog:
    """Columns by the names that goalsql uses, after `columns` mapping.

    `contacts` holds every column of the contacts source with its own type, `contact_id` and
    `created_at` among them. `events` holds the columns of each event source by the name that
    criteria use (`marketing_email` among them). `history` holds the property names that stand in
    property_changes, `observed` those that goalsql has seen change without any rows (SPEC 3.1).
    `segments` holds the columns of each static segment.
    """

    contacts: Mapping[str, ColumnType]
    events: Mapping[str, Mapping[str, ColumnType]] = field(default_factory=dict)
    property_changes: Mapping[str, ColumnType] = field(default_factory=dict)
    history: frozenset[str] = frozenset()
    observed: frozenset[str] = frozenset()
    segments: Mapping[str, Mapping[str, ColumnType]] = field(default_factory=dict)

    @property
    def changing(self) -> frozenset[str]:
        """The properties that have a value history for some contact."""
        return self.history | self.observed

    def property_type(self, name: str) -> ColumnType:
        """The type that a property's values are cast to: its contacts column's, else text."""
        return self.contacts.get(name, TEXT)
