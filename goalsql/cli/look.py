"""Commands that only read."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import typer

from goalsql.cli.app import HERE, JsonOption, ProjectOption, app
from goalsql.cli.console import (
    counted,
    print_csv,
    print_json,
    print_note,
    print_warnings,
    readable,
    stages_shown,
    stdout,
    views_wanted,
)
from goalsql.cli.harmless import say, write
from goalsql.cli.standing import render_status
from goalsql.codes import Code
from goalsql.compile.dialects.printed import DIALECTS
from goalsql.errors import UsageError
from goalsql.project import Project
from goalsql.report.comparison import render_comparison
from goalsql.report.explanation_text import render_explanation
from goalsql.report.report import Period
from goalsql.report.terminal import render_report
from goalsql.report.views import RELATIONS


@app.command()
def status(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Print how the project stands: its database, the last tick, what waits for the next one."""
    found = Project.load(project).status()
    if as_json:
        print_json(asdict(found) | {"has_unseen_rows": found.has_unseen_rows})
    else:
        render_status(stdout(), found)


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
            raise UsageError(
                Code.WRONG_OPTIONS, "--html goes with workflows only: its page shows every period"
            )
        Project.load(project, notify=print_note).report_html(html, wanted)
        say(f"written to {shlex.quote(str(html))}: open it in a browser")
        return
    found = Project.load(project, notify=print_note).report(
        wanted, since=since, until=until, by=by or "month"
    )
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
    dialect: Annotated[
        str, typer.Option(metavar="D", help=f"The SQL dialect: {', '.join(DIALECTS)}.")
    ] = "duckdb",
    project: ProjectOption = HERE,
) -> None:
    """Print the SQL of a tick, with a comment on every statement."""
    for stage, statements in Project.load(project, notify=print_note).compile(workflow, dialect):
        if statements:
            write(f"{f'-- ===== {stage} '.ljust(100, '=')}\n\n")
        for _, same in groupby(statements, attrgetter("name")):
            write(f"{readable(list(same), dialect)}\n")


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
    state: Annotated[
        bool, typer.Option("--state", help="The whole state instead, for `goalsql import`.")
    ] = False,
    project: ProjectOption = HERE,
) -> None:
    """Write the report and state tables as Parquet."""
    if state and (relation or partition or since_tick is not None):
        raise UsageError(Code.WRONG_OPTIONS, "--state is the whole state: no other option fits it")
    asked = Project.load(project, notify=print_note)
    if state:
        rows = asked.export_state(to)
    else:
        rows = asked.export(to, relation or RELATIONS, partition=partition, since_tick=since_tick)
    total = counted(sum(rows.values()), "row")
    say(f"{total} of {counted(len(rows), 'relation')} written to {shlex.quote(str(to))}")
