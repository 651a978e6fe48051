"""The rows of a project's sources as plain Python lists: what the reference interpreter reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from goalsql.model.catalog import Catalog

ContactId: TypeAlias = int | str
Row: TypeAlias = dict[str, Any]


@dataclass
class Tables:
    """All sources of a project, by the column names of SPEC 2; instants are naive UTC.

    `events` holds every event source by the name that criteria use; "marketing_email" is there
    only if the project has marketing_emails. `segments` holds the static ones. `catalog` says
    which columns there are and of what type; a column that a row does not mention is NULL.
    """

    catalog: Catalog
    contacts: list[Row]
    property_changes: list[Row] = field(default_factory=list)
    events: dict[str, list[Row]] = field(default_factory=dict)
    segments: dict[str, list[Row]] = field(default_factory=dict)
