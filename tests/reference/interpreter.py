"""The reference: SPEC 3, 4, 4.1 and 6, one contact at a time. The oracle of the property tests.

It knows no SQL and no sweep. What it leaves out: edits between ticks other than `enabled` (SPEC 5,
so there is one goal epoch), and changes that goalsql itself observes in contacts and segments.
"""

from __future__ import annotations

import copy
import dataclasses
from datetime import datetime

from goalsql.errors import SourceError, UsageError
from goalsql.model.project import Definitions
from goalsql.model.workflow import EventTrigger, FilterTrigger, Workflow
from tests.reference.dependence import in_order
from tests.reference.measures import Relations, receipts, relations
from tests.reference.state import Passages, WorkflowState
from tests.reference.tables import ContactId, Row, Tables
from tests.reference.truth import criteria_true, intervals, matching_events
from tests.reference.walk import Clock, Walk, Window, end
from tests.reference.world import World


class Reference:
    """The state of one project over its ticks."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.tick_at: datetime | None = None
        self.workflows = {name: WorkflowState() for name in definitions.workflows}
        self.queue: set[tuple[str, ContactId]] = set()

    def enroll(self, workflow_id: str, contact_id: ContactId) -> None:
        """Queues a contact for the next tick (manual enrollment)."""
        if not self.definitions.workflows[workflow_id].enabled:
            raise UsageError(f"{workflow_id} is not enabled")
        self.queue.add((workflow_id, contact_id))

    def replace(self, definitions: Definitions) -> None:
        """Goes on with other definitions; only `enabled` may differ."""
        for name, workflow in self.definitions.workflows.items():
            as_before = dataclasses.replace(
                definitions.workflows[name], enabled=workflow.enabled, definition=None
            )
            if as_before != dataclasses.replace(workflow, definition=None):
                raise NotImplementedError("edits between ticks (SPEC 5)")
        self.definitions = definitions

    def tick(
        self, tables: Tables, at: datetime, clock: Clock = "event", allow_gone: bool = False
    ) -> None:
        """Decides the instants up to `at`; a tick that fails changes nothing."""
        if self.tick_at is not None and at < self.tick_at:
            raise UsageError(f"the last tick was at {self.tick_at}")
        if at == self.tick_at:
            return
        world = World(self.definitions, tables, at, copy.deepcopy(self.workflows))
        if not allow_gone:
            self._fail_on_many_gone(world)
        for workflow in in_order(self.definitions):
            state = self.workflows[workflow.workflow_id]
            self._tick_workflow(workflow, state, world, clock)
            state.receipts = receipts(workflow.workflow_id, state, world)
            world.workflows[workflow.workflow_id] = state
        self.queue.clear()
        self.tick_at = at

    def relations(self, tables: Tables) -> Relations:
        """The tables and views of SPEC 7, by name, as of the last tick."""
        assert self.tick_at is not None
        return relations(World(self.definitions, tables, self.tick_at, self.workflows))

    def instants(self) -> list[datetime]:
        """Every instant at which something happened, in order."""
        found: set[datetime] = set()
        for state in self.workflows.values():
            for passages in state.passages.values():
                found |= passages.instants()
        return sorted(found)

    def _fail_on_many_gone(self, world: World) -> None:
        active = {
            contact_id
            for state in self.workflows.values()
            for contact_id, passages in state.passages.items()
            if passages.active() is not None
        }
        gone = active - set(world.contacts)
        if len(gone) > 10 and len(gone) * 100 > self.definitions.max_gone * len(active):
            raise SourceError(f"{len(gone)} of {len(active)} active contacts are gone")

    def _tick_workflow(
        self, workflow: Workflow, state: WorkflowState, world: World, clock: Clock
    ) -> None:
        if state.active_from is None:
            if not workflow.enabled:
                return
            state.active_from = workflow.active_from or world.at
            start = state.active_from
        else:
            assert self.tick_at is not None
            start = max(self.tick_at, state.active_from)
        if start > world.at:
            return
        window = Window(start, world.at, clock)
        for contact_id, passages in state.passages.items():
            active = passages.active()
            if contact_id not in world.contacts and active is not None:
                end(active, world.at, "contact_deleted")
        for contact_id, contact in world.contacts.items():
            passages = state.of(contact_id)
            firings = self._firings(workflow, state, contact, world, window)
            if not workflow.enabled:
                firings = {}
            Walk(workflow, contact, world, window, passages, firings).run()

    def _firings(
        self, workflow: Workflow, state: WorkflowState, contact: Row, world: World, window: Window
    ) -> dict[datetime, datetime]:
        """When the trigger fires for a contact (SPEC 4.1): d -> the greatest triggered_at."""
        assert state.active_from is not None
        passages = state.of(contact["contact_id"])
        found: list[tuple[datetime, datetime]] = []
        matched: set[tuple[str, object]] = set()
        for trigger in workflow.triggers:
            if isinstance(trigger, FilterTrigger):
                found += _filter_firings(
                    trigger, state.active_from, passages, contact, world, window
                )
            if isinstance(trigger, EventTrigger):
                for row_id, at in _new_events(trigger, state, contact, world):
                    matched.add(row_id)
                    d = max(at, contact["created_at"], window.start)
                    if trigger.also is None or criteria_true(trigger.also, contact, d, world):
                        found.append((d, at))
        state.seen_events |= matched
        if (workflow.workflow_id, contact["contact_id"]) in self.queue:
            found.append((world.at, world.at))
        firings: dict[datetime, datetime] = {}
        for d, triggered_at in found:
            firings[d] = max(triggered_at, firings.get(d, triggered_at))
        return firings


def _filter_firings(
    trigger: FilterTrigger,
    active_from: datetime,
    passages: Passages,
    contact: Row,
    world: World,
    window: Window,
) -> list[tuple[datetime, datetime]]:
    found = []
    for a, b in intervals(trigger.criteria, contact, world):
        reaches_in = a <= window.end and (b is None or b > window.start)
        is_decided = any(decision.triggered_at >= a for decision in passages.decisions)
        counts = trigger.enroll_existing or a >= active_from
        if reaches_in and counts and not is_decided:
            found.append((max(a, window.start), a))
    return found


def _new_events(
    trigger: EventTrigger, state: WorkflowState, contact: Row, world: World
) -> list[tuple[tuple[str, object], datetime]]:
    """The matching events from active_from on that no earlier tick saw: id and instant."""
    assert state.active_from is not None
    found = []
    for leaf in trigger.events:
        for row in matching_events(leaf, contact, world):
            row_id = (leaf.event, row["event_id"])
            if row_id not in state.seen_events and row["occurred_at"] >= state.active_from:
                found.append((row_id, row["occurred_at"]))
    return found
