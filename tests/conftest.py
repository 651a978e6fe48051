"""Makes `tests.*` importable whichever way pytest is started; projects that tests share."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
if str(REPOSITORY) not in sys.path:
    sys.path.insert(0, str(REPOSITORY))

END = "2026-01-01T00:00:00Z"
TOGETHER = (("tests/engine/spark/",), ("tests/test_demo.py", "tests/test_package.py"))
"""How the names of files begin whose tests share what takes a minute to make."""
APART = "tests/conformance/"
"""Where tests share nothing."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Gives the tests of a file to one process; in the end those `APART`, to whichever is free."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, _ = nodeid.partition("::")
            together = (some[0] for some in TOGETHER if file.startswith(some))
            return nodeid if file.startswith(APART) else next(together, file)

    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: a tenth of all time would go to looking at them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def fresh_quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quickstart with 1,000 contacts, before its first tick; not to be changed."""
    from goalsql import examples

    directory = tmp_path_factory.mktemp("fresh") / "shop"
    examples.init(directory, contacts=1_000)
    return directory


@pytest.fixture(scope="session")
def run_quickstart(fresh_quickstart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after one tick over its year; not to be changed."""
    from goalsql import Project

    directory = tmp_path_factory.mktemp("run") / "shop"
    shutil.copytree(fresh_quickstart, directory)
    Project.load(directory).tick(END, "event")
    return directory


@pytest.fixture
def fresh(fresh_quickstart: Path, tmp_path: Path) -> Path:
    """A copy of `fresh_quickstart`, to be changed."""
    return Path(shutil.copytree(fresh_quickstart, tmp_path / "shop"))


@pytest.fixture
def ran(run_quickstart: Path, tmp_path: Path) -> Path:
    """A copy of `run_quickstart`, to be changed."""
    return Path(shutil.copytree(run_quickstart, tmp_path / "shop"))


@dataclass(frozen=True)
class Installed:
    """goalsql installed from its wheel into an environment of its own."""

    wheel: Path
    scripts: Path
    """The environment's folder of commands."""
    home: Path
    """An empty directory at first; `goalsql demo` was run here."""
    printed: str
    """What the demo printed."""

    def run(self, *command: str) -> str:
        """Runs a command of the environment in `home` and returns what it printed."""
        return _run(str(self.scripts / command[0]), *command[1:], cwd=self.home)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Builds the wheel, installs it with its dependencies, and runs `goalsql demo`."""
    base = tmp_path_factory.mktemp("installed")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(base)]
    _run(sys.executable, *build, str(REPOSITORY), cwd=base)
    (wheel,) = base.glob("*.whl")
    venv.create(base / "venv", with_pip=True)
    scripts = base / "venv" / ("Scripts" if os.name == "nt" else "bin")
    _run(str(scripts / "python"), "-m", "pip", "install", "--quiet", str(wheel), cwd=base)
    home = base / "home"
    home.mkdir()
    return Installed(wheel, scripts, home, _run(str(scripts / "goalsql"), "demo", cwd=home))


def _run(*command: str, cwd: Path) -> str:
    environment = {n: v for n, v in os.environ.items() if n not in ("PYTHONPATH", "COLUMNS")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
