"""The report as one HTML file that needs nothing else: no network, no other file."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files

import jinja2

from goalsql.engine.protocol import Engine
from goalsql.report.html.charts import charts, runtime
from goalsql.report.html.figures import FILTERS, Account, read_account
from goalsql.report.report import Report
from goalsql.report.wording import tick_command

__all__ = ["page_of", "render_html", "render_no_tick"]


def page_of(report: Report, engine: Engine) -> str:
    """The page of the workflows of a report; before any tick has seen them it says what to run.

    Args:
        report: the report.
        engine: the project's database, or an empty one before the first tick.
    """
    if not report.seen.isdisjoint(report.workflows):
        return render_html(engine, report.workflows)
    names = [row["workflow_name"] for row in report.figures()]
    unseen = "been run" if report.tick_at is None else "seen these workflows"
    return render_no_tick(report.project, names, tick_command(report.directory), unseen)


def render_html(engine: Engine, workflows: Collection[str] | None = None) -> str:
    """The report as of the last tick: a page for the account, and one for each workflow.

    Args:
        engine: the project's database, in which a tick has been run.
        workflows: the ids of those wanted; default all.
    """
    account = read_account(engine, workflows)
    return _page().render(
        account=account,
        charts=charts(),
        trends={workflow.id: workflow.daily() for workflow in account.workflows},
        runtime=runtime(),
    )


def render_no_tick(
    name: str, workflows: Collection[str], command: str, unseen: str = "been run"
) -> str:
    """The page where there is nothing to measure yet.

    Args:
        name: the project's.
        workflows: the names of its workflows.
        command: what to run.
        unseen: what no tick has.
    """
    account = Account(name)
    return _page().render(account=account, workflows=workflows, command=command, unseen=unseen)


@cache
def _page() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("goalsql.report", "html"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    environment.filters |= FILTERS
    environment.globals["asset"] = _asset
    return environment.get_template("page.jinja")


def _asset(name: str) -> str:
    """The page's style or script, as it stands beside the template."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
