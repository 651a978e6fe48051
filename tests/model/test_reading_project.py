from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from goalsql.model.loading import Loaded
from goalsql.model.project import CriteriaSegment, Definitions, Source, StaticSegment
from tests.model.conftest import plain

Write = Callable[[dict[str, str]], Loaded]
BASE = "name: a\ndatabase: a.duckdb\n"
CONTACTS = "sources: {contacts: {from: c.csv}}\n"


def read(loaded: Loaded) -> Definitions:
    assert not loaded.problems
    assert loaded.definitions is not None
    return loaded.definitions


def test_defaults(project: Write, tmp_path: Path) -> None:
    found = read(project({"goalsql.yml": BASE + CONTACTS}))
    assert (found.name, found.database) == ("a", tmp_path / "a.duckdb")
    assert (found.timezone, found.marketing_hub) == ("UTC", "enterprise")
    assert (found.receipt_event, found.on_bad_value) == ("delivered", "fail")
    assert (found.max_gone, found.attach) == (Decimal(10), {})
    assert (found.sources.property_changes, found.sources.marketing_emails) == (None, None)
    assert found.sources.contacts == Source("contacts", "c.csv")


def test_everything_given(project: Write, tmp_path: Path) -> None:
    found = read(
        project(
            {
                "goalsql.yml": BASE
                + "timezone: Europe/Paris\naccount: {marketing_hub: none}\nreceipt_event: opened\n"
                + "on_bad_value: skip\nmax_gone: 2.5%\nattach: {crm: other.duckdb}\n"
                + "sources:\n"
                + "  contacts: {query: SELECT 1, columns: {contact_id: id, created_at: made}}\n"
                + "  property_changes: {from: crm.changes}\n"
                + "  marketing_emails: {from: e.csv}\n"
                + "  events: {page_view: {from: data/*.csv}}\n"
            }
        )
    )
    assert (found.timezone, found.marketing_hub) == ("Europe/Paris", "none")
    assert (found.receipt_event, found.on_bad_value) == ("opened", "skip")
    assert found.max_gone == Decimal("2.5")
    assert found.attach == {"crm": tmp_path / "other.duckdb"}
    assert found.sources.contacts == Source(
        "contacts", None, "SELECT 1", {"contact_id": "id", "created_at": "made"}
    )
    assert found.sources.property_changes == Source("property_changes", "crm.changes")
    assert found.sources.event_sources() == {
        "page_view": Source("events.page_view", "data/*.csv"),
        "marketing_email": Source("marketing_emails", "e.csv"),
    }
    assert found.sources.events["page_view"].place.line == 13


@pytest.mark.parametrize(("text", "share"), [("10 %", "10"), ("10%", "10"), ("0 %", "0")])
def test_max_gone(project: Write, text: str, share: str) -> None:
    files = {"goalsql.yml": f"{BASE}{CONTACTS}max_gone: {text}"}
    assert read(project(files)).max_gone == Decimal(share)


# Each text stands from line 4 on.
MISTAKES = [
    ("timzone: UTC", ":4: timzone: unknown key `timzone` (did you mean `timezone`?)"),
    ("timezone: Europe/Pariss", ":4: timezone: timezone `Europe/Pariss` is unknown (did you mean"
     " `Europe/Paris`?)"),
    ("timezone: /etc/passwd", ":4: timezone: timezone `/etc/passwd` is unknown"),
    ("timezone: Europe", ":4: timezone: timezone `Europe` is unknown"),
    ("account: {marketing_hub: enterprize}", "(did you mean `enterprise`?)"),
    ("account: enterprise", ":4: account: must be a mapping"),
    ("receipt_event: bounced", ":4: receipt_event: `bounced` is not one of"),
    ("on_bad_value: ignore", ":4: on_bad_value: `ignore` is not one of `fail`, `skip`"),
    ("max_gone: 10", ":4: max_gone: `10` is not a percentage from 0 % to 100 % (write `10 %`)"),
    ("max_gone: 101 %", ":4: max_gone: `101 %` is not a percentage"),
    ("attach: [x]", ":4: attach: must be a mapping"),
    ("attach: {A: x.duckdb}", ":4: attach.A: the name `A` is taken by goalsql's own database"),
    ("attach: {report: x.duckdb}", ":4: attach.report: the name `report` is taken"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), MISTAKES)
def test_mistakes_leave_the_rest(project: Write, text: str, problem: str) -> None:
    loaded = project({"goalsql.yml": BASE + CONTACTS + text})
    assert len(loaded.problems) == 1
    assert problem in plain(loaded.problems[0])
    assert plain(loaded.problems[0]).startswith("goalsql.yml:4:")
    assert loaded.definitions is not None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a]", ":1: must be a mapping"),
        ("name: a\n" + CONTACTS, ":1: `database` is missing"),
        ("database: a.db\n" + CONTACTS, ":1: `name` is missing"),
        (BASE, ":1: `sources` is missing"),
        (BASE + "sources: {}", ":3: sources: `contacts` is missing"),
        (BASE + "sources: {contacts: {}}", ":3: sources.contacts: a source has either `from` or"),
        (BASE + "sources: {contacts: {from: a, query: b}}", "a source has either"),
        (BASE + "sources: {contacts: x.csv}", ":3: sources.contacts: must be a mapping"),
        (BASE + "sources: {contacts: {from: [a]}}", ":3: sources.contacts.from: must be one value"),
        *(
            (f"name: a\ndatabase: {name}\n{CONTACTS}", "could not tell the file from the schema")
            for name in ("goalsql.duckdb", "x/Report.db", "report", "goalsql.v1.duckdb")
        ),
    ],
)
def test_goalsql_yml_that_cannot_be_used(project: Write, text: str, problem: str) -> None:
    loaded = project({"goalsql.yml": text})
    assert [problem in plain(each) for each in loaded.problems] == [True]
    assert (loaded.definitions is None) == ("name` is missing" not in problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("marketing_email: {from: x}", "write it as `sources.marketing_emails`"),
        *(
            (f"{name}: {{from: x}}", f"`{name}` is reserved for goalsql's own events")
            for name in ("workflow_enrolled", "workflow_unenrolled", "workflow_completed",
                         "workflow_goal_met")
        ),
        ("view: {form: x}", "unknown key `form` (did you mean `from`?)"),
        ("view: {from: x, columns: [a]}", "sources.events.view.columns: must be a mapping"),
        ("view: {from: x, columns: {occurred_at: [a]}}", "columns.occurred_at: must be one value"),
    ],
)  # fmt: skip
def test_event_sources(project: Write, text: str, problem: str) -> None:
    text = f"{BASE}sources: {{contacts: {{from: c}}, events: {{{text}}}}}"
    loaded = project({"goalsql.yml": text})
    assert problem in plain(loaded.problems[0])
    assert loaded.problems[0].place.line == 3
    assert loaded.definitions is not None


def test_broken_sources_are_remembered(project: Write) -> None:
    text = "sources: {contacts: {from: c}, marketing_emails: {}, events: {view: {}}}"
    definitions = project({"goalsql.yml": BASE + text}).definitions
    assert definitions is not None
    assert definitions.broken == {("event", "view"), ("event", "marketing_email")}


def test_a_column_that_nobody_expects_gets_a_warning(project: Write) -> None:
    text = "sources: {contacts: {from: c, columns: {update_at: x, stage: y}}}"
    definitions = read(project({"goalsql.yml": BASE + text}))
    (warning,) = definitions.warnings
    assert "`update_at` is not a column that goalsql expects" in plain(warning)
    assert warning.mend == "did you mean `updated_at`?"


def test_segments(project: Write) -> None:
    text = (
        "a: {criteria: {property: p, is: 1}}\n"
        "b: {static: {from: b.csv, columns: {contact_id: id}}}\n"
    )
    found = read(project({"segments/s.yml": text})).segments
    assert isinstance(found["a"], CriteriaSegment)
    assert found["a"].definition == {"criteria": {"property": "p", "is": 1}}
    expected = StaticSegment(Source("segments.b", "b.csv", None, {"contact_id": "id"}))
    assert found["b"] == expected
    assert str(found["b"].place) == "segments/s.yml:2: b"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a]", ":1: must be a mapping"),
        ("a: [b]", ":1: a: must be a mapping"),
        ("a: {}", ":1: a: a segment has either `criteria` or `static`"),
        ("a: {static: {from: x}, criteria: {property: p, is: 1}}", ":1: a: a segment has either"),
        ("a: {criterai: x}", ":1: a.criterai: unknown key `criterai` (did you mean `criteria`?)"),
        ("a: {static: x.csv}", ":1: a.static: must be a mapping"),
        ("a: {criteria: []}", ":1: a.criteria: must not be an empty list"),
    ],
)
def test_mistakes_in_segments(project: Write, text: str, problem: str) -> None:
    loaded = project({"segments/s.yml": text})
    assert [plain(each) for each in loaded.problems] == [f"segments/s.yml{problem}"] or (
        len(loaded.problems) == 1 and f"segments/s.yml{problem}" in plain(loaded.problems[0])
    )
    assert loaded.definitions is not None
    assert not loaded.definitions.segments
    assert ("segment", "a") in loaded.definitions.broken or text == "[a]"
