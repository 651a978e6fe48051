"""Keeps the engine to the files that definitions may read, and those that goalsql itself writes."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from goalsql.engine.protocol import Engine, FileFound
from goalsql.model.project import Definitions, Publication, Source, StaticSegment
from goalsql.run.files import reader_of
from goalsql.run.queries import Query

BESIDE_A_DATABASE = ("", ".wal", ".wal.checkpoint", ".wal.recovery")


def sources_of(definitions: Definitions) -> Iterator[Source]:
    """Every source of a project, those of static segments among them."""
    sources = definitions.sources
    yield sources.contacts
    if sources.property_changes is not None:
        yield sources.property_changes
    yield from sources.event_sources().values()
    for segment in definitions.segments.values():
        if isinstance(segment, StaticSegment):
            yield segment.source


def files_of(engine: Engine, definitions: Definitions, source: Source) -> list[FileFound]:
    """The files that a source reads now; none for a path that it may not read."""
    location = source.location or ""
    reach = definitions.reach
    return [] if reach.mistake(location) else engine.files(reach.path(location))


def confine(engine: Engine, definitions: Definitions, queries: Mapping[str, Query]) -> None:
    """Shuts the engine off from every file that no definition may read and goalsql does not write.

    Where that cannot be done, what stands in the definitions is checked all the same.

    Args:
        engine: the project's database, to which nothing of the project's is attached yet.
        definitions: the project.
        queries: the queries of its sources.
    """
    directories = {os.path.join(place, "") for place in _places(definitions)}
    paths = {path for path in _places(definitions) if not os.path.isdir(path)}
    for database in (definitions.directory / definitions.database, *definitions.attach.values()):
        paths |= _of_database(database)
    for pattern in _patterns(definitions, queries):
        linked_directories, linked_files = _behind_links(pattern)
        directories |= linked_directories
        paths |= linked_files
    directories |= {_written(publication) for publication in definitions.publish}
    engine.confine(sorted(directories), sorted(paths))


def _places(definitions: Definitions) -> Iterator[str]:
    """Where definitions may read, as it is written and as it is once links are followed."""
    for place in definitions.reach.places:
        yield place
        yield os.path.realpath(place)


def _patterns(definitions: Definitions, queries: Mapping[str, Query]) -> Iterator[str]:
    """The paths and globs that sources and their queries read."""
    reach = definitions.reach
    for source in sources_of(definitions):
        location = source.location or ""
        if reader_of(source) is not None and reach.mistake(location) is None:
            yield reach.path(location)
    for query in queries.values():
        yield from query.paths


def _behind_links(pattern: str) -> tuple[set[str], set[str]]:
    """The directories and files that symbolic links lead to: DuckDB looks where a link leads."""
    real_of = cache(os.path.realpath)
    directories, files = set(), set()
    for path in (pattern, *glob.glob(pattern, recursive=True)):
        parent = os.path.dirname(re.split(r"[*?\[]", path)[0])
        if real_of(parent) != parent:
            directories.add(os.path.join(real_of(parent), ""))
        if os.path.islink(path):
            files.add(os.path.realpath(path))
    return directories, files


def _of_database(path: Path) -> set[str]:
    real = os.path.realpath(path)
    return {f"{real}{suffix}" for suffix in BESIDE_A_DATABASE}


def _written(publication: Publication) -> str:
    """Where a copy is put; that of a file is made in a directory beside it, of whatever name."""
    to = publication.to.resolve()
    return os.path.join(to if publication.format == "parquet" else to.parent, "")
