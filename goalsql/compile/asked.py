"""What rules ask of the sources, and what of it is remembered from tick to tick (SPEC 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter

from goalsql.compile.events import matcher_of
from goalsql.compile.observing import is_watched
from goalsql.compile.rules import is_scoped
from goalsql.model.catalog import Catalog
from goalsql.model.criteria import Criteria, EventLeaf, leaves
from goalsql.model.project import CriteriaSegment, Definitions, StaticSegment
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.model.usage import properties_in_use, segments_in_use, segments_of
from goalsql.model.workflow import EventTrigger, criteria_of


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of the sources, by what it was asked for.

    The number of each matcher by its text, with what its events are kept for; and the names of
    properties and static segments.
    """

    matchers: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    properties: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()


NOTHING = Kept()


@dataclass(frozen=True, slots=True)
class Asked:
    """All that some workflows ask of event sources, and all workflows of properties and segments.

    `numbers` are those of the event leaves' matchers: the same from tick to tick as long as it is
    kept what they stand for. `triggers` and `counted` are what `match_events` says. Of the numbers,
    `fresh` are those that the last tick did not have, `renewed` those whose events it kept for
    something else, `dropped` those that it had and this one has not. `kept` is for the next tick.
    """

    numbers: dict[EventLeaf, int]
    triggers: frozenset[int]
    counted: frozenset[int]
    fresh: frozenset[int]
    renewed: frozenset[int]
    dropped: frozenset[int]
    kept: Kept

    @classmethod
    def of(
        cls, definitions: Definitions, catalog: Catalog, workflows: Sequence[str], kept: Kept
    ) -> Asked:
        """What is asked, with the numbers that are kept and new ones for the rest."""
        matchers: set[EventLeaf] = set()
        triggers: set[EventLeaf] = set()
        counted: set[EventLeaf] = set()
        for leaf, is_trigger in _event_leaves(definitions, workflows):
            matcher = matcher_of(leaf)
            matchers.add(matcher)
            if is_trigger:
                triggers.add(matcher)
            if leaf.times.low > 1 or (leaf.times.high or 0) > 0 or is_scoped(leaf):
                counted.add(matcher)
        uses = {leaf: repr((leaf in triggers, leaf in counted)) for leaf in matchers}
        before = kept.matchers
        unused = count(max((number for number, _ in before.values()), default=0) + 1)
        numbers = {
            leaf: before[text][0] if text in before else next(unused)
            for leaf, text in sorted(((leaf, repr(leaf)) for leaf in matchers), key=itemgetter(1))
        }
        now = {repr(leaf): (number, uses[leaf]) for leaf, number in numbers.items()}
        segments = frozenset(
            name
            for name, segment in segments_in_use(definitions).items()
            if isinstance(segment, StaticSegment) and not is_watched(name, catalog)
        )
        return cls(
            numbers,
            triggers=frozenset(numbers[leaf] for leaf in triggers),
            counted=frozenset(numbers[leaf] for leaf in counted),
            fresh=frozenset(now[text][0] for text in now.keys() - before.keys()),
            renewed=frozenset(
                now[text][0] for text in now.keys() & before.keys() if now[text] != before[text]
            ),
            dropped=frozenset(before[text][0] for text in before.keys() - now.keys()),
            kept=Kept(now, frozenset(properties_in_use(definitions)), segments),
        )

    def of_source(self, event: str) -> dict[EventLeaf, int]:
        """What is asked of one event source."""
        return {leaf: number for leaf, number in self.numbers.items() if leaf.event == event}

    def sources(self) -> list[str]:
        """The event sources that anything is asked of, but for those made of state."""
        return sorted({leaf.event for leaf in self.numbers} - set(BUILT_IN_EVENTS))


def _event_leaves(
    definitions: Definitions, workflows: Sequence[str]
) -> Iterator[tuple[EventLeaf, bool]]:
    several: list[Criteria] = []
    for name in workflows:
        workflow = definitions.workflows[name]
        several.extend(criteria_of(workflow))
        for segment in segments_of(workflow, definitions.segments).values():
            if isinstance(segment, CriteriaSegment):
                several.append(segment.criteria)
        for trigger in workflow.triggers:
            if isinstance(trigger, EventTrigger):
                yield from ((leaf, True) for leaf in trigger.events)
    for criteria in several:
        for leaf, _ in leaves(criteria):
            if isinstance(leaf, EventLeaf):
                yield leaf, False
