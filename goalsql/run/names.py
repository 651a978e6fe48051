"""Tables by their whole names: a short one may come to mean what goalsql makes while it runs.

DuckDB finds a temporary table before one of the same name in any database, and binds a view only
when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from goalsql.compile.statements import named
from goalsql.engine.protocol import Engine
from goalsql.model.project import Definitions
from goalsql.run.state import run

_MAIN = "main"


@dataclass(frozen=True, slots=True)
class Databases:
    """The project's own database, and the names of those that are attached, in lower case."""

    own: str
    attached: frozenset[str]

    @classmethod
    def of(cls, engine: Engine, definitions: Definitions) -> Databases:
        """Those of an engine that is DuckDB."""
        attached = frozenset(alias.casefold() for alias in definitions.attach)
        open_ones = run(engine, named("sources/databases.sql")["sources.databases"])
        names = [str(name) for (name,) in open_ones]
        others = [name for name in names if name.casefold() not in attached]
        return cls((others or names)[0], attached)

    def whole(self, parts: Sequence[str]) -> list[str]:
        """The database, schema and name of a table that is written with one to three of them.

        Example:
            >>> Databases("acme", frozenset({"crm"})).whole(["crm", "contact"])
            ['crm', 'main', 'contact']
            >>> Databases("acme", frozenset({"crm"})).whole(["contact"])
            ['acme', 'main', 'contact']
        """
        *first, name = parts
        if len(first) > 1:
            return list(parts)
        if first and first[0].casefold() in self.attached | {self.own.casefold()}:
            return [*first, _MAIN, name]
        return [self.own, *(first or [_MAIN]), name]


def table_of(parts: Sequence[str]) -> exp.Table:
    """A table by the parts of its name, at most three."""
    names = [exp.to_identifier(part, quoted=True) for part in reversed(parts)]
    return exp.Table(**dict(zip(("this", "db", "catalog"), names, strict=False)))
