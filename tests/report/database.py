"""State tables in memory, filled by hand, with the report views on top."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from goalsql.compile.statements import template
from goalsql.engine.duckdb import DuckDB
from goalsql.model.project import Definitions, Source, Sources
from goalsql.model.workflow import ManualTrigger, Workflow
from goalsql.report.report import Report
from goalsql.report.views import report_statements

Row = dict[str, Any]


def day(number: int, hour: float = 0) -> datetime:
    """An instant of January 2026."""
    return datetime(2026, 1, 1) + timedelta(days=number - 1, hours=hour)


class Database:
    def __init__(self, timezone: str = "UTC", marketing_hub: str = "enterprise") -> None:
        self.engine = DuckDB(None)
        for statement in [*template("schema/state.sql", contact_id="BIGINT"), *report_statements()]:
            self.engine.execute(statement.name, statement.sql())
        self.insert("project", name="acme", timezone=timezone, marketing_hub=marketing_hub)

    def insert(self, table: str, **row: Any) -> None:
        columns, places = ", ".join(row), ", ".join("?" for _ in row)
        sql = f"INSERT INTO goalsql.{table} ({columns}) VALUES ({places})"
        self.engine.connection.execute(sql, list(row.values()))

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.execute("test", sql)

    def view(self, name: str) -> list[Row]:
        """The rows of a view of schema report, in the view's own order."""
        cursor = self.engine.connection.execute(f"FROM report.{name}")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def report(self, *workflows: str, files: Sequence[str] = (), **options: Any) -> Report:
        """The report of some workflows or all, of a project that has files of some."""
        definitions = Definitions(
            Path("/srv/acme"), "acme", Path("acme.duckdb"), Sources(Source("contacts")),
            workflows={name: Workflow(name, f"The {name}", (ManualTrigger(),)) for name in files},
        )  # fmt: skip
        return Report(lambda: nullcontext(self.engine), definitions, workflows, **options)

    def one(self, name: str, **where: Any) -> Row:
        """The only row of a view that has these values."""
        [row] = [row for row in self.view(name) if where.items() <= row.items()]
        return row

    def funnel(self, workflow: str = "w") -> dict[str, int]:
        """The buckets that are not empty."""
        rows = [row for row in self.view("goal_funnel") if row["workflow_id"] == workflow]
        assert len(rows) == 9
        return {row["bucket"]: row["contacts"] for row in rows if row["contacts"]}

    def workflow(
        self,
        name: str = "w",
        epoch: int | None = 1,
        epoch_from: datetime | None = None,
        sends: bool = True,
    ) -> None:
        """A workflow; its goal epoch begins with the daily tick after epoch_from."""
        self.insert(
            "workflows", workflow_id=name, workflow_name=f"The {name}", enabled=True,
            goal_name=None if epoch is None else f"Goal of {name}", goal_epoch=epoch,
            epoch_from=epoch_from, sends_marketing_email=sends, active_from=day(1),
            epoch_tick=None if epoch_from is None else epoch_from.day + 1,
        )  # fmt: skip

    def tick(self, at: datetime) -> None:
        self.insert("ticks", tick_id=1, tick_at=at)

    def enrolled(
        self,
        contact: int,
        at: datetime,
        left: datetime | None = None,
        reason: str | None = None,
        number: int = 1,
        workflow: str = "w",
        by_tick: int | None = None,
    ) -> None:
        """An enrollment: active, or completed (`left` without a reason), or unenrolled.

        A tick is run every day, numbered as the days are; `by_tick` is the one that ended it, by
        default that of the day on which it ended.
        """
        status = "active" if left is None else "unenrolled" if reason else "completed"
        self.insert(
            "enrollments", workflow_id=workflow, contact_id=contact, enrollment_no=number,
            triggered_at=at, enrolled_at=at, status=status, ended_at=left, end_reason=reason,
            ended_tick=by_tick or (None if left is None else left.day),
        )  # fmt: skip

    def received(self, contact: int, at: datetime, workflow: str = "w") -> None:
        self.insert(
            "receipts", workflow_id=workflow, contact_id=contact, email_id="m", received_at=at
        )

    def met(
        self, contact: int, at: datetime, number: int = 1, epoch: int = 1, workflow: str = "w"
    ) -> None:
        self.insert(
            "goal_completions", workflow_id=workflow, goal_epoch=epoch, contact_id=contact,
            enrollment_no=number, met_at=at, observed_at=day(31),
        )  # fmt: skip
