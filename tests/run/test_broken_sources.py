"""Sources that are broken, or hold what nobody thinks of: read right, or refused with one error."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from goalsql import DefinitionError, Project, SourceError
from tests.run.acme import CONTACTS, EMAIL, NURTURE, SIGNUPS, Acme, acme_in, contacts_of, events_of

NEXT = "2026-01-10"


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    """The project before any tick."""
    return acme_in(tmp_path)


def as_csv(acme: Acme, name: str, text: str) -> Path:
    """Lets an event source, or the history, be a CSV file."""
    file = acme.directory / f"{name}.csv"
    file.write_text(text)
    sources = acme.settings["sources"]
    (sources if name == "property_changes" else sources["events"])[name] = {"from": file.name}
    acme.settle()
    return file


def signups(*lines: str) -> str:
    """A CSV file of signups, with more lines at its end."""
    rows = [",".join(row) for row in SIGNUPS]
    return "\n".join(["contact_id,event_id,occurred_at,form", *rows, *lines]) + "\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,s9,2026-01-03", "Expected Number of Columns: 4 Found: 3"),
        ("a,s9,2026-01-03,demo,more", "Expected Number of Columns: 4 Found: 5"),
        ('a,s9,2026-01-03,"demo', "unterminated quote"),
    ],
)
def test_a_broken_row_of_csv_is_named_and_not_left_out(acme: Acme, line: str, said: str) -> None:
    file = as_csv(acme, "signup", signups(line))
    with pytest.raises(DefinitionError, match=r"cannot read events\.signup") as caught:
        acme.tick(NEXT)
    message = str(caught.value)
    assert len(caught.value.problems) == 1
    assert [part for part in (str(file), "Line: 5", said) if part not in message] == []
    assert not acme.database.exists()
    file.write_text(signups())
    assert acme.tick(NEXT).new_events == 5


def test_a_first_line_too_long_for_names_is_told_and_not_called_a_fault_of_goalsql(
    acme: Acme,
) -> None:
    file = as_csv(acme, "signup", "x" * 200_000 + signups())
    with pytest.raises(DefinitionError) as caught:
        acme.tick(NEXT)
    assert len(caught.value.problems) == 1
    assert f"{file}: the first line does not hold names of columns" in str(caught.value)
    assert not acme.database.exists()


def test_lines_of_csv_may_end_in_crlf_and_those_in_quotes_in_lf(acme: Acme) -> None:
    text = signups().replace("\n", "\r\n") + 'a,"two\nlines",2026-01-03,demo\r\n'
    as_csv(acme, "signup", signups()).write_bytes(text.encode())
    assert acme.tick(NEXT).new_events == 6


@pytest.mark.parametrize("text", ["", "[1, 2]\n", "7\n"])
def test_json_without_objects_is_one_mistake(acme: Acme, text: str) -> None:
    (acme.directory / "contacts.jsonl").write_text(text)
    acme.settings["sources"]["contacts"] = {"from": "contacts.jsonl"}
    acme.settle()
    trigger = {"trigger": "filter", "criteria": {"property": "score", "gt": 1}}
    acme.workflow({**NURTURE, "enrollment": trigger})
    with pytest.raises(DefinitionError, match=r"contacts\.jsonl holds no JSON objects") as caught:
        acme.tick(NEXT)
    assert len(caught.value.problems) == 1


def test_what_gzip_says_of_a_file_is_looked_at(acme: Acme) -> None:
    """One byte of what is packed is another one, which still is CSV."""
    file = as_csv(acme, "signup", signups()).with_suffix(".csv.gz")
    stored = gzip.compress(signups().encode(), compresslevel=0)
    file.write_bytes(stored.replace(b"2026-01-02", b"2026-01-03", 1))
    acme.settings["sources"]["events"]["signup"] = {"from": file.name}
    acme.settle()
    with pytest.raises(DefinitionError, match=r"signup\.csv\.gz is damaged"):
        acme.tick(NEXT)
    file.write_bytes(stored)
    assert acme.tick(NEXT).new_events == 5


def test_a_long_id_is_told_by_its_beginning(acme: Acme) -> None:
    contact = "x" * 5_000
    contacts_of(acme, [(contact, "2026-01-01", 1)] * 2)
    with pytest.raises(SourceError, match=r": x{60}\.\.\. \(2 times\)$"):
        acme.tick(NEXT)


def test_texts_of_csv_are_as_they_stand(acme: Acme) -> None:
    as_csv(
        acme,
        "property_changes",
        "contact_id,property,value,occurred_at\na,rate,1.50,2026-01-01\nb,rate,1.5,2026-01-01\n",
    )
    trigger = {"trigger": "filter", "criteria": {"property": "rate", "is": "1.50"}}
    acme.workflow({**NURTURE, "enrollment": trigger})
    acme.tick(NEXT)
    enrolled = Project.load(acme.directory).relation("goalsql.enrollments")
    assert enrolled["contact_id"].to_list() == ["a"]


@pytest.mark.parametrize("kind", ["DOUBLE", "DECIMAL(9,2)", "BOOLEAN"])
def test_ids_are_integers_or_texts_in_every_source(acme: Acme, kind: str) -> None:
    columns = {"contact_id": kind, "event_id": "VARCHAR", "occurred_at": "TIMESTAMP"}
    acme.source("purchase", {**columns, "amount": "INT"}, [(1, "p1", "2026-01-02", 10)])
    with pytest.raises(DefinitionError, match=r"contact_id of events\.purchase is"):
        acme.tick(NEXT)


def test_a_page_that_is_damaged_is_the_sources_fault(acme: Acme) -> None:
    acme.tick("2026-01-05")
    events_of(acme, "purchase", [("b", f"p{n}", "2026-01-04", n) for n in range(500)])
    file = acme.directory / "events_1.parquet"
    data = bytearray(file.read_bytes())
    data[20:200] = bytes(180)
    file.write_bytes(data)
    before = acme.state()
    with pytest.raises(SourceError, match=r"cannot read events\.purchase: .*events_1\.parquet"):
        acme.tick(NEXT)
    assert acme.state() == before


def test_instants_beyond_all_years_break_no_report(acme: Acme) -> None:
    columns = {"contact_id": "VARCHAR", "created_at": "TIMESTAMP", "score": "INT"}
    ancient = "290000-01-01 (BC) 00:00:00"
    acme.source("contacts", columns, [*CONTACTS, ("old", ancient, 1)])
    events_of(acme, "signup", [*SIGNUPS, ("old", "s9", "2026-01-02", "demo")])
    received = [("c", f"m{n}", at, "nurture", "hello", "delivered")
                for n, at in enumerate((ancient, "-infinity", "infinity"))]  # fmt: skip
    acme.source("marketing_emails", EMAIL, received)
    acme.tick(NEXT)
    project = Project.load(acme.directory)
    found = project.relation("report.goal_contacts").select("contact_id", "converted")
    assert set(found.rows()) == {("b", False), ("c", True)}
    assert project.relation("report.time_to_goal").height
    assert project.explain("nurture", "old").contact_id == "old"
