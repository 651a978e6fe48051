"""Commands that make a project, and look whether it is right."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from goalsql import examples
from goalsql.cli.app import HERE, JsonOption, ProjectOption, app
from goalsql.cli.console import (
    counted,
    print_json,
    print_note,
    print_warnings,
    problem_data,
    stages_shown,
    stdout,
)
from goalsql.cli.harmless import say
from goalsql.errors import DefinitionError, Problem
from goalsql.project import Project
from goalsql.report.terminal import render_report


@app.command()
def demo(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="A new directory.", show_default=True)
    ] = Path(examples.DEMO),
) -> None:
    """Make the quickstart project, run its year 2025, and print the report."""
    with stages_shown() as progress:
        project = examples.demo(directory, progress)
    render_report(stdout(), project.report())
    where = shlex.quote(str(directory))
    say(
        f"\nThe project is in {where}. Try next:\n"
        f"  goalsql report nurture -p {where}\n"
        f"  goalsql report --html {where}.html -p {where}\n"
        f"  goalsql compile whitepaper -p {where}\n"
        f"  goalsql export --to {where}-tables -p {where}"
    )


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty directory.")],
    example: Annotated[
        str, typer.Option(metavar="NAME", help="Which example to copy.")
    ] = "quickstart",
) -> None:
    """Make a new project from an example, with sample data."""
    examples.init(directory, example)
    where = shlex.quote(str(directory))
    say(f"made {where} from the example {example}; next: goalsql validate -p {where}")


@app.command()
def validate(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Check the project: every mistake at once, with file, line and the mend."""
    loaded = Project.load(project, notify=print_note)
    errors: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()
    try:
        warnings = loaded.validate()
    except DefinitionError as error:
        if not as_json:
            raise
        errors = error.problems
    if as_json:
        problems = {"errors": errors, "warnings": warnings}
        print_json({kind: [problem_data(one) for one in found] for kind, found in problems.items()})
        raise typer.Exit(2 if errors else 0)
    print_warnings([warning.as_warning() for warning in warnings])
    definitions = loaded.definitions
    sources = definitions.sources
    tables = [sources.contacts, sources.property_changes, *sources.event_sources().values()]
    counts = (
        counted(len(definitions.workflows), "workflow"),
        counted(len(definitions.segments), "segment"),
        counted(sum(table is not None for table in tables), "source"),
        counted(len(warnings), "warning"),
    )
    say(f"{definitions.name} is valid: {', '.join(counts)}")
