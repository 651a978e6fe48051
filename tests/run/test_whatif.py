"""What if: both definitions over all history, side by side, and nothing written (SPEC 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from goalsql import DefinitionError, Project, SourceError, UsageError, WhatIf
from goalsql.run import whatif
from tests.run.acme import CONTACTS, EMAIL, NURTURE, Acme, acme_in, contacts_of, events_of

END = "2026-01-10T00:00:00Z"
BIG = {"event": "purchase", "where": {"amount": {"gte": 15}}}
COUNTS = (
    "enrolled",
    "active",
    "completed",
    "unenrolled",
    "unenrolled_by_goal",
    "recipients",
    "met_goal",
    "converted",
)


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """Of three who sign up, `a` never buys, `b` buys for 10 and `c` for 20 within three days."""
    return acme_in(tmp_path)


def ask(acme: Acme, at: str | None = END, **parts: Any) -> WhatIf:
    """Another goal, enrollment or suppression of the workflow, each written to a file first."""
    files = {}
    for part, definition in parts.items():
        path = acme.directory.parent / f"{part}.yml"
        path.write_text(yaml.safe_dump(definition), encoding="utf-8")
        files[part] = path
    return Project.load(acme.directory).whatif("nurture", at=at, **files)


def counts(found: WhatIf) -> dict[str, tuple[int, ...]]:
    return {
        row["definition"]: tuple(row[name] for name in COUNTS) for row in found.metrics.to_dicts()
    }


def moves(found: WhatIf) -> set[tuple[str | None, str | None, int]]:
    return set(found.moves.rows())


def filled(found: WhatIf) -> dict[str, tuple[int, int, int]]:
    """The buckets that are not empty on both sides."""
    return {row[0]: row[1:] for row in found.funnel.rows() if any(row[1:])}


def contents(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_another_goal(acme: Acme) -> None:
    found = ask(acme, goal={"name": "Bought big", "criteria": BIG})
    assert counts(found) == {
        "today": (3, 0, 1, 2, 2, 3, 2, 2),
        "other": (3, 0, 2, 1, 1, 3, 1, 1),
        "difference": (0, 0, 1, -1, -1, 0, -1, -1),
    }
    today, other, difference = found.metrics.to_dicts()
    assert (today["goal_name"], other["goal_name"]) == (None, "Bought big")
    assert today["conversion_rate"] == pytest.approx(2 / 3)
    assert other["conversion_rate_enrolled"] == pytest.approx(1 / 3)
    assert difference["conversion_rate"] == pytest.approx(-1 / 3)
    assert filled(found) == {"converted": (2, 1, -1), "emailed_completed": (1, 2, 1)}
    assert found.funnel.height == 9
    assert moves(found) == {("converted", "emailed_completed", 1)}
    assert str(found.tick_at) == "2026-01-10 00:00:00"
    assert str(found.active_from) == "2026-01-01 00:00:00"


def test_changes_that_ticks_have_observed_are_part_of_history(acme: Acme) -> None:
    """The score is 50 since the tick of 01-05 found it so, not since the contact was created."""
    acme.tick("2026-01-03T00:00:00Z")
    contacts_of(acme, [("a", "2026-01-01", 50), *CONTACTS[1:]])
    acme.tick("2026-01-05T00:00:00Z")
    goal = {"criteria": {"property": "score", "is": 50}}
    found = ask(acme, at=None, goal=goal)
    assert counts(found)["other"] == (2, 0, 1, 1, 1, 2, 1, 1)
    assert moves(found) == {
        ("emailed_completed", "converted", 1),
        ("converted", "emailed_completed", 1),
    }


def test_another_enrollment(acme: Acme) -> None:
    also = {"property": "score", "gt": 2}
    found = ask(acme, enrollment=NURTURE["enrollment"] | {"also": also})
    assert counts(found)["other"] == (1, 0, 0, 1, 1, 1, 1, 1)
    assert moves(found) == {("emailed_completed", None, 1), ("converted", None, 1)}


def test_contacts_that_only_the_other_enrollment_takes(acme: Acme) -> None:
    some = NURTURE["enrollment"] | {"also": {"property": "score", "gt": 2}}
    acme.workflow(NURTURE | {"enrollment": some})
    found = ask(acme, enrollment=NURTURE["enrollment"])
    assert moves(found) == {(None, "emailed_completed", 1), (None, "converted", 1)}


def test_another_suppression_and_goal_together(acme: Acme) -> None:
    low = {"low": {"criteria": {"property": "score", "lt": 2}}}
    (acme.directory / "segments" / "all.yml").write_text(yaml.safe_dump(low))
    found = ask(acme, suppression=["low"], goal=BIG)
    assert counts(found)["other"] == (2, 0, 1, 1, 1, 2, 1, 1)
    assert moves(found) == {
        ("emailed_completed", None, 1),
        ("converted", "emailed_completed", 1),
    }


def test_the_same_definition_changes_nothing(acme: Acme) -> None:
    found = ask(acme, goal=NURTURE["goal"])
    assert set(counts(found)["difference"]) == {0}
    assert moves(found) == set()


class TestReceipts:
    @pytest.fixture
    def emailed(self, acme: Acme) -> Acme:
        """`b` has its email before it buys, `c` after; `a` has one of another workflow."""
        rows = [
            ("b", "m1", "2026-01-03", "nurture", "hello", "delivered"),
            ("c", "m2", "2026-01-09", "nurture", "hello", "delivered"),
            ("a", "m3", "2026-01-03", "other", "hello", "delivered"),
        ]
        acme.source("marketing_emails", EMAIL, rows)
        return acme

    def test_emails_of_the_workflow_count_for_both(self, emailed: Acme) -> None:
        found = ask(emailed, goal=BIG)
        assert filled(found) == {
            "converted": (1, 0, -1),
            "met_goal_before_email": (1, 1, 0),
            "emailed_completed": (0, 1, 1),
            "not_emailed_completed": (1, 1, 0),
        }
        assert counts(found)["other"][5] == 2

    def test_as_events_they_are_there_once(self, emailed: Acme) -> None:
        delivered = {"workflow_id": {"is": "nurture"}, "event": {"is": "delivered"}}
        leaf = {"event": "marketing_email", "where": delivered}
        once = ask(emailed, goal=leaf)
        assert counts(once)["other"][6] == 2
        twice = ask(emailed, goal=leaf | {"times": {"at_least": 2}})
        assert counts(twice)["other"][6] == 0
        elsewhere = {"event": "marketing_email", "where": {"workflow_id": {"is_not": "nurture"}}}
        assert moves(ask(emailed, goal=elsewhere)) >= {
            ("not_emailed_completed", "met_goal_no_email", 1)
        }


class TestFromWhenToWhen:
    def test_up_to_the_last_tick(self, acme: Acme) -> None:
        acme.tick("2026-01-05")
        assert counts(ask(acme, at=None, goal=BIG))["today"][0] == 2
        assert counts(ask(acme, at="2026-01-03", goal=BIG))["today"] == (2, 2, 0, 0, 0, 2, 0, 0)
        assert counts(ask(acme, at="2026-02-01", goal=BIG))["today"][0] == 3

    def test_up_to_now_before_the_first_tick(self, acme: Acme) -> None:
        found = ask(acme, at=None, goal=BIG)
        assert found.tick_at.year >= 2026
        assert (found.tick_at.second, found.tick_at.microsecond) == (0, 0)

    def test_from_the_instant_that_the_first_tick_fixed(self, acme: Acme) -> None:
        acme.workflow({k: v for k, v in NURTURE.items() if k != "active_from"})
        with pytest.raises(UsageError, match="nurture has no active_from, and no tick has seen it"):
            ask(acme, goal=BIG)
        acme.tick("2026-01-05")
        found = ask(acme, goal=BIG)
        assert str(found.active_from) == "2026-01-05 00:00:00"
        assert counts(found)["today"][0] == 1
        acme.workflow(NURTURE)
        assert ask(acme, goal=BIG).active_from == found.active_from

    def test_a_workflow_that_is_off_is_taken_as_on(self, acme: Acme) -> None:
        acme.workflow(NURTURE | {"enabled": False})
        assert counts(ask(acme, goal=BIG))["today"][0] == 3
        acme.tick("2026-01-11")
        assert counts(ask(acme, at=None, goal=BIG))["other"][0] == 3


class TestNothingIsWritten:
    @pytest.mark.parametrize("ticked", [False, True])
    def test_in_the_project(
        self, acme: Acme, ticked: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(acme.directory)
        if ticked:
            acme.tick("2026-01-05")
        before = contents(acme.directory)
        ask(acme, goal=BIG)
        assert contents(acme.directory) == before

    def test_while_others_read_the_database(self, acme: Acme) -> None:
        acme.tick("2026-01-05")
        with Project.load(acme.directory).connect() as connection:
            assert counts(ask(acme, goal=BIG))["today"][0] == 3
            assert connection.execute("SELECT COUNT(*) FROM goalsql.ticks").fetchall() == [(1,)]

    def test_where_the_definition_is_wrong(self, acme: Acme) -> None:
        acme.tick("2026-01-05")
        before = contents(acme.directory)
        with pytest.raises(DefinitionError, match=r"goal\.yml:2: property: GQ117 unknown property"):
            ask(acme, goal={"property": "scor", "is": 1})
        assert contents(acme.directory) == before


class TestWrongInput:
    def test_an_unknown_workflow(self, acme: Acme) -> None:
        with pytest.raises(UsageError, match="did you mean nurture"):
            Project.load(acme.directory).whatif("nurtur", goal="goal.yml")

    def test_no_other_definition(self, acme: Acme) -> None:
        with pytest.raises(UsageError, match="name a file"):
            Project.load(acme.directory).whatif("nurture")

    def test_every_mistake_of_every_file(self, acme: Acme) -> None:
        with pytest.raises(DefinitionError) as caught:
            ask(acme, goal={"event": "purchas"}, suppression=["lo"])
        files = {Path(problem.place.file).name for problem in caught.value.problems}
        assert files == {"goal.yml", "suppression.yml"}

    def test_mistakes_of_the_project_come_first(self, acme: Acme) -> None:
        acme.workflow(NURTURE | {"goal": {"criteria": {"event": "purchas"}}})
        with pytest.raises(DefinitionError, match=r"workflows/one\.yml.*unknown event"):
            ask(acme, goal=BIG)

    def test_data_that_no_tick_would_take(self, acme: Acme) -> None:
        contacts_of(acme, [("a", "2026-01-01", 1), ("a", "2026-01-01", 2)])
        with pytest.raises(SourceError, match="more than once"):
            ask(acme, goal=BIG)


def test_warns_of_the_other_definition_and_of_what_is_left_out(acme: Acme) -> None:
    never = {"event": "purchase", "never": True, "during": {"since": "enrollment"}}
    (doubt,) = ask(acme, goal=never).warnings
    assert "goal.yml:" in doubt
    assert "is true from the instant of enrollment on" in doubt
    acme.workflow(NURTURE | {"enrollment": {"trigger": "manual"}})
    assert ask(acme, goal=BIG).warnings == (
        "GQ352 contacts that were enrolled by hand are not in these figures",
    )


class TestTablesOfTheDatabase:
    def move(self, acme: Acme, tables: Mapping[str, str]) -> None:
        """Puts sources into the project's database, by the names given."""
        with duckdb.connect(str(acme.database)) as connection:
            connection.execute("CREATE SCHEMA raw")
            for number, (name, table) in enumerate(tables.items()):
                sources = acme.settings["sources"]
                source = sources.get(name) or sources["events"][name]
                path = acme.directory / source["from"]
                connection.execute(f"CREATE TABLE kept_{number} AS FROM '{path}'")
                connection.execute(f"CREATE VIEW {table} AS FROM kept_{number}")
                source["from"] = table
        acme.settle()

    @pytest.mark.parametrize("ticked", [False, True])
    def test_are_found_by_the_same_names(self, acme: Acme, ticked: bool) -> None:
        tables = {"contacts": "people", "signup": "raw.signups", "purchase": "acme.main.bought"}
        self.move(acme, tables)
        if ticked:
            acme.tick("2026-01-05")
        assert moves(ask(acme, goal=BIG)) == {("converted", "emailed_completed", 1)}

    def test_a_query_and_an_attached_database(self, acme: Acme) -> None:
        self.move(acme, {"contacts": "people"})
        other = acme.directory / "crm.duckdb"
        with duckdb.connect(str(other)) as connection:
            path = acme.directory / acme.settings["sources"]["events"]["purchase"]["from"]
            connection.execute(f"CREATE TABLE bought AS FROM '{path}'")
        acme.settings["attach"] = {"crm": "crm.duckdb"}
        acme.settings["sources"]["contacts"] = {"query": "SELECT * FROM people WHERE score < 3"}
        acme.settings["sources"]["events"]["purchase"] = {"from": "crm.bought"}
        acme.settle()
        assert counts(ask(acme, goal=BIG))["other"] == (2, 0, 2, 0, 0, 2, 0, 0)

    def test_an_attached_database_may_be_of_another_project(self, acme: Acme) -> None:
        acme.tick("2026-01-05")
        other = acme_in(acme.directory.parent / "other")
        contacts_of(other, [(1, "2026-01-01", 1)], contact_id="INT")
        other.settings["attach"] = {"theirs": str(acme.database)}
        other.settings["allow_paths"] = [str(acme.directory)]
        events_of(other, "signup", [("1", "s1", "2026-01-02", "demo")])
        assert counts(ask(other, goal=BIG))["today"][0] == 1
        assert other.tick("2026-01-05").enrolled == 1
        assert counts(ask(other, goal=BIG))["today"][0] == 1


class TestRuns:
    def definitions(self, acme: Acme) -> Any:
        return Project.load(acme.directory).definitions

    def sees(self, workflow: str) -> dict[str, Any]:
        return NURTURE | {"goal": {"criteria": {"workflow": workflow, "status": "active"}}}

    def test_every_source_is_read_once(self, acme: Acme) -> None:
        goal = acme.directory.parent / "goal.yml"
        goal.write_text(yaml.safe_dump(BIG))
        ran: list[str] = []
        project = Project.load(acme.directory, lambda name, sql: ran.append(name))
        project.whatif("nurture", goal, at=END)
        assert [name for name in ran if name.startswith("match.")] == [
            "match.purchase",
            "match.signup",
        ]
        assert "count" not in ran

    def test_with_what_either_depends_on_and_nothing_else(self, acme: Acme) -> None:
        acme.workflow(self.sees("first"))
        for name in ("first", "second", "third"):
            acme.workflow(NURTURE | {"id": name}, name)
        definitions = self.definitions(acme)
        today = definitions.workflows["nurture"]
        other = replace(today, suppression=(), goal=None, unenroll_when=None)
        (run,) = whatif._runs(today, other, definitions)
        assert set(run.definitions.workflows) == {"nurture", "first", "nurture (other)"}
        assert run.sides["other"].workflow_id == "nurture (other)"

    def test_the_other_takes_no_name_that_is_taken(self, acme: Acme) -> None:
        acme.workflow(NURTURE | {"id": "nurture (other)"}, "two")
        definitions = self.definitions(acme)
        today = definitions.workflows["nurture"]
        (run,) = whatif._runs(today, today, definitions)
        assert set(run.definitions.workflows) == {"nurture", "nurture (other)'"}

    def test_in_a_circle_each_has_its_own(self, acme: Acme) -> None:
        acme.workflow(self.sees("loop"))
        acme.workflow(self.sees("nurture") | {"id": "loop"}, "two")
        definitions = self.definitions(acme)
        today = definitions.workflows["nurture"]
        other = replace(today, goal=None)
        first, second = whatif._runs(today, other, definitions)
        loop = definitions.workflows["loop"]
        assert first.definitions.workflows == {"nurture": today, "loop": loop}
        assert second.definitions.workflows == {"nurture": other}

    def test_two_runs_give_what_one_gives(
        self, acme: Acme, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        once = ask(acme, goal=BIG)
        monkeypatch.setattr(whatif, "depends_on", lambda workflow, definitions: {"nurture"})
        twice = ask(acme, goal=BIG)
        assert twice.plain() == once.plain()
