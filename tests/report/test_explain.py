"""The criteria of a workflow for one contact, and what decides them."""

from __future__ import annotations

from typing import Any

import pytest

from goalsql import Project, SourceError, UsageError
from goalsql.engine.duckdb import DuckDB
from goalsql.report.explanation import Criterion, Entry, Window
from tests.report.asking import END, explained, goal, section, shown
from tests.report.database import day
from tests.run.acme import CONTACTS, NURTURE, Acme, contacts_of, events_of


class TestEvidence:
    @pytest.fixture
    def bought(self, acme: Acme) -> Acme:
        """Five purchases of contact a: on 1, 11, 21, 24 and 27 January, before its signup."""
        days = (1, 11, 21, 24, 27)
        rows = [("a", f"p{n}", f"2026-01-{n:02}", n) for n in days]
        events_of(acme, "purchase", rows)
        events_of(acme, "signup", [("a", "s1", "2026-01-22", "demo")])
        return acme

    def leaf(self, acme: Acme, criteria: object) -> Criterion:
        acme.workflow(goal(criteria))
        acme.tick(END)
        return section(explained(acme, "a"), "goal")

    def numbered(self, criterion: Criterion) -> list[tuple[int, str | None]]:
        return [(event.number, event.event_id) for event in criterion.events]

    def test_the_nth_event_and_the_last(self, bought: Acme) -> None:
        leaf = self.leaf(bought, {"event": "purchase", "times": {"at_least": 3}})
        assert leaf.text == "purchase, at least 3 times"
        assert (leaf.holds, leaf.since, leaf.count, leaf.window) == (True, day(21), 5, None)
        assert self.numbered(leaf) == [(3, "p21"), (5, "p27")]

    def test_a_window_that_moves(self, bought: Acme) -> None:
        during = {"last": "12 days"}
        leaf = self.leaf(bought, {"event": "purchase", "times": {"at_least": 2}, "during": during})
        # The one of 11 January is 12 days old on the 23rd: one is left, until the 24th. In the
        # window stand three: the second last, with which it will end, and the last.
        assert (leaf.holds, leaf.since, leaf.count) == (True, day(24), 3)
        assert leaf.window == Window(day(20), day(32))
        assert self.numbered(leaf) == [(2, "p24"), (3, "p27")]

    def test_a_range_ends_with_the_event_that_is_too_many(self, bought: Acme) -> None:
        leaf = self.leaf(bought, {"event": "purchase", "times": {"between": [2, 3]}})
        assert (leaf.holds, leaf.since, leaf.count) == (False, day(24), 5)
        assert self.numbered(leaf) == [(2, "p11"), (4, "p24"), (5, "p27")]

    def test_since_the_enrollment(self, bought: Acme) -> None:
        during = {"since": "enrollment"}
        leaf = self.leaf(bought, {"event": "purchase", "times": {"at_least": 2}, "during": during})
        assert (leaf.holds, leaf.since, leaf.count) == (True, day(27), 2)
        assert leaf.window == Window(day(22), day(32))
        assert self.numbered(leaf) == [(2, "p27")]

    def test_since_an_enrollment_that_there_is_not(self, bought: Acme) -> None:
        events_of(bought, "signup", [])
        leaf = self.leaf(bought, {"event": "purchase", "during": {"since": "enrollment"}})
        assert (leaf.holds, leaf.since, leaf.count, leaf.events) == (False, day(1), 0, ())

    @pytest.mark.parametrize(
        ("during", "window", "count"),
        [
            ({"after": "2026-01-21"}, Window(day(22), None), 2),
            ({"before": "2026-01-21"}, Window(None, day(21)), 2),
            ({"between": ["2026-01-11", "2026-01-24"]}, Window(day(11), day(25)), 3),
        ],
    )
    def test_a_window_that_stands(
        self, bought: Acme, during: object, window: Window, count: int
    ) -> None:
        leaf = self.leaf(bought, {"event": "purchase", "during": during})
        assert (leaf.window, leaf.count) == (window, count)

    def test_values_of_a_property(self, acme: Acme) -> None:
        columns = {"contact_id": "VARCHAR", "property": "VARCHAR", "value": "VARCHAR"}
        rows = [("a", "stage", f"s{n}", f"2026-01-{n:02}") for n in range(2, 9)]
        rows.append(("b", "stage", "other", "2026-01-02"))
        acme.source("property_changes", columns | {"occurred_at": "TIMESTAMP"}, rows)
        changed = {"property": "stage", "changed_within": "26 days"}
        was = {"property": "stage", "ever": "s3"}
        score = {"property": "score", "lt": 5}
        everything = self.leaf(acme, {"all": [changed, was, score]})
        first, second, third = everything.members
        assert [entry.value for entry in first.entries] == ["s4", "s5", "s6", "s7", "s8"]
        assert first.entries == second.entries
        assert first.window == Window(day(6), day(32))
        assert [event.occurred_at for event in first.events] == [day(8)]
        assert [event.occurred_at for event in second.events] == [day(3)]
        assert (second.holds, second.since) == (True, day(3))
        assert third.entries == (Entry(day(1), "1"),)

    def test_one_tree_of_any_depth(self, acme: Acme) -> None:
        text = "old: {criteria: {not: {in_segment: new}}}\nnew: {criteria: {event: signup}}\n"
        (acme.directory / "segments" / "all.yml").write_text(text)
        found = self.leaf(acme, {"any": [{"not_in_segment": "old"}, {"event": "purchase"}]})
        [segment, purchase] = found.members
        [negation] = segment.members
        [inner] = negation.members
        [signup] = inner.members
        kinds = [one.kind for one in (found, segment, negation, inner, signup, purchase)]
        assert kinds == ["any", "segment", "not", "segment", "event", "event"]
        held = [one.holds for one in (found, segment, negation, inner, signup, purchase)]
        assert held == [True, True, False, True, True, False]

    def test_branches(self, acme: Acme) -> None:
        arms = [
            {"when": {"property": "score", "gt": 5}, "steps": []},
            {"when": {"event": "purchase"}, "steps": []},
            {"otherwise": True, "steps": []},
        ]
        acme.workflow(NURTURE | {"steps": [{"id": "split", "branch": arms}]})
        acme.tick(END)
        branches = [one for one in explained(acme, "b").sections if one.role == "branch"]
        assert [one.name for one in branches] == ["split, arm 1", "split, arm 2"]
        assert [one.criterion.holds for one in branches if one.criterion] == [False, True]


class TestWrongInput:
    def test_an_unknown_workflow(self, acme: Acme) -> None:
        acme.tick(END)
        with pytest.raises(UsageError, match="did you mean nurture"):
            Project.load(acme.directory).explain("nurtur", "a")

    def test_an_unknown_contact(self, acme: Acme) -> None:
        contacts_of(acme, [("anna@acme.example", "2026-01-01", 1)])
        acme.tick(END)
        with pytest.raises(UsageError, match=r"no contact ana@acme\.example; did you mean anna@"):
            explained(acme, "ana@acme.example")
        with pytest.raises(UsageError, match=r"there is no contact nobody$"):
            explained(acme, "nobody")

    @pytest.mark.parametrize("name", ["x", "", "1.5", "'; DROP TABLE contact; --"])
    def test_what_is_no_integer(self, acme: Acme, name: str) -> None:
        contacts_of(acme, [(7, "2026-01-01", 1)], contact_id="BIGINT")
        acme.tick(END)
        with pytest.raises(UsageError, match="there is no contact"):
            explained(acme, name)
        assert explained(acme, "7").contact_id == 7

    def test_no_tick_yet(self, acme: Acme) -> None:
        with pytest.raises(UsageError, match="run `goalsql tick`"):
            explained(acme, "a")

    def test_a_contact_that_stands_twice(self, acme: Acme) -> None:
        acme.tick(END)
        contacts_of(acme, [*CONTACTS, CONTACTS[0]])
        with pytest.raises(SourceError, match=r"more than once: a \(2 times\)"):
            explained(acme, "a")


def test_it_changes_nothing(acme: Acme) -> None:
    acme.tick(END)
    before = acme.state()
    explained(acme, "a")
    assert acme.state() == before


def test_no_row_of_another_contact_leaves_the_database(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.tick(END)
    handed_out: list[object] = []
    execute = DuckDB.execute

    def spied(engine: DuckDB, *arguments: Any) -> list[tuple[Any, ...]]:
        rows = execute(engine, *arguments)
        handed_out.extend(value for row in rows for value in row)
        return rows

    monkeypatch.setattr(DuckDB, "execute", spied)
    explained(acme, "a")
    assert "a" in handed_out
    assert not {"b", "c", "s2", "p1"} & set(map(str, handed_out))


def test_text_shows_everything_without_colour(acme: Acme) -> None:
    acme.tick(END)
    text = shown(explained(acme, "b"))
    assert text.splitlines()[0] == "nurture (nurture), contact b, at 2026-02-01 00:00:00 UTC"
    assert "Met the goal on 2026-01-04 00:00:00" in text
    assert "✓ purchase where amount >= 5, true since 2026-01-04 00:00:00" in text
    assert "number 1: 2026-01-04 00:00:00 (p1)" in text
    assert "✗ score > 90, false since 2026-01-01 00:00:00" in text
    assert "2 from 2026-01-01 00:00:00" in text
    assert "goal_met" in text


def test_markup_in_values_is_text(acme: Acme) -> None:
    events_of(acme, "signup", [("a", "[bold]s1", "2026-01-02", "demo")])
    acme.tick(END)
    assert "([bold]s1)" in shown(explained(acme, "a"))
