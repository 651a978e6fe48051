"""Definitions as they were last applied, read back from the state (SPEC 5)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from goalsql.errors import InternalError
from goalsql.model.project import Definitions, Segment
from goalsql.model.reading import Log, Spot
from goalsql.model.reading_project import read_segments
from goalsql.model.reading_workflow import read_workflow
from goalsql.model.usage import segments_of
from goalsql.model.workflow import Workflow
from goalsql.model.yaml_tree import from_data


@dataclass(frozen=True, slots=True)
class Stored:
    """A version of a workflow with the segments that it used."""

    workflow: Workflow
    segments: Mapping[str, Segment]


def as_stored(workflow: Workflow, definitions: Definitions) -> str:
    """The file's content and the segments that it uses, as JSON: what makes a version."""
    used = segments_of(workflow, definitions.segments)
    segments = {name: used[name].definition for name in sorted(used)}
    content = {"workflow": workflow.definition, "segments": segments}
    return json.dumps(content, ensure_ascii=False)


def read_stored(workflow_id: str, definition: str, timezone: str) -> Stored:
    """Reads a version back; it was valid when it was applied."""
    content = json.loads(definition)
    file = f"workflow {workflow_id} as last applied"
    log = Log()
    workflow = read_workflow(Spot(from_data(content["workflow"]), 1, file, log), timezone)
    segments = Spot(from_data(content["segments"]), 1, file, log)
    found = {name: segment for name, _, segment in read_segments(segments) if segment is not None}
    if workflow is None or log.problems:
        raise InternalError(f"{file}: cannot be read back: {log.problems}")
    return Stored(workflow, found)


def with_vanished(definitions: Definitions, versions: Mapping[str, str]) -> Definitions:
    """The definitions with the workflows whose files are gone: disabled, the rest kept (SPEC 5).

    Segments that are gone with them are kept too; one that is still there is taken as it is now.

    Args:
        definitions: what the files say.
        versions: the last version of every workflow that was ever applied, by workflow.
    """
    workflows = dict(definitions.workflows)
    segments: dict[str, Segment] = {}
    for workflow_id, version in versions.items():
        if workflow_id in workflows or ("workflow", workflow_id) in definitions.broken:
            continue
        stored = read_stored(workflow_id, version, definitions.timezone)
        workflows[workflow_id] = _gone(stored.workflow)
        segments |= stored.segments
    return replace(definitions, workflows=workflows, segments=segments | dict(definitions.segments))


def as_applied(
    definitions: Definitions, versions: Mapping[str, str], disabled: Collection[str]
) -> Definitions:
    """The definitions as last applied: every workflow and the segments it uses as they were then.

    Where two workflows saw one segment differently, the newer file's is taken.

    Args:
        definitions: what the files say now.
        versions: the last version of every workflow that was ever applied, by workflow.
        disabled: the workflows last applied as disabled; one whose version says otherwise had
            vanished.
    """
    segments = dict(definitions.segments)
    workflows = {}
    for workflow_id, version in versions.items():
        stored = read_stored(workflow_id, version, definitions.timezone)
        vanished = stored.workflow.enabled and workflow_id in disabled
        workflows[workflow_id] = _gone(stored.workflow) if vanished else stored.workflow
        segments |= stored.segments
    return replace(definitions, workflows=workflows, segments=segments)


def _gone(workflow: Workflow) -> Workflow:
    return replace(workflow, enabled=False, vanished=True)
