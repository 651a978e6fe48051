"""Folders of Parquet that are tables of another system: not every row in their files still counts.

Delta, Iceberg and Hudi keep files with rows that were deleted or written anew, and a log that says
which files hold what counts. Who reads all files reads what is gone as well.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePath

from goalsql.engine.protocol import Engine

LOGS = {
    "Delta": "_delta_log/*.json",
    "Iceberg": "metadata/*.metadata.json",
    "Hudi": ".hoodie/hoodie.properties",
}
"""Where the log of such a table lies, from its folder on."""


def kept_by(engine: Engine, pattern: str) -> str | None:
    """Which of the systems keeps the files that a path, glob or URI stands for; None if none does.

    Args:
        engine: who lists files.
        pattern: what is read; of a path all folders above it are looked at, of a URI that one.
    """
    fixed = re.split(r"[*?\[]", pattern)[0]
    is_here = os.path.isabs(fixed)
    for place in (fixed, *PurePath(fixed).parents) if is_here else (os.path.dirname(fixed),):
        for system, log in LOGS.items():
            if engine.files(os.path.join(place, log)):
                return system
    return None
