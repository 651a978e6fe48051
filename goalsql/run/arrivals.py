"""Which files of a source are new, and which are as they were (SPEC 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goalsql.compile.arrivals import Reading
from goalsql.engine.protocol import FileFound


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a source as a tick found it; `pending` if it holds rows that the tick did not see.

    Size in bytes, `modified` in nanoseconds; the inode tells a file from one put in its place.
    """

    file: str
    size: int
    modified: int
    inode: int
    pending: bool = False

    @classmethod
    def of(cls, found: FileFound) -> Part:
        """A file as it was found."""
        return cls(found.path, found.size, found.modified, found.inode)

    def is_as(self, other: Part | None) -> bool:
        """Whether it is the file that it was."""
        mine = (self.file, self.size, self.modified, self.inode)
        return other is not None and mine == (other.file, other.size, other.modified, other.inode)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a source of files holds now, against what the last tick read of it.

    `fresh` are the files that no tick has read, `pending` those with rows that none has seen.
    """

    reading: Reading
    parts: tuple[Part, ...] = ()
    fresh: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()

    @property
    def unseen(self) -> tuple[str, ...]:
        """The files with rows that no tick has seen."""
        return tuple(sorted({*self.fresh, *self.pending}))

    @classmethod
    def of(
        cls, files: Iterable[FileFound], before: Sequence[Part], apart: bool, grows: bool
    ) -> Delivery:
        """Compares files with what they were.

        Args:
            files: the files of the source.
            before: its files as the last tick left them, none if there was no tick.
            apart: whether some of them can be read without the others.
            grows: whether new files only add rows to those of the others.
        """
        parts = tuple(map(Part.of, sorted(files, key=lambda found: found.path)))
        known = {part.file: part for part in before}
        fresh = tuple(part.file for part in parts if part.file not in known)
        kept = [part for part in parts if part.file in known]
        if len(kept) < len(known) or not all(part.is_as(known[part.file]) for part in kept):
            return cls("whole", parts)
        pending = tuple(part.file for part in kept if known[part.file].pending)
        if not fresh and not pending:
            return cls("same", parts)
        more = apart and known and (grows or not fresh)
        return cls("more" if more else "whole", parts, fresh, pending)
