"""The report as frames: the views of schema `report`, of some workflows and a span of days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Literal, TypeAlias, get_args

import polars as pl
from sqlglot import exp

from goalsql.codes import Code
from goalsql.compile.statements import constant, named
from goalsql.engine.protocol import Engine
from goalsql.errors import UsageError, unknown
from goalsql.model.literals import plain_date
from goalsql.model.project import Definitions
from goalsql.notebook import html_table
from goalsql.report.views import RELATIONS, known_names, read_relation
from goalsql.report.wording import minute, number, rate_or_reason, tick_command

Period: TypeAlias = Literal["day", "week", "month"]
PERIODS: tuple[Period, ...] = get_args(Period)
TREND = "trend"
VIEWS = (*(name.removeprefix("report.") for name in RELATIONS if name.startswith("report.")), TREND)
"""The names of the frames of a report."""

_DAYS = {"goal_trend": "day", "exclusions": "day", "cohorts": "week"}
_STEPS: dict[Period, str] = {"day": "1d", "week": "1w", "month": "1mo"}
_COUNTED = ("enrolled", "new_recipients", "met_goal", "converted")
_RUNNING = ("cumulative_recipients", "cumulative_converted", "cumulative_conversion_rate")

Reading: TypeAlias = Callable[[], AbstractContextManager[Engine]]


class Report(Mapping[str, pl.DataFrame]):
    """The report views as polars frames by name, all as of one tick, and the frame `trend`.

    `trend` has the columns of `goal_trend` by day, week or month: `period` is its first day, the
    cumulative columns are those of its last one. A frame is read when it is first asked for, and
    only while no later tick has been run. Before the first tick all are empty. `seen` are the ids
    of the workflows that a tick has seen.

    Args:
        reading: opens the project's database, or an empty one before the first tick.
        definitions: what the project's files say.
        workflows: the ids of those wanted; default every one that the files or the database have.
        since: the first day shown of the frames that have a day or week (by its Monday).
        until: the last one. All other figures are as of the last tick, whatever the days.
        by: the period of `trend`; of the first and last one only the days shown are counted.

    Raises:
        UsageError: if there is no such workflow or period, or the days are none or the wrong way
            round.
    """

    def __init__(
        self,
        reading: Reading,
        definitions: Definitions,
        workflows: Sequence[str] = (),
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        by: Period = "month",
    ) -> None:
        known_names("period", [by], PERIODS)
        self.project = definitions.name
        self.directory = definitions.directory
        self.since, self.until = _day(since), _day(until)
        if self.since and self.until and self.since > self.until:
            raise UsageError(Code.NO_INSTANT, f"since {self.since} is after until {self.until}")
        self.by: Period = by
        self._reading, self._definitions = reading, definitions
        with reading() as engine:
            self.tick_at, self.seen = _last_tick(engine)
            known = sorted(self.seen | set(definitions.workflows))
            self._wanted = known_names("workflow", workflows, known)
            self.workflows = tuple(sorted(self._wanted or known))
        self._frames: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in VIEWS:
            raise KeyError(str(unknown("view", name, VIEWS)))
        self.read(name)
        return self._frames[name]

    def read(self, *names: str) -> None:
        """Reads those of the frames that have not been read yet, in one go.

        Raises:
            UsageError: if a tick has been run since the report was made.
        """
        missing = [name for name in names if name not in self._frames]
        if not missing:
            return
        with self._reading() as engine:
            if _last_tick(engine)[0] != self.tick_at:
                raise UsageError(
                    Code.REPORT_OUTDATED,
                    "a tick has been run since this report was made: make it anew",
                )
            for name in missing:
                self._frames[name] = self._frame(engine, name)

    def __iter__(self) -> Iterator[str]:
        return iter(VIEWS)

    def __len__(self) -> int:
        return len(VIEWS)

    def __repr__(self) -> str:
        return f"<Report of {self.project} as of {self.tick_at}>"

    def figures(self) -> list[dict[str, Any]]:
        """The figures of each workflow with the interval of its rate.

        A workflow that no tick has seen has no more than its name, and `no_tick` as
        `unavailable_reason`.
        """
        self.read("workflow_goal_metrics", "workflow_overview")
        metrics = self["workflow_goal_metrics"].join(
            self["workflow_overview"].select("workflow_id", "rate_low", "rate_high"),
            on="workflow_id",
        )
        found = {row["workflow_id"]: row for row in metrics.iter_rows(named=True)}
        unseen = dict.fromkeys(metrics.columns) | {"unavailable_reason": "no_tick"}
        return [
            found.get(one)
            or unseen | {"workflow_id": one, "workflow_name": self._definitions.workflows[one].name}
            for one in self.workflows
        ]

    def _repr_html_(self) -> str:
        title, note = self.project, f"no tick has been run yet: run {tick_command(self.directory)}"
        if self.tick_at is not None:
            title = f"{self.project} as of {minute(self.tick_at)}"
            note = "rate: converted, who met the goal after a marketing email, of recipients"
        counts = ("enrolled", "active", "recipients", "met_goal", "converted")
        head = [
            "workflow",
            *(name.replace("_", " ") for name in counts),
            "rate",
            "95 % interval, or why no rate",
        ]
        rows = [
            [row["workflow_id"], *(number(row[name]) for name in counts), *rate_or_reason(row)]
            for row in self.figures()
        ]
        return html_table(head, rows, title=title, notes=[note])

    def _frame(self, engine: Engine, name: str) -> pl.DataFrame:
        if name == TREND:
            return trend(self._frame(engine, "goal_trend"), self.by)
        conditions: list[exp.Expr] = []
        if self._wanted:
            conditions.append(exp.column("workflow_id").isin(*self._wanted))
        day = exp.column(_DAYS.get(name, ""))
        if name in _DAYS and self.since is not None:
            conditions.append(day >= constant(self.since))
        if name in _DAYS and self.until is not None:
            conditions.append(day <= constant(self.until))
        return read_relation(engine, f"report.{name}", *conditions)


def trend(daily: pl.DataFrame, by: Period) -> pl.DataFrame:
    """The rows of report.goal_trend by day, week (from Monday on) or month.

    Args:
        daily: the rows, in the order of days.
        by: the period.
    """
    period = pl.col("day").dt.truncate(_STEPS[by]).alias("period")
    return daily.group_by("workflow_id", period, maintain_order=True).agg(
        pl.col(_COUNTED).sum(), pl.col(_RUNNING).last()
    )


def _last_tick(engine: Engine) -> tuple[datetime | None, set[str]]:
    """When the last tick was, and the workflows that it knew."""
    statements = named("report/known.sql")
    [[tick_at]] = engine.execute("report.last_tick", statements["report.last_tick"].text)
    found = engine.execute("report.workflows", statements["report.workflows"].text)
    return tick_at, {str(workflow_id) for (workflow_id,) in found}


def _day(value: date | str | None) -> date | None:
    if isinstance(value, str):
        try:
            return plain_date(value)
        except ValueError as error:
            raise UsageError(Code.NO_INSTANT, f"{value!r} {error}") from error
    if isinstance(value, datetime) or not isinstance(value, date | None):
        raise UsageError(Code.NO_INSTANT, f"{value!r} is not a date (2026-01-05)")
    return value
