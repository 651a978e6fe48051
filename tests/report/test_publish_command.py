"""`goalsql publish`: what it prints, and that no two of them work at once."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from goalsql.cli import app
from tests.holding import held

PUBLISH = "publish: {to: published/shop.duckdb}\n"


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
    with held(ran / "tillwise.duckdb", read_only=True) as reader:
        result = publish(ran)
    assert result.exit_code == 1
    assert f"in use by process {reader.pid}" in " ".join(result.stderr.split())
    assert not (ran / "published").exists()
    assert publish(ran).exit_code == 0
