"""Projects written from texts: fixtures that the tests of the model share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from goalsql.model.loading import Loaded, load

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
EMAIL = "steps: [{id: hello, send_email: welcome}]\n"

Write = Callable[[Mapping[str, str]], Loaded]
Messages = Callable[[str], list[str]]


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
    """Loads a project with the criteria as those of the goal of a workflow `w`."""

    def write(text: str) -> Loaded:
        return project(
            {
                "workflows/w.yml": "id: w\nenrollment: {trigger: manual}\n"
                + EMAIL
                + f"goal:\n  criteria: {text}\n"
            }
        )

    return write
