"""What is asked of a project: why a contact stands where it stands, and what if."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from goalsql.errors import UsageError
from goalsql.model.reading_whatif import Part
from goalsql.model.stored import as_stored
from goalsql.opening import NO_TICK, Opened
from goalsql.report.comparison import WhatIf, read_comparison
from goalsql.report.explain import explain
from goalsql.report.explanation import Explanation
from goalsql.report.views import report_statements
from goalsql.run.enroll import known_workflow
from goalsql.run.tick import Progress
from goalsql.run.whatif import run_both


def why(opened: Opened, workflow_id: str, contact: str, at: datetime | None) -> Explanation:
    """Why a contact stands where it stands in a workflow.

    Args:
        opened: the project's database.
        workflow_id: the workflow.
        contact: the contact's id.
        at: T; default the last tick's.

    Raises:
        UsageError: if there is no such workflow or contact, or no tick has been run.
    """
    workflow = known_workflow(opened.definitions, workflow_id)
    state = opened.state
    if state.tick_at is None:
        raise UsageError(NO_TICK)
    version = state.versions.get(workflow_id)
    definition = as_stored(workflow, opened.definitions)
    return explain(
        opened.engine,
        opened.definitions,
        opened.catalog,
        workflow,
        contact,
        at=at or state.tick_at,
        tick_at=state.tick_at,
        edited=version is None or version.definition != definition,
    )


def what_if(
    opened: Opened,
    workflow_id: str,
    files: Mapping[Part, Path],
    tick_at: datetime,
    progress: Progress,
) -> WhatIf:
    """The figures that a workflow would have had with other definitions.

    Args:
        opened: a database in memory beside the project's.
        workflow_id: the workflow.
        files: what would stand in the workflow's file, by its part.
        tick_at: T.
        progress: told the name of each stage as it begins.

    Raises:
        DefinitionError: if these files are wrong.
        SourceError: if the sources' data cannot be used.
        UsageError: if there is no such workflow, no file is named, or it is not known from when on
            the workflow is active.
    """
    history = run_both(
        opened.engine,
        opened.definitions,
        workflow_id,
        files,
        opened.sources,
        report_statements(),
        opened.state,
        tick_at,
        progress,
    )
    return WhatIf(
        workflow_id,
        opened.definitions.workflows[workflow_id].name,
        history.active_from,
        tick_at,
        **read_comparison(opened.engine),
        warnings=history.warnings,
    )
