"""The wheel: what is in it, and that it works in an environment of its own."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from goalsql import __version__
from tests.conftest import Installed

ROOT = Path(__file__).parents[1]


def shipped(folder: str) -> set[str]:
    """The files of a folder that belong into the wheel."""
    paths = [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()]
    return {
        path.as_posix()
        for path in paths
        if not any(p.startswith(".") or p in ("__pycache__", "data") for p in path.parts)
    }


def test_the_wheel_holds_the_package_its_sql_and_its_examples(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    wanted = {f"goalsql/{name}" for name in shipped("sql") | shipped("seeds")}
    files = {name for name in names if ".dist-info/" not in name}
    assert files == wanted | shipped("goalsql")
    assert "goalsql/py.typed" in files


def test_the_license_is_in_the_wheel(installed: Installed) -> None:
    names = zipfile.ZipFile(installed.wheel).namelist()
    assert any(re.fullmatch(r"goalsql-.*\.dist-info/licenses/LICENSE", name) for name in names)


def test_the_command_says_its_version(installed: Installed) -> None:
    assert installed.run("goalsql", "--version") == f"goalsql {__version__}\n"


def test_the_demo_runs_from_the_wheel(installed: Installed) -> None:
    assert [path.name for path in installed.home.iterdir()] == ["goalsql-demo"]
    assert "Lead nurture" in installed.printed
    assert "goalsql report nurture -p goalsql-demo" in installed.printed
