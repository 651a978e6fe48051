"""The README: its first two blocks, and that everything in it that can run does run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S)
COMMANDS = [
    "python -m pip install . && goalsql demo\n",
    "python -m pip install '.[dev]' && python -m pytest -n auto\n",
]


@pytest.fixture
def home(ran: Path, tmp_path: Path) -> Path:
    """A directory where the demo has been run, though with fewer contacts."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.move(ran, home / "goalsql-demo")
    return home


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which `goalsql` and `python` are those of this test run."""
    scripts = tmp_path / "bin"
    scripts.mkdir()
    goalsql, python = scripts / "goalsql", scripts / "python"
    goalsql.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m goalsql "$@"\n')
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    goalsql.chmod(0o755)
    python.chmod(0o755)
    path = os.pathsep.join([str(scripts), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


def test_the_two_commands_come_first() -> None:
    assert [text for kind, text in BLOCKS if kind == "bash"][:2] == COMMANDS
    assert [kind for kind, _ in BLOCKS[:2]] == ["bash", "bash"]


def test_every_other_example_runs(home: Path, environment: dict[str, str]) -> None:
    examples = [(kind, text) for kind, text in BLOCKS if text not in COMMANDS]
    interpreters = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
    ran = 0
    for kind, text in examples:
        if kind in interpreters:
            done = subprocess.run(
                [*interpreters[kind], text],
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
            ran += 1
    assert ran >= 4


def test_the_tour_ends_with_a_second_tick_that_is_done_already(
    home: Path, environment: dict[str, str]
) -> None:
    (block,) = [text for _, text in BLOCKS if text.startswith("goalsql enroll")]
    done = subprocess.run(
        ["bash", "-c", block], cwd=home, env=environment, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert "queued for nurture" in lines[0]
    assert "is done already" in lines[2]


def test_every_relation_is_listed() -> None:
    from goalsql.report.views import RELATIONS

    assert not [name for name in RELATIONS if f"| `{name}` |" not in README]


def test_every_operator_is_listed() -> None:
    from goalsql.model.reading_criteria import OPERATORS

    assert not [name for name in OPERATORS if not re.search(rf"`{name}[:`]", README)]


def test_links_inside_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", README, re.M)
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
    targets: list[str] = re.findall(r"\]\(([^)]+)\)", README)
    for target in targets:
        assert target.removeprefix("#") in anchors or (ROOT / target).is_file()


def test_every_key_of_the_settings_is_listed() -> None:
    from dataclasses import fields

    from goalsql.model.project import DuckDBSettings
    from goalsql.model.reading_project import KEYS

    keys = (*KEYS, *(field.name for field in fields(DuckDBSettings)))
    assert not [name for name in keys if f"| `{name}` |" not in README]
