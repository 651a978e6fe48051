"""In one sentence, why a contact stands where it stands in a workflow."""

from __future__ import annotations

import pytest

from goalsql import Project
from tests.report.asking import END, explained, goal, section, shown
from tests.report.database import day
from tests.run.acme import CONTACTS, NURTURE, Acme, contacts_of, events_of


class TestReasons:
    def reason(self, acme: Acme, contact: str, at: str | None = None) -> str:
        acme.tick(END)
        return explained(acme, contact, at).reason

    def test_completed(self, acme: Acme) -> None:
        reason = self.reason(acme, "a")
        assert reason == "completed on 2026-01-05 00:00:00; the goal has not been met"

    def test_met_the_goal_counted(self, acme: Acme) -> None:
        assert self.reason(acme, "b") == (
            "met the goal on 2026-01-04 00:00:00, counted: the first email came on "
            "2026-01-02 00:00:00"
        )

    def test_met_the_goal_without_an_email(self, acme: Acme) -> None:
        columns = dict.fromkeys(("contact_id", "event_id", "workflow_id", "email_id"), "VARCHAR")
        columns |= {"event": "VARCHAR", "occurred_at": "TIMESTAMP"}
        late = ("b", "m1", "nurture", "hello", "delivered", "2026-01-05")
        acme.source("marketing_emails", columns, [late])
        assert self.reason(acme, "b") == (
            "met the goal on 2026-01-04 00:00:00, not counted: no email from this workflow before "
            "(the first came on 2026-01-05 00:00:00)"
        )
        acme.source("marketing_emails", columns, [])
        acme.tick("2026-02-02T00:00:00Z")
        reason = explained(acme, "b").reason
        assert reason.endswith("not counted: no email from this workflow before")

    def test_met_the_goal_after_the_end(self, acme: Acme) -> None:
        events_of(acme, "purchase", [("a", "p1", "2026-01-20", 10)])
        assert self.reason(acme, "a") == (
            "completed on 2026-01-05 00:00:00; met the goal on 2026-01-20 00:00:00, counted: the "
            "first email came on 2026-01-02 00:00:00"
        )

    def test_at_an_earlier_instant_it_was_active(self, acme: Acme) -> None:
        assert self.reason(acme, "a", "2026-01-03") == "active since 2026-01-02 00:00:00"

    def test_active_with_the_next_step(self, acme: Acme) -> None:
        acme.tick("2026-01-03T00:00:00Z")
        assert explained(acme, "a").reason == (
            "active since 2026-01-02 00:00:00: step bye is due on 2026-01-05 00:00:00"
        )

    def test_goal_already_met(self, acme: Acme) -> None:
        events_of(acme, "purchase", [("a", "p1", "2026-01-01 12:00", 10)])
        assert self.reason(acme, "a") == (
            "not enrolled: goal already met since 2026-01-01 12:00:00 when the trigger fired on "
            "2026-01-02 00:00:00"
        )

    def test_kept_out(self, acme: Acme) -> None:
        contacts_of(acme, [("a", "2026-01-01", 99)])
        assert self.reason(acme, "a") == (
            "not enrolled: unenroll_when true since 2026-01-01 00:00:00 when the trigger fired on "
            "2026-01-02 00:00:00"
        )

    def test_suppressed_by_name(self, acme: Acme) -> None:
        acme.workflow(NURTURE | {"suppression": ["rivals", "buyers"]})
        (acme.directory / "rivals.csv").write_text("contact_id,added_at\nb,2026-01-03\n")
        (acme.directory / "segments" / "all.yml").write_text(
            "buyers: {criteria: {event: purchase}}\nrivals: {static: {from: rivals.csv}}\n"
        )
        assert self.reason(acme, "b") == (
            "unenrolled on 2026-01-03 00:00:00: in the suppression segment rivals since "
            "2026-01-03 00:00:00"
        )
        suppression = section(explained(acme, "b"), "suppression")
        rivals, buyers = suppression.members
        assert (rivals.holds, rivals.since, rivals.members) == (True, day(3), ())
        [purchase] = buyers.members
        assert (purchase.holds, purchase.since) == (True, day(4))

    def test_the_event_has_not_happened(self, acme: Acme) -> None:
        events_of(acme, "signup", [])
        assert self.reason(acme, "a") == "not enrolled: the trigger's event has not happened"

    def test_the_event_came_too_early(self, acme: Acme) -> None:
        events_of(acme, "signup", [("a", "s1", "2025-12-01", "demo")])
        assert self.reason(acme, "a") == (
            "not enrolled: the trigger's event last happened on 2025-12-01 00:00:00, before "
            "active_from (2026-01-01 00:00:00)"
        )

    def test_also_was_false(self, acme: Acme) -> None:
        trigger = NURTURE["enrollment"] | {"also": {"property": "score", "gt": 50}}
        acme.workflow(NURTURE | {"enrollment": trigger})
        assert self.reason(acme, "a") == (
            "not enrolled: the trigger's event last happened on 2026-01-02 00:00:00, when `also` "
            "was false"
        )

    def test_the_event_came_after_the_last_tick(self, acme: Acme) -> None:
        acme.tick("2026-01-03T00:00:00Z")
        explanation = explained(acme, "c", "2026-01-07")
        assert explanation.reason == (
            "not enrolled: the trigger's event last happened on 2026-01-06 00:00:00, after the "
            "last tick (2026-01-03 00:00:00)"
        )
        assert explanation.notes == ("no tick has decided anything after 2026-01-03 00:00:00",)

    def test_it_does_not_fire_again(self, acme: Acme) -> None:
        events_of(acme, "signup", [("a", f"s{n}", f"2026-01-{n:02}", "demo") for n in (2, 20)])
        assert self.reason(acme, "a").endswith(
            "the trigger fired again on 2026-01-20 00:00:00, not enrolled again: re_enroll is false"
        )

    @pytest.mark.parametrize(
        ("score", "existing", "reason"),
        [
            (1, True, "the trigger has never been true"),
            (
                60,
                False,
                "the trigger is true since 2025-01-01 00:00:00, before active_from "
                "(2026-01-01 00:00:00), not enroll_existing",
            ),
        ],
    )
    def test_a_filter(self, acme: Acme, score: int, existing: bool, reason: str) -> None:
        contacts_of(acme, [("a", "2025-01-01", score)])
        trigger = {"trigger": "filter", "criteria": {"property": "score", "gt": 50}}
        trigger |= {"enroll_existing": existing}
        acme.workflow(NURTURE | {"enrollment": trigger})
        assert self.reason(acme, "a") == f"not enrolled: {reason}"

    def test_a_filter_that_held_too_early(self, acme: Acme) -> None:
        columns = {"contact_id": "VARCHAR", "property": "VARCHAR", "value": "VARCHAR"}
        rows = [("a", "stage", "lead", "2025-02-01"), ("a", "stage", "none", "2025-03-01")]
        acme.source("property_changes", columns | {"occurred_at": "TIMESTAMP"}, rows)
        contacts_of(acme, [("a", "2025-01-01", 1)])
        trigger = {"trigger": "filter", "criteria": {"property": "stage", "is": "lead"}}
        acme.workflow(NURTURE | {"enrollment": trigger})
        assert self.reason(acme, "a") == (
            "not enrolled: the trigger was true from 2025-02-01 00:00:00 to 2025-03-01 00:00:00, "
            "before active_from (2026-01-01 00:00:00)"
        )

    def test_a_manual_trigger(self, acme: Acme) -> None:
        acme.workflow(NURTURE | {"enrollment": {"trigger": "manual"}})
        assert self.reason(acme, "a") == (
            "not enrolled: the contact was never named to `goalsql enroll`"
        )
        Project.load(acme.directory).enroll("nurture", ["a"])
        waiting = explained(acme, "a")
        assert waiting.reason == (
            "not enrolled: waits in the queue of `goalsql enroll` for the next tick"
        )
        assert waiting.sections[0].criterion is None
        assert "by `goalsql enroll` only" in shown(waiting)

    def test_before_the_contact_was_created(self, acme: Acme) -> None:
        acme.tick(END)
        explanation = explained(acme, "a", "2025-06-01")
        assert explanation.reason == (
            "not enrolled: the contact was created only on 2026-01-01 00:00:00"
        )
        assert all(not s.criterion.holds for s in explanation.sections if s.criterion)

    def test_a_contact_that_is_gone(self, acme: Acme) -> None:
        acme.tick("2026-01-03T00:00:00Z")
        contacts_of(acme, CONTACTS[1:])
        acme.tick("2026-01-04T00:00:00Z")
        explanation = explained(acme, "a")
        assert explanation.reason == (
            "unenrolled on 2026-01-04 00:00:00: the contact was gone from the source"
        )
        assert explanation.created_at is None
        assert "no longer has this contact" in explanation.notes[0]
        assert not section(explanation, "trigger").holds

    def test_no_tick_saw_it_enabled(self, acme: Acme) -> None:
        acme.workflow(NURTURE | {"enabled": False})
        assert self.reason(acme, "a") == "not enrolled: no tick has seen the workflow enabled"
        assert explained(acme, "a").notes == (
            "the workflow is disabled: no enrollment and no step",
        )

    def test_files_that_no_tick_has_applied(self, acme: Acme) -> None:
        acme.tick(END)
        acme.workflow(goal({"event": "purchase", "times": {"at_least": 2}}))
        assert "which no tick has applied yet" in explained(acme, "a").notes[0]
