"""Whether sources have rows that no tick has seen, found without reading more than it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from goalsql.compile.relations import CONTACTS, PROPERTY_CHANGES, event_view, segment_view
from goalsql.engine.protocol import Engine
from goalsql.model.project import Definitions, StaticSegment
from goalsql.run.arrivals import Delivery, Part
from goalsql.run.rows import unseen_rows
from goalsql.run.sources import OpenSources
from goalsql.run.state import Remembered


@dataclass(frozen=True, slots=True)
class SourceNews:
    """What a source holds against what the last tick saw of it.

    `unseen` says whether there are rows that no tick has seen, or rows that are no longer what they
    were; None where only the next tick can say, or the source cannot be read. Of one with files:
    how many there are, and how many of them are new, changed, gone, or hold rows from after the
    last tick (`later`). Of an event source without: how many rows lie after the last tick, and
    whether those up to it are others than it saw.
    """

    source: str
    kind: Literal["files", "table", "unreadable"]
    unseen: bool | None
    files: int = 0
    new_files: int = 0
    changed_files: int = 0
    gone_files: int = 0
    later_files: int = 0
    later_rows: int | None = None
    rows_changed: bool | None = None


def unseen_in(
    engine: Engine, definitions: Definitions, sources: OpenSources, before: Remembered
) -> tuple[SourceNews, ...]:
    """What each source holds that no tick has seen.

    Args:
        engine: the project's database, where `open_sources` has made the sources' views.
        definitions: the project.
        sources: as they were opened.
        before: what earlier ticks have read.
    """
    tables = unseen_rows(engine, sources, before)
    found = []
    for view, name in _names(definitions).items():
        delivery = sources.deliveries.get(view)
        if delivery is None:
            found.append(SourceNews(name, "unreadable", None))
        elif delivery.parts:
            found.append(_files(name, delivery, before.parts.get(view, ())))
        elif before.tick_at is None:
            found.append(SourceNews(name, "table", unseen=True))
        elif view not in tables:
            found.append(SourceNews(name, "table", None))
        elif (rows := tables[view]) is None:
            found.append(SourceNews(name, "unreadable", None))
        else:
            later, changed = rows
            unseen = changed or later > 0
            news = SourceNews(name, "table", unseen, later_rows=later, rows_changed=changed)
            found.append(news)
    return tuple(found)


def _names(definitions: Definitions) -> dict[str, str]:
    """The name of each source by its view."""
    sources = definitions.sources
    names = {CONTACTS: sources.contacts.name}
    if sources.property_changes is not None:
        names[PROPERTY_CHANGES] = sources.property_changes.name
    names |= {event_view(name): one.name for name, one in sources.event_sources().items()}
    return names | {
        segment_view(name): segment.source.name
        for name, segment in definitions.segments.items()
        if isinstance(segment, StaticSegment)
    }


def _files(name: str, delivery: Delivery, before: Sequence[Part]) -> SourceNews:
    known = {part.file: part for part in before}
    here = {part.file for part in delivery.parts}
    new = len(here - known.keys())
    changed = sum(not part.is_as(known.get(part.file, part)) for part in delivery.parts)
    gone = len(known.keys() - here)
    later = sum(part.pending for part in before if part.file in here)
    unseen = bool(new or changed or gone or later)
    return SourceNews(name, "files", unseen, len(here), new, changed, gone, later)
