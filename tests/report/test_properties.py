"""Random small states: the views agree with each other and with SPEC 6 in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.report.database import Database, day

LAST = 12
EPOCH_FROM = day(5)
TABLES = ("workflows", "enrollments", "receipts", "goal_completions", "ticks")


@dataclass
class Passage:
    enrolled_at: datetime
    left_at: datetime | None
    reason: str | None
    met: dict[int, datetime] = field(default_factory=dict)


@dataclass
class Person:
    passages: list[Passage]
    receipts: list[datetime]


instants = st.integers(1, LAST).map(day)


@st.composite
def people(draw: st.DrawFn, epoch: int) -> Person:
    """Passages one after the other, each with the completions that it could have."""
    borders = sorted(draw(st.lists(st.integers(1, LAST - 1), max_size=6)))
    passages = []
    for number in range(0, len(borders), 2):
        start, *end = borders[number : number + 2]
        reason = draw(st.sampled_from([None, "goal_met", "suppressed"])) if end else None
        passage = Passage(day(start), day(end[0]) if end else None, reason)
        if reason == "goal_met":
            in_epoch = 1 if end[0] < 5 else draw(st.integers(1, epoch)) if end[0] == 5 else epoch
            passage.met[in_epoch] = day(draw(st.integers(1, end[0])))
        elif end and reason is None:
            for each in draw(st.sets(st.integers(1, epoch))):
                first = end[0] if each == 1 else max(end[0], 5)
                passage.met[each] = day(draw(st.integers(first, LAST)))
        passages.append(passage)
    return Person(passages, draw(st.lists(instants, max_size=3)))


@st.composite
def states(draw: st.DrawFn) -> tuple[int, list[Person]]:
    epoch = draw(st.sampled_from([1, 2]))
    return epoch, draw(st.lists(people(epoch), max_size=6))


@pytest.fixture(scope="module")
def shared() -> Database:
    return Database("Europe/Paris")


def fill(db: Database, epoch: int, persons: list[Person]) -> None:
    for table in TABLES:
        db.run(f"DELETE FROM goalsql.{table}")
    db.workflow(epoch=epoch, epoch_from=EPOCH_FROM if epoch == 2 else day(1))
    db.tick(day(LAST))
    for contact, person in enumerate(persons):
        for at in person.receipts:
            db.received(contact, at)
        for number, passage in enumerate(person.passages, start=1):
            by_epoch = epoch == 1 or (epoch in passage.met and passage.left_at == EPOCH_FROM)
            tick = None if passage.left_at is None else passage.left_at.day + by_epoch
            db.enrolled(
                contact, passage.enrolled_at, passage.left_at, passage.reason, number, by_tick=tick
            )
            for of_epoch, met_at in passage.met.items():
                db.met(contact, met_at, number, of_epoch)


def counts(passage: Passage, epoch: int) -> bool:
    return epoch in passage.met and (epoch == 1 or passage.met[epoch] >= EPOCH_FROM)


def converts(passage: Passage, person: Person, epoch: int) -> bool:
    if not counts(passage, epoch) or not person.receipts:
        return False
    met_at = passage.met[epoch]
    return met_at > min(person.receipts) and met_at >= passage.enrolled_at


def could_be_seen(passage: Passage, epoch: int) -> bool:
    if epoch == 1 or passage.enrolled_at >= EPOCH_FROM or passage.reason is None:
        return True
    return epoch in passage.met or (passage.left_at is not None and passage.left_at > EPOCH_FROM)


def bucket(person: Person, epoch: int) -> str:
    if any(converts(passage, person, epoch) for passage in person.passages):
        return "converted"
    if any(counts(passage, epoch) for passage in person.passages):
        return "met_goal_before_email" if person.receipts else "met_goal_no_email"
    latest = person.passages[-1]
    status = "active" if latest.left_at is None else "left" if latest.reason else "completed"
    return f"{'emailed' if person.receipts else 'not_emailed'}_{status}"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(states())
def test_the_views_say_what_the_spec_says(
    shared: Database, state: tuple[int, list[Person]]
) -> None:
    epoch, persons = state
    fill(shared, epoch, persons)
    enrolled = [person for person in persons if person.passages]
    expected = Counter(bucket(person, epoch) for person in enrolled)
    recipients = sum(
        bool(person.receipts) and any(could_be_seen(each, epoch) for each in person.passages)
        for person in enrolled
    )
    row = shared.one("workflow_goal_metrics")
    assert shared.funnel() == expected
    assert row["enrolled"] == len(enrolled) == sum(expected.values())
    assert row["recipients"] == recipients
    assert row["converted"] == expected["converted"]
    assert row["met_goal"] == sum(n for name, n in expected.items() if "emailed" not in name)
    assert row["active"] + row["completed"] + row["unenrolled"] == row["enrolled"]
    assert row["conversion_rate"] == (expected["converted"] / recipients if recipients else None)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(states())
def test_every_view_tells_of_the_same_conversions(
    shared: Database, state: tuple[int, list[Person]]
) -> None:
    epoch, persons = state
    fill(shared, epoch, persons)
    row = shared.one("workflow_goal_metrics")
    by_epoch: dict[int, set[int]] = defaultdict(set)
    for found in shared.view("goal_contacts"):
        assert (found["time_to_goal"] is not None) is found["converted"]
        if found["converted"]:
            by_epoch[found["goal_epoch"]].add(found["contact_id"])
    times = {found["goal_epoch"]: found["converted"] for found in shared.view("time_to_goal")}
    assert times == {each: len(contacts) for each, contacts in by_epoch.items()}
    assert row["converted"] == len(by_epoch[epoch]) == shared.funnel().get("converted", 0)
    assert row["converted"] <= min(row["recipients"], row["met_goal"])
    trend = shared.view("goal_trend")
    assert bool(trend) is bool(row["enrolled"])
    for column in ("enrolled", "met_goal", "converted"):
        assert sum(found[column] for found in trend) == row[column]
    if trend:
        assert trend[-1]["cumulative_converted"] == row["converted"]
        assert trend[-1]["cumulative_recipients"] == row["recipients"]
        assert trend[-1]["cumulative_conversion_rate"] == row["conversion_rate"]
        assert all(
            found["cumulative_converted"] <= found["cumulative_recipients"] for found in trend
        )
