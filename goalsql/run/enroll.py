"""Manual enrollment: queues contacts for the next tick (SPEC 4.1)."""

from __future__ import annotations

from collections.abc import Sequence

from goalsql.codes import Code
from goalsql.compile.statements import rule_table, template
from goalsql.engine.protocol import Engine
from goalsql.errors import UsageError, unknown
from goalsql.model.catalog import Catalog
from goalsql.model.project import Definitions
from goalsql.model.workflow import Workflow
from goalsql.run.forgotten import Forgotten, contact_name, not_forgotten
from goalsql.run.state import create_schema, run


def known_workflow(definitions: Definitions, workflow_id: str) -> Workflow:
    """The workflow of that id.

    Raises:
        UsageError: if there is none.
    """
    workflow = definitions.workflows.get(workflow_id)
    if workflow is None:
        raise unknown("workflow", workflow_id, definitions.workflows)
    return workflow


def enroll(
    engine: Engine,
    definitions: Definitions,
    catalog: Catalog,
    forgotten: Forgotten,
    workflow_id: str,
    contacts: Sequence[str],
) -> int:
    """Queues contacts for a workflow; the next tick decides them.

    Args:
        engine: the project's database, where `open_sources` has made the sources' views.
        definitions: the project, valid.
        catalog: the sources' columns.
        forgotten: whom `forget` has removed.
        workflow_id: an enabled workflow.
        contacts: contact ids as text.

    Returns:
        How many contacts were queued that were not waiting already.

    Raises:
        UsageError: if the workflow is unknown or disabled, or a contact unknown or
            forgotten; nothing is queued.
    """
    if not known_workflow(definitions, workflow_id).enabled:
        raise UsageError(
            Code.DISABLED, f"workflow {workflow_id} is disabled; set enabled: true first"
        )
    contact_id = catalog.contacts["contact_id"].sql
    not_forgotten(forgotten, contacts, contact_id)
    possible, missing = _possible(contacts, contact_id)
    with engine.transaction():
        create_schema(engine, contact_id)
        comment = "The contacts that were named."
        named = [[contact] for contact in possible]
        run(engine, rule_table("named", comment, {"contact_id": contact_id}, named))
        find_missing, queue = template("tick/enroll.sql")
        missing += [str(contact) for (contact,) in run(engine, find_missing)]
        if missing:
            raise UsageError(Code.UNKNOWN_CONTACT, f"no such contact: {', '.join(missing)}")
        return len(run(engine, queue, workflow_id=workflow_id))


def _possible(contacts: Sequence[str], contact_id: str) -> tuple[list[str], list[str]]:
    """The ids that contacts can have, as the sources show them, and the others."""
    possible: list[str] = []
    others: list[str] = []
    for contact in dict.fromkeys(contacts):
        try:
            possible.append(contact_name(contact, contact_id))
        except UsageError:
            others.append(contact)
    return list(dict.fromkeys(possible)), others
