"""What a tick reads after an edit, and of whom: what is new in the rules, not what there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from goalsql import Project
from goalsql.engine.duckdb import DuckDB
from tests.run.acme import NURTURE, Acme, acme_in, events_of, write_parquet

UPSELL: Mapping[str, Any] = {
    "id": "upsell",
    "active_from": "2026-01-01T00:00:00Z",
    "enrollment": {
        "trigger": "filter",
        "criteria": {"event": "purchase", "where": {"amount": {"gte": 2}}},
    },
    "steps": [{"id": "thanks", "send_email": "thanks"}],
}
OF_BOTH, OF_NURTURE = 6, 4
"""Matches: signups of a, b and c and purchases p1 of b, then p1 and p2 of at least 2."""
NUMBERED = {"ticks", "workflow_versions", "source_parts", "matches", "remembered", "next_turns"}


Looks = list[tuple[list[str], int]]


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """Two workflows that a tick has seen, over all that there is."""
    found = acme_in(tmp_path)
    events_of(found, "purchase", [("b", "p1", "2026-01-03", 10), ("c", "p2", "2026-01-03", 3)])
    texts = {"contact_id": "VARCHAR", "property": "VARCHAR", "value": "VARCHAR"}
    rows = [("a", "plan", "free", "2026-01-02"), ("a", "score", "3", "2026-01-02")]
    found.source("property_changes", texts | {"occurred_at": "TIMESTAMP"}, rows)
    found.workflow(UPSELL, "two")
    assert found.tick("2026-01-07").mode == "full"
    return found


def traced(acme: Acme, at: str) -> tuple[Any, list[tuple[str, str]]]:
    """A tick's result, and its statements in order: name, text."""
    found: list[tuple[str, str]] = []
    return acme.tick(at, lambda name, text: found.append((name, text))), found


def on_amount(least: int) -> dict[str, Any]:
    return {"criteria": {"event": "purchase", "where": {"amount": {"gte": least}}}}


def assert_as_full(acme: Acme) -> None:
    """The next tick leaves what one leaves that takes no shortcut, row for row."""
    copy = acme.database.read_bytes()
    found = []
    for full in (False, True):
        acme.database.write_bytes(copy)
        Project.load(acme.directory).tick(at="2026-01-09", clock="event", full=full)
        found.append(acme.facts())
    for name in found[0].keys() - NUMBERED:
        assert found[0][name] == found[1][name], name


def test_the_sources_are_asked_for_what_was_not_asked_before(acme: Acme) -> None:
    acme.workflow(UPSELL | {"goal": on_amount(7)}, "two")
    result, run = traced(acme, "2026-01-08")
    assert result.mode == "incremental"
    (asked,) = [text for name, text in run if name.startswith("match.")]
    assert "INSERT INTO goalsql.matches" in asked
    assert '"events purchase"' in asked
    assert "amount >= 7" in asked.replace('"', "")
    assert "amount >= 2" not in asked.replace('"', "")
    assert_as_full(acme)


def test_nothing_is_asked_again_where_the_steps_were_edited(acme: Acme) -> None:
    acme.workflow(UPSELL | {"steps": [{"id": "thanks", "send_email": "many thanks"}]}, "two")
    result, run = traced(acme, "2026-01-08")
    assert result.mode == "incremental"
    assert not [name for name, _ in run if name.startswith("match.")]
    assert_as_full(acme)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """The workflows of each level, and of how many contacts the tick looks at for them."""
    found: Looks = []
    execute = DuckDB.execute

    def spy(self: DuckDB, name: str, text: str, parameters: Any = None) -> Any:
        if name == "rules.in_window":
            ((contacts,),) = execute(self, "spy", "SELECT COUNT(*) FROM contact")
            found.append((parameters["workflow_id"], contacts))
        return execute(self, name, text, parameters)

    monkeypatch.setattr(DuckDB, "execute", spy)
    return found


def test_every_contact_is_looked_at_for_the_edited_workflow_only(
    acme: Acme, looked_at: Looks
) -> None:
    acme.workflow(UPSELL | {"goal": on_amount(7)}, "two")
    looked_at.clear()
    acme.tick("2026-01-07T12:00")
    assert looked_at == [(["nurture"], 0), (["upsell"], 3)]


def test_so_it_is_for_what_depends_on_it(acme: Acme, looked_at: Looks) -> None:
    follow: dict[str, Any] = {
        "id": "follow",
        "active_from": "2026-01-01T00:00:00Z",
        "enrollment": {
            "trigger": "filter",
            "criteria": {"workflow": "upsell", "status": "enrolled"},
        },
        "steps": [{"id": "more", "send_email": "more"}],
    }
    acme.workflow(follow, "three")
    assert acme.tick("2026-01-07T12:00").enrolled == 2
    acme.workflow(UPSELL | {"enrollment": {"trigger": "filter", **on_amount(1)}}, "two")
    looked_at.clear()
    acme.tick("2026-01-07T18:00")
    assert looked_at == [(["nurture"], 0), (["upsell"], 3), (["follow"], 3)]
    assert_as_full(acme)


def test_what_no_rule_asks_for_any_more_is_forgotten(acme: Acme) -> None:
    assert len(acme.state()["matches"]) == OF_BOTH
    acme.workflow(UPSELL | {"enrollment": {"trigger": "manual"}}, "two")
    acme.tick("2026-01-08")
    assert len(acme.state()["matches"]) == OF_NURTURE
    assert_as_full(acme)


def test_a_property_is_read_when_a_rule_uses_it_and_forgotten_when_none_does(acme: Acme) -> None:
    def kept() -> list[str]:
        return sorted(row.split("'")[1] for row in acme.state()["changes"])

    assert kept() == ["score"]
    on_plan = {"trigger": "filter", "criteria": {"property": "plan", "is": "free"}}
    acme.workflow(UPSELL | {"enrollment": on_plan}, "two")
    assert acme.tick("2026-01-07T12:00").enrolled == 1
    assert kept() == ["plan", "score"]
    assert_as_full(acme)
    acme.workflow(UPSELL, "two")
    acme.tick("2026-01-10")
    assert kept() == ["score"]


def test_workflows_in_a_circle_let_the_others_take_the_shortcut(
    acme: Acme, looked_at: Looks
) -> None:
    for one, other in (("x", "y"), ("y", "x")):
        exits = {"unenroll_when": {"workflow": other, "status": "completed"}}
        acme.workflow(UPSELL | {"id": one} | exits, one)
    acme.tick("2026-01-07T12:00")
    looked_at.clear()
    result, run = traced(acme, "2026-01-07T18:00")
    assert result.mode == "incremental"
    assert not [name for name, _ in run if name.startswith("match.")]
    assert looked_at == [(["nurture", "upsell"], 0), (["x"], 3), (["y"], 3)]
    assert_as_full(acme)


def test_new_rows_reach_the_others_although_an_edit_needs_more_of_them(acme: Acme) -> None:
    """One counts the events that the other only waits for: now they must be told apart."""
    columns = {"contact_id": "VARCHAR", "event_id": "VARCHAR", "occurred_at": "TIMESTAMP"}
    folder = acme.directory / "purchases"
    folder.mkdir()
    (acme.directory / "events_1.parquet").rename(folder / "1.parquet")
    acme.settings["sources"]["events"]["purchase"] = {"from": "purchases/*.parquet"}
    acme.settle()
    assert acme.tick("2026-01-07T12:00").mode == "full"
    rows = [("a", "p3", "2026-01-07T15:00", 4)]
    write_parquet(folder / "2.parquet", columns | {"amount": "INT"}, rows)
    often = UPSELL["enrollment"]["criteria"] | {"times": {"at_least": 2}}
    trigger = {"enrollment": {"trigger": "filter", "criteria": often}}
    acme.workflow(UPSELL | {"id": "often"} | trigger, "three")
    result = acme.tick("2026-01-08")
    assert (result.mode, result.enrolled) == ("incremental", 1)
    assert_as_full(acme)


def test_a_new_workflow_has_what_others_ask_for(acme: Acme) -> None:
    acme.workflow(NURTURE | {"id": "again"}, "three")
    result, run = traced(acme, "2026-01-08")
    assert (result.mode, result.enrolled) == ("incremental", 3)
    assert not [name for name, _ in run if name.startswith("match.")]
    assert_as_full(acme)
