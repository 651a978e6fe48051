"""The application: what all commands share, and what becomes of errors."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from goalsql import __version__
from goalsql.cli.console import print_error
from goalsql.cli.stopping import Stopping
from goalsql.codes import Code
from goalsql.errors import DefinitionError, GoalsqlError, InternalError, SourceError, UsageError

DEBUG = "GOALSQL_DEBUG"


class _Commands(TyperGroup):
    """Turns whatever goes wrong into lines on stderr and an exit status, for every command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args:  # whoever gives no command is shown the commands
            return super().parse_args(ctx, args)
        with _errors_as_lines(Stopping()):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        stopping = Stopping()
        with _errors_as_lines(stopping), stopping.terminable():
            return super().invoke(ctx)


@contextmanager
def _errors_as_lines(stopping: Stopping) -> Iterator[None]:
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except (Exception, KeyboardInterrupt) as caught:
        if os.environ.get(DEBUG, "") not in ("", "0"):
            traceback.print_exception(caught)
        error, status = _told(caught, stopping)
        print_error(error)
        raise typer.Exit(status) from None


def _told(caught: BaseException, stopping: Stopping) -> tuple[GoalsqlError, int]:
    """What to say of it, and the exit status."""
    if isinstance(caught, DefinitionError | SourceError | UsageError):
        return caught, 2
    if isinstance(caught, GoalsqlError):
        return caught, 1
    if isinstance(caught, TyperException):
        words = " ".join(caught.format_message().split()).rstrip(".")
        return UsageError(Code.WRONG_OPTIONS, f"{words}; --help says what there is"), 2
    if isinstance(caught, KeyboardInterrupt):
        words = "stopped: what was not finished is as it was before; the same command does it"
        return GoalsqlError(Code.INTERRUPTED, words), stopping.status
    if isinstance(caught, OSError):
        return GoalsqlError(Code.SYSTEM, f"the operating system refused: {caught}"), 1
    words = " ".join(f"{type(caught).__name__}: {caught}".split())
    mend = f"please report it, with what {DEBUG}=1 shows"
    return InternalError(f"goalsql itself is wrong: {words}; {mend}"), 1


app = typer.Typer(
    name="goalsql",
    cls=_Commands,
    help="Marketing workflows as rules: compiled to SQL, evaluated over time in DuckDB.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ProjectOption = Annotated[
    Path, typer.Option("--project", "-p", metavar="DIR", help="The directory of goalsql.yml.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WaitOption = Annotated[
    str,
    typer.Option(
        metavar="SPAN",
        help="How long to wait for another process that has the database: 60s, 5m.",
    ),
]
HERE = Path()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"goalsql {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass
