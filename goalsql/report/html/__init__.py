"""The report as one HTML file that needs nothing else: no network, no other file."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files

import jinja2

from goalsql.engine.protocol import Engine
from goalsql.report.html.charts import charts, runtime
from goalsql.report.html.figures import FILTERS, Account, read_account

__all__ = ["render_html", "render_no_tick"]


def render_html(engine: Engine, workflow_id: str | None = None) -> str:
    """The report as of the last tick: a page for the account, and one for each workflow.

    Args:
        engine: the project's database, in which a tick has been run.
        workflow_id: the only workflow wanted.
    """
    account = read_account(engine, workflow_id)
    return _page().render(
        account=account,
        charts=charts(),
        trends={workflow.id: workflow.daily() for workflow in account.workflows},
        runtime=runtime(),
    )


def render_no_tick(name: str, workflows: Collection[str], command: str) -> str:
    """The page of a project without any tick.

    Args:
        name: the project's.
        workflows: the names of its workflows.
        command: what to run.
    """
    return _page().render(account=Account(name), workflows=workflows, command=command)


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
