"""Commands that change the database, or the copies of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from goalsql.cli.app import HERE, JsonOption, ProjectOption, WaitOption, app
from goalsql.cli.console import (
    confirm,
    counted,
    print_json,
    print_warnings,
    stages_shown,
    summary,
    wait_seconds,
)
from goalsql.cli.harmless import say
from goalsql.project import Project


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
        say(summary(result))


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
        say(summary(result.tick))
    changed = f": {', '.join(result.workflows)}" if result.workflows else ""
    say(f"{counted(len(result.workflows), 'new version')}{changed}")


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
    say(f"{counted(queued, 'contact')} queued for {workflow}{already}: decided at next tick")


@app.command(name="import")
def import_(
    directory: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="What `goalsql export --state` wrote.")
    ],
    wait: WaitOption = "0s",
    project: ProjectOption = HERE,
) -> None:
    """Take over a state, as to go on with on another engine; the project must have none."""
    rows = Project.load(project, wait=wait_seconds(wait)).import_state(directory)
    tables = counted(len(rows), "table")
    say(f"{counted(sum(rows.values()), 'row')} of {tables} imported; the next tick goes on")


@app.command()
def compact(project: ProjectOption = HERE) -> None:
    """Put the small files together that ticks leave on Spark."""
    Project.load(project).compact()
    say("compacted: each table of state is in one part")


@app.command()
def publish(wait: WaitOption = "0s", project: ProjectOption = HERE) -> None:
    """Put copies for readers in place now; every tick does so where goalsql.yml says `publish`."""
    for to in Project.load(project, wait=wait_seconds(wait)).publish():
        say(f"published to {shlex.quote(str(to))}")


@app.command()
def backup(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, or an earlier backup.")],
    wait: WaitOption = "0s",
    project: ProjectOption = HERE,
) -> None:
    """Copy the whole database into one file, which can be put in its place."""
    file = Project.load(project, wait=wait_seconds(wait)).backup(to)
    say(f"backed up to {shlex.quote(str(file))}: {file.stat().st_size:,} bytes")


@app.command()
def forget(
    contacts: Annotated[list[str], typer.Argument(metavar="CONTACT...")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask; needed where nobody can answer.")
    ] = False,
    wait: WaitOption = "0s",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Remove every row of contacts, for ever, and keep them out of later ticks."""
    if not yes:
        confirm(f"Forget {counted(len(set(contacts)), 'contact')}? This cannot be undone.", "--yes")
    result = Project.load(project, wait=wait_seconds(wait)).forget(contacts)
    if as_json:
        print_json({"removed": result.removed, "already": result.already})
        return
    for contact, tables in result.removed.items():
        say(f"{contact}: {_removed(tables, contact in result.already)}")


def _removed(tables: Mapping[str, int], already: bool) -> str:
    """What was removed of a contact."""
    if not tables:
        why = "had been forgotten before" if already else "nothing was known"
        return f"{why}; kept out of every tick"
    rows = ", ".join(f"{table} {number:,}" for table, number in tables.items())
    return f"removed {counted(sum(tables.values()), 'row')} ({rows}); kept out of every tick"
