"""The error tree: whose fault it is stands in the type (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from goalsql.codes import Code

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
    """One mistake or warning in a project: its code, where, what is wrong, and the mend.

    Example:
        >>> place = Place("workflows/nurture.yml", 12, "goal")
        >>> str(Problem(Code.WRONG_VALUE, place, "has no value", "write one"))
        'workflows/nurture.yml:12: goal: GQ109 has no value (write one)'
    """

    code: Code
    place: Place
    message: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self._text}"

    def as_warning(self) -> str:
        """The same as a warning of a tick is written: the code comes first."""
        return self.code.says(f"{self.place}: {self._text}")

    @property
    def _text(self) -> str:
        return f"{self.message} ({self.mend})" if self.mend else self.message


class GoalsqlError(Exception):
    """The base of all errors that goalsql raises on purpose; the text has no code in it."""

    def __init__(self, code: Code, message: str) -> None:
        self.code = code
        super().__init__(message)


class DefinitionError(GoalsqlError):
    """The project's files are wrong; holds every mistake found, not only the first.

    `in_force` says whether definitions of an earlier tick go on counting. `code` is that of the
    first mistake.
    """

    def __init__(self, problems: Sequence[Problem], in_force: bool = False) -> None:
        self.problems = tuple(problems)
        self.in_force = in_force
        code = self.problems[0].code if self.problems else Code.INTERNAL
        super().__init__(code, "\n".join(str(problem) for problem in self.problems))


class SourceError(GoalsqlError):
    """A source's data is wrong: names the source and the column or row."""


class UsageError(GoalsqlError):
    """A command was asked for something that cannot be: an earlier tick, an unknown contact."""


class EngineError(GoalsqlError):
    """A statement failed while running: its name, its SQL and the engine's own words."""

    def __init__(
        self, statement: str, sql: str, cause: str, code: Code = Code.STATEMENT_FAILED
    ) -> None:
        self.statement = statement
        self.sql = sql
        self.cause = cause
        super().__init__(code, f"statement {statement} failed: {cause}")


class ResourceError(EngineError):
    """What a statement needs is not to be had, or not whole: memory, disk, a file; and the mend."""

    def __init__(self, code: Code, statement: str, sql: str, cause: str, words: str) -> None:
        self.words = words
        super().__init__(statement, sql, cause, code)

    def __str__(self) -> str:
        first = self.cause.splitlines()[0] if self.cause else "failed"
        return f"{self.words} (statement {self.statement}: {first})"


class LockedError(EngineError):
    """The database is in use by another process: which one, and since when it runs, if known."""

    def __init__(
        self, database: str, holder: int | None, since: datetime | None, mend: str = ""
    ) -> None:
        self.holder = holder
        self.since = since
        process = "another process" if holder is None else f"process {holder}"
        running = "" if since is None else f", which runs since {since:%Y-%m-%d %H:%M:%S} UTC"
        self.fact = f"{database} is in use by {process}{running}"
        super().__init__("open", "", f"{self.fact}: wait until it is done{mend}", Code.LOCKED)

    def __str__(self) -> str:
        return self.cause


class PublishError(GoalsqlError):
    """A copy for readers could not be put in place; what it is a copy of is as it should be."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.PUBLISH_FAILED, message)


class ForgetError(GoalsqlError):
    """Contacts are forgotten, but their rows are not gone from the database file yet."""


class InternalError(GoalsqlError):
    """goalsql itself is wrong: please report it."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.INTERNAL, message)


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
        message = f"there is no {kind} {name}; did you mean {near}?"
        return UsageError(Code.UNKNOWN_NAME, message)
    some = 0 < len(known) <= _MOST_NAMES
    which = f"; there is: {', '.join(known)}" if some else ""
    return UsageError(Code.UNKNOWN_NAME, f"there is no {kind} {name}{which}")


def shortened(text: str, most: int, last: int = 0) -> str:
    """A text of at most so many letters, or how it begins, and the last letters if any are asked.

    Example:
        >>> shortened("a long story", 6), shortened("a long story", 6, 3), shortened("short", 6)
        ('a long...', 'a l...ory', 'short')
    """
    return text if len(text) <= most else f"{text[: most - last]}...{text[len(text) - last :]}"
