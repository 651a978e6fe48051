"""The error tree: whose fault it is stands in the type (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

_MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a project: file, line (from 1) and key path.

    Example:
        >>> str(Place("workflows/nurture.yml", 12, "goal.criteria"))
        'workflows/nurture.yml:12: goal.criteria'
    """

    file: str
    line: int
    path: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}".removesuffix(": ")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake or warning in a project: where, what is wrong, and the mend."""

    place: Place
    message: str
    mend: str = ""

    def __str__(self) -> str:
        mend = f" ({self.mend})" if self.mend else ""
        return f"{self.place}: {self.message}{mend}"


class GoalsqlError(Exception):
    """The base of all errors that goalsql raises on purpose."""


class DefinitionError(GoalsqlError):
    """The project's files are wrong; holds every mistake found, not only the first.

    `in_force` says whether definitions of an earlier tick go on counting.
    """

    def __init__(self, problems: Sequence[Problem], in_force: bool = False) -> None:
        self.problems = tuple(problems)
        self.in_force = in_force
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SourceError(GoalsqlError):
    """A source's data is wrong: names the source and the column or row."""


class UsageError(GoalsqlError):
    """A command was asked for something that cannot be: an earlier tick, an unknown contact."""


class EngineError(GoalsqlError):
    """A statement failed while running: its name, its SQL and the engine's own words."""

    def __init__(self, statement: str, sql: str, cause: str) -> None:
        self.statement = statement
        self.sql = sql
        self.cause = cause
        super().__init__(f"statement {statement} failed: {cause}")


class LockedError(EngineError):
    """The database is in use by another process: which one, and since when it runs, if known."""

    def __init__(
        self, database: str, holder: int | None, since: datetime | None, *, read_only: bool
    ) -> None:
        self.holder = holder
        self.since = since
        process = "another process" if holder is None else f"process {holder}"
        running = "" if since is None else f", which runs since {since:%Y-%m-%d %H:%M:%S} UTC"
        mend = "" if read_only else ", or let the command wait: --wait 60s"
        cause = f"{database} is in use by {process}{running}: wait until it is done{mend}"
        super().__init__("open", "", cause)

    def __str__(self) -> str:
        return self.cause


class PublishError(GoalsqlError):
    """A copy for readers could not be put in place; what it is a copy of is as it should be."""


class ForgetError(GoalsqlError):
    """Contacts are forgotten, but their rows are not gone from the database file yet."""


class InternalError(GoalsqlError):
    """goalsql itself is wrong: please report it."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, whatever its case; None if none is near."""
    lowered = {each.lower(): each for each in known}
    near = get_close_matches(name[:200].lower(), lowered, n=1)
    return lowered[near[0]] if near else None


def unknown(kind: str, name: str, known: Collection[str]) -> UsageError:
    """What to raise for a name that is not there: with the one meant, or those that there are.

    Example:
        >>> str(unknown("workflow", "nurtur", ["nurture", "whitepaper"]))
        'there is no workflow nurtur; did you mean nurture?'
        >>> str(unknown("workflow", "x", ["nurture", "whitepaper"]))
        'there is no workflow x; there is: nurture, whitepaper'
    """
    near = nearest(name, known)
    if near is not None:
        return UsageError(f"there is no {kind} {name}; did you mean {near}?")
    some = 0 < len(known) <= _MOST_NAMES
    which = f"; there is: {', '.join(known)}" if some else ""
    return UsageError(f"there is no {kind} {name}{which}")
