"""Every code: that the README lists it, that goalsql uses it, and that what it is for brings it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from goalsql import Code, DefinitionError, EngineError, GoalsqlError, Project, examples
from goalsql.cli import app
from goalsql.engine.duckdb import DuckDB
from goalsql.model.loading import load
from goalsql.model.validation import validate
from tests.conftest import REPOSITORY
from tests.holding import held
from tests.model.conftest import CATALOG, PROJECT
from tests.run.acme import CONTACTS, NURTURE, SIGNUPS, Acme, acme_in, contacts_of, events_of

T1, T2 = "2026-01-05", "2026-01-10"
MANUAL = "id: w\nenrollment: {trigger: manual}\n"
W = f"{MANUAL}steps: [{{id: hello, send_email: welcome}}]\n"
FILE = "workflows/w.yml"


def goal(criteria: str, workflow: str = W) -> dict[str, str]:
    return {FILE: f"{workflow}goal: {{criteria: {criteria}}}\n"}


def segment(criteria: str) -> dict[str, str]:
    return {"segments/s.yml": f"s: {{criteria: {criteria}}}\n"}


def replaced(old: str, new: str) -> dict[str, str]:
    assert old in PROJECT
    return {"goalsql.yml": PROJECT.replace(old, new)}


DEFINITIONS: dict[Code, Mapping[str, str]] = {
    Code.UNREADABLE_FILE: {FILE: ""},
    Code.NOT_YAML: {FILE: "id: [1"},
    Code.REFUSED_YAML: {FILE: f"{W}name: !x w\n"},
    Code.KEY_TWICE: {FILE: f"{W}name: a\nname: b\n"},
    Code.UNKNOWN_KEY: {FILE: f"{W}gaol: {{}}\n"},
    Code.MISSING_KEY: {FILE: "id: w\n"},
    Code.WRONG_SHAPE: {FILE: f"{W}suppression: people\n"},
    Code.WRONG_VALUE: {FILE: f"{W}enabled: maybe\n"},
    Code.WRONG_DURATION: {FILE: f"{MANUAL}steps: [{{id: wait, delay: 3}}]\n"},
    Code.KEYS_CONFLICT: {"segments/s.yml": "s: {criteria: {}, static: {from: s.csv}}\n"},
    Code.SAYS_NOTHING: goal("{}"),
    Code.EMPTY_RANGE: goal("{property: age, between: [9, 1]}"),
    Code.NAME_TWICE: {FILE: W, "workflows/v.yml": W},
    Code.NAME_TAKEN: replaced("acme.duckdb", "goalsql.duckdb"),
    Code.UNKNOWN_DEFINITION: {FILE: f"{W}suppression: [nobody]\n"},
    Code.UNKNOWN_DATA: goal("{property: stge, is: a}"),
    Code.UNFIT_OPERATOR: goal("{property: age, contains: a}"),
    Code.WRONG_LITERAL: goal("{property: age, gt: old}"),
    Code.SEGMENT_CIRCLE: segment("{in_segment: s}"),
    Code.NO_ENROLLMENT_YET: segment("{event: form, during: {since: enrollment}}"),
    Code.EVENT_TRIGGER: {
        FILE: "id: w\nenrollment: {trigger: event, criteria: {property: stage, is: a}}\n"
    },
    Code.WHICH_WORKFLOW: goal("{event: workflow_completed}"),
    Code.NULL_TEXT: goal("{property: stage, is: null}"),
    Code.NAMELESS_STEPS: {FILE: f"{MANUAL}steps: [{{send_email: welcome}}]\n"},
    Code.UNUSED_COLUMN: replaced(
        "{from: contacts.parquet}", "{from: contacts.parquet, columns: {update_at: seen}}"
    ),
    Code.NO_MARKETING_EMAIL: goal("{property: stage, is: a}", MANUAL),
    Code.TRUE_AT_ONCE: goal("{event: form, never: true, during: {since: enrollment}}"),
    Code.WORKFLOW_CIRCLE: goal("{workflow: w, status: completed}"),
}
"""For each code, the files that bring it; goalsql.yml is that of `tests.model` unless given."""


@pytest.mark.parametrize("code", DEFINITIONS, ids=lambda code: code.name)
def test_definitions(tmp_path: Path, code: Code) -> None:
    for name, text in ({"goalsql.yml": PROJECT} | dict(DEFINITIONS[code])).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    loaded = load(tmp_path)
    errors, warnings = [], []
    if loaded.definitions is not None:
        errors, warnings = validate(loaded.definitions, CATALOG)
    found = {problem.code for problem in (*loaded.problems, *errors)}
    if code.is_warning:
        assert code in {problem.code for problem in warnings}
    else:
        assert found == {code}


def spoiled_column(acme: Acme, source: str, columns: Mapping[str, str], *row: object) -> None:
    acme.source(source, columns, [row])
    acme.tick(T1)


def no_column(acme: Acme) -> None:
    columns = {"contact_id": "VARCHAR", "occurred_at": "TIMESTAMP", "form": "VARCHAR"}
    spoiled_column(acme, "signup", columns, "a", "2026-01-02", "demo")


def column_type(acme: Acme) -> None:
    columns = {"contact_id": "VARCHAR", "created_at": "INT", "score": "INT"}
    spoiled_column(acme, "contacts", columns, "a", 20260101, 1)


def nothing_there(acme: Acme) -> None:
    (acme.directory / "contacts.parquet").unlink()
    acme.tick(T1)


def unreadable_source(acme: Acme) -> None:
    (acme.directory / "contacts.parquet").write_text("no Parquet")
    acme.tick(T1)


def wrong_query(acme: Acme) -> None:
    acme.settings["sources"]["contacts"] = {"query": "SELECT 1; SELECT 2"}
    acme.settle()
    acme.tick(T1)


def contact_twice(acme: Acme) -> None:
    contacts_of(acme, [*CONTACTS, CONTACTS[0]])
    acme.tick(T1)


def many_gone(acme: Acme) -> None:
    people = [(f"p{number}", "2026-01-01", 1) for number in range(20)]
    contacts_of(acme, people)
    events_of(acme, "signup", [(name, f"s{name}", "2026-01-04", "demo") for name, *_ in people])
    acme.tick(T1)
    contacts_of(acme, people[:9])
    acme.tick("2026-01-06")


def changed_scores(acme: Acme) -> None:
    columns = dict.fromkeys(("contact_id", "property", "value"), "VARCHAR")
    rows = [("a", "score", "many", "2026-01-02")]
    acme.source("property_changes", columns | {"occurred_at": "TIMESTAMP"}, rows)


def bad_value(acme: Acme) -> None:
    changed_scores(acme)
    acme.tick(T1)


def values_skipped(acme: Acme) -> tuple[str, ...]:
    acme.settings["on_bad_value"] = "skip"
    changed_scores(acme)
    return warnings_of(acme, T1)


def other_ids(acme: Acme) -> None:
    acme.tick(T1)
    contacts_of(acme, [(1, "2026-01-01", 1)], contact_id="INT")
    acme.tick(T2)


def bad_rows(acme: Acme) -> tuple[str, ...]:
    events_of(acme, "signup", [*SIGNUPS, (None, "x", "2026-01-03", "demo")])
    return warnings_of(acme, T1)


def rewritten(acme: Acme) -> tuple[str, ...]:
    acme.tick(T1)
    events_of(acme, "signup", SIGNUPS[1:])
    return warnings_of(acme, T2)


def late_rows(acme: Acme) -> tuple[str, ...]:
    shop = acme.directory / "shop.duckdb"
    with duckdb.connect(str(shop)) as connection:
        path = str(acme.directory / "events_1.parquet")
        connection.read_parquet(path).create("purchases")
    acme.settings["attach"] = {"shop": "shop.duckdb"}
    acme.settings["sources"]["events"]["purchase"] = {"from": "shop.purchases"}
    acme.settle()
    acme.tick(T1)
    with duckdb.connect(str(shop)) as connection:
        connection.execute("INSERT INTO purchases VALUES ('a', 'p9', '2026-01-02', 9)")
    return warnings_of(acme, T2)


def file_gone(acme: Acme) -> tuple[str, ...]:
    acme.tick(T1)
    (acme.directory / "workflows" / "one.yml").unlink()
    return warnings_of(acme, T2)


def fixed_start(acme: Acme) -> tuple[str, ...]:
    acme.tick(T1)
    acme.workflow(NURTURE | {"active_from": "2026-01-02"})
    return tuple(one.as_warning() for one in Project.load(acme.directory).validate())


def long_history(acme: Acme) -> tuple[str, ...]:
    return Project.load(acme.directory).tick(T1, "tick").warnings


def queue_dropped(acme: Acme) -> tuple[str, ...]:
    Project.load(acme.directory).enroll("nurture", ["c"])
    acme.workflow(NURTURE | {"enabled": False})
    return warnings_of(acme, T1)


def whatif(acme: Acme) -> tuple[str, ...]:
    file = acme.directory / "goal.yml"
    file.write_text("criteria: {event: purchase}\n")
    return Project.load(acme.directory).whatif("nurture", goal=file, at=T1).warnings


def by_hand(acme: Acme) -> tuple[str, ...]:
    acme.workflow(NURTURE | {"enrollment": {"trigger": "manual"}})
    return whatif(acme)


def no_start(acme: Acme) -> None:
    acme.workflow({key: value for key, value in NURTURE.items() if key != "active_from"})
    whatif(acme)


def earlier_tick(acme: Acme) -> None:
    acme.tick(T2)
    acme.tick(T1)


def disabled(acme: Acme) -> None:
    acme.workflow(NURTURE | {"enabled": False})
    Project.load(acme.directory).enroll("nurture", ["a"])


def report_outdated(acme: Acme) -> None:
    acme.tick(T1)
    report = Project.load(acme.directory).report()
    acme.tick(T2)
    report.read("goal_funnel")


def cannot_open(acme: Acme) -> None:
    acme.database.write_text("no database")
    acme.tick(T1)


def locked(acme: Acme) -> None:
    with held(acme.database):
        acme.tick(T1)


def publish_failed(acme: Acme) -> None:
    acme.settings["publish"] = {"to": "copy.duckdb"}
    acme.settle()

    def fail(name: str, sql: str) -> None:
        if name == "publish.outbox":
            raise EngineError(name, sql, "the disk is full")

    acme.tick(T1, fail)


ELSEWHERE: dict[Code, Callable[[Acme], object]] = {
    Code.NO_PROJECT: lambda acme: Project.load(acme.directory / "none").validate(),
    Code.FIXED_START: fixed_start,
    Code.FILE_GONE: file_gone,
    Code.NOTHING_THERE: nothing_there,
    Code.UNREADABLE_SOURCE: unreadable_source,
    Code.WRONG_QUERY: wrong_query,
    Code.NO_COLUMN: no_column,
    Code.COLUMN_TYPE: column_type,
    Code.CONTACT_TWICE: contact_twice,
    Code.MANY_GONE: many_gone,
    Code.BAD_VALUE: bad_value,
    Code.OTHER_IDS: other_ids,
    Code.BAD_ROWS: bad_rows,
    Code.VALUES_SKIPPED: values_skipped,
    Code.REWRITTEN: rewritten,
    Code.LATE_ROWS: late_rows,
    Code.WRONG_OPTIONS: lambda acme: Project.load(acme.directory).whatif("nurture"),
    Code.UNKNOWN_NAME: lambda acme: Project.load(acme.directory).relation("goalsql.tiks"),
    Code.UNKNOWN_CONTACT: lambda acme: Project.load(acme.directory).enroll("nurture", ["x"]),
    Code.NO_INSTANT: lambda acme: acme.tick("noon"),
    Code.EARLIER_TICK: earlier_tick,
    Code.NO_TICK: lambda acme: Project.load(acme.directory).relation("goalsql.ticks"),
    Code.DISABLED: disabled,
    Code.NO_START: no_start,
    Code.REPORT_OUTDATED: report_outdated,
    Code.NO_PUBLICATION: lambda acme: Project.load(acme.directory).publish(),
    Code.PLACE_TAKEN: lambda acme: examples.init(acme.directory),
    Code.CANNOT_WRITE: lambda acme: Project.load(acme.directory).report_html(
        acme.directory / "goalsql.yml" / "page.html"
    ),
    Code.STATEMENT_FAILED: lambda acme: DuckDB(None).execute("some", "no statement"),
    Code.CANNOT_OPEN: cannot_open,
    Code.LOCKED: locked,
    Code.PUBLISH_FAILED: publish_failed,
    Code.LONG_HISTORY: long_history,
    Code.QUEUE_DROPPED: queue_dropped,
    Code.BY_HAND: by_hand,
}
"""For each code, what brings it to the project of `tests.run.acme`: raises, or returns warnings."""


def warnings_of(acme: Acme, at: str) -> tuple[str, ...]:
    return tuple(acme.tick(at).warnings)


@pytest.mark.parametrize("code", ELSEWHERE, ids=lambda code: code.name)
def test_sources_and_running(tmp_path: Path, code: Code) -> None:
    acme = acme_in(tmp_path)
    if code.is_warning:
        warnings = ELSEWHERE[code](acme)
        assert isinstance(warnings, tuple)
        assert str(code) in {warning.split()[0] for warning in warnings}
        return
    with pytest.raises(GoalsqlError) as caught:
        ELSEWHERE[code](acme)
    assert caught.value.code is code
    if isinstance(caught.value, DefinitionError):
        assert str(code) in str(caught.value)
    else:
        assert str(code) not in str(caught.value)


UNEXPECTED: dict[Code, BaseException] = {
    Code.SYSTEM: PermissionError(13, "Permission denied"),
    Code.INTERRUPTED: KeyboardInterrupt(),
    Code.INTERNAL: AttributeError("'NoneType' object\nhas no attribute 'x'"),
}
"""What cannot be brought about at will, so it is raised in a command's place."""

STATUS = {Code.SYSTEM: 1, Code.INTERRUPTED: 130, Code.INTERNAL: 1}


@pytest.mark.parametrize("code", UNEXPECTED, ids=lambda code: code.name)
@pytest.mark.parametrize("debug", ["", "1"])
def test_whatever_happens_is_one_line(
    monkeypatch: pytest.MonkeyPatch, code: Code, debug: str
) -> None:
    def load_project(*_: object, **__: object) -> None:
        raise UNEXPECTED[code]

    monkeypatch.setattr(Project, "load", load_project)
    monkeypatch.setenv("GOALSQL_DEBUG", debug)
    result = CliRunner().invoke(app, ["validate"])
    *traceback, line = result.stderr.splitlines()
    assert result.exit_code == STATUS[code]
    assert line.startswith(f"error {code}: ")
    assert bool(traceback) == bool(debug)
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments", [["--verson"], ["tock"], ["tick", "--att", "x"], ["init"], ["tick", "--wait", "x"]]
)
def test_a_wrong_command_line_is_one_line(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error {Code.WRONG_OPTIONS}: ")
    assert result.exit_code == 2


def test_a_reader_that_goes_away_ends_a_command_without_a_word(tmp_path: Path) -> None:
    project = str(acme_in(tmp_path).directory)
    command = [sys.executable, "-m", "goalsql", "compile", "-p", project]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=REPOSITORY, **pipes) as process:  # type: ignore[call-overload]
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_every_code_is_brought_about() -> None:
    assert {*DEFINITIONS, *ELSEWHERE, *UNEXPECTED} == set(Code)


def test_every_code_is_used() -> None:
    modules = [path for path in (REPOSITORY / "goalsql").rglob("*.py") if path.name != "codes.py"]
    used = Counter(re.findall(r"\bCode\.([A-Z_]+)\b", "".join(map(Path.read_text, modules))))
    assert set(used) == {code.name for code in Code}


def test_numbers_are_unique_and_in_order() -> None:
    numbers = [code.number for code in Code]
    assert all(re.fullmatch(r"GQ[123]\d\d", number) for number in numbers)
    assert numbers == sorted(set(numbers))


def test_the_readme_says_the_same() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    rows = re.findall(r"^\| (GQ\d+)(, warning)? \| (.+) \| (.+) \|$", readme, re.M)
    said = [(number, bool(warning), cause, mend) for number, warning, cause, mend in rows]
    assert said == [(code.number, code.is_warning, code.cause, code.mend) for code in Code]
