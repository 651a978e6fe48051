"""`goalsql forget`: what it asks, what it prints, with which exit status."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from goalsql.cli import app
from tests.run.acme import Acme, acme_in


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    acme = acme_in(tmp_path)
    acme.tick("2026-01-03")
    return acme


def run(acme: Acme, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["forget", *arguments, "-p", str(acme.directory)])


def test_says_what_was_removed_of_whom(acme: Acme) -> None:
    result = run(acme, "a", "x", "a", "--yes")
    assert result.exit_code == 0
    assert result.stdout == (
        "a: removed 7 rows (decisions 1, enrollments 1, known_contacts 1, last_found 1, matches 1, "
        "outbox 1, receipts 1); kept out of every tick\n"
        "x: nothing was known; kept out of every tick\n"
    )
    again = run(acme, "a", "--yes")
    assert again.stdout == "a: had been forgotten before; kept out of every tick\n"


def test_json(acme: Acme) -> None:
    assert json.loads(run(acme, "x", "--yes", "--json").stdout) == {
        "removed": {"x": {}},
        "already": [],
    }


def test_a_script_has_to_say_yes(acme: Acme) -> None:
    before = acme.facts()
    result = run(acme, "a")
    assert result.exit_code == 2
    assert "This cannot be undone. Nobody can be asked here: say --yes" in result.stderr
    assert acme.facts() == before


@pytest.mark.parametrize(("answer", "left", "status"), [("n", 2, 1), ("y", 1, 0)])
def test_a_terminal_is_asked(acme: Acme, answer: str, left: int, status: int) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "goalsql", "forget", "a", "-p", str(acme.directory)]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        os.write(ours, f"{answer}\n".encode())
        printed, asked = process.communicate()
    os.close(ours)
    os.close(theirs)
    assert process.returncode == status
    assert "Forget 1 contact? This cannot be undone. [y/N]" in asked
    assert printed.startswith("a: removed") is (answer == "y")
    assert len(acme.state()["enrollments"]) == left
