"""Projects written from texts: fixtures that the tests of the model share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from goalsql.errors import Problem
from goalsql.model.catalog import TEXT, Catalog, ColumnType, Kind
from goalsql.model.loading import Loaded, load
from goalsql.model.validation import validate

PROJECT = """\
name: acme
database: acme.duckdb
sources:
  contacts: {from: contacts.parquet}
  property_changes: {from: changes.parquet}
  marketing_emails: {from: emails.parquet}
  events:
    page_view: {from: views.parquet}
    form: {from: "forms/*.csv"}
"""
EVENT = {
    "contact_id": ColumnType(Kind.INTEGER, "BIGINT"),
    "event_id": TEXT,
    "occurred_at": ColumnType(Kind.INSTANT, "TIMESTAMP"),
}
EMAIL = "steps: [{id: hello, send_email: welcome}]\n"

Write = Callable[[Mapping[str, str]], Loaded]


def plain(problem: Problem) -> str:
    """A problem as a text without its code; codes have a test of their own."""
    return str(problem).replace(f"{problem.code} ", "", 1)


@pytest.fixture
def project(tmp_path: Path) -> Write:
    """Writes files (goalsql.yml too, unless given) and loads them."""

    def write(files: Mapping[str, str]) -> Loaded:
        for name, text in ({"goalsql.yml": PROJECT} | dict(files)).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load(tmp_path)

    return write


@pytest.fixture
def workflow(project: Write) -> Callable[[str], Loaded]:
    """Loads a project with one workflow `w`, from the text that follows its id."""
    return lambda text: project({"workflows/w.yml": f"id: w\n{text}"})


@pytest.fixture
def criteria(project: Write) -> Callable[[str], Loaded]:
    """Loads a project with the criteria as those of the goal of a workflow `w`, beside a `v`."""

    def write(text: str) -> Loaded:
        return project(
            {
                "workflows/w.yml": "id: w\nenrollment: {trigger: manual}\n"
                + EMAIL
                + f"goal:\n  criteria: {text}\n",
                "workflows/v.yml": f"id: v\nenrollment: {{trigger: manual}}\n{EMAIL}",
            }
        )

    return write


CATALOG = Catalog(
    contacts={
        "contact_id": ColumnType(Kind.INTEGER, "BIGINT"),
        "created_at": ColumnType(Kind.INSTANT, "TIMESTAMP"),
        "stage": TEXT,
        "age": ColumnType(Kind.INTEGER, "INTEGER"),
        "score": ColumnType(Kind.NUMBER, "DECIMAL(10,2)"),
        "born": ColumnType(Kind.DATE, "DATE"),
        "seen": ColumnType(Kind.INSTANT, "TIMESTAMPTZ"),
        "vip": ColumnType(Kind.BOOLEAN, "BOOLEAN"),
        "tags": ColumnType(Kind.OTHER, "VARCHAR[]"),
    },
    events={
        "page_view": EVENT | {"path": TEXT, "seconds": ColumnType(Kind.INTEGER, "INTEGER")},
        "form": EVENT,
        "marketing_email": EVENT | dict.fromkeys(("workflow_id", "email_id", "event"), TEXT),
    },
    property_changes=dict.fromkeys(("contact_id", "property", "value", "occurred_at"), TEXT),
    history=frozenset({"stage", "plan"}),
)

Validate = Callable[[Loaded], tuple[list[str], list[str]]]


@pytest.fixture
def catalog() -> Catalog:
    """The columns of the sources of the project that `project` writes."""
    return CATALOG


@pytest.fixture
def found() -> Validate:
    """Validates what was loaded without problems: errors and warnings as texts."""

    def check(loaded: Loaded) -> tuple[list[str], list[str]]:
        assert not loaded.problems
        assert loaded.definitions is not None
        errors, warnings = validate(loaded.definitions, CATALOG)
        return [plain(error) for error in errors], [plain(warning) for warning in warnings]

    return check
