"""The application: what all commands share, and what becomes of errors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from goalsql import __version__
from goalsql.cli.console import print_error, print_stopped
from goalsql.cli.stopping import Stopping
from goalsql.errors import DefinitionError, GoalsqlError, SourceError, UsageError


class _Commands(TyperGroup):
    """Turns goalsql's errors into lines on stderr and an exit status, for every command."""

    def invoke(self, ctx: Any) -> Any:
        stopping = Stopping()
        try:
            with stopping.terminable():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            print_stopped()
            raise typer.Exit(stopping.status) from None
        except GoalsqlError as error:
            print_error(error)
            wrong_input = isinstance(error, DefinitionError | SourceError | UsageError)
            raise typer.Exit(2 if wrong_input else 1) from None


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
