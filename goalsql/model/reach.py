"""Where definitions may read: the project directory, and what `allow_paths` names (SPEC 2)."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # one letter would be a drive


@dataclass(frozen=True, slots=True)
class Reach:
    """The directories and files from which definitions may read.

    A path is judged as it is written, `..` resolved. A symbolic link in the project directory may
    lead out of it: whoever owns the directory has put it there, not a definition. `uris` are the
    places of which definitions may read URIs.

    Example:
        >>> reach = Reach.of(Path("/srv/acme"), ["../exports", "s3a://acme/crm"])
        >>> reach.mistake("data/*.parquet"), reach.mistake("../exports/new.csv")
        (None, None)
        >>> reach.mistake("../other/new.csv")
        ('`../other/new.csv` is outside of the project directory', 'allow it in goalsql.yml: \
`allow_paths: [../other]`')
        >>> reach.mistake("s3a://acme/crm/contacts.parquet")
    """

    places: tuple[str, ...]
    uris: tuple[str, ...] = ()

    @classmethod
    def of(cls, directory: Path, allowed: Sequence[str]) -> Reach:
        """The reach of a project.

        Args:
            directory: that of goalsql.yml.
            allowed: what `allow_paths` names: paths relative to the directory, and URIs.
        """
        paths = [directory, *(directory / place for place in allowed if not URI.match(place))]
        uris = tuple(place for place in allowed if URI.match(place))
        return cls(tuple(os.path.normpath(place) for place in paths), uris)

    @property
    def directory(self) -> str:
        """The project's."""
        return self.places[0]

    def path(self, text: str) -> str:
        """What a definition means by a path: relative to goalsql.yml, without `..`; or by a URI."""
        if URI.match(text):
            return text
        return os.path.normpath(os.path.join(self.directory, text))

    def mistake(self, text: str) -> tuple[str, str] | None:
        """What is wrong with a path or glob that a definition would read, and the mend."""
        if URI.match(text):
            if ".." not in text.split("/") and any(_within(text, place) for place in self.uris):
                return None
            mend = "fetch it first, or on Spark allow its folder in goalsql.yml under `allow_paths`"
            return f"`{text}` is no path that may be read", mend
        path = self.path(text)
        if any(_within(path, place) for place in self.places):
            return None
        place = os.path.dirname(re.split(r"[*?\[]", path)[0])
        shown = place if os.path.isabs(text) else os.path.relpath(place, self.directory)
        mend = f"allow it in goalsql.yml: `allow_paths: [{shown}]`"
        return f"`{text}` is outside of the project directory", mend


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(os.path.join(place, ""))
