"""The project that the tests of `explain` ask about."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from goalsql import Project
from goalsql.report.explanation import Criterion, Explanation
from goalsql.report.explanation_text import render_explanation
from tests.run.acme import NURTURE, Acme

END = "2026-02-01T00:00:00Z"


def explained(acme: Acme, contact: str, at: str | None = None) -> Explanation:
    return Project.load(acme.directory).explain("nurture", contact, at)


def section(explanation: Explanation, role: str) -> Criterion:
    [found] = [one.criterion for one in explanation.sections if one.role == role]
    assert found is not None
    return found


def goal(criteria: object) -> dict[str, object]:
    return NURTURE | {"goal": {"criteria": criteria}}


def shown(explanation: Explanation) -> str:
    out = StringIO()
    render_explanation(Console(file=out, width=100, no_color=True), explanation)
    return out.getvalue()
