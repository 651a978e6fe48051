"""A tick on wrong sources says what is wrong and changes nothing (SPEC 4, issue: wrong input)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from goalsql import DefinitionError, GoalsqlError, Project, SourceError, UsageError
from tests.run.acme import CONTACTS, SIGNUPS, Acme, acme_in, contacts_of, events_of

NEXT = "2026-01-10"


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """The project after a first tick."""
    acme = acme_in(tmp_path)
    acme.tick("2026-01-05")
    return acme


def remove_contacts(acme: Acme) -> None:
    (acme.directory / "contacts.parquet").unlink()


def remove_events(acme: Acme) -> None:
    (acme.directory / "events_0.parquet").unlink()


def spoil_contacts(acme: Acme) -> None:
    (acme.directory / "contacts.parquet").write_text("this is no Parquet file")


def lose_a_column(acme: Acme) -> None:
    columns = {"contact_id": "VARCHAR", "occurred_at": "TIMESTAMP", "form": "VARCHAR"}
    acme.source("signup", columns, [("a", "2026-01-02", "demo")])


def lose_a_property(acme: Acme) -> None:
    columns = {"contact_id": "VARCHAR", "created_at": "TIMESTAMP"}
    acme.source("contacts", columns, [row[:2] for row in CONTACTS])


def change_a_property(acme: Acme) -> None:
    contacts_of(acme, [("a", "2026-01-01", "high")], score="VARCHAR")


def change_an_instant(acme: Acme) -> None:
    columns = {"contact_id": "VARCHAR", "created_at": "INT", "score": "INT"}
    acme.source("contacts", columns, [("a", 20260101, 1)])


def change_the_ids(acme: Acme) -> None:
    contacts_of(acme, [(1, "2026-01-01", 1)], contact_id="INT")


def repeat_contacts(acme: Acme) -> None:
    contacts_of(acme, [*CONTACTS, CONTACTS[1], CONTACTS[1], CONTACTS[2]])


@pytest.mark.parametrize(
    ("spoil", "error", "named"),
    [
        (remove_contacts, DefinitionError, ["goalsql.yml", "contacts.parquet"]),
        (remove_events, DefinitionError, ["goalsql.yml", "events_0.parquet"]),
        (spoil_contacts, DefinitionError, ["goalsql.yml", "contacts"]),
        (lose_a_column, DefinitionError, ["signup", "event_id"]),
        (lose_a_property, DefinitionError, ["workflows/one.yml", "score"]),
        (change_a_property, DefinitionError, ["workflows/one.yml", "score", "gt"]),
        (change_an_instant, DefinitionError, ["contacts", "created_at", "INT"]),
        (change_the_ids, SourceError, ["contact_id", "INTEGER", "VARCHAR"]),
        (repeat_contacts, SourceError, ["b (3 times)", "c (2 times)"]),
    ],
)
def test_changes_nothing_and_can_be_mended(
    acme: Acme, spoil: Callable[[Acme], None], error: type[GoalsqlError], named: list[str]
) -> None:
    before = acme.state()
    spoil(acme)
    with pytest.raises(error) as caught:
        acme.tick(NEXT)
    assert [part for part in named if part not in str(caught.value)] == []
    assert acme.state() == before

    contacts_of(acme, CONTACTS)
    events_of(acme, "signup", SIGNUPS)
    assert acme.tick(NEXT).enrolled == 1


def test_a_wrong_project_leaves_no_database(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    remove_events(acme)
    with pytest.raises(DefinitionError):
        acme.tick(NEXT)
    assert not acme.database.exists()


def test_a_first_tick_that_fails_leaves_no_state(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    repeat_contacts(acme)
    with pytest.raises(SourceError):
        acme.tick(NEXT)
    assert acme.state() == {}
    assert Project.load(acme.directory).report().tick_at is None


def test_null_keys_are_counted_once_and_warned_of(acme: Acme) -> None:
    bad_signups = [(None, "x1", "2026-01-06", "demo"), ("a", None, "2026-01-06", "demo")]
    events_of(acme, "signup", [*SIGNUPS, *bad_signups, ("a", "x3", None, "demo")])
    contacts_of(acme, [*CONTACTS, (None, "2026-01-01", 5), ("n", None, 5)])
    result = acme.tick(NEXT)
    assert result.bad_rows == 5
    assert [warning for warning in result.warnings if "signup: 3 rows" in warning]
    assert [warning for warning in result.warnings if "contacts: 2 rows" in warning]
    again = acme.tick("2026-01-11")
    assert again.bad_rows == 0
    assert again.warnings == ()
    ticks = Project.load(acme.directory).relation("goalsql.ticks")
    assert ticks["bad_rows"].to_list() == [0, 5, 0]


def test_null_keys_of_other_sources_are_counted(acme: Acme) -> None:
    columns = {
        "contact_id": "VARCHAR", "property": "VARCHAR", "value": "VARCHAR",
        "occurred_at": "TIMESTAMP",
    }  # fmt: skip
    changes = [(None, "score", "5", "2026-01-02"), ("a", "score", "5", None)]
    acme.source("property_changes", columns, [*changes, ("a", "score", "95", "2026-01-03")])
    columns = {
        "contact_id": "VARCHAR", "event_id": "VARCHAR", "occurred_at": "TIMESTAMP",
        "workflow_id": "VARCHAR", "email_id": "VARCHAR", "event": "VARCHAR",
    }  # fmt: skip
    acme.source("marketing_emails", columns, [("a", None, "2026-01-02", "nurture", "m", "sent")])
    assert acme.tick(NEXT).bad_rows == 3


def test_a_truncated_contacts_file_is_refused(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    people = [(f"p{number}", "2026-01-01", 1) for number in range(20)]
    contacts_of(acme, people)
    signups = [(name, f"s{name}", "2026-01-02", "demo") for name, _, _ in people]
    events_of(acme, "signup", signups)
    acme.workflow(WAITING)
    acme.tick("2026-01-05")
    before = acme.state()
    contacts_of(acme, people[:9])
    with pytest.raises(SourceError, match=r"11 of 20 .*max_gone"):
        acme.tick(NEXT)
    assert acme.state() == before
    contacts_of(acme, people[:10])
    assert acme.tick(NEXT).unenrolled == 10


WAITING = {
    "id": "nurture",
    "active_from": "2026-01-01T00:00:00Z",
    "enrollment": {"trigger": "event", "criteria": {"event": "signup"}},
    "steps": [{"id": "wait", "delay": "30 days"}],
}


def test_an_earlier_tick_is_refused(acme: Acme) -> None:
    before = acme.state()
    with pytest.raises(UsageError, match="earlier"):
        acme.tick("2026-01-04T23:59:59.999999")
    assert acme.state() == before


def test_the_same_tick_again_is_done(acme: Acme) -> None:
    before = acme.state()
    again = acme.tick("2026-01-05")
    assert again.already_done
    assert (again.tick_id, again.decisions, again.steps_run) == (1, 0, 0)
    assert acme.state() == before


def test_the_same_tick_again_is_done_whatever_has_come(acme: Acme) -> None:
    before = acme.state()
    events_of(acme, "signup", [*SIGNUPS, ("c", "late", "2026-01-03", "demo")])
    assert acme.tick("2026-01-05").already_done
    assert acme.state() == before


def test_a_word_that_is_no_instant_is_refused(acme: Acme) -> None:
    with pytest.raises(UsageError, match="tomorrow"):
        acme.tick("tomorrow")
