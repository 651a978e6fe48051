"""What the commands print: tables and lines for people, JSON for programs, errors on stderr."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta

import polars as pl
import polars.selectors as cs
import typer
from rich.console import Console
from rich.text import Text

from goalsql.cli.harmless import HarmlessConsole, harmless, harmless_json, write
from goalsql.codes import Code
from goalsql.compile.statements import Statement
from goalsql.errors import DefinitionError, GoalsqlError, Problem, UsageError
from goalsql.model.literals import duration
from goalsql.report.report import VIEWS
from goalsql.report.views import known_names
from goalsql.run.result import TickResult
from goalsql.status import LastTick

PIPE_WIDTH = 120


def stdout() -> Console:
    """Standard output; wide enough for the tables where it is not a terminal."""
    console = HarmlessConsole(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


def stderr() -> Console:
    """Standard error, for what is not the answer."""
    return HarmlessConsole(stderr=True, highlight=False)


@contextmanager
def stages_shown() -> Iterator[Callable[[str], None]]:
    """Shows the stage at work, on a terminal only."""
    console = stderr()
    if not console.is_terminal:
        yield lambda stage: None
        return
    with console.status("") as status:
        yield lambda stage: status.update(Text(stage, "cyan"))


def print_warnings(warnings: Sequence[str]) -> None:
    """A line on stderr for each."""
    for warning in warnings:
        code, _, message = warning.partition(" ")
        head = Text(f"warning {code}: ", "yellow")
        stderr().print(head, Text(message), sep="", soft_wrap=True)


def print_note(note: str) -> None:
    """A line on stderr."""
    stderr().print(Text("note: ", "cyan"), Text(note), sep="", soft_wrap=True)


def print_error(error: GoalsqlError) -> None:
    """The error on stderr: of wrong files, every mistake."""
    console = stderr()
    if not isinstance(error, DefinitionError):
        head = Text(f"error {error.code}: ", "bold red")
        console.print(head, Text(str(error)), sep="", soft_wrap=True)
        return
    for problem in error.problems:
        console.print(problem_text(problem), soft_wrap=True)
    console.print(Text(counted(len(error.problems), "mistake"), "bold red"))
    if error.in_force:
        console.print("nothing was changed: the definitions last applied stay in force")


def problem_text(problem: Problem) -> Text:
    """As `str(problem)`, in colours."""
    text = Text()
    text.append(f"{problem.place.file}:{problem.place.line}: ", "bold")
    if problem.place.path:
        text.append(f"{problem.place.path}: ", "cyan")
    text.append(f"{problem.code} ", "bold red")
    text.append(problem.message)
    if problem.mend:
        text.append(f" ({problem.mend})", "green")
    return text


def problem_data(problem: Problem) -> dict[str, object]:
    """For programs."""
    words = {"message": problem.message, "mend": problem.mend}
    return {"code": problem.code.number} | asdict(problem.place) | words


def print_json(value: object) -> None:
    """The value as JSON on stdout."""
    text = json.dumps(value, indent=2, default=_plain, ensure_ascii=False)
    write(f"{harmless_json(text)}\n")


def views_wanted(names: Sequence[str], as_json: bool, as_csv: bool) -> Sequence[str]:
    """The views to print for a program that named these; by default the figures, or most as JSON.

    Raises:
        UsageError: if there is no such view, or the options do not go together.
    """
    if as_json and as_csv:
        raise UsageError(
            Code.WRONG_OPTIONS, "--json and --csv exclude each other: name one of them"
        )
    if names and not (as_json or as_csv):
        raise UsageError(Code.WRONG_OPTIONS, "--view goes with --json or --csv: name one of them")
    if as_csv and len(names) > 1:
        raise UsageError(Code.WRONG_OPTIONS, "--csv prints one view: name one, or take --json")
    default = VIEWS[:1] if as_csv else [name for name in VIEWS if name != "enrollment_history"]
    return known_names("view", names, VIEWS) or default


def print_csv(frame: pl.DataFrame) -> None:
    """The frame as CSV on stdout: titles first, instants as ISO 8601, durations in seconds."""
    instants, spans = cs.datetime(), cs.duration()
    plain = frame.with_columns(
        instants.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"),
        (spans.dt.total_microseconds() / 1_000_000).round(6),
    )
    write(plain.write_csv())


def _plain(value: object) -> object:
    """Instants as ISO 8601 in UTC, durations in seconds, the rest as text."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def summary(result: TickResult) -> str:
    """What a tick did, in one line."""
    head = f"tick {result.tick_id} at {result.tick_at.isoformat()}Z"
    if result.already_done:
        return f"{head} is done already: nothing to do"
    new_events = counted(result.new_events, "new event")
    return f"{head} ({result.clock} clock): {new_events}, {outcome(result)}"


def outcome(tick: TickResult | LastTick) -> str:
    """What came out of a tick, in numbers."""
    counts = (
        counted(tick.decisions, "decision"),
        f"{tick.enrolled:,} enrolled",
        f"{tick.unenrolled:,} unenrolled",
        counted(tick.goal_completions, "goal completion"),
        counted(tick.steps_run, "step") + " run",
    )
    return ", ".join(counts)


def readable(statements: Sequence[Statement], dialect: str) -> str:
    """Statements of one name, with what they do above them."""
    first = statements[0]
    comment = textwrap.wrap(f"{first.name}: {first.comment}", 97)
    texts = [f"{one.sql(dialect, pretty=True)};" for one in statements]
    return "\n".join([*(f"-- {line}" for line in comment), *texts, ""])


def counted(number: int, noun: str) -> str:
    """A number with its noun, e.g. `1 contact`, `2,000 contacts`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def confirm(question: str, option: str) -> None:
    """Asks on a terminal whether to go on, and gives up if not.

    Args:
        question: what is asked.
        option: the one that answers it beforehand.

    Raises:
        UsageError: if there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise UsageError(Code.WRONG_OPTIONS, f"{question} Nobody can be asked here: say {option}")
    sys.stderr.write(f"{harmless(question)} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        sys.stderr.write("nothing was changed\n")
        raise typer.Exit(1)


def wait_seconds(text: str) -> float:
    """Reads how long to wait, in seconds: `60s`, `5m`, or a duration as in the project's files.

    Raises:
        UsageError: if it is neither.

    Example:
        >>> wait_seconds("60s"), wait_seconds("5m"), wait_seconds("2 hours")
        (60.0, 300.0, 7200.0)
    """
    short = re.fullmatch(r"(\d{1,9})([sm])", text.strip())
    if short is not None:
        return float(short[1]) * (60 if short[2] == "m" else 1)
    try:
        return duration(text).total_seconds()
    except ValueError:
        raise UsageError(
            Code.WRONG_OPTIONS, f"--wait {text!r} is no span of time; write e.g. 60s or 5m"
        ) from None
