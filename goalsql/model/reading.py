"""How every part of a project file is read: a spot in the tree, and the log of what is wrong.

Nothing stops at the first mistake: a reader that cannot read returns None and has logged why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from goalsql.codes import Code
from goalsql.errors import Place, Problem, nearest
from goalsql.model import literals
from goalsql.model.yaml_tree import ListNode, MapNode, Node, TextNode, join

C = TypeVar("C", bound=str)
R = TypeVar("R")
D = TypeVar("D")


@dataclass(slots=True)
class Log:
    """What was found on the way: mistakes, warnings, and which parts cannot be relied on.

    `broken` is as in `Definitions`.
    """

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    broken: set[tuple[str, str]] = field(default_factory=set)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems in the order of files and lines: goalsql.yml, segments, workflows."""
    return sorted(problems, key=lambda problem: (problem.place.file, problem.place.line))


def guess(name: str, known: Iterable[str]) -> str:
    """The mend for an unknown name: `did you mean ...?`, or nothing if no known one is near.

    Example:
        >>> guess("criterai", ["criteria", "goal"])
        'did you mean `criteria`?'
    """
    near = nearest(name, known)
    return "" if near is None else f"did you mean `{near}`?"


def names(of: Iterable[str]) -> str:
    """Names as a list to read: `a`, `b`, `c`."""
    return ", ".join(f"`{name}`" for name in of)


def part(found: Mapping[str, Spot], key: str, read: Callable[[Spot], R]) -> R | None:
    """What `read` makes of the value under `key`; None where there is none to read."""
    return read(found[key]) if key in found else None


def part_or(
    found: Mapping[str, Spot], key: str, read: Callable[[Spot], R | None], default: D
) -> R | D:
    """As `part`, with a default in the place of None."""
    value = part(found, key, read)
    return default if value is None else value


@dataclass(frozen=True, slots=True)
class Spot:
    """A node of a file, its line (that of its key) and key path, and the log of mistakes."""

    node: Node
    line: int
    file: str
    log: Log
    path: str = ""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.file, self.line, self.path)

    def wrong(self, code: Code, message: str, mend: str = "") -> None:
        """Logs a mistake here."""
        self.log.problems.append(Problem(code, self.place, message, mend))

    def keys(self) -> set[str]:
        """The keys that stand here, known or not; none where this is no mapping."""
        return set(self.node.entries) if isinstance(self.node, MapNode) else set()

    def child(self, key: str) -> Spot | None:
        """What stands under `key`, if this is a mapping that has it."""
        entry = self.node.entries.get(key) if isinstance(self.node, MapNode) else None
        if entry is None:
            return None
        return Spot(entry.value, entry.key_line, self.file, self.log, join(self.path, key))

    def mapping(self) -> dict[str, Spot] | None:
        """A mapping with whatever keys."""
        if not isinstance(self.node, MapNode):
            self.wrong(
                Code.WRONG_SHAPE, f"must be a mapping (`key: value`), not {shape(self.node)}"
            )
            return None
        return {key: spot for key in self.node.entries if (spot := self.child(key))}

    def named(self) -> dict[str, Spot]:
        """A mapping whose keys are names of the user's own choice; none may be empty."""
        found = self.mapping() or {}
        if "" in found:
            found.pop("").wrong(Code.WRONG_VALUE, "a name must not be empty")
        return found

    def fields(
        self, allowed: Collection[str], required: Collection[str] = ()
    ) -> dict[str, Spot] | None:
        """A mapping with known keys; logs unknown and missing ones and leaves them out."""
        found = self.mapping()
        if found is None:
            return None
        for key, spot in found.items():
            if key not in allowed:
                spot.wrong(
                    Code.UNKNOWN_KEY,
                    f"unknown key `{key}`",
                    guess(key, allowed) or f"known: {names(allowed)}",
                )
        for key in required:
            if key not in found:
                self.wrong(Code.MISSING_KEY, f"`{key}` is missing")
        return {key: spot for key, spot in found.items() if key in allowed}

    def items(self, *, mend: str = "", empty: bool = False) -> list[Spot] | None:
        """A list; an empty one is a mistake unless `empty` allows it."""
        if not isinstance(self.node, ListNode):
            self.wrong(Code.WRONG_SHAPE, f"must be a list (`[...]`), not {shape(self.node)}", mend)
            return None
        if not self.node.items and not empty:
            self.wrong(
                Code.SAYS_NOTHING, "must not be an empty list", "name at least one, or leave it out"
            )
            return None
        return [
            Spot(item, item.line, self.file, self.log, f"{self.path}[{number}]")
            for number, item in enumerate(self.node.items)
        ]

    def scalar(self, *, mend: str = "") -> str | None:
        """Any text; the empty one must be written `""`."""
        if not isinstance(self.node, TextNode):
            self.wrong(Code.WRONG_SHAPE, f"must be one value, not {shape(self.node)}", mend)
            return None
        if self.node.missing:
            self.wrong(Code.WRONG_VALUE, "has no value", mend or 'for the empty text write ""')
            return None
        return self.node.text

    def text(self) -> str | None:
        """A text that is not empty: a name, an id, a path."""
        value = self.scalar()
        if value == "":
            self.wrong(Code.WRONG_VALUE, "must not be empty")
        return value or None

    def boolean(self) -> bool | None:
        """`true` or `false`."""
        value = self.scalar(mend="write true or false")
        if value is not None and value.lower() not in ("true", "false"):
            self.wrong(Code.WRONG_VALUE, f"`{value}` is not true or false", "write true or false")
            return None
        return None if value is None else value.lower() == "true"

    def choice(self, options: Sequence[C]) -> C | None:
        """One of `options`."""
        value = self.scalar()
        for option in options:
            if value == option:
                return option
        if value is not None:
            mend = guess(value, options) or f"write one of {names(options)}"
            self.wrong(Code.WRONG_VALUE, f"`{value}` is not one of {names(options)}", mend)
        return None

    def count(self) -> int | None:
        """A whole number from 0 on."""
        value = self.scalar()
        if value is None:
            return None
        if not re.fullmatch(r"[0-9]{1,12}", value):
            self.wrong(Code.WRONG_VALUE, f"`{value}` is not a whole number from 0 on")
            return None
        return int(value)

    def duration(self) -> timedelta | None:
        """`<integer> <unit>`; a bare number is a mistake."""
        value = self.scalar(mend="write e.g. `3 days`")
        if value is None:
            return None
        try:
            return literals.duration(value)
        except ValueError as error:
            bare = re.fullmatch(r"[0-9]{1,15}", value.strip())
            mend = f"write `{value.strip()} days`" if bare else "write e.g. `3 days`"
            self.wrong(Code.WRONG_DURATION, f"`{value}`: {error}", mend)
            return None


def shape(node: Node) -> str:
    """What stands there, for messages."""
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "a mapping"
    return "nothing" if node.missing else f"the text `{node.text}`"
