"""Criteria at an instant, straight from SPEC 3, and truth intervals by trying every instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

from goalsql.model import literals
from goalsql.model.catalog import TEXT
from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Criteria,
    During,
    EventLeaf,
    FieldTest,
    Not,
    PropertyLeaf,
    SegmentLeaf,
    Where,
    WorkflowLeaf,
)
from goalsql.model.project import CriteriaSegment
from tests.reference import values
from tests.reference.statuses import has_status, status_instants
from tests.reference.tables import Row
from tests.reference.world import World

Interval: TypeAlias = tuple[datetime, datetime | None]


def criteria_true(
    criteria: Criteria, contact: Row, t: datetime, world: World, since: datetime | None = None
) -> bool:
    """Whether the criteria are true at t; `since` is the enrolled_at that `since` windows mean."""
    if t < contact["created_at"]:
        return False
    match criteria:
        case AllOf(members):
            return all(criteria_true(each, contact, t, world, since) for each in members)
        case AnyOf(members):
            return any(criteria_true(each, contact, t, world, since) for each in members)
        case Not(member):
            return not criteria_true(member, contact, t, world, since)
        case PropertyLeaf():
            return _property_true(criteria, contact, t, world)
        case EventLeaf():
            return _event_true(criteria, contact, t, world, since)
        case SegmentLeaf():
            return _in_segment(criteria.segment, contact, t, world) != criteria.negated
        case WorkflowLeaf():
            state = world.workflows[criteria.workflow]
            return has_status(state, contact["contact_id"], criteria.status, t)


def _property_true(leaf: PropertyLeaf, contact: Row, t: datetime, world: World) -> bool:
    return all(_condition_true(condition, leaf, contact, t, world) for condition in leaf.conditions)


def _condition_true(
    condition: Condition, leaf: PropertyLeaf, contact: Row, t: datetime, world: World
) -> bool:
    column = world.tables.catalog.property_type(leaf.property)
    entries = [entry for entry in world.history(contact, leaf.property) if entry[0] <= t]
    value = entries[-1][1]
    operator = condition.operator

    if operator == "known":
        return (value is not None) == (condition.values == ("true",))

    if operator in ("ever", "never"):
        equals = Condition("is", condition.values)
        was = any(
            each is not None
            and values.holds(equals, each, column, leaf.ignore_case, world.timezone)
            for _, each in entries
        )
        return was == (operator == "ever")

    if operator in ("changed_within", "not_changed_within"):
        assert condition.duration is not None
        changed = any(
            entries[i][1] != entries[i - 1][1] and t - entries[i][0] < condition.duration
            for i in range(1, len(entries))
        )
        return changed == (operator == "changed_within")

    if value is None:
        return leaf.include_unknown

    if condition.duration is not None:
        instant = values.as_instant(value, column, world.timezone)
        return _time_holds(condition, instant, t)

    return values.holds(condition, value, column, leaf.ignore_case, world.timezone)


def _time_holds(condition: Condition, instant: datetime, t: datetime) -> bool:
    assert condition.duration is not None
    if condition.operator == "within_last":
        return instant <= t and t - instant < condition.duration
    if condition.operator == "within_next":
        return instant > t and instant - t <= condition.duration
    if condition.operator == "more_than_ago":
        return t - instant >= condition.duration
    if condition.operator == "more_than_ahead":
        return instant - t > condition.duration
    raise ValueError(f"{condition.operator} takes no duration")


def _event_true(
    leaf: EventLeaf, contact: Row, t: datetime, world: World, since: datetime | None
) -> bool:
    number = 0
    for event in matching_events(leaf, contact, world):
        in_window = leaf.during is None or _is_during(leaf.during, event, t, world, since)
        if event["occurred_at"] <= t and in_window:
            number += 1
    return leaf.times.low <= number and (leaf.times.high is None or number <= leaf.times.high)


def matching_events(leaf: EventLeaf, contact: Row, world: World) -> list[Row]:
    """The contact's events that satisfy `where`, in time order, whatever the window."""
    return [
        event
        for event in world.events(leaf.event, contact["contact_id"])
        if leaf.where is None or where_true(leaf.where, leaf.event, event, world)
    ]


def _is_during(
    during: During, event: Row, t: datetime, world: World, since: datetime | None
) -> bool:
    at = event["occurred_at"]
    bounds = [literals.instant_or_day(text, world.timezone) for text in during.bounds]
    if during.form == "last":
        assert during.duration is not None
        return bool(t - at < during.duration)
    if during.form == "after":
        return values.after(at, bounds[0])
    if during.form == "before":
        return values.before(at, bounds[0])
    if during.form == "between":
        return not values.before(at, bounds[0]) and not values.after(at, bounds[1])
    if since is None:
        raise ValueError("since: enrollment stands where there is no enrollment")
    return bool(at > since)


def where_true(where: Where, source: str, event: Row, world: World) -> bool:
    """Whether one event satisfies `where`, by its own fields."""
    match where:
        case AllOf(members):
            return all(where_true(each, source, event, world) for each in members)
        case AnyOf(members):
            return any(where_true(each, source, event, world) for each in members)
        case Not(member):
            return not where_true(member, source, event, world)
        case FieldTest():
            return all(
                _field_holds(condition, where, source, event, world)
                for condition in where.conditions
            )


def _field_holds(
    condition: Condition, test: FieldTest, source: str, event: Row, world: World
) -> bool:
    column = world.tables.catalog.events.get(source, {}).get(test.name, TEXT)
    value = event.get(test.name)
    if condition.operator == "known":
        return (value is not None) == (condition.values == ("true",))
    if value is None:
        return test.include_unknown
    return values.holds(condition, value, column, test.ignore_case, world.timezone)


def _in_segment(name: str, contact: Row, t: datetime, world: World) -> bool:
    segment = world.definitions.segments[name]
    if isinstance(segment, CriteriaSegment):
        return criteria_true(segment.criteria, contact, t, world)
    return any(
        since <= t and (until is None or t < until)
        for since, until in world.member_spans(name, contact)
    )


def change_instants(criteria: Criteria, contact: Row, world: World) -> set[datetime]:
    """Every instant, from created_at on, at which the truth of the criteria may change."""
    found = {contact["created_at"]} | _raw_change_instants(criteria, contact, world)
    return {instant for instant in found if instant >= contact["created_at"]}


def _raw_change_instants(criteria: Criteria, contact: Row, world: World) -> set[datetime]:
    match criteria:
        case AllOf(members) | AnyOf(members):
            return set().union(*(_raw_change_instants(m, contact, world) for m in members))
        case Not(member):
            return _raw_change_instants(member, contact, world)
        case PropertyLeaf():
            return _property_changes(criteria, contact, world)
        case EventLeaf():
            instants = {row["occurred_at"] for row in matching_events(criteria, contact, world)}
            if criteria.during is not None and criteria.during.duration is not None:
                instants |= _shifted(instants, criteria.during.duration)
            return instants
        case SegmentLeaf():
            segment = world.definitions.segments[criteria.segment]
            if isinstance(segment, CriteriaSegment):
                return _raw_change_instants(segment.criteria, contact, world)
            spans = world.member_spans(criteria.segment, contact)
            return {instant for span in spans for instant in span if instant is not None}
        case WorkflowLeaf():
            return status_instants(world.workflows[criteria.workflow].of(contact["contact_id"]))


def _property_changes(leaf: PropertyLeaf, contact: Row, world: World) -> set[datetime]:
    """Every entry; and by arithmetic on entries and on values, backward and forward."""
    column = world.tables.catalog.property_type(leaf.property)
    history = world.history(contact, leaf.property)
    instants = {at for at, _ in history}
    for condition in leaf.conditions:
        if condition.duration is None:
            continue
        if condition.operator in ("changed_within", "not_changed_within"):
            instants |= _shifted({at for at, _ in history}, condition.duration)
            continue
        held = {
            values.as_instant(value, column, world.timezone)
            for _, value in history
            if value is not None
        }
        instants |= held
        instants |= _shifted(held, condition.duration)
        instants |= _shifted(held, -condition.duration)
    return instants


def _shifted(instants: set[datetime], by: timedelta) -> set[datetime]:
    """The instants moved by a duration; one moved beyond the calendar never comes."""
    found = set()
    for instant in instants:
        try:
            found.add(instant + by)
        except OverflowError:
            continue
    return found


def intervals(
    criteria: Criteria, contact: Row, world: World, since: datetime | None = None
) -> list[Interval]:
    """The truth intervals `[from, to)` in order, never touching; `to` None is for ever."""
    found: list[Interval] = []
    start: datetime | None = None
    for instant in sorted(change_instants(criteria, contact, world)):
        is_true = criteria_true(criteria, contact, instant, world, since)
        if is_true and start is None:
            start = instant
        if not is_true and start is not None:
            found.append((start, instant))
            start = None
    if start is not None:
        found.append((start, None))
    return found
