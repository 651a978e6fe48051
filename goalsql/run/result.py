"""What a tick says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from goalsql.compile.plan import Clock

Mode = Literal["incremental", "full"]


@dataclass(frozen=True, slots=True)
class TickResult:
    """What a tick did; `already_done` where its instant had been decided before (all counts 0).

    Each warning begins with its code.
    """

    tick_id: int
    tick_at: datetime
    clock: Clock
    mode: Mode = "full"
    already_done: bool = False
    new_events: int = 0
    orphan_events: int = 0
    bad_rows: int = 0
    decisions: int = 0
    enrolled: int = 0
    unenrolled: int = 0
    goal_completions: int = 0
    steps_run: int = 0
    warnings: tuple[str, ...] = ()
