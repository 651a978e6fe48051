"""The views of SPEC 7, in schema `report`, and the ones in `goalsql` that they share."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl
from sqlglot import exp

from goalsql.compile.statements import Statement, render, template
from goalsql.engine.protocol import Engine
from goalsql.errors import unknown

RELATIONS = (
    "goalsql.ticks",
    "goalsql.workflow_versions",
    "goalsql.decisions",
    "goalsql.enrollments",
    "goalsql.goal_completions",
    "goalsql.receipts",
    "goalsql.outbox",
    "report.workflow_goal_metrics",
    "report.goal_funnel",
    "report.goal_trend",
    "report.goal_contacts",
    "report.unenrolled_by_goal",
    "report.enrollment_history",
    "report.time_to_goal",
    "report.time_to_goal_histogram",
    "report.workflow_overview",
    "report.cohorts",
    "report.email_performance",
    "report.exclusions",
)
"""What SPEC 7 promises, in its order, and more views for people."""

_FILES = (
    "facts",
    "workflow_goal_metrics",
    "goal_funnel",
    "goal_trend",
    "goal_contacts",
    "time_to_goal_histogram",
    "enrollment_history",
    "workflow_overview",
    "cohorts",
    "email_performance",
    "exclusions",
)


def report_statements() -> list[Statement]:
    """Every view with its comments, each after those that it reads."""
    return [statement for file in _FILES for statement in template(f"report/{file}.sql")]


def known_relations(names: Sequence[str]) -> tuple[str, ...]:
    """The relations of these names.

    Raises:
        UsageError: if there is none of such a name.
    """
    return known_names("relation", names, RELATIONS)


def known_names(kind: str, names: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """The names, each once.

    Args:
        kind: what is called so.
        names: those asked for.
        known: those that there are.

    Raises:
        UsageError: if one is not known.
    """
    for name in names:
        if name not in known:
            raise unknown(kind, name, known)
    return tuple(dict.fromkeys(names))


def read_relation(engine: Engine, name: str, *conditions: exp.Expr) -> pl.DataFrame:
    """The rows of one of these relations for which all conditions hold, as a frame."""
    query = exp.select("*").from_(exp.to_table(name)).where(*conditions)
    return engine.frame(f"read.{name}", render(query))
