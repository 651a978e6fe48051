"""What the HTML report shows, read from the views and put into words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from goalsql.compile.statements import named
from goalsql.engine.protocol import Engine
from goalsql.report.report import trend
from goalsql.report.views import read_relation
from goalsql.report.wording import BUCKETS, QUANTILES, REASONS, days, number, percent

Row = dict[str, Any]

VIEWS = (
    "workflow_goal_metrics",
    "workflow_overview",
    "goal_funnel",
    "goal_trend",
    "time_to_goal",
    "time_to_goal_histogram",
    "cohorts",
    "email_performance",
)
WEEKS = 26
"""A page shows so many cohorts, the last ones, and says how many there are before them."""
MENDS = {
    "no_goal": "This workflow has no goal. With a goal it says what success is, and its rate how "
    "many of those who got an email came to it.",
    "no_marketing_email": "The rate is a share of the contacts who received a marketing email from "
    "the workflow, and this one sends none. If its goal is there to keep contacts out, a "
    "suppression segment does that better.",
    "subscription": "Conversion rates come with Marketing Hub Professional and Enterprise, and the "
    "account in goalsql.yml has neither.",
    "no_recipients": "Nobody whom the goal could see has received a marketing email from it yet.",
}
_TREND = ("enrolled", "new_recipients", "met_goal", "converted")
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow's figures: rows of the views that are its own, in their order.

    `title` is its name, with its id where another has the same name.
    """

    title: str
    metrics: Row
    overview: Row
    funnel: list[Row]
    trend: pl.DataFrame
    quantiles: Row | None
    times: list[Row]
    cohorts: list[Row]
    earlier_cohorts: int
    emails: list[Row]
    unenrolled: list[Row]
    spark: str

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.metrics["workflow_id"])

    @property
    def reason(self) -> str | None:
        """Why there is no rate, in a few words."""
        why = self.metrics["unavailable_reason"]
        return None if why is None else REASONS[why]

    @property
    def mend(self) -> str:
        """The same in a sentence or two."""
        return MENDS[self.metrics["unavailable_reason"]]

    def daily(self) -> dict[str, object]:
        """The trend as lists, a value for each day from the first one on."""
        if self.trend.is_empty():
            return {}
        lists = {name: self.trend[name].to_list() for name in _TREND}
        return {"from": self.trend["day"][0].isoformat(), "rated": self.reason is None} | lists


@dataclass(frozen=True, slots=True)
class Account:
    """All that the report shows; `tick_at` is None before the first tick."""

    name: str
    timezone: str = "UTC"
    tick_id: int = 0
    tick_at: datetime | None = None
    workflows: list[Workflow] = field(default_factory=list)


def read_account(engine: Engine, workflows: Collection[str] | None) -> Account:
    """Reads the figures of all workflows or of some, as of the last tick, which there is."""
    with engine.transaction():
        frames = {name: read_relation(engine, f"report.{name}") for name in VIEWS}
        statements = named("report/page.sql")
        sample = statements["page.unenrolled_by_goal"]
        frames["unenrolled"] = engine.frame(sample.name, sample.text)
        tick = statements["page.tick"]
        [(name, timezone, tick_id, tick_at)] = engine.execute(tick.name, tick.text)
    parts = {view: _by_workflow(frame) for view, frame in frames.items()}
    names = dict(frames["workflow_overview"].select("workflow_id", "workflow_name").iter_rows())
    times = Counter(names.values())
    found = [
        _workflow(
            title if times[title] == 1 else f"{title} ({one})",
            {view: part.get(one, frames[view].clear()) for view, part in parts.items()},
        )
        for one, title in sorted(names.items())
        if workflows is None or one in workflows
    ]
    return Account(name, timezone, tick_id, tick_at, found)


def _by_workflow(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {
        str(key): part for (key,), part in frame.partition_by("workflow_id", as_dict=True).items()
    }


def _workflow(title: str, parts: Mapping[str, pl.DataFrame]) -> Workflow:
    [metrics] = parts["workflow_goal_metrics"].to_dicts()
    [overview] = parts["workflow_overview"].to_dicts()
    this_epoch = pl.col("goal_epoch") == pl.lit(metrics["goal_epoch"], pl.Int32)
    quantiles = parts["time_to_goal"].filter(this_epoch).to_dicts()
    cohorts = _cohorts(parts["cohorts"])
    return Workflow(
        title=title,
        metrics=metrics,
        overview=overview,
        funnel=[
            row | {"title": BUCKETS[row["bucket"]], "share": _share(row["contacts"], metrics)}
            for row in parts["goal_funnel"].to_dicts()
        ],
        trend=parts["goal_trend"],
        quantiles=quantiles[0] if quantiles else None,
        times=[
            row | {"days": _span(row["from_days"], row["to_days"])}
            for row in parts["time_to_goal_histogram"].filter(this_epoch).to_dicts()
        ],
        cohorts=cohorts[-WEEKS:],
        earlier_cohorts=max(0, len(cohorts) - WEEKS),
        emails=parts["email_performance"].to_dicts(),
        unenrolled=parts["unenrolled"].to_dicts(),
        spark=_spark(parts["goal_trend"]),
    )


def _share(contacts: int, metrics: Row) -> str:
    return percent(contacts / metrics["enrolled"]) if metrics["enrolled"] else _NONE


def _span(from_days: int, to_days: int | None) -> str:
    """A span of days in words.

    Example:
        >>> _span(0, 1), _span(2, 3), _span(90, None)
        ('0-1', '2-3', '90+')
    """
    return f"{from_days}+" if to_days is None else f"{from_days}-{to_days}"


def _cohorts(cohorts: pl.DataFrame) -> list[Row]:
    """A row for each week, its shares by how many weeks after."""
    rows: dict[date, Row] = {}
    for week, after, enrolled, rate, is_open in cohorts.select(
        "week", "after_weeks", "enrolled", "conversion_rate", "open"
    ).iter_rows():
        row = rows.setdefault(week, {"week": week, "enrolled": enrolled, "shares": {}})
        row["shares"][after] = "open" if is_open else percent(rate)
    return list(rows.values())


def _spark(daily: pl.DataFrame, width: int = 96, height: int = 20) -> str:
    """The points of a line: who converted, week by week, the last half year."""
    values = trend(daily, "week")["converted"].to_list()[-WEEKS:]
    if len(values) < 2 or not any(values):
        return ""
    step, most = width / (len(values) - 1), max(values)
    points = enumerate(values)
    return " ".join(f"{n * step:.0f},{height - height * value / most:.0f}" for n, value in points)


def instant(at: datetime | None) -> str:
    """An instant, to the minute.

    Example:
        >>> instant(datetime(2026, 1, 1, 9, 30))
        '2026-01-01 09:30'
    """
    return _NONE if at is None else f"{at:%Y-%m-%d %H:%M}"


def quantiles(row: Row) -> dict[str, str]:
    """The percentiles of the time to the goal, in days, by the names of their columns."""
    return {name: days(row[name]) for name in QUANTILES}


FILTERS = {"number": number, "rated": percent, "instant": instant, "quantiles": quantiles}
"""What the page's template writes values with."""
