"""What a notebook shows: tables of the figures, whose text is never markup."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from xml.etree.ElementTree import Element

import yaml

from goalsql import Project
from goalsql.model.criteria import AllOf, Condition, EventLeaf, Not, PropertyLeaf, SegmentLeaf
from goalsql.model.workflow import (
    Action,
    Arm,
    Branch,
    Delay,
    EventTrigger,
    FilterTrigger,
    Goal,
    ManualTrigger,
    SendEmail,
    SetProperty,
    Workflow,
)
from goalsql.notebook import html_table
from tests.report.database import Database, day
from tests.run.acme import NURTURE, Acme

HOSTILE = "<script>alert('x')</script>&\"<b>"


def parsed(shown: object) -> Element:
    """What `_repr_html_` of an object gives: well-formed, without scripts, styles or colours."""
    html = getattr(shown, "_repr_html_")()  # noqa: B009 # Notebooks look it up so.
    root = ElementTree.fromstring(html)
    assert {element.tag for element in root.iter()} <= {"div", "b", "table", "tr", "th", "td"}
    assert not [element for element in root.iter() if element.attrib]
    return root


def cells(shown: object) -> list[list[str]]:
    """The rows of the table without its head."""
    return [[cell.text or "" for cell in row] for row in list(parsed(shown).iter("tr"))[1:]]


def notes(shown: object) -> list[str]:
    return [element.text or "" for element in parsed(shown).findall("div")]


def test_text_is_no_markup() -> None:
    html = html_table([HOSTILE], [[HOSTILE]], title=HOSTILE, notes=[HOSTILE])
    root = ElementTree.fromstring(html)
    texts = [element.text for element in root.iter() if element.tag not in ("table", "tr")]
    assert texts == [None, *[HOSTILE] * 4]


def test_a_report(db: Database) -> None:
    db.workflow(HOSTILE)
    for contact in range(4):
        db.enrolled(contact, day(1), workflow=HOSTILE)
        db.received(contact, day(2), workflow=HOSTILE)
    db.met(1, day(3), workflow=HOSTILE)
    db.workflow("none", epoch=None)
    db.tick(day(4))
    report = db.report(files=["new"])
    # Wilson's interval of 1 in 4, by hand: (0.25 + 0.4802 -+ 0.6491) / 1.9604.
    assert cells(report) == [
        [HOSTILE, "4", "4", "4", "1", "1", "25.0 %", "4.6 to 69.9 %"],
        ["new", "-", "-", "-", "-", "-", "-", "no tick yet"],
        ["none", "0", "0", "0", "0", "0", "-", "no goal"],
    ]
    assert parsed(report).findtext("b") == "acme as of 2026-01-04 00:00 UTC"


def test_a_report_before_the_first_tick(db: Database) -> None:
    report = db.report(files=["nurture"])
    assert cells(report) == [["nurture", *"------", "no tick yet"]]
    assert notes(report) == ["no tick has been run yet: run goalsql tick -p /srv/acme"]


def test_a_project(acme: Acme) -> None:
    acme.workflow(NURTURE | {"name": HOSTILE, "enabled": False})
    project = Project.load(acme.directory)
    assert cells(project) == [["nurture", HOSTILE, "no", "unnamed"]]
    database, tick = notes(project)
    assert database == f"database: {acme.database}"
    assert tick == f"no tick has been run yet: run goalsql tick -p {acme.directory}"
    acme.tick("2026-02-01T00:00:00Z")
    assert notes(project)[1] == "last tick: 2026-02-01 00:00 UTC"


def test_a_project_with_mistakes_shows_them(acme: Acme, tmp_path: Path) -> None:
    acme.workflow(NURTURE | {"gaol": 1})
    assert notes(Project.load(acme.directory))[0].startswith("mistake: workflows/one.yml:")
    [missing] = notes(Project.load(tmp_path / "nowhere"))
    assert missing.startswith("mistake: goalsql.yml:1: GQ101 no such file")
    acme.database.write_bytes(b"no database" * 1000)
    assert "is no DuckDB database" in notes(Project.load(acme.directory))[-1]


def test_a_what_if(run_quickstart: Path, tmp_path: Path) -> None:
    goal = tmp_path / "goal.yml"
    goal.write_text(yaml.safe_dump({"name": HOSTILE, "criteria": {"event": "form_submission"}}))
    found = Project.load(run_quickstart).whatif("nurture", goal=goal)
    name, *figures = cells(found)
    assert name == ["goal", "Customer, demo or serious interest", HOSTILE, ""]
    _, today, other, _ = next(row for row in figures if row[0] == "converted")
    assert [int(today), int(other)] == found.metrics["converted"].head(2).to_list()


def test_a_workflow() -> None:
    leads = PropertyLeaf("stage", (Condition("is", (HOSTILE,)),))
    both = AllOf((leads, Not(SegmentLeaf("vips"))))
    workflow = Workflow(
        "w",
        HOSTILE,
        (FilterTrigger(both), EventTrigger((EventLeaf("visit"), EventLeaf("call")), both)),
        (
            SendEmail("hello", "welcome"),
            Branch(
                "split",
                (
                    Arm(leads, (SendEmail("tell", "terms", marketing=False),)),
                    Arm(None, (SetProperty("flag", {"a": True, "b": 2}), Action("hook", "sync"))),
                ),
            ),
            Delay("wait", day(4) - day(1)),
        ),
        goal=Goal(leads, "Won"),
        suppression=("rivals",),
        unenroll_when=SegmentLeaf("gone"),
    )
    is_lead = f"stage is {HOSTILE}"
    assert cells(workflow) == [
        ["enabled", "yes"],
        ["trigger", f"{is_lead} and (not in segment vips)"],
        ["trigger", f"event visit or call, if {is_lead} and (not in segment vips)"],
        ["suppression", "rivals"],
        ["unenroll when", "in segment gone"],
        ["goal", f"Won: {is_lead}"],
        ["step hello", "send email welcome"],
        ["step split", "take the first arm that holds"],
        ["step tell", f"if {is_lead}: send non-marketing email terms"],
        ["step flag", "otherwise: set a to True, b to 2"],
        ["step hook", "otherwise: do sync"],
        ["step wait", "wait 3 days"],
    ]
    assert parsed(workflow).findtext("b") == f"{HOSTILE} (w)"


def test_a_workflow_with_next_to_nothing() -> None:
    assert cells(Workflow("w", "W", (ManualTrigger(),), enabled=False)) == [
        ["enabled", "no"],
        ["trigger", "by `goalsql enroll`"],
    ]


def test_the_workflows_of_a_project(run_quickstart: Path) -> None:
    for workflow in Project.load(run_quickstart).definitions.workflows.values():
        assert cells(workflow)[0] == ["enabled", "yes"]
