"""Criteria at an instant, worked out by hand (SPEC 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from goalsql.errors import SourceError
from goalsql.model.project import CriteriaSegment
from tests.reference.stories import Story, as_day, day
from tests.reference.truth import intervals
from tests.reference.world import World


def true_days(story: Story, criteria: str, until: float = 100) -> str:
    """The truth intervals of contact 1 as text, e.g. `1-3 5-`."""
    asked = replace(story, segments=f"{story.segments}asked: {{criteria: {criteria}}}\n")
    definitions = asked.definitions()
    world = World(definitions, story.tables(), day(until))
    segment = definitions.segments["asked"]
    assert isinstance(segment, CriteriaSegment)
    found = intervals(segment.criteria, world.contacts[1], world)
    return " ".join(f"{as_day(a)}-{'' if b is None else as_day(b)}" for a, b in found)


def stages() -> Story:
    """Created on day 1; lead on 2, customer on 4, unknown on 6."""
    story = Story().contact(stage="ignored, as there is history")
    return story.change("stage", "lead", 2).change("stage", "customer", 4).change("stage", None, 6)


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("{property: stage, is: lead}", "2-4"),
        ("{property: stage, is_not: lead}", "4-6"),
        ("{not: {property: stage, is: lead}}", "1-2 4-"),
        ("{property: stage, is_not: lead, include_unknown: true}", "1-2 4-"),
        ("{property: stage, any_of: [customer, lead]}", "2-6"),
        ("{property: stage, none_of: [customer, x]}", "2-4"),
        ("{property: stage, is: LEAD}", ""),
        ("{property: stage, is: LEAD, ignore_case: true}", "2-4"),
        ("{property: stage, contains: stom}", "4-6"),
        ("{property: stage, not_contains: stom}", "2-4"),
        ("{property: stage, starts_with: cu}", "4-6"),
        ("{property: stage, not_ends_with: er}", "2-4"),
        ("{property: stage, known: true}", "2-6"),
        ("{property: stage, known: false}", "1-2 6-"),
        ("{property: stage, ever: lead}", "2-"),
        ("{property: stage, never: customer}", "1-4"),
        ("{property: stage, changed_within: 1 day}", "2-3 4-5 6-7"),
        ("{property: stage, not_changed_within: 1 day}", "1-2 3-4 5-6 7-"),
        ("{property: stage, ever: lead, is: customer}", "4-6"),
        ("[{property: stage, known: true}, {not: {property: stage, is: lead}}]", "4-6"),
        ("{any: [{property: stage, is: lead}, {property: stage, known: false}]}", "1-4 6-"),
    ],
)
def test_property_operators(criteria: str, expected: str) -> None:
    assert true_days(stages(), criteria) == expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("{property: score, gte: 5}", "1-2 4-"),
        ("{property: score, lt: 05}", "2-4"),
        ("{property: score, between: [2, 4]}", "2-4"),
        ("{property: score, not_between: [2, 4]}", "1-2 4-"),
    ],
)
def test_numbers_compare_as_numbers(criteria: str, expected: str) -> None:
    story = Story().contact().change("score", "5", 0)
    assert true_days(story.change("score", "3", 2).change("score", "10", 4), criteria) == expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("{property: renewal, within_last: 2 days}", "5-7"),
        ("{property: renewal, within_next: 2 days}", "3-5"),
        ("{property: renewal, more_than_ago: 2 days}", "7-"),
        ("{property: renewal, more_than_ahead: 2 days}", "1-3"),
        ("{property: renewal, is: 2026-01-05}", "1-"),
        ("{property: renewal, lt: 2026-01-05}", ""),
        ("{property: renewal, lte: 2026-01-05}", "1-"),
        ("{property: renewal, gt: 2026-01-04T23:59:59Z}", "1-"),
        ("{property: renewal, between: [2026-01-04, 2026-01-05]}", "1-"),
        ("{property: renewal, not_between: [2026-01-06, 2026-01-07]}", "1-"),
    ],
)
def test_instants_against_time_and_days(criteria: str, expected: str) -> None:
    assert true_days(Story().contact(renewal=day(5)), criteria) == expected


def test_a_date_is_a_day_in_the_timezone_of_the_project() -> None:
    story = Story(timezone="Europe/Paris").contact(birthday=date(2026, 1, 5))
    an_hour_early = 5 - 1 / 24
    found = true_days(story, "{property: birthday, within_last: 1 day}")
    assert found == f"{an_hour_early}-{an_hour_early + 1}"
    assert true_days(story, "{property: birthday, is: 2026-01-05}") == "1-"


def test_days_of_instants_follow_the_timezone() -> None:
    story = Story(timezone="Europe/Paris").contact(renewal=day(5 - 1 / 48))
    assert true_days(story, "{property: renewal, is: 2026-01-05}") == "1-"


def test_no_history_means_the_column_from_created_at_on() -> None:
    assert (
        true_days(Story().contact(created=3, stage="lead"), "{property: stage, is: lead}") == "3-"
    )


def test_rows_after_t_decide_that_there_is_history() -> None:
    story = Story().contact(stage="lead").change("stage", "customer", 9)
    assert true_days(story, "{property: stage, known: true}", until=8) == ""


def test_rows_from_before_created_at_count_at_created_at_in_their_own_order() -> None:
    story = Story().contact(created=5)
    story.change("stage", "b", 3).change("stage", "a", 2)
    assert true_days(story, "{property: stage, is: b}") == "5-"
    assert true_days(story, "{property: stage, ever: a}") == "5-"


def test_ever_sees_an_entry_superseded_at_the_same_instant() -> None:
    story = Story().contact().change("stage", "b", 2).change("stage", "a", 2)
    assert true_days(story, "{property: stage, is: b}") == "2-"
    assert true_days(story, "{property: stage, ever: a}") == "2-"


def test_empty_text_is_a_text_and_no_number() -> None:
    story = Story().contact().change("stage", "", 2).change("score", "", 2)
    assert true_days(story, "{property: stage, known: true}") == "2-"
    assert true_days(story, "{property: score, known: true}") == ""


def test_a_text_that_cannot_be_cast_is_skipped_or_fails() -> None:
    skipping = Story(on_bad_value="skip").contact(score=1).change("score", "5", 2)
    assert true_days(skipping.change("score", "many", 3), "{property: score, is: 5}") == "2-"
    failing = Story().contact().change("score", "many", 3)
    workflow = "enrollment: {trigger: filter, criteria: {property: score, is: 5}}"
    with pytest.raises(SourceError, match="many"):
        failing.run(workflow, 5)
    assert failing.run(workflow, 2).decisions() == []


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("{event: visit}", "2-"),
        ("{event: visit, never: true}", "1-2"),
        ("{event: visit, times: {at_least: 2}}", "3-"),
        ("{event: visit, times: {at_most: 1}}", "1-3"),
        ("{event: visit, times: {exactly: 2}}", "3-6"),
        ("{event: visit, times: {between: [1, 2]}}", "2-6"),
        ("{event: visit, during: {last: 1 day}}", "2-4 6-7"),
        ("{event: visit, times: {at_least: 2}, during: {last: 36 hours}}", "3-3.5"),
        ("{event: visit, never: true, during: {last: 2 days}}", "1-2 5-6 8-"),
        ("{event: visit, during: {after: 2026-01-02}}", "3-"),
        ("{event: visit, during: {after: 2026-01-03T00:00:00Z}}", "6-"),
        ("{event: visit, during: {before: 2026-01-02}}", ""),
        ("{event: visit, during: {before: 2026-01-02T00:00:01Z}}", "2-"),
        ("{event: visit, during: {between: [2026-01-03, 2026-01-06T00:00:00Z]}}", "3-"),
    ],
)
def test_times_and_windows(criteria: str, expected: str) -> None:
    assert true_days(Story().contact().visit(2, 3, 6), criteria) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("{path: {is: /a}}", "2-"),
        ("{path: {is_not: /a}}", "3-"),
        ("{path: {known: false}}", "4-"),
        ("{path: {is_not: /a, include_unknown: true}, amount: {gte: 5}}", "4-"),
        ("{not: {path: {is: /a}}}", "3-"),
        ("{any: [{path: {starts_with: /B, ignore_case: true}}, {amount: {is: 9}}]}", "3-"),
    ],
)
def test_where(where: str, expected: str) -> None:
    story = Story().contact().visit(2, path="/a", amount=5).visit(3, path="/b", amount=4)
    story.visit(4, path=None, amount=5)
    assert true_days(story, f"{{event: visit, where: {where}}}") == expected


def test_events_from_before_created_at_count_but_nothing_is_true_before_it() -> None:
    story = Story().contact(created=5).visit(2, 3)
    assert true_days(story, "{event: visit, times: {at_least: 2}}") == "5-"
    assert true_days(story, "{not: {event: visit, times: {at_least: 3}}}") == "5-"


def test_bad_rows_duplicates_and_late_rows_are_not_counted() -> None:
    story = Story().contact().visit(2, 2)
    story.visits[1]["event_id"] = story.visits[0]["event_id"]
    story.visit(2, contact_id=None).visit(2, event_id=None).visit(2, occurred_at=None)
    story.visit(2, contact_id=99).visit(2, loaded_at=day(50))
    assert true_days(story, "{event: visit}", until=49) == "2-"
    assert true_days(story, "{event: visit, times: {at_least: 2}}", until=49) == ""
    assert true_days(story, "{event: visit, times: {at_least: 2}}", until=50) == "2-"


def test_segments() -> None:
    story = Story(segments="leads: {criteria: {property: stage, is: lead}}\n")
    story.contact(created=2, stage="lead")
    story.members += [{"contact_id": 1, "added_at": day(4)}, {"contact_id": 1, "added_at": None}]
    assert true_days(story, "{in_segment: leads}") == "2-"
    assert true_days(story, "{in_segment: people}") == "4-"
    assert true_days(story, "{not_in_segment: people}") == "2-4"
    story.members_have_added_at = False
    assert true_days(story, "{in_segment: people}") == "2-"
