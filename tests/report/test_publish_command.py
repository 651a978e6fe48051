"""`goalsql publish`: what it prints, and that no two of them work at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from goalsql.cli import app

PUBLISH = "publish: {to: published/shop.duckdb}\n"
READ = "import duckdb, sys; c = duckdb.connect(sys.argv[1], True); print(1, flush=True); input()"


def publish(project: Path) -> Result:
    return CliRunner().invoke(app, ["publish", "-p", str(project)])


def test_says_where_the_copies_are(ran: Path) -> None:
    with (ran / "goalsql.yml").open("a") as file:
        file.write(PUBLISH)
    result = publish(ran)
    assert result.exit_code == 0
    assert result.stdout == f"published to {ran / 'published' / 'shop.duckdb'}\n"


def test_without_a_place_it_says_what_to_write(ran: Path) -> None:
    result = publish(ran)
    assert result.exit_code == 2
    assert "publish: {to: published/" in " ".join(result.stderr.split())


def test_works_alone(ran: Path) -> None:
    with (ran / "goalsql.yml").open("a") as file:
        file.write(PUBLISH)
    with subprocess.Popen(
        [sys.executable, "-c", READ, str(ran / "tillwise.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        result = publish(ran)
        reader.communicate("\n")
    assert result.exit_code == 1
    assert f"in use by process {reader.pid}" in " ".join(result.stderr.split())
    assert not (ran / "published").exists()
    assert publish(ran).exit_code == 0
