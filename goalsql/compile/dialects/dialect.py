"""What an engine's SQL is like: how statements for it are mended, and what may stand in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from sqlglot import exp

Mend: TypeAlias = Callable[[exp.Expr], exp.Expr]
"""Takes a node and returns the one in its place, mostly the same."""

Kind: TypeAlias = exp.DType


class Making(Enum):
    """How a table is made anew: `CREATE OR REPLACE TABLE`, or dropped before it is created."""

    REPLACE = "replace"
    DROP = "drop"


class Clearing(Enum):
    """How rows are taken out of a table.

    `WHERE` is for engines that want a condition in every DELETE. Where there is no DELETE, the rows
    that stay are copied.
    """

    DELETE = "delete"
    WHERE = "where"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The SQL of one engine.

    `settings` are statements that the others need before them. `workspace` is the schema of a
    tick's own tables: `pg_temp` where they can be temporary, else one that has nothing else in it.
    `types` says what each type is called; a type that is not listed does not travel. `nodes` and
    `functions` are the kinds of nodes, and the names of functions that sqlglot does not know, which
    may stand in a statement once it is mended. `read_as` are the types that a text may be tried to
    be read as.
    """

    name: str
    settings: tuple[str, ...]
    workspace: str
    mends: tuple[Mend, ...]
    types: Mapping[Kind, Kind]
    nodes: frozenset[str]
    functions: frozenset[str] = frozenset()
    read_as: frozenset[Kind] = frozenset()
    making: Making = Making.REPLACE
    clearing: Clearing = Clearing.DELETE
    has_semi_joins: bool = False
    temporary: bool = False
    table_properties: tuple[exp.Property, ...] = ()


def mended(node: exp.Expr, mend: Mend) -> exp.Expr:
    """The tree with every node as the mend wants it, those that it brings in too."""
    new = mend(node)
    if new is not node and node.parent is not None:
        node.replace(new)
    for child in list(new.iter_expressions()):
        mended(child, mend)
    return new
