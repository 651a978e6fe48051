"""Where the files that goalsql ships stand: `sql/` and `seeds/`."""

from __future__ import annotations

from pathlib import Path


def resource(name: str) -> Path:
    """The folder `name` inside the installed package, or beside it in a source checkout."""
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name
