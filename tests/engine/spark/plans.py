"""How Spark means to run the statements of a tick: what they read, and join without a key."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlglot import exp

from goalsql.engine.spark.engine import Spark

RULES = {"root", "filter_form"}
"""Tables that are as long as the definitions are, however many contacts and events there are."""
_KEYLESS = re.compile(r"CartesianProduct|BroadcastNestedLoopJoin|CrossJoin|NestedLoopJoin")
_PASSES_ON = re.compile(r"Project|Coalesce|Repartition|Exchange|BroadcastExchange")
_ONE_ROW = re.compile(r"AggregateExec: mode=\w+, gby=\[\]|HashAggregate\(keys=\[\]")
_WHOLE_PATHS = 100_000  # letters; Spark would cut them off
_TABLE = re.compile(r"/(?:scratch|state)/\w+/(?:goalsql\.)?(\w+)/")


@dataclass
class Planned:
    """A statement: its name, its plan, and how many rows came to this process."""

    name: str
    text: str
    collected: int = 0

    def scans(self, folder: Path) -> list[str]:
        """The files and folders below one that it reads, once for each time that it does."""
        below = re.compile(rf"{re.escape(str(folder).lstrip('/'))}/([\w-]+)")
        return [match[1] for match in map(below.search, self.text.splitlines()) if match]

    @property
    def products(self) -> list[str]:
        """The joins that compare every row of one side with every row of the other.

        Those are left out where one side is a single row, or is written in the definitions.
        """
        lines = self.text.splitlines()
        return [
            line.strip()
            for number, line in enumerate(lines)
            if _KEYLESS.search(line) and not any(map(_is_small, _sides(lines, number)))
        ]


def _depth(line: str) -> int:
    """How far in a node of the tree stands, which some draw with signs before its name."""
    return re.match(r"[^A-Za-z]*", line).end()  # type: ignore[union-attr]


def _sides(lines: Sequence[str], number: int) -> list[list[str]]:
    """The lines of the trees below a line."""
    sides: list[list[str]] = []
    for line in lines[number + 1 :]:
        if _depth(line) <= _depth(lines[number]):
            break
        if not sides or _depth(line) <= _depth(sides[-1][0]):
            sides.append([])
        sides[-1].append(line)
    return sides


def _is_small(side: Sequence[str]) -> bool:
    own = next(line for line in side if not _PASSES_ON.match(line.strip(" :+-")))
    reads = set(_TABLE.findall("\n".join(side)))
    is_from_files = "parquet" in "\n".join(side).lower()
    return bool(_ONE_ROW.search(own)) or (reads <= RULES if reads else not is_from_files)


@contextmanager
def planned(session: Any) -> Iterator[list[Planned]]:
    """Gathers the plans of what is asked of Spark meanwhile."""
    session.conf.set("spark.sql.maxMetadataStringLength", _WHOLE_PATHS)
    found: list[Planned] = []
    name = ""
    query, run, told = Spark._query, Spark._run, Spark._told

    def _told(self: Spark, called: str, sql: str) -> Any:
        nonlocal name
        name = called
        return told(self, called, sql)

    def _query(self: Spark, tree: exp.Expr) -> Any:
        rows = query(self, tree)
        with redirect_stdout(io.StringIO()) as text:
            rows.explain()
        found.append(Planned(name, text.getvalue()))
        return rows

    def _run(self: Spark, statement: exp.Expr) -> list[tuple[Any, ...]]:
        before = len(found)
        rows = run(self, statement)
        if len(found) > before:
            found[-1].collected = len(rows)
        return rows

    with (
        patch.object(Spark, "_told", _told),
        patch.object(Spark, "_query", _query),
        patch.object(Spark, "_run", _run),
    ):
        yield found
