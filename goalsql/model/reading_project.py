"""Reads goalsql.yml and the files of segments (SPEC 2)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from goalsql.codes import Code
from goalsql.errors import Place, Problem
from goalsql.model.project import (
    CriteriaSegment,
    DuckDBSettings,
    EngineSettings,
    Publication,
    Segment,
    Source,
    Sources,
    StaticSegment,
)
from goalsql.model.reach import Reach
from goalsql.model.reading import Spot, guess, part, part_or
from goalsql.model.reading_criteria import forbid_since_enrollment, read_criteria
from goalsql.model.reading_engine import read_engine
from goalsql.model.reading_publish import SCHEMAS, database_name, read_database, read_publish
from goalsql.model.yaml_tree import as_data, json_scalar

KEYS = (
    "name", "database", "timezone", "account", "receipt_event",
    "on_bad_value", "max_gone", "attach", "allow_paths", "publish", "engine", "sources",
)  # fmt: skip
SOURCES = ("contacts", "property_changes", "marketing_emails", "events")
MarketingHub = Literal["none", "starter", "professional", "enterprise"]
ReceiptEvent = Literal["delivered", "sent", "opened", "clicked"]
OnBadValue = Literal["fail", "skip"]
HUBS: tuple[MarketingHub, ...] = ("none", "starter", "professional", "enterprise")
RECEIPT_EVENTS: tuple[ReceiptEvent, ...] = ("delivered", "sent", "opened", "clicked")
ON_BAD_VALUE: tuple[OnBadValue, ...] = ("fail", "skip")
RESERVED_DATABASES = (*SCHEMAS, "main", "memory", "temp", "system")
MARKETING_EMAIL = "marketing_email"
BUILT_IN_EVENTS = {
    "workflow_enrolled": ("workflow_id",),
    "workflow_unenrolled": ("workflow_id", "reason"),
    "workflow_completed": ("workflow_id",),
    "workflow_goal_met": ("workflow_id",),
}
EVENT_COLUMNS = ("contact_id", "event_id", "occurred_at")
EXPECTED_COLUMNS = {
    "contacts": ("contact_id", "created_at"),
    "property_changes": ("contact_id", "property", "value", "occurred_at"),
    "marketing_emails": (*EVENT_COLUMNS, "workflow_id", "email_id", "event"),
    "events": EVENT_COLUMNS,
    "segments": ("contact_id",),
}
OPTIONAL_COLUMNS = {
    "contacts": ("updated_at",),
    "marketing_emails": ("loaded_at", "email_type"),
    "events": ("loaded_at",),
    "segments": ("added_at",),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What goalsql.yml says, apart from segments and workflows."""

    name: str
    database: Path
    sources: Sources
    timezone: str
    marketing_hub: MarketingHub
    receipt_event: ReceiptEvent
    on_bad_value: OnBadValue
    max_gone: Decimal
    attach: dict[str, Path]
    attach_places: dict[str, Place]
    allow_paths: tuple[str, ...]
    publish: tuple[Publication, ...]
    engine: EngineSettings


def read_timezone(at: Spot) -> str | None:
    """A timezone of the IANA database, e.g. Europe/Paris."""
    name = at.text()
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        mend = guess(name, available_timezones()) or "write e.g. Europe/Paris"
        at.wrong(Code.WRONG_VALUE, f"timezone `{name}` is unknown", mend)
        return None
    return name


def read_settings(at: Spot, directory: Path, timezone: str) -> Settings | None:
    """Reads goalsql.yml, but for its timezone, which was read before.

    Returns:
        The settings, None without a database and a contacts source that can be used.
    """
    found = at.fields(KEYS, required=("name", "database", "sources"))
    if found is None:
        return None
    database = read_database(found["database"], directory) if "database" in found else None
    sources = part(found, "sources", _sources)
    name = part_or(found, "name", Spot.text, "")
    hub: MarketingHub = part_or(found, "account", _marketing_hub, "enterprise")
    receipt_event: ReceiptEvent = part_or(found, "receipt_event", _receipt_event, "delivered")
    on_bad_value: OnBadValue = part_or(found, "on_bad_value", _on_bad_value, "fail")
    max_gone = part_or(found, "max_gone", _percentage, Decimal(10))
    allow_paths: tuple[str, ...] = ()
    if "allow_paths" in found:
        allow_paths = _allow_paths(found["allow_paths"])
    attached = {}
    if "attach" in found:
        attached = _attach(found["attach"], Reach.of(directory, allow_paths), database)
    attach = {alias: path for alias, (path, _) in attached.items()}
    publish: tuple[Publication, ...] = ()
    if "publish" in found:
        taken = {path: "attached" for path in attach.values()}
        taken |= {} if database is None else {database: "the project's own database"}
        publish = read_publish(found["publish"], directory, taken)
    engine: EngineSettings = DuckDBSettings()
    if "engine" in found:
        engine = read_engine(found["engine"], directory)
    if database is None or sources is None:
        return None
    return Settings(
        name=name,
        database=database,
        sources=sources,
        timezone=timezone,
        marketing_hub=hub,
        receipt_event=receipt_event,
        on_bad_value=on_bad_value,
        max_gone=max_gone,
        attach=attach,
        attach_places={alias: place for alias, (_, place) in attached.items()},
        allow_paths=allow_paths,
        publish=publish,
        engine=engine,
    )


def read_segments(at: Spot) -> Iterator[tuple[str, Spot, Segment | None]]:
    """Reads a file of segments: name, spot and segment, None where it cannot be read."""
    for name, spot in at.named().items():
        yield name, spot, _segment(name, spot)


def _segment(name: str, at: Spot) -> Segment | None:
    found = at.fields(("criteria", "static"))
    if found is None or (not found and at.keys()):
        return None
    if len(found) != 1:
        at.wrong(Code.KEYS_CONFLICT, "a segment has either `criteria` or `static`")
        return None
    definition = as_data(at.node, json_scalar)
    if "static" in found:
        source = _source(found["static"], f"segments.{name}", "segments")
        return None if source is None else StaticSegment(source, definition, at.place)
    criteria = read_criteria(found["criteria"])
    if criteria is None:
        return None
    forbid_since_enrollment(criteria, at)
    return CriteriaSegment(criteria, definition, at.place)


def _marketing_hub(at: Spot) -> MarketingHub | None:
    found = at.fields(("marketing_hub",)) or {}
    return found["marketing_hub"].choice(HUBS) if "marketing_hub" in found else None


def _receipt_event(at: Spot) -> ReceiptEvent | None:
    return at.choice(RECEIPT_EVENTS)


def _on_bad_value(at: Spot) -> OnBadValue | None:
    return at.choice(ON_BAD_VALUE)


def _percentage(at: Spot) -> Decimal | None:
    text = at.scalar(mend="write e.g. `10 %`")
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%", text.strip())
    if match is None or Decimal(match[1]) > 100:
        number = re.fullmatch(r"[0-9]{1,2}", text.strip())
        mend = f"write `{text.strip()} %`" if number else "write e.g. `10 %`"
        at.wrong(Code.WRONG_VALUE, f"`{text}` is not a percentage from 0 % to 100 %", mend)
        return None
    return Decimal(match[1])


def _attach(at: Spot, reach: Reach, database: Path | None) -> dict[str, tuple[Path, Place]]:
    attached: dict[str, tuple[Path, Place]] = {}
    own = [] if database is None else [database_name(database)]
    for name, spot in at.named().items():
        if name.lower() in (*RESERVED_DATABASES, *own):
            spot.wrong(
                Code.NAME_TAKEN,
                f"the name `{name}` is taken by goalsql's own database",
                "choose another",
            )
        text = spot.text()
        if text is None:
            continue
        mistake = reach.mistake(text)
        if mistake is not None:
            spot.wrong(Code.OUTSIDE, *mistake)
            continue
        path = Path(reach.path(text))
        if database is not None and _same(path, database):
            mend = "name its tables without attaching it"
            spot.wrong(Code.NAME_TAKEN, "is the project's own database", mend)
            continue
        attached[name] = path, spot.place
    return attached


def _same(path: Path, database: Path) -> bool:
    """Whether both lead to one file, whatever its name, and whether it is there or not."""
    return os.path.realpath(path) == os.path.realpath(database)


def _allow_paths(at: Spot) -> tuple[str, ...]:
    mend = "write e.g. `[../exports]`"
    texts = [spot.text() for spot in at.items(mend=mend, empty=True) or ()]
    return tuple(text for text in texts if text is not None)


def _sources(at: Spot) -> Sources | None:
    found = at.fields(SOURCES, required=("contacts",)) or {}
    read = {
        name: _source(spot, name, name) for name, spot in found.items() if name != "events"
    }  # fmt: skip
    events: dict[str, Source] = part_or(found, "events", _events, {})
    if "marketing_emails" in read and read["marketing_emails"] is None:
        at.log.broken.add(("event", MARKETING_EMAIL))
    contacts = read.get("contacts")
    if contacts is None:
        return None
    return Sources(contacts, read.get("property_changes"), read.get("marketing_emails"), events)


def _events(at: Spot) -> dict[str, Source]:
    events: dict[str, Source] = {}
    for name, spot in at.named().items():
        if name == MARKETING_EMAIL:
            spot.wrong(
                Code.NAME_TAKEN, f"`{name}` is reserved", "write it as `sources.marketing_emails`"
            )
        elif name in BUILT_IN_EVENTS:
            spot.wrong(
                Code.NAME_TAKEN,
                f"`{name}` is reserved for goalsql's own events",
                "choose another name",
            )
        source = _source(spot, f"events.{name}", "events")
        if source is None:
            at.log.broken.add(("event", name))
        else:
            events[name] = source
    return events


def _source(at: Spot, name: str, kind: str) -> Source | None:
    """A source; `kind` says which columns goalsql expects of it."""
    found = at.fields(("from", "query", "columns"))
    if found is None:
        return None
    columns = _columns(found["columns"], kind) if "columns" in found else {}
    if ("from" in found) == ("query" in found):
        at.wrong(Code.KEYS_CONFLICT, "a source has either `from` or `query`", "write one of them")
        return None
    location = part(found, "from", Spot.text)
    query = part(found, "query", Spot.text)
    if location is None and query is None:
        return None
    return Source(name, location, query, columns, at.place)


def _columns(at: Spot, kind: str) -> dict[str, str]:
    columns: dict[str, str] = {}
    expected = (*EXPECTED_COLUMNS[kind], *OPTIONAL_COLUMNS.get(kind, ()))
    for name, spot in at.named().items():
        near = guess(name, expected)
        if name not in expected and near:
            message = f"`{name}` is not a column that goalsql expects here"
            at.log.warnings.append(Problem(Code.UNUSED_COLUMN, spot.place, message, near))
        own = spot.text()
        if own is not None:
            columns[name] = own
    return columns
