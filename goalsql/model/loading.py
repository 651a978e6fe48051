"""Reads a project directory: goalsql.yml, segments/, workflows/ (SPEC 2)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from goalsql.codes import Code
from goalsql.errors import Place, Problem
from goalsql.model.project import Definitions, Segment
from goalsql.model.reading import Log, Spot, in_order
from goalsql.model.reading_project import Settings, read_segments, read_settings, read_timezone
from goalsql.model.reading_workflow import read_workflow
from goalsql.model.workflow import Workflow
from goalsql.model.yaml_tree import read_yaml

PROJECT_FILE = "goalsql.yml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What could be read of a project, and every mistake found.

    `definitions` is None where goalsql.yml cannot be used. Where there are problems, the parts
    that are broken are left out of it: it may be checked further, but not run.
    """

    definitions: Definitions | None
    problems: tuple[Problem, ...]


def load(directory: Path) -> Loaded:
    """Reads a project directory (SPEC 2). Never raises: every mistake is a problem.

    Args:
        directory: where goalsql.yml stands.

    Returns:
        The definitions and the problems, in the order of the files.
    """
    log = Log()
    timezone, settings = _settings(directory, log)
    segments = _segments(directory, log)
    workflows = _workflows(directory, log, timezone)
    definitions = None
    if settings is not None:
        definitions = Definitions(
            directory=directory,
            name=settings.name,
            database=settings.database,
            sources=settings.sources,
            timezone=settings.timezone,
            marketing_hub=settings.marketing_hub,
            receipt_event=settings.receipt_event,
            on_bad_value=settings.on_bad_value,
            max_gone=settings.max_gone,
            attach=settings.attach,
            attach_places=settings.attach_places,
            allow_paths=settings.allow_paths,
            publish=settings.publish,
            engine=settings.engine,
            segments=segments,
            workflows=workflows,
            warnings=tuple(in_order(log.warnings)),
            broken=frozenset(log.broken),
        )
    return Loaded(definitions, tuple(in_order(log.problems)))


def _settings(directory: Path, log: Log) -> tuple[str, Settings | None]:
    """The timezone, which the workflows need in any case, and the rest of goalsql.yml."""
    path = directory / PROJECT_FILE
    if not os.path.isfile(path):
        mend = "make a project with `goalsql init`, or name its directory with --project"
        log.problems.append(
            Problem(Code.NO_PROJECT, Place(PROJECT_FILE, 1), f"no such file in {directory}", mend)
        )
        return "UTC", None
    at = _spot(path, PROJECT_FILE, log)
    if at is None:
        return "UTC", None
    spot = at.child("timezone")
    timezone = (spot and read_timezone(spot)) or "UTC"
    return timezone, read_settings(at, directory, timezone)


def _segments(directory: Path, log: Log) -> dict[str, Segment]:
    segments: dict[str, Segment] = {}
    places: dict[str, Place] = {}
    for at in _files(directory, "segments", "segment", log):
        before = len(log.problems)
        for name, spot, segment in read_segments(at):
            if name in places:
                _twice(f"segment `{name}`", places[name], spot.place, log)
            elif segment is not None:
                segments[name] = segment
            if len(log.problems) > before:
                log.broken.add(("segment", name))
            places.setdefault(name, spot.place)
            before = len(log.problems)
    return segments


def _workflows(directory: Path, log: Log, timezone: str) -> dict[str, Workflow]:
    workflows: dict[str, Workflow] = {}
    for at in _files(directory, "workflows", "workflow", log):
        before = len(log.problems)
        workflow = read_workflow(at, timezone)
        if workflow is None:
            log.broken.add(("workflow", ""))
            continue
        name = workflow.workflow_id
        if name in workflows:
            _twice(f"workflow id `{name}`", workflows[name].place, workflow.place, log)
        workflows.setdefault(name, workflow)
        if len(log.problems) > before:
            log.broken.add(("workflow", name))
    return workflows


def _files(directory: Path, folder: str, kind: str, log: Log) -> list[Spot]:
    """The files of a folder in the order of their names."""
    paths = [*(directory / folder).glob("*.yml"), *(directory / folder).glob("*.yaml")]
    spots = []
    for path in sorted(paths):
        spot = _spot(path, f"{folder}/{path.name}", log)
        if spot is None:
            log.broken.add((kind, ""))
        else:
            spots.append(spot)
    return spots


def _spot(path: Path, file: str, log: Log) -> Spot | None:
    node, problems = read_yaml(path, file)
    log.problems.extend(problems)
    return None if node is None else Spot(node, node.line, file, log)


def _twice(what: str, first: Place, second: Place, log: Log) -> None:
    message = f"{what} stands twice: at {first.file}:{first.line} and here"
    log.problems.append(Problem(Code.NAME_TWICE, second, message, "rename one, or remove it"))
