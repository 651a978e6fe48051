"""A project directory as it was read (SPEC 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

from goalsql.errors import Place, Problem
from goalsql.model.criteria import NOWHERE, Criteria
from goalsql.model.reach import Reach
from goalsql.model.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: `location` (file path, glob, or name of a table) or a `query`.

    `columns` maps the names that goalsql expects onto the source's own.
    """

    name: str
    location: str | None = None
    query: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CriteriaSegment:
    """A segment defined by criteria: membership is a function of time.

    `definition` is its content as plain data, for the definitions of workflows that use it.
    """

    criteria: Criteria
    definition: object = field(default=None, compare=False)
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StaticSegment:
    """A segment that is a table of contacts: contact_id, optional added_at."""

    source: Source
    definition: object = field(default=None, compare=False)
    place: Place = field(default=NOWHERE, compare=False, repr=False)


Segment: TypeAlias = CriteriaSegment | StaticSegment


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of goalsql.yml; the optional ones are None where the project has none."""

    contacts: Source
    property_changes: Source | None = None
    marketing_emails: Source | None = None
    events: Mapping[str, Source] = field(default_factory=dict)

    def event_sources(self) -> dict[str, Source]:
        """Every event source by the name that criteria use (`marketing_email` among them)."""
        named = dict(self.events)
        if self.marketing_emails is not None:
            named["marketing_email"] = self.marketing_emails
        return named


Format: TypeAlias = Literal["duckdb", "parquet"]


@dataclass(frozen=True, slots=True)
class Publication:
    """A copy of state and reports that every tick makes anew, for readers.

    `to` is a DuckDB file, or a directory of which `keep` versions in Parquet stay.
    """

    to: Path
    format: Format
    keep: int


@dataclass(frozen=True, slots=True)
class DuckDBSettings:
    """What DuckDB may use; None leaves it to DuckDB.

    Sizes are such as `4GB`. `temp_directory` is where statements set aside what memory cannot hold,
    `max_temp_size` how much.
    """

    memory_limit: str | None = None
    threads: int | None = None
    temp_directory: Path | None = None
    max_temp_size: str | None = None


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """Which Spark to run on: at most one of a Spark Connect address and a master.

    `state` is the folder of the state, as the executors name it; None for one beside goalsql.yml.
    """

    remote: str | None = None
    master: str | None = None
    state: str | None = None


EngineSettings: TypeAlias = DuckDBSettings | SparkSettings


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything that the files of a project say; `warnings` were found on the way.

    `allow_paths` are directories and files outside of `directory` that sources may read, and URIs.

    `broken` names the segments, workflows and events that stand in the files with mistakes, as
    `("segment", name)`, `("workflow", id)`, `("event", name)`; the name is empty where a whole
    file could not be read. They are known, so other parts may name them. `("engine", "")` stands
    for the settings of the engine.
    """

    directory: Path
    name: str
    database: Path
    sources: Sources
    timezone: str = "UTC"
    marketing_hub: Literal["none", "starter", "professional", "enterprise"] = "enterprise"
    receipt_event: Literal["delivered", "sent", "opened", "clicked"] = "delivered"
    on_bad_value: Literal["fail", "skip"] = "fail"
    max_gone: Decimal = Decimal(10)
    attach: Mapping[str, Path] = field(default_factory=dict)
    attach_places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    allow_paths: tuple[str, ...] = ()
    publish: tuple[Publication, ...] = ()
    engine: EngineSettings = DuckDBSettings()
    segments: Mapping[str, Segment] = field(default_factory=dict)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    broken: frozenset[tuple[str, str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """Where they may read."""
        return Reach.of(self.directory, self.allow_paths)
