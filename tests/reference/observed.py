"""What goalsql itself observes from tick to tick: columns and members that change (SPEC 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from tests.reference.tables import ContactId, Row
from tests.reference.values import Value

Observations: TypeAlias = list[tuple[datetime | None, Value | None]]
"""A first value, from created_at on (None), then each other one and since when it is there."""


@dataclass
class Observed:
    """Everything observed so far.

    `values` are by contact and property, for the `closed` of them until rows of property_changes
    were first seen. `members` are by static segment: since when and until when a contact was
    listed; None for from created_at on, and for as yet.
    """

    values: dict[tuple[ContactId, str], Observations] = field(default_factory=dict)
    closed: set[tuple[ContactId, str]] = field(default_factory=set)
    members: dict[str, dict[ContactId, list[tuple[datetime | None, datetime | None]]]] = field(
        default_factory=dict
    )

    def look_at_values(
        self,
        contacts: Mapping[ContactId, Row],
        names: Set[str],
        with_rows: Set[tuple[ContactId, str]],
        previous: datetime | None,
        at: datetime,
    ) -> None:
        """Notes what a tick finds in the columns of these names.

        Args:
            contacts: the rows that the tick sees.
            names: the columns that rules use.
            with_rows: which contacts and properties have rows of property_changes.
            previous: the instant of the tick before.
            at: T.
        """
        for contact_id, row in contacts.items():
            for name in names:
                key = (contact_id, name)
                if key in with_rows:
                    self.closed.add(key)
                if key in self.closed:
                    continue
                entries = self.values.setdefault(key, [(None, row.get(name))])
                if entries[-1][1] != row.get(name):
                    entries.append((_since(row.get("updated_at"), previous, at), row.get(name)))

    def look_at_members(self, segment: str, listed: Set[ContactId], at: datetime) -> None:
        """Notes who is listed in a static segment without added_at."""
        if segment not in self.members:
            self.members[segment] = {contact_id: [(None, None)] for contact_id in listed}
            return
        found = self.members[segment]
        for contact_id, spans in found.items():
            since, until = spans[-1]
            if until is None and contact_id not in listed:
                spans[-1] = (since, at)
        for contact_id in listed:
            spans = found.setdefault(contact_id, [])
            if not spans or spans[-1][1] is not None:
                spans.append((at, None))


def _since(updated_at: datetime | None, previous: datetime | None, at: datetime) -> datetime:
    assert previous is not None
    return updated_at if updated_at is not None and previous < updated_at <= at else at
