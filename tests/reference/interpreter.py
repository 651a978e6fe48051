"""The reference: SPEC 3 to 6, one contact at a time. The oracle of the property tests.

It knows no SQL and no sweep.
"""

from __future__ import annotations

import copy
from datetime import datetime

from goalsql.codes import Code
from goalsql.errors import SourceError, UsageError
from goalsql.model.project import Definitions
from goalsql.model.workflow import EventTrigger, FilterTrigger, Workflow
from tests.reference.dependence import in_order
from tests.reference.edits import take_in, with_kept
from tests.reference.measures import Relations, receipts, relations
from tests.reference.observed import Observed
from tests.reference.state import WorkflowState
from tests.reference.tables import ContactId, Row, Tables
from tests.reference.truth import criteria_true, intervals, matching_events
from tests.reference.walk import Clock, Firing, Walk, Window, end
from tests.reference.world import World


class Reference:
    """The state of one project over its ticks; `definitions` are those of its files."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.applied: Definitions | None = None
        self.tick_at: datetime | None = None
        self.workflows: dict[str, WorkflowState] = {}
        self.observed = Observed()
        self.queue: set[tuple[str, ContactId]] = set()

    def enroll(self, workflow_id: str, contact_id: ContactId) -> None:
        """Queues a contact for the next tick (manual enrollment)."""
        if not self.definitions.workflows[workflow_id].enabled:
            raise UsageError(Code.DISABLED, f"{workflow_id} is not enabled")
        self.queue.add((workflow_id, contact_id))

    def replace(self, definitions: Definitions) -> None:
        """Goes on with other definitions; the next tick, or `apply`, sees them."""
        self.definitions = definitions

    def apply(self) -> None:
        """Records what the definitions have become, without a tick."""
        self._take_in(with_kept(self.definitions, self.applied), None)

    def tick(
        self, tables: Tables, at: datetime, clock: Clock = "event", allow_gone: bool = False
    ) -> None:
        """Decides the instants up to `at`; a tick that fails changes nothing."""
        if self.tick_at is not None and at < self.tick_at:
            raise UsageError(Code.EARLIER_TICK, f"the last tick was at {self.tick_at}")
        if at == self.tick_at:
            return
        definitions = with_kept(self.definitions, self.applied)
        seen = {name: WorkflowState() for name in definitions.workflows}
        before = seen | copy.deepcopy(self.workflows)
        world = World(definitions, tables, at, before, copy.deepcopy(self.observed), self.tick_at)
        if not allow_gone:
            self._fail_on_many_gone(world)
        self.observed = world.observed
        starts = self._take_in(definitions, at)
        for workflow in in_order(definitions):
            state = self.workflows[workflow.workflow_id]
            start = starts[workflow.workflow_id]
            if start is not None and start <= at:
                self._tick_workflow(workflow, state, world, Window(start, at, clock))
            state.receipts = receipts(workflow.workflow_id, state, world)
            world.workflows[workflow.workflow_id] = state
        self.queue.clear()
        self.tick_at = at

    def relations(self, tables: Tables) -> Relations:
        """The tables and views of SPEC 7, by name, as of the last tick."""
        assert self.tick_at is not None
        assert self.applied is not None
        return relations(World(self.applied, tables, self.tick_at, self.workflows))

    def instants(self) -> list[datetime]:
        """Every instant at which something happened, in order."""
        found: set[datetime] = set()
        for state in self.workflows.values():
            for passages in state.passages.values():
                found |= passages.instants()
        return sorted(found)

    def _take_in(
        self, definitions: Definitions, tick_at: datetime | None
    ) -> dict[str, datetime | None]:
        """Notes the definitions; S of each workflow that has begun."""
        self.applied = definitions
        return {
            name: take_in(
                workflow,
                definitions.segments,
                self.workflows.setdefault(name, WorkflowState()),
                self.tick_at,
                tick_at,
            )
            for name, workflow in definitions.workflows.items()
        }

    def _fail_on_many_gone(self, world: World) -> None:
        active = {
            contact_id
            for state in self.workflows.values()
            for contact_id, passages in state.passages.items()
            if passages.active() is not None
        }
        gone = active - set(world.contacts)
        if len(gone) > 10 and len(gone) * 100 > world.definitions.max_gone * len(active):
            raise SourceError(
                Code.MANY_GONE, f"{len(gone)} of {len(active)} active contacts are gone"
            )

    def _tick_workflow(
        self, workflow: Workflow, state: WorkflowState, world: World, window: Window
    ) -> None:
        for contact_id, passages in state.passages.items():
            active = passages.active()
            if contact_id not in world.contacts and active is not None:
                end(active, world.at, "contact_deleted")
        for contact in world.contacts.values():
            firings = self._firings(workflow, state, contact, world, window)
            if not workflow.enabled:
                firings = {}
            Walk(workflow, contact, world, window, state, firings).run()

    def _firings(
        self, workflow: Workflow, state: WorkflowState, contact: Row, world: World, window: Window
    ) -> dict[datetime, Firing]:
        """When the trigger fires for a contact (SPEC 4.1); firings at the same d are one."""
        found: list[tuple[datetime, Firing]] = []
        matched: set[tuple[str, object]] = set()
        for trigger in workflow.triggers:
            if isinstance(trigger, FilterTrigger):
                for a in _filter_firings(trigger, state, contact, world, window):
                    is_late = state.re_enroll_from is None or a > state.re_enroll_from
                    firing = Firing(a, workflow.re_enroll and is_late)
                    found.append((max(a, window.start), firing))
            if isinstance(trigger, EventTrigger):
                for row_id, at in _new_events(trigger, state, contact, world):
                    matched.add(row_id)
                    if state.edited_at is not None and at <= state.edited_at:
                        continue
                    d = max(at, contact["created_at"], window.start)
                    if trigger.also is None or criteria_true(trigger.also, contact, d, world):
                        found.append((d, Firing(at, workflow.re_enroll)))
        state.seen_events |= matched
        if (workflow.workflow_id, contact["contact_id"]) in self.queue:
            found.append((world.at, Firing(world.at, workflow.re_enroll)))
        firings: dict[datetime, Firing] = {}
        for d, firing in found:
            firings[d] = firing.merged(firings.get(d, firing))
        return firings


def _filter_firings(
    trigger: FilterTrigger, state: WorkflowState, contact: Row, world: World, window: Window
) -> list[datetime]:
    """The starts of the truth intervals that fire in the window."""
    assert state.active_from is not None
    passages = state.of(contact["contact_id"])
    found = []
    for a, b in intervals(trigger.criteria, contact, world):
        decisions = [each for each in passages.decisions if each.triggered_at >= a]
        counts = trigger.enroll_existing or a >= state.active_from
        if state.edited_at is not None and a <= state.edited_at:
            decisions = [each for each in decisions if each.edits == state.edits]
            counts = trigger.enroll_existing and not passages.enrollments
        if a <= window.end and (b is None or b > window.start) and counts and not decisions:
            found.append(a)
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
