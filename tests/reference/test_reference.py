"""The interpreter on stories small enough to do by hand (SPEC 4, 4.1, 6)."""

from __future__ import annotations

import pytest

from goalsql.errors import SourceError, UsageError
from tests.reference.stories import Story, as_day, day

FROM_1 = "active_from: 2026-01-01\n"
LEADS = "enrollment: {trigger: filter, criteria: {property: stage, is: lead}}\n"
LEADS_AGAIN = (
    "enrollment: {trigger: filter, criteria: {property: stage, is: lead}, re_enroll: true}\n"
)
VISITS = "enrollment: {trigger: event, criteria: {event: visit}}\n"
VISITS_AGAIN = "enrollment: {trigger: event, criteria: {event: visit}, re_enroll: true}\n"
MANUAL = "enrollment: {trigger: manual}\n"
GOAL = "goal: {criteria: {property: stage, is: customer}}\n"
SUPPRESSED = "suppression: [people]\n"
LEAVES = "unenroll_when: {event: visit, where: {path: {is: /bye}}}\n"
NURTURE = (
    "steps: [{id: hello, send_email: hello}, {id: wait, delay: 3 days}, {id: bye, action: x}]\n"
)
WAIT = "steps: [{id: wait, delay: 30 days}]\n"


# Triggers


def test_filter_fires_once_for_an_interval_that_goes_on() -> None:
    story = Story().contact().change("stage", "lead", 2)
    assert story.run(FROM_1 + LEADS_AGAIN, 3, 4, 5).decisions() == [(2, "enrolled")]


def test_filter_fires_at_s_for_those_who_meet_it_already() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run("active_from: 2026-01-03\n" + LEADS, 5)
    assert outcome.rows("decisions") == [(1, 1, 3, "enrolled")]
    new_only = LEADS.replace("}}", "}, enroll_existing: false}")
    assert story.run("active_from: 2026-01-03\n" + new_only, 5).decisions() == []


def test_without_active_from_it_is_the_first_tick_that_sees_it_enabled() -> None:
    story = Story().contact(stage="lead")
    assert story.run(LEADS, 5).decisions() == [(5, "enrolled")]
    outcome = story.run("enabled: false\n" + LEADS, 5)
    assert outcome.decisions() == []
    assert outcome.tick(6).decisions() == [(6, "enrolled")]


def test_nothing_is_decided_before_active_from() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run("active_from: 2026-01-09\n" + LEADS, 5)
    assert outcome.decisions() == []
    assert outcome.tick(12).decisions() == [(9, "enrolled")]


def test_each_event_fires_once_whenever_it_is_first_seen() -> None:
    story = Story().contact().visit(2, 4)
    outcome = story.run(FROM_1 + VISITS_AGAIN, 3, 5)
    assert outcome.decisions() == [(2, "enrolled"), (4, "enrolled")]
    story.visit(4.5)
    outcome.tick(6)
    assert outcome.rows("decisions")[-1] == (1, 4.5, 5, "enrolled")


def test_an_event_from_before_the_contact_fires_when_the_contact_is_created() -> None:
    story = Story().contact(created=3).visit(2)
    assert story.run(FROM_1 + VISITS, 2.5, 5).rows("decisions") == [(1, 2, 3, "enrolled")]


def test_events_before_active_from_do_not_fire() -> None:
    story = Story().contact().visit(2, 3)
    assert story.run("active_from: 2026-01-03\n" + VISITS, 5).decisions() == [(3, "enrolled")]


def test_also_is_asked_at_d() -> None:
    trigger = "{trigger: event, criteria: {event: visit}, also: {property: stage, is: lead}}"
    story = Story().contact().visit(2, 4).change("stage", "lead", 3)
    assert story.run(f"{FROM_1}enrollment: {trigger}\n", 9).decisions() == [(4, "enrolled")]


def test_manual_fires_at_t_whatever_the_trigger() -> None:
    story = Story().contact()
    assert story.run(FROM_1 + MANUAL, 3, hand=[1]).rows("decisions") == [(1, 3, 3, "enrolled")]
    assert story.run(FROM_1 + LEADS, 3, hand=[1]).decisions() == [(3, "enrolled")]
    with pytest.raises(UsageError):
        story.run("enabled: false\n" + MANUAL, 3, hand=[1])


def test_firings_at_the_same_instant_are_one_with_the_greatest_triggered_at() -> None:
    of = "[{trigger: event, criteria: {event: visit}}, {trigger: filter, criteria: {event: visit}}]"
    workflow = f"{FROM_1}enrollment: {{trigger: any_of, of: {of}}}\n"
    story = Story().contact(created=3).visit(1, 2)
    assert story.run(workflow, 9).rows("decisions") == [(1, 3, 3, "enrolled")]
    alone = Story().contact(created=3).visit(1, 2)
    assert alone.run(FROM_1 + VISITS, 9).rows("decisions") == [(1, 2, 3, "enrolled")]


def test_events_seen_while_disabled_do_not_fire_and_intervals_wait() -> None:
    story = Story().contact(stage="lead").visit(4)
    outcome = story.run("active_from: 2026-01-03\n" + VISITS, 3)
    assert outcome.tick(5, enabled=False).tick(6).decisions() == []
    late = Story().contact().change("stage", "lead", 4)
    outcome = late.run(FROM_1 + LEADS, 3).tick(5, enabled=False).tick(6)
    assert outcome.rows("decisions") == [(1, 4, 5, "enrolled")]


# Outcomes, in their order


def test_already_active_then_not_re_enrollable_only_the_first_is_recorded() -> None:
    story = Story().contact().visit(2, 3, 4)
    assert story.run(FROM_1 + VISITS + WAIT, 9).decisions() == [
        (2, "enrolled"),
        (3, "already_active"),
    ]
    assert story.run(FROM_1 + VISITS, 9).decisions() == [(2, "enrolled"), (3, "not_re_enrollable")]
    assert story.run(FROM_1 + VISITS_AGAIN, 9).enrollments() == [
        (2, "completed", 2, None),
        (3, "completed", 3, None),
        (4, "completed", 4, None),
    ]


def test_suppressed_before_unenrollment_trigger_before_goal_already_met() -> None:
    story = Story().contact().visit(2, path="/bye").change("stage", "customer", 1)
    story.members.append({"contact_id": 1, "added_at": day(2)})
    workflow = FROM_1 + VISITS_AGAIN
    assert story.run(workflow + GOAL + LEAVES + SUPPRESSED, 9).decisions() == [(2, "suppressed")]
    assert story.run(workflow + GOAL + LEAVES, 9).decisions() == [(2, "unenrollment_trigger")]
    assert story.run(workflow + GOAL, 9).decisions() == [(2, "goal_already_met")]


def test_since_enrollment_is_empty_at_the_decision() -> None:
    story = Story().contact().visit(2, 3)
    goal = "goal: {criteria: {event: visit, during: {since: enrollment}}}\n"
    outcome = story.run(FROM_1 + VISITS + goal + WAIT, 9)
    assert outcome.decisions()[0] == (2, "enrolled")
    assert outcome.enrollments() == [(2, "unenrolled", 3, "goal_met")]


# Goal and exits


def test_goal_ends_an_active_enrollment() -> None:
    story = Story().contact().change("stage", "lead", 2).change("stage", "customer", 4)
    outcome = story.run(FROM_1 + LEADS + GOAL + WAIT, 3, 9)
    assert outcome.enrollments() == [(2, "unenrolled", 4, "goal_met")]
    assert outcome.completions() == [(1, 4)]


def test_goal_of_a_completed_enrollment_is_recorded_and_nothing_ends() -> None:
    story = Story().contact().change("stage", "lead", 2).change("stage", "customer", 4)
    outcome = story.run(FROM_1 + LEADS + GOAL, 9)
    assert outcome.enrollments() == [(2, "completed", 2, None)]
    assert outcome.completions() == [(1, 4)]


def test_a_completed_enrollment_meets_the_goal_at_the_instant_of_the_next_one() -> None:
    story = Story().contact().visit(2, 4)
    goal = "goal: {criteria: {event: visit, during: {since: enrollment}}}\n"
    outcome = story.run(FROM_1 + VISITS_AGAIN + goal, 9)
    assert outcome.completions() == [(1, 4)]
    assert outcome.enrollments() == [(2, "completed", 2, None), (4, "completed", 4, None)]


def test_an_exit_ends_it_and_the_goal_comes_too_late() -> None:
    story = Story().contact().visit(3, path="/bye")
    story.change("stage", "lead", 2).change("stage", "customer", 4)
    outcome = story.run(FROM_1 + LEADS + GOAL + LEAVES + WAIT, 9)
    assert outcome.enrollments() == [(2, "unenrolled", 3, "unenrollment_trigger")]
    assert outcome.completions() == []


def test_at_the_same_instant_goal_before_suppressed_before_unenrollment_trigger() -> None:
    story = Story().contact().visit(4, path="/bye").change("stage", "lead", 2)
    story.members.append({"contact_id": 1, "added_at": day(4)})
    workflow = FROM_1 + LEADS + GOAL + LEAVES + WAIT
    outcome = story.run(workflow + SUPPRESSED, 9)
    assert outcome.enrollments() == [(2, "unenrolled", 4, "suppressed")]
    story.change("stage", "customer", 4)
    assert story.run(workflow, 9).enrollments() == [(2, "unenrolled", 4, "goal_met")]


def test_a_contact_that_is_gone_leaves_at_t_and_no_step_runs() -> None:
    story = Story().contact().contact(2).change("stage", "lead", 2)
    outcome = story.run(FROM_1 + LEADS + NURTURE, 3)
    story.contacts.pop(0)
    outcome.tick(9)
    assert outcome.enrollments() == [(2, "unenrolled", 9, "contact_deleted")]
    assert outcome.outbox() == [("hello", 2)]


def test_a_tick_fails_that_finds_too_many_gone() -> None:
    story = Story()
    for number in range(11):
        story.contact(number, stage="lead")
    outcome = story.run(FROM_1 + LEADS + WAIT, 3)
    story.contacts.clear()
    with pytest.raises(SourceError, match="11 of 11"):
        outcome.tick(4)
    outcome.reference.tick(story.tables(), day(4), allow_gone=True)
    assert {row[3] for row in outcome.enrollments()} == {"contact_deleted"}


# Late rows


def test_what_a_late_row_makes_true_already_at_s_acts_at_s() -> None:
    story = Story().contact().change("stage", "lead", 2)
    outcome = story.run(FROM_1 + LEADS + GOAL + WAIT, 5)
    story.change("stage", "customer", 4)
    outcome.tick(6)
    assert outcome.completions() == [(1, 4)]
    assert outcome.enrollments() == [(2, "unenrolled", 5, "goal_met")]


def test_a_late_event_fires_at_s_where_what_ended_before_is_not_active() -> None:
    story = Story().contact().visit(2).visit(3, path="/bye")
    again = VISITS_AGAIN.replace("visit}", "visit, where: {path: {known: false}}}")
    leaves = "unenroll_when: {event: visit, where: {path: {is: /bye}}, during: {last: 1 day}}\n"
    outcome = story.run(FROM_1 + again + leaves + WAIT, 5)
    story.visit(2.5)
    outcome.tick(6)
    assert outcome.rows("decisions") == [(1, 2, 2, "enrolled"), (1, 2.5, 5, "enrolled")]


# Steps and clocks


def test_steps_by_the_event_clock_run_when_they_are_due() -> None:
    story = Story().contact().change("stage", "lead", 2)
    outcome = story.run(FROM_1 + LEADS + NURTURE, 9)
    assert outcome.outbox() == [("hello", 2), ("bye", 5)]
    assert outcome.enrollments() == [(2, "completed", 5, None)]


def test_steps_by_the_tick_clock_run_at_t_and_keep_their_delays() -> None:
    story = Story().contact().change("stage", "lead", 2)
    outcome = story.run(FROM_1 + LEADS + NURTURE, 4, 6, 9, clock="tick")
    assert outcome.outbox() == [("hello", 4), ("bye", 9)]
    assert outcome.enrollments() == [(2, "completed", 9, None)]


def test_an_enrollment_that_waits_says_for_what_and_until_when() -> None:
    story = Story().contact().change("stage", "lead", 2)
    assert story.run(FROM_1 + LEADS + NURTURE, 4).rows("enrollments")[0][-2:] == ("bye", 5)
    assert story.run(FROM_1 + LEADS + WAIT, 4).rows("enrollments")[0][-2:] == (None, 32)


def test_leaving_wins_over_a_step_that_is_due_at_the_same_instant() -> None:
    story = Story().contact().change("stage", "lead", 2).change("stage", "customer", 5)
    assert story.run(FROM_1 + LEADS + GOAL + NURTURE, 9).outbox() == [("hello", 2)]


def test_nobody_is_mailed_who_met_the_goal_before_the_batch() -> None:
    story = Story().contact().change("stage", "lead", 2).change("stage", "customer", 3)
    outcome = story.run(FROM_1 + LEADS + GOAL + NURTURE, 4, clock="tick")
    assert outcome.outbox() == []
    assert outcome.enrollments() == [(2, "unenrolled", 3, "goal_met")]


BRANCH = """
steps:
  - {id: wait, delay: 1 day}
  - id: split
    branch:
      - when: {event: visit, during: {since: enrollment}}
        steps: [{id: seen, action: x}, {id: pause, delay: 1 day}]
      - {otherwise: true, steps: [{id: unseen, action: x}]}
  - {id: after, action: x}
"""


def test_a_branch_takes_the_first_arm_that_is_true_and_then_goes_on_after_it() -> None:
    story = Story().contact(1, stage="lead").contact(2, stage="lead").visit(2, contact_id=2)
    outcome = story.run(FROM_1 + LEADS + BRANCH, 9)
    assert outcome.outbox() == [("after", 2), ("seen", 2), ("unseen", 2), ("after", 3)]


def test_a_branch_without_an_arm_that_is_true_takes_none() -> None:
    story = Story().contact(stage="lead")
    workflow = BRANCH.replace("      - {otherwise: true, steps: [{id: unseen, action: x}]}\n", "")
    assert story.run(FROM_1 + LEADS + workflow, 9).outbox() == [("after", 2)]


def test_while_disabled_no_step_runs_but_goals_are_watched() -> None:
    story = Story().contact(2, stage="lead").contact(1).change("stage", "lead", 2)
    outcome = story.run(FROM_1 + LEADS + GOAL + NURTURE, 3)
    story.change("stage", "customer", 6)
    outcome.tick(7, enabled=False)
    assert outcome.enrollments()[1] == (2, "unenrolled", 6, "goal_met")
    assert outcome.outbox() == [("hello", 1), ("hello", 2)]
    assert outcome.tick(8).outbox()[-1] == ("bye", 7)


# Ticks


def test_an_earlier_tick_is_an_error_and_the_last_again_changes_nothing() -> None:
    story = Story().contact(stage="lead")
    outcome = story.run(FROM_1 + LEADS, 5)
    with pytest.raises(UsageError):
        outcome.tick(4)
    before = outcome.reference.relations(story.tables())
    story.contact(2, stage="lead")
    assert outcome.tick(5).reference.relations(story.tables()) == before


def test_a_contact_id_that_stands_twice_fails_the_tick() -> None:
    with pytest.raises(SourceError, match="twice"):
        Story().contact().contact().run(FROM_1 + LEADS, 5)


@pytest.mark.parametrize("ticks", [(9,), (2, 9), (1, 1.5, 3, 3.25, 4, 7, 8, 9), range(1, 10)])
def test_the_law_on_one_story_of_each_trigger(ticks: tuple[float, ...]) -> None:
    story = Story().contact().visit(2, 4).visit(6, path="/bye")
    story.change("stage", "lead", 2).change("stage", "customer", 4).change("stage", "lead", 5)
    by_filter = story.run(FROM_1 + LEADS_AGAIN + GOAL + NURTURE, *ticks)
    assert by_filter.enrollments() == [
        (2, "unenrolled", 4, "goal_met"),
        (5, "completed", 8, None),
    ]
    assert by_filter.outbox() == [("hello", 2), ("hello", 5), ("bye", 8)]
    by_event = story.run(FROM_1 + VISITS_AGAIN + LEAVES + NURTURE, *ticks)
    assert by_event.decisions() == [
        (2, "enrolled"),
        (4, "already_active"),
        (6, "unenrollment_trigger"),
    ]
    assert by_event.enrollments() == [(2, "completed", 5, None)]


def test_the_tick_clock_with_a_tick_at_every_instant_is_the_event_clock() -> None:
    story = Story().contact().change("stage", "lead", 2).change("stage", "customer", 9)
    workflow = FROM_1 + LEADS + GOAL + NURTURE
    by_event = story.run(workflow, 9)
    instants = [as_day(instant) for instant in by_event.reference.instants()]
    by_tick = story.run(workflow, *instants, clock="tick")
    assert by_tick.outbox() == by_event.outbox() == [("hello", 2), ("bye", 5)]
    assert by_tick.enrollments() == by_event.enrollments() == [(2, "completed", 5, None)]


# Figures


def test_converted_is_after_the_first_receipt() -> None:
    story = Story().contact().change("stage", "lead", 2).change("stage", "customer", 4)
    workflow = FROM_1 + LEADS + GOAL + NURTURE
    assert story.email(3).run(workflow, 9).metrics() == (1, 1, 1, 1.0, 1.0, None)
    assert story.run(workflow, 9).bucket() == [("converted", 1)]


def test_a_receipt_at_met_at_does_not_convert() -> None:
    story = Story().contact().change("stage", "lead", 2).change("stage", "customer", 4)
    outcome = story.email(4).run(FROM_1 + LEADS + GOAL + NURTURE, 9)
    assert outcome.metrics() == (1, 1, 0, 0.0, 0.0, None)
    assert outcome.bucket() == [("met_goal_before_email", 1)]


def test_only_marketing_emails_delivered_by_the_workflow_are_receipts() -> None:
    story = Story().contact(stage="lead")
    story.email(2, workflow_id="other").email(2, event="sent").email(2, email_type="personal")
    outcome = story.run(FROM_1 + LEADS + GOAL + NURTURE, 3)
    assert outcome.rows("receipts") == []
    assert outcome.metrics() == (0, 0, 0, None, 0.0, "no_recipients")
    assert outcome.bucket() == [("not_emailed_active", 1)]


def test_without_marketing_emails_what_was_sent_is_a_receipt() -> None:
    story = Story().contact(stage="lead").change("stage", "lead", 2).change("stage", "customer", 4)
    outcome = story.run(FROM_1 + LEADS + GOAL + NURTURE, 9)
    assert outcome.rows("receipts") == [(1, "hello", 2)]
    assert outcome.metrics() == (1, 1, 1, 1.0, 1.0, None)


@pytest.mark.parametrize(
    ("workflow", "hub", "expected"),
    [
        (LEADS + NURTURE, "none", (0, 0, 0, None, None, "no_goal")),
        (LEADS + GOAL, "none", (1, 0, 0, None, None, "no_marketing_email")),
        (LEADS + GOAL + NURTURE, "starter", (1, 0, 0, None, None, "subscription")),
        (LEADS + GOAL + NURTURE, "professional", (1, 0, 0, 0.0, 0.0, None)),
    ],
)
def test_why_there_is_no_rate(workflow: str, hub: str, expected: tuple[object, ...]) -> None:
    story = Story(hub=hub).contact(stage="lead").email(2)
    assert story.run(FROM_1 + workflow, 3).metrics() == expected
