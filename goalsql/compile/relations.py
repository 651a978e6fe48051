"""Names of the temporary views that stand for a project's sources, types already normalised."""

from __future__ import annotations

CONTACTS = "source contacts"
PROPERTY_CHANGES = "source property_changes"


def event_view(event: str) -> str:
    """The view of an event source by the name that criteria use."""
    return f"events {event}"


def segment_view(segment: str) -> str:
    """The view of a static segment."""
    return f"segment {segment}"
