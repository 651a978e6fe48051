"""Reads where a project writes: its database, and the copies that it publishes (SPEC 2)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from goalsql.codes import Code
from goalsql.model.project import Format, Publication
from goalsql.model.reading import Spot, part, part_or
from goalsql.model.yaml_tree import ListNode

SCHEMAS = ("goalsql", "report")
ALIASES = ("memory", "published copy", "copy of database")
"""What goalsql calls other databases that it has open beside the project's."""
DATA = re.compile(r"\.(parquet|pq|csv|tsv|json|jsonl|ndjson)(\.gz|\.zst)?$", re.IGNORECASE)
FORMATS: tuple[Format, ...] = ("duckdb", "parquet")
KEEP = 2


def database_name(path: Path) -> str:
    """The name that DuckDB gives to the database of a file."""
    return path.name.split(".")[0].lower()


def read_database(at: Spot, directory: Path) -> Path | None:
    """The path of a DuckDB file that goalsql writes."""
    text = at.text()
    if text is None:
        return None
    path = directory / text
    if database_name(path) in SCHEMAS:
        message = f"`{text}`: DuckDB could not tell the file from the schema of that name"
        at.wrong(Code.NAME_TAKEN, message, "give the file another name, e.g. that of the project")
        return None
    if database_name(path) in ALIASES:
        message = f"`{text}`: goalsql uses that name itself"
        at.wrong(Code.NAME_TAKEN, message, "give the file another name")
        return None
    if DATA.search(text):
        message = f"`{text}`: DuckDB takes a file of that name for data, and keeps nothing"
        at.wrong(Code.NAME_TAKEN, message, "end its name in `.duckdb`")
        return None
    return path


def read_publish(at: Spot, directory: Path, taken: Mapping[Path, str]) -> tuple[Publication, ...]:
    """One publication, or a list of them.

    Args:
        at: what stands under `publish`.
        directory: that of goalsql.yml.
        taken: files that are something else to the project, and what.
    """
    spots = at.items() or [] if isinstance(at.node, ListNode) else [at]
    places = {os.path.normpath(path): what for path, what in taken.items()}
    found = []
    for spot in spots:
        publication = _publication(spot, directory)
        if publication is None:
            continue
        place = os.path.normpath(publication.to)
        if place in places:
            spot.wrong(Code.NAME_TAKEN, f"`to` is {places[place]}", "publish to another place")
            continue
        places[place] = "the place of another publication"
        found.append(publication)
    return tuple(found)


def _publication(at: Spot, directory: Path) -> Publication | None:
    found = at.fields(("to", "format", "keep"), required=("to",))
    to = None if found is None else part(found, "to", Spot.text)
    if found is None or to is None:
        return None
    kind = _format(at, found, to)
    if kind is None:
        return None
    if kind == "duckdb" and read_database(found["to"], directory) is None:
        return None
    keep = part_or(found, "keep", Spot.count, KEEP)
    if "keep" in found and kind == "duckdb":
        found["keep"].wrong(Code.KEYS_CONFLICT, "a DuckDB file has no versions", "leave `keep` out")
    elif keep < 1:
        found["keep"].wrong(Code.WRONG_VALUE, "the last version always stays", "write 1 or more")
    return Publication(directory / to, kind, keep)


def _format(at: Spot, found: dict[str, Spot], to: str) -> Format | None:
    if "format" in found:
        return found["format"].choice(FORMATS)
    if to.endswith(".duckdb"):
        return "duckdb"
    at.wrong(Code.MISSING_KEY, "`format` is missing", "write `format: parquet` or `format: duckdb`")
    return None
