"""A long story of a small project: what arrives, changes and is edited before each tick.

Unlike the worlds of tests/property it is drawn turn by turn, and has no end of its own: contacts
come, stay for a while and vanish, so that there are never many at a time. What its definitions say
is drawn from the same strategies.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from tests.property import workflows
from tests.property.criteria import Vocabulary
from tests.property.edits import MET_AGAIN, step_lists
from tests.property.pools import (
    BAD_TEXTS,
    CHANGED_TEXTS,
    EMAIL_VALUES,
    EVENT_FIELDS,
    GRID,
    ONLY_IN_HISTORY,
    PROPERTIES,
    START,
    VALUES,
    VARCHAR,
)
from tests.property.world import Edit
from tests.property.worlds import LATEST_ACTIVE_FROM
from tests.reference.tables import Row
from tests.soak.world import EMAIL, Turn

T = TypeVar("T")
STRANGER = -1
PRESENT = 24
"""How many contacts there are at a time."""
LIFE = 160
"""For how many ticks a contact is there."""
SPAN = timedelta(days=7)
"""What the ticks of a story go over: the criteria speak of its first five days."""
PLAIN = Vocabulary(True, True, ("people", "first", "second"))
VOCABULARIES = {
    "w1": PLAIN,
    "w2": PLAIN,
    "w'3 é": replace(PLAIN, workflows=("w1",)),
}
"""What each workflow may speak of: only the first is never taken away."""
SEGMENTS = {"first": replace(PLAIN, segments=("people",)), "second": replace(PLAIN, segments=())}
PARTS = ("goal", "no goal", "trigger", "re_enroll", "enroll_existing", "steps", "steps",
    "suppression", "unenroll_when", "segment", "enabled", "file", "file",
)  # fmt: skip
"""What is edited."""


def drawn(strategy: st.SearchStrategy[T], number: int, seed: int) -> list[T]:
    """Up to so many values of a strategy, the same ones for the same seed."""
    found: list[T] = []

    @hypothesis.settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.seed(seed)
    @given(strategy)
    def collect(value: T) -> None:
        found.append(value)

    collect()
    return found


@dataclass
class Pool:
    """What the definitions of one workflow may become."""

    goals: list[Any]
    enrollments: list[Any]
    exits: list[Any]
    steps: list[Any]

    @classmethod
    def of(cls, vocabulary: Vocabulary, number: int, seed: int) -> Pool:
        """So many of each."""
        steps = workflows.Steps(vocabulary, has_ids=False)
        return cls(
            [*drawn(workflows.goal(vocabulary), number, seed), *MET_AGAIN],
            drawn(workflows.enrollment(vocabulary), number, seed),
            drawn(workflows.unenroll_when(vocabulary), number, seed),
            drawn(steps.some(depth=2), number, seed),
        )


def numbered(steps: list[Any]) -> list[Any]:
    """A copy whose steps have ids; those at the same place in another list have the same."""
    steps = copy.deepcopy(steps)
    number = 0
    for some in step_lists(steps):
        for place, step in enumerate(some):
            number += 1
            some[place] = {"id": f"s{number}"} | step
    return steps


@dataclass
class Story:
    """Draws the turns of a seed, one after the other."""

    ticks: int
    seed: int
    present: dict[int, Row] = field(default_factory=dict)
    gone: list[Row] = field(default_factory=list)
    sent: dict[str, list[Row]] = field(default_factory=dict)
    contacts: int = 0
    files: Edit | None = None

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        number = max(10, min(self.ticks // 8, 150))
        self.pools = {
            name: Pool.of(vocabulary, number, self.seed)
            for name, vocabulary in VOCABULARIES.items()
        }
        self.segments = {
            name: drawn(workflows.comes_late(vocabulary), number, self.seed)
            for name, vocabulary in SEGMENTS.items()
        }
        self.away: set[str] = set()
        self.definitions = {name: self._workflow(name) for name in VOCABULARIES}
        self.dynamic = {name: self._segment(name) for name in SEGMENTS}
        self.members: list[int] = []

    def turns(self) -> list[Turn]:
        """All of them."""
        every = SPAN / self.ticks
        return [self._turn(number, START + (number + 1) * every, every)
            for number in range(self.ticks)
        ]  # fmt: skip

    def _turn(self, number: int, at: datetime, every: timedelta) -> Turn:
        before = at - every
        seen_before = {name for name, row in self.present.items() if row["created_at"] <= before}
        enabled_before = self._enabled()
        self._come_and_go(number, at)
        self._change_columns(at, every)
        if not self.members or self.random.random() < 0.1:
            some = self.random.randrange(1, 6)
            self.members = self.random.sample(range(1, self.contacts + 1), some)
        edits = self._edits(number)
        enrolled = []
        both = sorted(enabled_before & self._enabled())
        known = sorted(seen_before & self.present.keys())
        if number and at > LATEST_ACTIVE_FROM and both and self.random.random() < 0.2:
            enrolled.append((self.random.choice(both), self.random.choice(known)))
        return Turn(
            at,
            self.random.choice(("tick", "tick", "event")),
            [dict(row) for row in self.present.values()],
            [{"contact_id": name} for name in self.members],
            self._rows(number, at, every),
            edits,
            enrolled,
        )

    def _enabled(self) -> set[str]:
        return {
            name
            for name, each in self.definitions.items()
            if name not in self.away and each.get("enabled", True)
        }

    def _come_and_go(self, number: int, at: datetime) -> None:
        """A few contacts come, and as many go for a while or for ever."""
        coming = 0 if number else PRESENT
        if self.random.random() < PRESENT / LIFE:
            coming += 1
            oldest = list(self.present)[: PRESENT // 2]
            if number and oldest:
                self.gone.append(self.present.pop(self.random.choice(oldest)))
        for _ in range(coming):
            if self.gone and self.random.random() < 0.2:
                row = self.gone.pop(self.random.randrange(len(self.gone)))
            else:
                self.contacts += 1
                created_at = at - timedelta(hours=self.random.choice((-6, 0, 0, 1, 12, 48)))
                row = {"contact_id": self.contacts, "created_at": created_at}
                row["updated_at"] = created_at
                for name, kind in PROPERTIES.items():
                    row[name] = self.random.choice((*VALUES[kind.kind], None))
            self.present[row["contact_id"]] = row

    def _change_columns(self, at: datetime, every: timedelta) -> None:
        if self.random.random() < 0.25:
            row = self.present[self.random.choice(list(self.present))]
            name = self.random.choice(sorted(PROPERTIES))
            row[name] = self.random.choice((*VALUES[PROPERTIES[name].kind], None))
            row["updated_at"] = self.random.choice((at, at - every / 2, at - 3 * every, None))

    def _rows(self, number: int, at: datetime, every: timedelta) -> dict[str, list[Row]]:
        """A few new rows; some come late, twice, or are not whole."""
        rows: dict[str, list[Row]] = {}
        for name, chance in {"page_view": 0.6, "form": 0.35, EMAIL: 0.5}.items():
            if self.random.random() < chance:
                rows[name] = [self._event(name, at, every)]
                held = self.sent.setdefault(name, [])
                if held and self.random.random() < 0.05:
                    rows[name].append(dict(self.random.choice(held[-50:])))
                held.extend(rows[name])
        if number == 0:  # what is only in the history is known from the first tick on
            known = {"property": ONLY_IN_HISTORY, "value": "pro", "occurred_at": START}
            rows["property_changes"] = [{"contact_id": 1} | known]
        elif self.random.random() < 0.2:
            rows["property_changes"] = [self._property_change(at, every)]
        return rows

    def _instant(self, at: datetime, every: timedelta) -> datetime | None:
        drawn = self.random.random()
        if drawn < 0.75:
            return at - every * self.random.randrange(8) / 8
        if drawn < 0.9:  # comes late
            return at - timedelta(minutes=self.random.randrange(2 * 24 * 60))
        if drawn < 0.95:
            return at + timedelta(minutes=self.random.randrange(24 * 60))
        return None if drawn > 0.99 else self.random.choice(GRID)

    def _owner(self) -> int | None:
        drawn = self.random.random()
        if drawn < 0.9:
            return self.random.choice(list(self.present))
        if drawn < 0.97:
            return self.random.randrange(1, self.contacts + 1)
        return STRANGER if drawn < 0.99 else None

    def _event(self, source: str, at: datetime, every: timedelta) -> Row:
        occurred_at = self._instant(at, every)
        number = len(self.sent.get(source, ()))
        row: Row = {
            "contact_id": self._owner(),
            "event_id": None if self.random.random() < 0.01 else number,
            "occurred_at": occurred_at,
        }
        if source == EMAIL:
            row["loaded_at"] = self.random.choice((None, None, at, occurred_at, at + 9 * every))
            row["workflow_id"] = self.random.choice(("w1", *VOCABULARIES, "other"))
            return row | {name: self.random.choice(some) for name, some in EMAIL_VALUES.items()}
        for name, kind in EVENT_FIELDS[source].items():
            row[name] = self.random.choice((*VALUES[kind.kind], None))
        return row

    def _property_change(self, at: datetime, every: timedelta) -> Row:
        name = self.random.choice((*PROPERTIES, "stage", ONLY_IN_HISTORY))
        kind = PROPERTIES[name].kind if name in PROPERTIES else VARCHAR.kind
        bad = self.random.random() < 0.05
        texts = BAD_TEXTS[kind] if bad else CHANGED_TEXTS[kind]
        return {
            "contact_id": self._owner(),
            "property": name,
            "value": self.random.choice((*texts, None)),
            "occurred_at": self._instant(at, every),
        }

    def _workflow(self, name: str) -> dict[str, Any]:
        pool = self.pools[name]
        first = [{"send_email": "welcome"}, {"delay": "6 hours"}]
        return {
            "id": name,
            "active_from": START.isoformat() + "Z",
            "enrollment": copy.deepcopy(self.random.choice(pool.enrollments)),
            "goal": copy.deepcopy(self.random.choice(pool.goals)),
            "steps": numbered([*first, *self.random.choice(pool.steps)]),
        }

    def _segment(self, name: str) -> dict[str, Any]:
        return {"criteria": copy.deepcopy(self.random.choice(self.segments[name]))}

    def _edits(self, number: int) -> list[Edit]:
        """The files after an edit or two, or as they were."""
        found = []
        drawn = self.random.random()
        if number and drawn < 0.15:
            self._edit()
        if number and drawn < 0.04:
            found.append(self._files(number, is_applied=True))
            self._edit()
        return [*found, self._files(number)]

    def _files(self, number: int, is_applied: bool = False) -> Edit:
        there = [each for name, each in self.definitions.items() if name not in self.away]
        if self.files is None or (self.files.segments, self.files.workflows) != (
            self.dynamic,
            there,
        ):
            self.files = Edit(number, copy.deepcopy(self.dynamic), copy.deepcopy(there))
        return replace(self.files, is_applied=is_applied)

    def _edit(self) -> None:
        """Changes one thing."""
        name = self.random.choice(list(VOCABULARIES))
        workflow, pool = self.definitions[name], self.pools[name]
        what = self.random.choice(PARTS)
        if what == "file" and name != "w1":
            self.away ^= {name}
        elif what == "segment":
            segment = self.random.choice(list(SEGMENTS))
            self.dynamic[segment] = self._segment(segment)
        elif what == "goal" or (what == "no goal" and workflow.pop("goal", None) is None):
            workflow["goal"] = copy.deepcopy(self.random.choice(pool.goals))
        elif what == "trigger":
            workflow["enrollment"] = copy.deepcopy(self.random.choice(pool.enrollments))
        elif what == "re_enroll":
            enrollment = workflow["enrollment"]
            enrollment["re_enroll"] = not enrollment.get("re_enroll", False)
        elif what == "enroll_existing":
            self._edit_forms(workflow["enrollment"])
        elif what == "steps":
            workflow["steps"] = numbered(self.random.choice(pool.steps))
        elif what == "suppression":
            names = self.random.sample(PLAIN.segments, self.random.randrange(3))
            workflow["suppression"] = names
        elif what == "unenroll_when" and workflow.pop(what, None) is None:
            workflow[what] = copy.deepcopy(self.random.choice(pool.exits))
        elif what == "enabled":
            workflow["enabled"] = not workflow.get("enabled", True)

    def _edit_forms(self, enrollment: dict[str, Any]) -> None:
        for form in enrollment.get("of", [enrollment]):
            if form["trigger"] == "filter":
                form["enroll_existing"] = not form.get("enroll_existing", True)
