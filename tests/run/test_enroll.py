"""Manual enrollment: what is queued, and what is refused (SPEC 4.1, 8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from goalsql import Project, UsageError
from tests.run.acme import NURTURE, Acme, acme_in, contacts_of, events_of

NEXT = "2026-01-10"


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    return acme_in(tmp_path)


def queue(acme: Acme) -> list[str]:
    """Who waits for the next tick."""
    return acme.state().get("enroll_queue", [])


def test_counts_who_is_queued_and_queues_nobody_twice(acme: Acme) -> None:
    project = Project.load(acme.directory)
    assert project.enroll("nurture", ["a", "b", "a"]) == 2
    assert project.enroll("nurture", ["b", "c"]) == 1
    assert len(queue(acme)) == 3
    acme.tick(NEXT)
    assert queue(acme) == []


def test_an_unknown_contact_is_named_and_nobody_is_queued(acme: Acme) -> None:
    with pytest.raises(UsageError, match=r"nobody.*nothing|nothing.*nobody"):
        Project.load(acme.directory).enroll("nurture", ["a", "nobody", "nothing"])
    assert queue(acme) == []


def test_an_unknown_workflow_gets_a_hint(acme: Acme) -> None:
    with pytest.raises(UsageError, match="did you mean nurture"):
        Project.load(acme.directory).enroll("nurtur", ["a"])


def test_a_disabled_workflow_is_refused(acme: Acme) -> None:
    acme.workflow(NURTURE | {"enabled": False})
    with pytest.raises(UsageError, match="disabled"):
        Project.load(acme.directory).enroll("nurture", ["a"])
    assert queue(acme) == []


def test_ids_are_cast_to_the_type_of_the_contacts(acme: Acme) -> None:
    contacts_of(acme, [(1, "2026-01-01", 1), (2, "2026-01-01", 1)], contact_id="INT")
    project = Project.load(acme.directory)
    assert project.enroll("nurture", [1, "2"]) == 2
    with pytest.raises(UsageError, match="one"):
        project.enroll("nurture", ["one"])
    events_of(acme, "signup", [])
    acme.tick(NEXT)
    enrolled = project.relation("goalsql.enrollments")
    assert sorted(enrolled["contact_id"].to_list()) == [1, 2]


@pytest.mark.parametrize("name", ["1.7", "1e0", "one", "", "99999999999999999999"])
def test_no_id_is_guessed(acme: Acme, name: str) -> None:
    contacts_of(acme, [(1, "2026-01-01", 1), (2, "2026-01-01", 1)], contact_id="INT")
    with pytest.raises(UsageError, match=f"no such contact: {name}$"):
        Project.load(acme.directory).enroll("nurture", [1, name])
    assert Project.load(acme.directory).enroll("nurture", [" 1", "01", 2]) == 2


def test_the_queue_survives_a_tick_that_fails(acme: Acme) -> None:
    project = Project.load(acme.directory)
    project.enroll("nurture", ["a"])
    events_of(acme, "signup", [])
    contacts = [("a", "2026-01-01", 1), ("a", "2026-01-01", 1)]
    contacts_of(acme, contacts)
    with pytest.raises(Exception, match="a \\(2 times\\)"):
        acme.tick(NEXT)
    assert len(queue(acme)) == 1
    contacts_of(acme, contacts[:1])
    assert acme.tick(NEXT).enrolled == 1


def test_who_waits_for_a_workflow_that_is_disabled_meanwhile_is_dropped(acme: Acme) -> None:
    Project.load(acme.directory).enroll("nurture", ["c"])
    events_of(acme, "signup", [])
    acme.workflow(NURTURE | {"enabled": False})
    result = acme.tick(NEXT)
    assert result.decisions == 0
    assert [warning for warning in result.warnings if "nurture" in warning]
    acme.workflow(NURTURE)
    assert acme.tick("2026-01-11").decisions == 0
