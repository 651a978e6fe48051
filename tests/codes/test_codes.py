"""Every code: that the README lists it, that goalsql uses it, and that what it is for brings it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from goalsql import Code, DefinitionError, GoalsqlError, Project
from goalsql.cli import app
from goalsql.model.loading import load
from goalsql.model.validation import validate
from tests.codes.definitions import DEFINITIONS
from tests.codes.happenings import ELSEWHERE
from tests.conftest import REPOSITORY
from tests.model.conftest import CATALOG, PROJECT
from tests.run.acme import acme_in


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
