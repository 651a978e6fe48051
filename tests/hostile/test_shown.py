"""Hostile names on a terminal, in a page, in JSON and CSV: they are read, and nothing else."""

from __future__ import annotations

import io
import json
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from goalsql import Project
from goalsql.cli import app
from goalsql.cli.harmless import HarmlessConsole, harmless, harmless_json
from tests.run.acme import Acme
from tests.run.test_hostile_values import project

WORDS = {
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "csi": "\x9b31mred",
    "turned": "\u202etxt.exe",
    "markup": "[red]x[/red][/]",
    "script": "</script><script>alert(1)</script>",
    "image": "'\"><img src=x onerror=alert(1)>",
    "comment": "<!--{{ 7 * 7 }}",
    "formula": "=cmd('x'),\"y\"",
}
PLAIN = {word: f"plain {word}" for word in WORDS}
COMMANDS = (
    "report", "validate", "report WORD", "explain WORD WORD", "enroll WORD WORD", "apply",
    "explain WORD nobody", "report nobody\x1b[2J", "report WORD --json", "validate --json",
    "tick --at 2026-01-10 --json",
)  # fmt: skip
OBEYED = set("\x1b\x07\x9b\u202e")


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Acme:
    acme = project(tmp_path_factory.mktemp("shown") / "acme", WORDS)
    acme.settings["name"] = WORDS["escape"]
    acme.settle()
    acme.tick("2026-01-10")
    return acme


def said(*arguments: str) -> str:
    """What a command prints, on both streams."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("word", ["escape", "csi", "turned"])
def test_no_command_prints_what_a_terminal_obeys(acme: Acme, command: str, word: str) -> None:
    arguments = [WORDS[word] if part == "WORD" else part for part in command.split(" ")]
    output = said(*arguments, "-p", str(acme.directory))
    assert output
    assert not OBEYED & set(output)
    if "WORD" in arguments and "--json" not in arguments:
        assert harmless(WORDS[word]) in output.replace("\n", "")


def test_mistakes_are_harmless_too(acme: Acme, tmp_path: Path) -> None:
    (tmp_path / "goalsql.yml").write_text('"\\e[31m\\x9b\\u202e[red]": 1\n')
    output = said("validate", "-p", str(tmp_path))
    assert not OBEYED & set(output)
    assert "␛[31m\ufffd\ufffd[red]" in output


def test_what_is_printed_as_json_says_the_same(acme: Acme) -> None:
    output = said("report", "--json", "-p", str(acme.directory))
    names = {row["workflow_id"] for row in json.loads(output)["workflow_goal_metrics"]}
    assert names == set(WORDS.values())
    assert json.loads(harmless_json(json.dumps("\x9b\ud800", ensure_ascii=False))) == "\x9b\ud800"


def test_programs_get_csv_and_sql_as_they_are(
    acme: Acme, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["report", "--csv", "-p", str(acme.directory)]
    app(arguments, standalone_mode=False)
    found = capsys.readouterr().out
    assert WORDS["escape"] in found
    assert '"=cmd(\'x\'),""y"""' in found, "quoted as CSV is, and otherwise as it is"
    app(["compile", WORDS["escape"], "-p", str(acme.directory)], standalone_mode=False)
    assert WORDS["escape"] in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    app(arguments, standalone_mode=False)
    assert not OBEYED & set(capsys.readouterr().out)


def test_colours_of_our_own_reach_the_terminal() -> None:
    file = io.StringIO()
    console = HarmlessConsole(
        file=file, force_terminal=True, color_system="standard", highlight=False
    )
    console.print("x\x1b[2J", style="red", markup=False)
    assert file.getvalue() == "\x1b[31mx␛[2J\x1b[0m\n"


@pytest.mark.parametrize("text", ["plain", "two\nlines\tand a tab", "Zoë ✓ 名前 🙂"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
    assert harmless_json(text) == text


class Elements(HTMLParser):
    """The elements of a page with the names of their attributes, and its texts of JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.json: list[str] = []
        self._in_json = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self._in_json = tag == "script" and ("type", "application/json") in attrs

    def handle_data(self, data: str) -> None:
        if self._in_json:
            self.json.append(data)
            self._in_json = False


def elements(acme: Acme, to: Path) -> Elements:
    Project.load(acme.directory).report_html(to)
    page = Elements()
    page.feed(to.read_text(encoding="utf-8"))
    return page


def test_a_page_has_the_elements_that_it_has_with_plain_names(acme: Acme, tmp_path: Path) -> None:
    plain = project(tmp_path / "acme", PLAIN)
    plain.tick("2026-01-10")
    hostile, usual = elements(acme, tmp_path / "a.html"), elements(plain, tmp_path / "b.html")
    assert hostile.found == usual.found
    assert len(hostile.json) == 2
    assert set(json.loads(hostile.json[1])) == set(WORDS.values())


def test_payloads_are_json_of_the_words(acme: Acme) -> None:
    outbox = Project.load(acme.directory).relation("goalsql.outbox")
    found = {
        (row["workflow_id"], row["kind"]): json.loads(row["payload"])
        for row in outbox.iter_rows(named=True)
    }
    for word in WORDS.values():
        assert found[word, "send_email"] == {"email": word, "marketing": True}
        assert found[word, "set_property"] == {word: word}
        assert found[word, "action"] == {"action": word, "with": {word: [word]}}


def test_arguments_that_are_no_text(acme: Acme) -> None:
    """Bytes that are not UTF-8 arrive as halves of surrogates."""
    output = said("report", "\udcff\udc80", "-p", str(acme.directory))
    assert "there is no workflow \ufffd\ufffd" in output
