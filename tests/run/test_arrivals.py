"""A tick reads what is new in the sources, and looks at the contacts that it touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from goalsql import Project
from tests.run.acme import CONTACTS, EMAIL, Acme, acme_in, contacts_of, events_of, write_parquet

SIGNUP = {
    "contact_id": "VARCHAR",
    "event_id": "VARCHAR",
    "occurred_at": "TIMESTAMP",
    "form": "VARCHAR",
}
CHANGE = {
    "contact_id": "VARCHAR",
    "property": "VARCHAR",
    "value": "VARCHAR",
    "occurred_at": "TIMESTAMP",
}
FIRST = [("a", "s1", "2026-01-02", "demo"), ("b", "s2", "2026-01-02", "demo")]
SECOND = [("c", "s3", "2026-01-06", "demo")]
MEMORY = (
    "source_parts",
    "matches",
    "changes",
    "known_contacts",
    "next_turns",
    "members",
    "remembered",
)


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """Signups and changes come in folders of files, of which a full tick has read the first."""
    found = acme_in(tmp_path)
    events_of(found, "purchase", [("b", "p1", "2026-01-03", 10)])
    found.settings["sources"]["events"]["signup"] = {"from": "signups/*.parquet"}
    found.settings["sources"]["property_changes"] = {"from": "changes/*.parquet"}
    found.settle()
    (found.directory / "signups").mkdir()
    (found.directory / "changes").mkdir()
    signups(found, "1", FIRST)
    changes(found, "1", [("b", "score", "2", "2026-01-01")])
    assert found.tick("2026-01-04").mode == "full"
    return found


def signups(acme: Acme, file: str, rows: Sequence[Sequence[object]]) -> None:
    """Writes one file of signups."""
    write_parquet(acme.directory / "signups" / f"{file}.parquet", SIGNUP, rows)


def changes(acme: Acme, file: str, rows: Sequence[Sequence[object]]) -> None:
    """Writes one file of property changes."""
    write_parquet(acme.directory / "changes" / f"{file}.parquet", CHANGE, rows)


def statements(acme: Acme, at: str) -> dict[str, str]:
    """The statements of a tick by name."""
    found: dict[str, str] = {}
    acme.tick(at, found.__setitem__)
    return found


def enrolled(acme: Acme) -> set[tuple[object, ...]]:
    """Who is enrolled since when."""
    frame = Project.load(acme.directory).relation("goalsql.enrollments")
    return {(name, str(at.date())) for name, at in frame.select("contact_id", "enrolled_at").rows()}


def assert_as_full(acme: Acme, ats: Sequence[str]) -> None:
    """The state is that of a project whose ticks take no shortcut, row for row.

    Its ticks find rows that came later there already: so they know of receipts earlier.
    """
    now, received = acme.facts(), receipts(acme)
    acme.database.unlink()
    for at in ats:
        Project.load(acme.directory).tick(at=at, clock="event", full=True)
    full = acme.facts()
    for name in set(now) - {"ticks", "workflow_versions", "receipts", *MEMORY}:
        assert now[name] == full[name], name
    assert received == receipts(acme)


def receipts(acme: Acme) -> list[tuple[object, ...]]:
    """The receipts without the tick that first knew of them."""
    return sorted(Project.load(acme.directory).relation("goalsql.receipts").drop("tick_id").rows())


def test_files_that_are_as_they_were_are_not_read(acme: Acme) -> None:
    assert acme.tick("2026-01-06").mode == "incremental"
    run = statements(acme, "2026-01-07")
    assert not [name for name in run if name.startswith(("match.", "arrived_change", "check."))]


def test_of_a_folder_only_the_new_file_is_read(acme: Acme) -> None:
    signups(acme, "2", SECOND)
    run = statements(acme, "2026-01-07")
    assert "new events signup" in run["match.signup"]
    assert "2.parquet" in run["view.new events signup"]
    assert "1.parquet" not in run["view.new events signup"]
    assert "match.purchase" not in run
    assert enrolled(acme) == {("a", "2026-01-02"), ("b", "2026-01-02"), ("c", "2026-01-06")}
    assert_as_full(acme, ["2026-01-04", "2026-01-07"])


def test_a_late_row_in_a_new_file_is_seen(acme: Acme) -> None:
    signups(acme, "2", [("c", "s3", "2026-01-03", "demo")])
    result = acme.tick("2026-01-07")
    assert (result.mode, result.new_events, result.enrolled) == ("incremental", 1, 1)
    assert ("c", "2026-01-04") in enrolled(acme)


def test_rows_after_the_tick_are_seen_by_the_next(acme: Acme) -> None:
    """The file is read again for them, and only for them."""
    signups(acme, "2", [*SECOND, ("c", "s4", "2026-01-04", "other")])
    first = acme.tick("2026-01-05T12:00")
    assert (first.new_events, first.enrolled) == (1, 0)
    second = acme.tick("2026-01-07")
    assert (second.mode, second.new_events, second.enrolled) == ("incremental", 1, 1)
    third = acme.tick("2026-01-08T12:00")
    assert (third.mode, third.new_events, third.enrolled) == ("incremental", 0, 0)


def spoil_a_signup(acme: Acme) -> None:
    signups(acme, "2", [(None, "s3", "2026-01-06", "demo")])


def spoil_a_contact(acme: Acme) -> None:
    contacts_of(acme, [*CONTACTS, (None, "2026-01-06", 4)])


def spoil_a_change(acme: Acme) -> None:
    changes(acme, "2", [(None, "score", "4", "2026-01-06")])


@pytest.mark.parametrize("spoil", [spoil_a_signup, spoil_a_contact, spoil_a_change])
def test_a_bad_row_after_the_tick_is_counted_by_the_one_that_sees_it(
    acme: Acme, spoil: Callable[[Acme], None]
) -> None:
    spoil(acme)
    found = [acme.tick(at) for at in ("2026-01-05T12:00", "2026-01-07", "2026-01-08")]
    assert [result.mode for result in found] == ["incremental"] * 3
    assert [result.bad_rows for result in found] == [0, 1, 0]


def test_a_change_after_the_tick_is_remembered_once_and_acts_when_it_is_due(acme: Acme) -> None:
    """Its file is read again until then; a row without a value, and one twice, are rows too."""
    ahead = [("b", "score", None, "2026-01-07"), *[("a", "score", "95", "2026-01-04T18:00")] * 2]
    changes(acme, "2", [("c", "score", "3", "2026-01-04T06:00"), *ahead])
    ats = ["2026-01-04T12:00", "2026-01-04T15:00", "2026-01-04T21:00", "2026-01-08"]
    found = [acme.tick(at) for at in ats]
    assert [result.mode for result in found] == ["incremental"] * 4
    assert [result.unenrolled for result in found] == [0, 0, 1, 0]
    assert len(acme.facts()["changes"]) == 5
    assert_as_full(acme, ["2026-01-04", *ats])


def test_a_contact_is_known_from_when_it_is_created(acme: Acme) -> None:
    """Its file is read again until then."""
    contacts_of(acme, [*CONTACTS, ("d", "2026-01-06", 4)])
    signups(acme, "2", [("d", "s3", "2026-01-05", "demo")])
    found = [acme.tick(at) for at in ("2026-01-05T12:00", "2026-01-07", "2026-01-08")]
    assert [result.mode for result in found] == ["incremental"] * 3
    assert [result.enrolled for result in found] == [0, 1, 0]
    assert ("d", "2026-01-06") in enrolled(acme)
    run = statements(acme, "2026-01-09")
    assert not [name for name in run if name in ("arrivals.touch_created", "count")]


def test_a_text_file_that_comes_beside_others_is_no_rewriting(acme: Acme) -> None:
    acme.settings["sources"]["events"]["signup"] = {"from": "signups/*.csv"}
    acme.settle()
    header, folder = "contact_id,event_id,occurred_at,form\n", acme.directory / "signups"
    (folder / "1.csv").write_text(header + "a,s1,2026-01-02,demo\nb,s2,2026-01-02,demo\n")
    acme.tick("2026-01-05")
    (folder / "2.csv").write_text(header + "c,s3,2026-01-06,demo\n")
    result = acme.tick("2026-01-07")
    assert (result.mode, result.enrolled, result.warnings) == ("incremental", 1, ())


def rewrite(acme: Acme) -> None:
    signups(acme, "1", [FIRST[0], *SECOND])


def remove(acme: Acme) -> None:
    signups(acme, "2", [FIRST[0], *SECOND])
    (acme.directory / "signups" / "1.parquet").unlink()


@pytest.mark.parametrize("change", [rewrite, remove])
def test_a_source_that_lost_rows_is_read_whole(acme: Acme, change: Callable[[Acme], None]) -> None:
    change(acme)
    result = acme.tick("2026-01-07")
    assert result.mode == "incremental"
    (warning,) = result.warnings
    assert warning == "GQ252 events signup: its files were rewritten, so it is read whole"
    assert ("c", "2026-01-06") in enrolled(acme)


def test_full_takes_none(acme: Acme) -> None:
    project = Project.load(acme.directory)
    assert project.tick(at="2026-01-06", clock="event", full=True).mode == "full"


def test_a_step_that_falls_due_is_run(acme: Acme) -> None:
    """Nothing is new, but a's second mail is due three days after the first."""
    result = acme.tick("2026-01-06")
    assert (result.mode, result.new_events, result.steps_run) == ("incremental", 0, 1)


def test_a_value_that_changed_is_found(acme: Acme) -> None:
    contacts_of(acme, [("a", "2026-01-01", 95), ("b", "2026-01-01", 2), ("c", "2026-01-01", 3)])
    result = acme.tick("2026-01-04T12:00")
    assert (result.mode, result.unenrolled) == ("incremental", 1)


@pytest.mark.parametrize("email", ["hello", None])
def test_an_email_that_stands_twice_is_received_when_it_first_was(
    acme: Acme, email: str | None
) -> None:
    acme.settings["sources"]["marketing_emails"] = {"from": "emails/*.parquet"}
    acme.settle()
    (acme.directory / "emails").mkdir()
    for number, day in enumerate(("2026-01-04", "2026-01-03", "2026-01-05"), start=1):
        row = ("a", "e1", day, "nurture", email, "delivered")
        write_parquet(acme.directory / "emails" / f"{number}.parquet", EMAIL, [row])
        mode = acme.tick(f"2026-01-0{5 + number}").mode
        assert mode == ("full" if number == 1 else "incremental")
    frame = Project.load(acme.directory).relation("goalsql.receipts")
    assert [str(at.date()) for at in frame["received_at"]] == ["2026-01-03"]
    assert_as_full(acme, ["2026-01-04", "2026-01-06", "2026-01-07", "2026-01-08"])
