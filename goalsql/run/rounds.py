"""Enrollments open, move and end in rounds, until none moves (SPEC 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeAlias

from goalsql.compile.plan import Clock, Level
from goalsql.compile.statements import Statement, named
from goalsql.engine.protocol import Engine
from goalsql.run.state import run

Stage: TypeAlias = Callable[[str, Sequence[Statement]], None]


def move(engine: Engine, level: Level, clock: Clock, stage: Stage) -> None:
    """Runs the rounds of a level, then decides its firings.

    Args:
        engine: the project's database, in the tick's transaction.
        level: the plan of the workflows that are taken together.
        clock: when due steps run: in each round, or at the tick, after the last one.
        stage: runs statements, under a name that people are shown.

    Raises:
        EngineError: if a statement fails.
    """
    for number in count(1):
        name = f"round {number}"
        stage(name, [one.given({"ahead": look_ahead(number)}) for one in level.open])
        if not _any(engine, "moving"):
            break
        stage(name, (*level.scope, *level.leave))
        if clock == "event":
            _walk(engine, level, stage)
        else:
            stage(name, level.walk[:1])
        stage(name, level.settle)
        while _any(engine, "leap"):
            stage(name, level.follow)
        stage(name, level.keep)
    stage("decisions", level.decide)
    if clock == "tick":
        _walk(engine, level, stage)
        stage("steps", level.settle_steps)


def look_ahead(number: int) -> int:
    """How many firings of a contact that may enrol a round looks at.

    Most contacts are enrolled once or twice in a tick, so the first rounds look at one firing, and
    at none in vain. A contact that is enrolled a million times takes some fifty rounds.

    Args:
        number: of the round; the first is 1.

    Example:
        >>> [look_ahead(number) for number in range(1, 10)]
        [1, 1, 2, 2, 2, 4, 4, 4, 8]
    """
    return 1 << number // 3


def _walk(engine: Engine, level: Level, stage: Stage) -> None:
    stage("steps", level.walk)
    while _any(engine, "walker"):
        stage("steps", level.walk_on)


def _any(engine: Engine, table: str) -> bool:
    ((found,),) = run(engine, named("tick/any.sql")[f"any.{table}"])
    return bool(found)
