"""Workflows edited between ticks, on stories small enough to do by hand (SPEC 5, 6)."""

from __future__ import annotations

from tests.reference.stories import Story, day

FROM_1 = "active_from: 2026-01-01\n"
MANUAL = "enrollment: {trigger: manual}\n"
VISITS = "enrollment: {trigger: event, criteria: {event: visit}}\n"
VISITS_AGAIN = "enrollment: {trigger: event, criteria: {event: visit}, re_enroll: true}\n"
BIG_VISITS = "enrollment: {trigger: event, criteria: {event: visit, where: {amount: {gte: 5}}}}\n"
GOAL = "goal: {name: Won, criteria: {property: stage, is: customer}}\n"
VIP_GOAL = "goal: {name: Very, criteria: {property: vip, is: true}}\n"
HELLO = "steps: [{id: hello, send_email: hello}, {id: wait, delay: 30 days}]\n"
WAIT = "steps: [{id: wait, delay: 30 days}]\n"


def stage(value: str, more: str = "") -> str:
    """Filters by stage."""
    criteria = f"{{property: stage, is: {value}}}"
    return f"enrollment: {{trigger: filter, criteria: {criteria}{more}}}\n"


def score(least: int, more: str = "") -> str:
    """Filters by score."""
    return f"enrollment: {{trigger: filter, criteria: {{property: score, gte: {least}}}{more}}}\n"


# Triggers


def test_other_criteria_fire_at_s_for_those_never_enrolled() -> None:
    story = Story().contact(1).contact(2, score=5)
    story.change("stage", "lead", 2).change("score", "5", 3)
    outcome = story.run(FROM_1 + stage("lead"), 4).edit(FROM_1 + score(5)).tick(6)
    assert outcome.rows("decisions") == [(1, 2, 2, "enrolled"), (2, 1, 4, "enrolled")]


def test_without_enroll_existing_only_what_begins_after_the_edit() -> None:
    story = Story().contact(1, score=5).contact(2).contact(3)
    story.change("score", "5", 4, contact_id=2).change("score", "5", 4.5, contact_id=3)
    edited = FROM_1 + score(5, ", enroll_existing: false")
    outcome = story.run(FROM_1 + stage("lead"), 4).edit(edited).tick(6).tick(8)
    assert outcome.rows("decisions") == [(3, 4.5, 4.5, "enrolled")]


def test_an_interval_that_begins_after_the_edit_fires_whoever_was_in_before() -> None:
    story = Story().contact().change("stage", "lead", 2).change("score", "5", 5)
    before = FROM_1 + stage("lead", ", re_enroll: true")
    outcome = story.run(before, 4).edit(FROM_1 + score(5, ", re_enroll: true")).tick(6)
    assert outcome.decisions() == [(2, "enrolled"), (5, "enrolled")]


def test_a_decision_from_before_the_edit_keeps_no_old_interval_from_firing() -> None:
    story = Story().contact(score=5).visit(2).change("stage", "lead", 2)
    leaves = "unenroll_when: {event: visit}\n"
    outcome = story.run(FROM_1 + stage("lead") + leaves, 4)
    assert outcome.decisions() == [(2, "unenrollment_trigger")]
    outcome.edit(FROM_1 + score(5)).tick(6)
    assert outcome.rows("decisions")[0] == (1, 1, 4, "enrolled")
    assert len(outcome.tick(7).decisions()) == 2


def test_a_decision_made_since_the_edit_does() -> None:
    story = Story().contact(score=5).visit(1)
    leaves = "unenroll_when: {event: visit}\n"
    outcome = story.run(FROM_1 + stage("lead") + leaves, 4)
    outcome.edit(FROM_1 + score(5) + leaves).tick(6)
    assert outcome.rows("decisions") == [(1, 1, 4, "unenrollment_trigger")]
    assert outcome.edit(FROM_1 + score(5)).tick(8).decisions() == [(4, "unenrollment_trigger")]
    assert outcome.edit(FROM_1 + score(4)).tick(9).decisions()[-1] == (8, "enrolled")


def test_to_switch_enroll_existing_or_re_enroll_is_no_edit_of_the_trigger() -> None:
    story = Story().contact(1).contact(2, score=5).change("stage", "lead", 2)
    story.change("stage", None, 3)
    outcome = story.run("active_from: 2026-01-03\n" + score(5, ", enroll_existing: false"), 4)
    assert outcome.decisions() == []
    outcome.edit("active_from: 2026-01-03\n" + score(5, ", re_enroll: true")).tick(6)
    assert outcome.rows("decisions") == [(2, 1, 4, "enrolled")]


def test_events_at_or_before_the_edit_do_not_fire_even_late() -> None:
    story = Story().contact().visit(3, 4, 4.5, amount=5)
    outcome = story.run(FROM_1 + MANUAL, 4).edit(FROM_1 + BIG_VISITS).tick(6)
    assert outcome.rows("decisions") == [(1, 4.5, 4.5, "enrolled")]
    late = Story().contact()
    outcome = late.run(FROM_1 + MANUAL, 4).edit(FROM_1 + VISITS).tick(6)
    late.visit(3.5)
    assert outcome.tick(7).decisions() == []
    late.visit(5)
    assert outcome.tick(8).rows("decisions") == [(1, 5, 7, "enrolled")]


def test_the_criteria_of_a_segment_belong_to_the_trigger() -> None:
    def people(value: str) -> str:
        return f"chosen: {{criteria: {{property: stage, is: {value}}}}}\n"

    workflow = FROM_1 + "enrollment: {trigger: filter, criteria: {in_segment: chosen}}\n"
    story = Story(segments=people("lead")).contact(1, stage="lead").contact(2, stage="customer")
    outcome = story.run(workflow, 4)
    story.segments = people("customer")
    outcome.edit(workflow).tick(6)
    assert outcome.rows("decisions") == [(1, 1, 1, "enrolled"), (2, 1, 4, "enrolled")]
    story.segments = people("nobody")
    outcome.edit(workflow).tick(8)
    story.segments = people("lead")
    assert len(outcome.edit(workflow).tick(9).decisions()) == 2


def test_an_edit_of_a_segment_that_only_suppresses_is_none_of_the_trigger() -> None:
    story = Story(segments="out: {criteria: {property: stage, is: lead}}\n").contact(stage="lead")
    workflow = FROM_1 + score(0, ", enroll_existing: false") + "suppression: [out]\n"
    story.change("score", "1", 3)
    outcome = story.run(workflow, 2)
    story.segments = "out: {criteria: {property: stage, is: nobody}}\n"
    assert outcome.edit(workflow).tick(6).decisions() == [(3, "enrolled")]


def test_until_a_tick_has_seen_it_enabled_edits_only_replace() -> None:
    story = Story().contact(score=5).email(2)
    outcome = story.run(FROM_1 + "enabled: false\n" + stage("lead") + GOAL, 3)
    outcome.edit(FROM_1 + stage("lead")).tick(4, enabled=False)
    outcome.edit(FROM_1 + score(5) + VIP_GOAL + HELLO).tick(6)
    assert outcome.rows("decisions") == [(1, 1, 1, "enrolled")]
    assert outcome.rows("workflow_goal_metrics")[0][:3] == ("w", "Very", 1)


# re_enroll


def test_re_enroll_switched_on_counts_for_intervals_that_begin_later() -> None:
    story = Story().contact(1).contact(2)
    for who in (1, 2):
        story.change("stage", "lead", 2, contact_id=who).change("stage", None, 3, contact_id=who)
    story.change("stage", "lead", 3.5, contact_id=1).change("stage", "lead", 5, contact_id=2)
    disabled = story.run(FROM_1 + stage("lead"), 3).tick(4, enabled=False)
    outcome = disabled.edit(FROM_1 + stage("lead", ", re_enroll: true")).tick(6)
    assert outcome.rows("decisions") == [
        (1, 2, 2, "enrolled"),
        (1, 3.5, 4, "not_re_enrollable"),
        (2, 2, 2, "enrolled"),
        (2, 5, 5, "enrolled"),
    ]


def test_events_first_seen_after_the_switch_may_re_enroll() -> None:
    story = Story().contact().visit(2)
    outcome = story.run(FROM_1 + VISITS, 4)
    story.visit(3.5)
    outcome.edit(FROM_1 + VISITS_AGAIN).tick(6)
    assert outcome.rows("decisions") == [(1, 2, 2, "enrolled"), (1, 3.5, 4, "enrolled")]


def test_firings_at_one_instant_may_re_enroll_if_any_of_them_may() -> None:
    forms = "[{trigger: filter, criteria: {property: stage, is: lead}}, "
    forms += "{trigger: event, criteria: {event: visit}}]"
    workflow = f"{FROM_1}enrollment: {{trigger: any_of, of: {forms}}}\n"
    story = Story().contact().visit(2)
    outcome = story.run(workflow, 4)
    story.visit(3.25).change("stage", "lead", 3.5)
    outcome.edit(workflow.replace("]}\n", "], re_enroll: true}\n")).tick(6)
    assert outcome.rows("decisions") == [(1, 2, 2, "enrolled"), (1, 3.5, 4, "enrolled")]


def test_re_enroll_switched_off_keeps_one_later_firing_on_record() -> None:
    story = Story().contact().visit(2, 3)
    outcome = story.run(FROM_1 + VISITS_AGAIN, 4)
    story.visit(5, 6)
    outcome.edit(FROM_1 + VISITS).tick(7)
    assert outcome.decisions() == [(2, "enrolled"), (3, "enrolled"), (5, "not_re_enrollable")]


# Goals


def won(*days: float) -> Story:
    """Contact 1 is mailed on day 2.5 and a customer for half a day from each of the days on."""
    story = Story().contact().visit(2).email(2.5)
    for number in days:
        story.change("stage", "customer", number).change("stage", None, number + 0.5)
    return story


def test_an_edited_goal_keeps_its_epoch_and_its_completions() -> None:
    story = won(3)
    outcome = story.run(FROM_1 + VISITS + GOAL + HELLO, 4)
    outcome.edit(FROM_1 + VISITS + VIP_GOAL + HELLO).tick(6)
    assert outcome.completions() == [(1, 3)]
    assert outcome.rows("workflow_goal_metrics")[0][1:3] == ("Very", 1)
    assert outcome.metrics() == (1, 1, 1, 1.0, 1.0, None)


def test_what_is_true_already_meets_the_edited_goal_at_s() -> None:
    story = Story().contact(vip=True).visit(2)
    outcome = story.run(FROM_1 + VISITS + GOAL + WAIT, 4)
    outcome.edit(FROM_1 + VISITS + VIP_GOAL + WAIT).tick(6)
    assert outcome.completions() == [(1, 1)]
    assert outcome.enrollments() == [(2, "unenrolled", 4, "goal_met")]


def test_a_removed_goal_leaves_no_figures_but_its_completions() -> None:
    story = won(3)
    outcome = story.run(FROM_1 + VISITS + GOAL + HELLO, 4).edit(FROM_1 + VISITS + HELLO).tick(6)
    assert outcome.rows("workflow_goal_metrics")[0][1:3] == (None, None)
    assert outcome.metrics() == (0, 0, 0, None, None, "no_goal")
    assert outcome.bucket() == [("emailed_left", 1)]
    assert outcome.rows("goal_contacts") == [(1, 1, 1, 2.5, 3, True, True, 4)]


def test_a_goal_set_again_begins_an_epoch_from_zero() -> None:
    story = won(3, 7)
    workflow = FROM_1 + VISITS + HELLO
    outcome = story.run(workflow + GOAL, 4).edit(workflow).tick(5)
    outcome.edit(workflow + GOAL).tick(6)
    assert outcome.rows("workflow_goal_metrics")[0][1:3] == ("Won", 2)
    assert outcome.metrics() == (0, 0, 0, None, 0.0, "no_recipients")


def test_a_completed_enrollment_meets_the_goal_once_an_epoch() -> None:
    story = won(3, 7, 8)
    workflow = FROM_1 + VISITS + "steps: [{id: hello, send_email: hello}]\n"
    outcome = story.run(workflow + GOAL, 4).edit(workflow).tick(5)
    outcome.edit(workflow + GOAL).tick(9)
    assert [row[:5] for row in outcome.rows("goal_completions")] == [
        (1, 1, 1, 3, 4),
        (2, 1, 1, 7, 9),
    ]
    assert outcome.metrics() == (1, 1, 1, 1.0, 1.0, None)


def test_after_the_first_epoch_what_was_true_before_it_ends_but_does_not_count() -> None:
    story = Story().contact(1, vip=True).contact(2, vip=True).visit(2).visit(2, contact_id=2)
    story.email(2.5).email(2.5, contact_id=2).change("stage", "through", 2, contact_id=2)
    split = "{id: split, branch: [{when: {property: stage, is: through}, steps: []}, OTHER]}"
    split = split.replace("OTHER", "{otherwise: true, steps: [{id: wait, delay: 30 days}]}")
    workflow = f"{FROM_1}{VISITS}steps: [{{id: hello, send_email: hello}}, {split}]\n"
    outcome = story.run(workflow + GOAL, 3).edit(workflow).tick(4)
    outcome.edit(workflow + VIP_GOAL).tick(6)
    assert outcome.enrollments() == [(2, "completed", 2, None), (2, "unenrolled", 4, "goal_met")]
    assert [row[:4] for row in outcome.rows("goal_completions")] == [(2, 1, 1, 1)]
    assert outcome.metrics() == (2, 0, 0, 0.0, 0.0, None)
    assert [row[5] for row in outcome.rows("goal_contacts")] == [False]


def test_the_first_goal_of_a_running_workflow_sees_what_was_true_before_it() -> None:
    story = Story().contact(1, vip=True).contact(2).visit(2).email(0.5)
    story.visit(2, contact_id=2).visit(3, contact_id=2, path="/bye").email(2.5, contact_id=2)
    leaves = "unenroll_when: {event: visit, where: {path: {is: /bye}}}\n"
    workflow = FROM_1 + VISITS + leaves + HELLO
    outcome = story.run(workflow, 4).edit(workflow + VIP_GOAL).tick(6)
    assert outcome.completions() == [(1, 1)]
    assert outcome.metrics() == (1, 1, 0, 0.0, 0.0, None)


def test_recipients_of_an_epoch_have_an_enrollment_that_it_could_see() -> None:
    story = Story().contact(1).visit(2).email(2.5).contact(2, created=7).visit(7, contact_id=2)
    leaves = "unenroll_when: {event: visit, where: {path: {is: /bye}}}\n"
    workflow = FROM_1 + VISITS + HELLO
    story.email(8, contact_id=2)
    outcome = story.run(workflow + GOAL, 4).edit(workflow).tick(5)
    outcome.edit(workflow + GOAL).tick(6)
    assert outcome.metrics()[0] == 1
    assert outcome.tick(9).metrics()[0] == 2
    story.visit(3, path="/bye")
    outcome = story.run(workflow + GOAL + leaves, 4).edit(workflow).tick(5)
    assert outcome.edit(workflow + GOAL).tick(6).metrics()[0] == 0


def test_what_a_late_receipt_converts_stays_met_goal_for_ever() -> None:
    workflow = FROM_1 + VISITS + HELLO
    then = FROM_1 + "enrollment: {trigger: filter, criteria: {workflow: w, status: met_goal}}\n"
    story = won(3)
    story.emails = []
    outcome = story.run_together({"w": workflow + GOAL, "then": then}, 4)
    outcome.edit(workflow, then=then).tick(5)
    story.email(2.5)
    assert outcome.tick(6).of("then").rows("decisions") == [(1, 3, 5, "enrolled")]


# Exits, files


def test_another_suppression_or_exit_acts_from_s_on() -> None:
    story = Story().contact(1).contact(2, vip=True).visit(2).visit(2, contact_id=2)
    story.members.append({"contact_id": 1, "added_at": day(1)})
    outcome = story.run(FROM_1 + VISITS + WAIT, 4)
    leaves = "unenroll_when: {property: vip, is: true}\n"
    outcome.edit(FROM_1 + VISITS + WAIT + leaves + "suppression: [people]\n").tick(6)
    assert outcome.enrollments() == [
        (2, "unenrolled", 4, "suppressed"),
        (2, "unenrolled", 4, "unenrollment_trigger"),
    ]


def test_a_file_that_is_gone_is_as_disabled_and_may_come_back() -> None:
    story = Story().contact(1).contact(2).visit(2).visit(2, contact_id=2)
    story.change("stage", "customer", 5, contact_id=2)
    workflow = FROM_1 + VISITS + GOAL + "steps: [{id: p, delay: 4 days}, {id: q, action: x}]\n"
    outcome = story.run(workflow, 3).edit().tick(8)
    assert outcome.enrollments() == [(2, "active", None, None), (2, "unenrolled", 5, "goal_met")]
    assert outcome.rows("workflow_goal_metrics")[0][1:3] == ("Won", 1)
    outcome.edit(workflow).tick(9)
    assert outcome.outbox() == [("q", 8)]
    assert outcome.rows("workflow_goal_metrics")[0][2] == 1


def test_a_segment_that_went_with_its_workflow_is_kept_for_it() -> None:
    story = Story(segments="out: {criteria: {event: visit, where: {path: {is: /bye}}}}\n")
    story.contact().visit(2).visit(5, path="/bye")
    outcome = story.run(FROM_1 + VISITS + WAIT + "suppression: [out]\n", 3)
    story.segments = ""
    outcome.edit().tick(6)
    assert outcome.enrollments() == [(2, "unenrolled", 5, "suppressed")]


def test_a_file_that_comes_later_begins_when_a_tick_first_sees_it() -> None:
    story = Story().contact().visit(2)
    outcome = story.run("", 3).edit(FROM_1 + VISITS + GOAL).tick(6)
    assert outcome.rows("decisions") == [(1, 2, 2, "enrolled")]
    assert outcome.rows("workflow_goal_metrics")[0][2] == 1


def test_to_change_active_from_later_has_no_effect() -> None:
    story = Story().contact().visit(2, 5)
    outcome = story.run("active_from: 2026-01-03\n" + VISITS, 4)
    outcome.edit("active_from: 2026-01-09\n" + VISITS).tick(6)
    assert outcome.decisions() == [(5, "enrolled")]


def test_what_is_applied_between_ticks_counts_from_the_last_tick_on() -> None:
    story = won(3, 7)
    workflow = FROM_1 + VISITS + "steps: [{id: hello, send_email: hello}]\n"
    outcome = story.run(workflow + GOAL, 4).edit(workflow)
    outcome.reference.apply()
    outcome.edit(workflow + GOAL).tick(9)
    assert [row[0] for row in outcome.rows("goal_completions")] == [1, 2]
    without = story.run(workflow + GOAL, 4).edit(workflow).edit(workflow + GOAL).tick(9)
    assert [row[0] for row in without.rows("goal_completions")] == [1]
