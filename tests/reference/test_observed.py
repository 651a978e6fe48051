"""What goalsql itself observes between ticks: columns and members that change (SPEC 3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.stories import Outcome, Story, day

FROM_1 = "active_from: 2026-01-01\n"
MANUAL = FROM_1 + "enrollment: {trigger: manual}\n"


def entered_while(criteria: str) -> str:
    """A workflow that is entered whenever the criteria come true, and left at once."""
    return f"{FROM_1}enrollment: {{trigger: filter, criteria: {criteria}, re_enroll: true}}\n"


def both(criteria: str) -> dict[str, str]:
    """The criteria as `w`, their opposite as `v`."""
    return {"w": entered_while(criteria), "v": entered_while(f"{{not: {criteria}}}")}


LEAD = "{property: stage, is: lead}"


def now(story: Story, contact: int = 0, **columns: Any) -> None:
    """The row of a contact has other values from now on."""
    story.contacts[contact] = story.contacts[contact] | columns


def turns(outcome: Outcome) -> list[tuple[float, bool]]:
    """When the criteria of `w` came true, and when they were no longer, for contact 1."""
    found = [(row[1], True) for row in outcome.of("w").rows("decisions") if row[0] == 1]
    found += [(row[1], False) for row in outcome.of("v").rows("decisions") if row[0] == 1]
    return sorted(found)


def test_the_first_value_stands_from_created_at_on_and_each_other_one_from_its_tick() -> None:
    story = Story().contact(created=2, stage="lead")
    outcome = story.run_together(both(LEAD), 3)
    now(story, stage="customer")
    outcome.tick(5)
    now(story, stage="lead")
    outcome.tick(7).tick(8)
    now(story, stage=None)
    outcome.tick(9)
    assert turns(outcome) == [(2, True), (5, False), (7, True), (9, False)]


@pytest.mark.parametrize(
    ("updated", "since"), [(4, 4), (5, 5), (3, 5), (3.001, 3.001), (5.5, 5), (None, 5), (1, 5)]
)
def test_updated_at_says_since_when_if_it_is_in_the_window(
    updated: float | None, since: float
) -> None:
    story = Story().contact(stage="lead")
    outcome = story.run_together(both(LEAD), 3)
    now(story, stage="customer", updated_at=None if updated is None else day(updated))
    outcome.tick(5)
    assert turns(outcome) == [(1, True), (since, False)]


def test_the_same_value_is_no_change_whatever_updated_at_says() -> None:
    story = Story().contact(stage="lead")
    changed = both("{property: stage, changed_within: 30 days}")
    outcome = story.run_together(changed, 3)
    now(story, updated_at=day(4))
    outcome.tick(5)
    assert turns(outcome) == [(1, False)]
    now(story, stage="customer", updated_at=day(6))
    outcome.tick(7)
    assert turns(outcome) == [(1, False), (6, True)]


def test_what_changed_before_a_rule_uses_the_property_is_not_observed() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run(MANUAL, 3)
    now(story, stage="customer")
    outcome.edit(**both(LEAD)).tick(5)
    assert turns(outcome) == [(1, False)]
    now(story, stage="lead")
    assert turns(outcome.tick(6)) == [(1, False), (6, True)]


def test_a_rule_of_a_disabled_workflow_counts() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run("enabled: false\n" + entered_while(LEAD), 3)
    now(story, stage="customer")
    outcome.edit(entered_while("{property: stage, is: customer}")).tick(5)
    assert outcome.rows("decisions") == [(1, 5, 5, "enrolled")]


def test_a_contact_that_comes_later_begins_with_the_value_it_has_then() -> None:
    story = Story()
    outcome = story.run_together(both(LEAD), 3)
    story.contact(created=2, stage="lead")
    outcome.tick(5)
    now(story, stage="customer")
    outcome.tick(6)
    assert outcome.of("w").rows("decisions") == [(1, 2, 3, "enrolled")]
    assert turns(outcome) == [(2, True), (6, False)]


def test_a_contact_that_was_gone_goes_on_with_what_was_found_last() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run_together(both(LEAD), 3)
    row = story.contacts.pop()
    outcome.tick(4)
    story.contacts.append(row | {"stage": "customer"})
    outcome.tick(6)
    assert turns(outcome) == [(1, True), (6, False)]


def test_a_contact_that_is_back_with_a_later_created_at_begins_there() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run_together(both("{property: stage, ever: lead}"), 3)
    row = story.contacts.pop()
    story.contacts.append(row | {"stage": "customer", "created_at": day(5)})
    outcome.tick(6)
    assert turns(outcome) == [(1, True), (5, True)]


def test_once_there_are_rows_the_first_value_is_forgotten_and_the_changes_stay() -> None:
    story = Story().contact(stage="lead")
    asked = {
        "w": entered_while("{property: stage, ever: lead}"),
        "c": entered_while("{property: stage, is: customer}"),
        "p": entered_while("{property: stage, is: partner}"),
        "u": entered_while("{property: stage, known: false}"),
    }
    outcome = story.run_together(asked, 3)
    now(story, stage="customer")
    outcome.tick(5)
    story.change("stage", "partner", 6)
    now(story, stage="partner")
    outcome.tick(7)
    now(story, stage="something else")
    outcome.tick(8)
    assert [outcome.of(name).rows("decisions") for name in "wcpu"] == [
        [(1, 1, 1, "enrolled")],
        [(1, 5, 5, "enrolled")],
        [(1, 6, 6, "enrolled")],
        [],
    ]
    late = {"late": entered_while("{property: stage, known: false}")}
    late["was"] = entered_while("{property: stage, ever: lead}")
    outcome.edit(**late).tick(9)
    assert outcome.of("late").rows("decisions") == [(1, 1, 1, "enrolled")]
    assert outcome.of("was").rows("decisions") == []


def test_at_one_instant_what_was_observed_comes_before_rows() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run_together(both("{property: stage, is: partner}"), 3)
    now(story, stage="customer")
    outcome.tick(5)
    story.change("stage", "partner", 5)
    outcome.tick(6)
    assert outcome.of("w").rows("decisions") == [(1, 5, 5, "enrolled")]
    assert (
        outcome.edit(c=entered_while("{property: stage, is: customer}"))
        .tick(7)
        .of("c")
        .rows("decisions")
        == []
    )


def test_rows_after_t_end_the_observing_too() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run_together(both(LEAD), 3)
    story.change("stage", "partner", 20)
    now(story, stage="customer")
    outcome.tick(5)
    assert outcome.of("v").rows("decisions") == [(1, 1, 3, "enrolled")]


def test_rows_that_cannot_be_cast_are_no_rows() -> None:
    story = Story(on_bad_value="skip").contact(score=1)
    outcome = story.run_together(both("{property: score, is: 1}"), 3)
    story.change("score", "many", 2)
    now(story, score=2)
    assert turns(outcome.tick(5)) == [(1, True), (5, False)]


# Members


def listed(story: Story, *contacts: int) -> None:
    """The table of the static segment holds these contacts from now on."""
    story.members[:] = [{"contact_id": contact} for contact in contacts]


def test_members_come_and_go() -> None:
    story = Story(members_have_added_at=False).contact(1, created=2)
    listed(story, 1)
    outcome = story.run_together(both("{in_segment: people}"), 3)
    listed(story)
    outcome.tick(5)
    listed(story, 1)
    outcome.tick(7).tick(8)
    assert turns(outcome) == [(2, True), (5, False), (7, True)]


def test_who_is_listed_before_it_exists_is_in_from_created_at_on() -> None:
    story = Story(members_have_added_at=False).contact(1, created=4).contact(2, created=1)
    listed(story, 1)
    outcome = story.run_together(both("{in_segment: people}"), 3)
    listed(story, 1, 2)
    outcome.tick(5)
    assert [row[:2] for row in outcome.of("w").rows("decisions")] == [(1, 4), (2, 5)]


def test_a_new_contact_that_is_listed_later_is_in_from_that_tick_on() -> None:
    story = Story(members_have_added_at=False)
    outcome = story.run_together(both("{in_segment: people}"), 3)
    story.contact(1, created=4)
    listed(story, 1)
    assert turns(outcome.tick(5)) == [(4, False), (5, True)]


def test_the_first_look_is_that_of_the_first_rule_that_uses_the_segment() -> None:
    story = Story(members_have_added_at=False).contact(1)
    outcome = story.run(MANUAL, 3)
    listed(story, 1)
    outcome.edit(MANUAL + "suppression: [people]\n").tick(5)
    outcome.edit(**both("{in_segment: people}")).tick(6)
    assert turns(outcome) == [(1, True)]


def test_a_member_that_is_taken_out_is_suppressed_no_longer() -> None:
    story = Story(members_have_added_at=False).contact(1).visit(2, 4, 6)
    listed(story, 1)
    workflow = FROM_1 + "enrollment: {trigger: event, criteria: {event: visit}}\n"
    outcome = story.run(workflow + "suppression: [people]\n", 3)
    listed(story)
    outcome.tick(5).tick(7)
    assert outcome.decisions() == [(2, "suppressed"), (4, "suppressed"), (6, "enrolled")]
