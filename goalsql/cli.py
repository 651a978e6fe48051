"""The command line (SPEC 8): one function per command; the work is done by the Python API."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.text import Text
from typer.core import TyperGroup

from goalsql import __version__, examples
from goalsql.console import (
    counted,
    print_csv,
    print_error,
    print_json,
    print_warnings,
    problem_data,
    problem_text,
    readable,
    stages_shown,
    stderr,
    stdout,
    summary,
    views_wanted,
    wait_seconds,
)
from goalsql.errors import (
    DefinitionError,
    GoalsqlError,
    Problem,
    SourceError,
    UsageError,
)
from goalsql.project import Project
from goalsql.report.comparison import render_comparison
from goalsql.report.explanation_text import render_explanation
from goalsql.report.report import Period
from goalsql.report.terminal import render_report
from goalsql.report.views import RELATIONS

DIALECTS = ("duckdb",)


class _Commands(TyperGroup):
    """Turns goalsql's errors into lines on stderr and an exit status, for every command."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
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


def main() -> None:
    """What the console command `goalsql` and `python -m goalsql` run."""
    app()


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
    typer.echo(
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
    typer.echo(f"made {where} from the example {example}; next: goalsql validate -p {where}")


@app.command()
def validate(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Check the project: every mistake at once, with file, line and the mend."""
    loaded = Project.load(project)
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
    for warning in warnings:
        stderr().print(Text("warning: ", "yellow"), problem_text(warning), sep="", soft_wrap=True)
    definitions = loaded.definitions
    sources = definitions.sources
    tables = [sources.contacts, sources.property_changes, *sources.event_sources().values()]
    counts = (
        counted(len(definitions.workflows), "workflow"),
        counted(len(definitions.segments), "segment"),
        counted(sum(table is not None for table in tables), "source"),
        counted(len(warnings), "warning"),
    )
    typer.echo(f"{definitions.name} is valid: {', '.join(counts)}")


@app.command()
def tick(
    at: Annotated[
        str | None,
        typer.Option(metavar="T", help="Decide the instants up to T. Default: now, to the minute."),
    ] = None,
    clock: Annotated[
        Literal["tick", "event"],
        typer.Option(help="Run due steps at T (tick), or when they were due (event)."),
    ] = "tick",
    full: Annotated[bool, typer.Option("--full", help="Take no shortcut.")] = False,
    allow_gone: Annotated[
        bool, typer.Option("--allow-gone", help="Go on although many active contacts are gone.")
    ] = False,
    wait: WaitOption = "0s",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Run one batch: decide all workflows and contacts up to T."""
    with stages_shown() as progress:
        result = Project.load(project, wait=wait_seconds(wait)).tick(
            at, clock, full=full, allow_gone=allow_gone, progress=progress
        )
    print_warnings(result.warnings)
    if as_json:
        print_json(asdict(result))
    else:
        typer.echo(summary(result))


@app.command()
def apply(
    at: Annotated[
        str | None,
        typer.Option(metavar="T", help="First run a tick at T under the definitions as they were."),
    ] = None,
    clock: Annotated[Literal["tick", "event"], typer.Option(help="The clock of that tick.")] = (
        "tick"
    ),
    wait: WaitOption = "0s",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Record what has changed in the definitions, without deciding anything under the new ones."""
    result = Project.load(project, wait=wait_seconds(wait)).apply(at, clock)
    if result.tick is not None:
        print_warnings(result.tick.warnings)
    if as_json:
        print_json(asdict(result))
        return
    if result.tick is not None:
        typer.echo(summary(result.tick))
    changed = f": {', '.join(result.workflows)}" if result.workflows else ""
    typer.echo(f"{counted(len(result.workflows), 'new version')}{changed}")


@app.command()
def enroll(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW")],
    contacts: Annotated[list[str], typer.Argument(metavar="CONTACT...")],
    wait: WaitOption = "0s",
    project: ProjectOption = HERE,
) -> None:
    """Queue contacts for a workflow; the next tick decides them."""
    queued = Project.load(project, wait=wait_seconds(wait)).enroll(workflow, contacts)
    waiting = len(set(contacts)) - queued
    already = f" ({waiting} waited already)" if waiting else ""
    typer.echo(f"{counted(queued, 'contact')} queued for {workflow}{already}: decided at next tick")


@app.command()
def report(
    workflow: Annotated[str | None, typer.Argument(metavar="[WORKFLOW]")] = None,
    others: Annotated[
        list[str] | None,
        typer.Option("--workflow", metavar="ID", help="One more; may be given again. Default: all"),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="The first day of trend and cohorts.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The last one.")] = None,
    by: Annotated[
        Period | None, typer.Option(help="The period of the trend. Default: month.")
    ] = None,
    view: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="For --json or --csv; with --json several times."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page for a browser instead.")
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print one view as CSV.")] = False,
) -> None:
    """Print goal conversion as of the last tick, of all workflows or some."""
    wanted = [*([] if workflow is None else [workflow]), *(others or [])]
    views = views_wanted(view or (), as_json, as_csv)
    if html is not None:
        if as_json or as_csv or since or until or by:
            raise UsageError("--html goes with workflows only: its page shows every period")
        Project.load(project).report_html(html, wanted)
        typer.echo(f"written to {shlex.quote(str(html))}: open it in a browser")
        return
    found = Project.load(project).report(wanted, since=since, until=until, by=by or "month")
    if as_json:
        found.read(*views)
        print_json({name: found[name].to_dicts() for name in views})
    elif as_csv:
        print_csv(found[views[0]])
    else:
        render_report(stdout(), found)


@app.command()
def explain(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW")],
    contact: Annotated[str, typer.Argument(metavar="CONTACT")],
    at: Annotated[
        str | None, typer.Option(metavar="T", help="The instant. Default: the last tick's.")
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Print why a contact stands where it stands: every criterion, true or not, since when."""
    explanation = Project.load(project).explain(workflow, contact, at)
    if as_json:
        print_json(asdict(explanation))
    else:
        render_explanation(stdout(), explanation)


@app.command(name="compile")
def compile_(
    workflow: Annotated[str | None, typer.Argument(metavar="[WORKFLOW]")] = None,
    dialect: Annotated[str, typer.Option(metavar="D", help="The SQL dialect: duckdb.")] = "duckdb",
    project: ProjectOption = HERE,
) -> None:
    """Print the SQL of a tick, with a comment on every statement."""
    if dialect not in DIALECTS:
        raise UsageError(f"there is no dialect {dialect}; there is {', '.join(DIALECTS)}")
    for stage, statements in Project.load(project).compile(workflow):
        if statements:
            typer.echo(f"{f'-- ===== {stage} '.ljust(100, '=')}\n")
        for statement in statements:
            typer.echo(readable(statement, dialect))


@app.command()
def whatif(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW")],
    goal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What would stand under goal, as YAML.")
    ] = None,
    enrollment: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What would stand under enrollment.")
    ] = None,
    suppression: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What would stand under suppression.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="T", help="Look at the instants up to T. Default: the last tick's."),
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Print the figures that other definitions would have had, over all history."""
    with stages_shown() as progress:
        found = Project.load(project).whatif(
            workflow, goal, enrollment, suppression, at=at, progress=progress
        )
    print_warnings(found.warnings)
    if as_json:
        print_json(found.plain())
    else:
        render_comparison(stdout(), found)


@app.command()
def publish(wait: WaitOption = "0s", project: ProjectOption = HERE) -> None:
    """Put copies for readers in place now; every tick does so where goalsql.yml says `publish`."""
    for to in Project.load(project, wait=wait_seconds(wait)).publish():
        typer.echo(f"published to {shlex.quote(str(to))}")


@app.command()
def export(
    to: Annotated[Path, typer.Option(metavar="DIR", help="New, empty, or an earlier export.")],
    relation: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this one; may be given again. Default: all."),
    ] = None,
    partition: Annotated[
        bool, typer.Option("--partition", help="Large relations in a folder for each workflow.")
    ] = False,
    since_tick: Annotated[
        int | None,
        typer.Option(metavar="N", help="Of tables that grow, only the rows of ticks after N."),
    ] = None,
    project: ProjectOption = HERE,
) -> None:
    """Write the report and state tables as Parquet."""
    rows = Project.load(project).export(
        to, relation or RELATIONS, partition=partition, since_tick=since_tick
    )
    total = counted(sum(rows.values()), "row")
    typer.echo(f"{total} of {counted(len(rows), 'relation')} written to {shlex.quote(str(to))}")
