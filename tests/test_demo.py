"""The demo's figures are the ones that its data were made to have."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from goalsql import Project
from goalsql.resources import resource
from tests.conftest import Installed

CONTACTS = 20_000
WORKFLOWS = ("customer_handover", "nurture", "trial_onboarding", "whitepaper", "win_back")
Figures = dict[str, dict[str, int]]


def generator() -> ModuleType:
    path = resource("seeds") / "quickstart" / "generate.py"
    spec = importlib.util.spec_from_file_location("generator_of_the_quickstart", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def expected() -> Figures:
    figures: Figures = generator().expected(CONTACTS)
    return figures


@pytest.fixture(scope="module")
def project(installed: Installed) -> Project:
    return Project.load(installed.home / "goalsql-demo")


@pytest.fixture(scope="module")
def found(project: Project) -> Figures:
    """The metrics and the funnel of each workflow."""
    metrics = project.relation("report.workflow_goal_metrics")
    figures: Figures = {row["workflow_id"]: row for row in metrics.to_dicts()}
    for row in project.relation("report.goal_funnel").to_dicts():
        figures[row["workflow_id"]][row["bucket"]] = row["contacts"]
    return figures


def test_every_workflow_is_there(found: Figures, expected: Figures) -> None:
    assert set(found) == set(expected) == set(WORKFLOWS)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_figures_are_those_of_the_stories(
    workflow: str, found: Figures, expected: Figures
) -> None:
    wanted = expected[workflow]
    assert {name: found[workflow][name] for name in wanted} == wanted


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_conversion_rate_is_the_one_it_was_made_to_have(
    workflow: str, found: Figures, expected: Figures
) -> None:
    wanted, row = expected[workflow], found[workflow]
    if wanted["recipients"] == 0:
        assert row["conversion_rate"] is None
        assert row["unavailable_reason"] == "no_marketing_email"
    else:
        assert row["conversion_rate"] == wanted["converted"] / wanted["recipients"]
        assert row["conversion_rate_enrolled"] == wanted["converted"] / wanted["enrolled"]


def test_the_year_was_run_month_by_month(project: Project) -> None:
    ticks = project.relation("goalsql.ticks").sort("tick_id")
    assert ticks["clock"].to_list() == ["event"] * 12
    assert [(at.year, at.month, at.day) for at in ticks["tick_at"]] == [
        *((2025, month, 1) for month in range(2, 13)),
        (2026, 1, 1),
    ]
