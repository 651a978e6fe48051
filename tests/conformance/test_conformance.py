"""Every conformance file, in its modes.

All files run as they are written. The other modes are many times that, so a plain run takes each
file in one or none of them, in turn; GOALSQL_CONFORMANCE=all takes every file in every mode that
it allows (.test files say which they do not, and why).
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from zlib import crc32

import pytest

from tests.conformance.runner import MODES, Mode, Run, empty_database
from tests.conformance.scenario import Scenario, read_scenario

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.test"))
EVERYTHING = os.environ.get("GOALSQL_CONFORMANCE") == "all"
LAWFUL = ("event_by_event", "tick_by_tick")
FORMATS = ("parquet", "csv", "jsonl")
STEPWISE = ("steps", "clocks", "exits", "goal", "statuses")
TYPED = ("operators", "history", "events", "segments", "observed")
TOPICS = {
    "operators", "history", "events", "segments", "trigger", "outcomes", "goal", "exits",
    "steps", "clocks", "windows", "measures", "sources", "statuses", "edits", "late", "observed",
}  # fmt: skip
ONE_IN = 20


def allowed(scenario: Scenario) -> list[Mode]:
    """The modes that a file may run in, the first as it is written."""
    topic = scenario.path.parent.name
    one_tick = len(scenario.of("tick", "error", "apply")) == 1
    fails = bool(scenario.of("error"))

    def fits(mode: Mode) -> bool:
        if mode.name in scenario.excluded:
            return False
        if mode.name in LAWFUL:
            return scenario.lawful and (mode.name == "event_by_event" or topic in STEPWISE)
        if mode.name in FORMATS:
            return topic in TYPED
        if mode.name == "process":
            return topic in ("windows", "edits") and not fails
        return not (mode.name == "restarted" and one_tick)

    return [mode for mode in MODES.values() if fits(mode)]


def cases() -> list[object]:
    """Every file as it is written; of one in twenty also the mode that has come up least."""
    found = []
    times = Counter[str]()
    for path in FILES:
        scenario = read_scenario(path)
        name = f"{path.parent.name}/{path.stem}"
        first, *others = allowed(scenario)
        if not EVERYTHING:
            turn = crc32(name.encode()) % ONE_IN == 0
            others = sorted(others, key=lambda mode: times[mode.name])[: 1 if turn else 0]
        times.update(mode.name for mode in others)
        modes = [first, *others]
        found.extend(pytest.param(scenario, mode, id=f"{name}-{mode.name}") for mode in modes)
    return found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty_database(tmp_path_factory.mktemp("empty"))


@pytest.mark.parametrize(("scenario", "mode"), cases())
def test_file(scenario: Scenario, mode: Mode, tmp_path: Path, empty: Path) -> None:
    Run(scenario, mode, tmp_path, empty if mode.name == "as_written" else None).run()


def test_there_are_files_for_every_topic() -> None:
    assert len(FILES) >= 90
    assert {path.parent.name for path in FILES} == TOPICS


def test_every_exclusion_names_a_mode() -> None:
    for path in FILES:
        assert set(read_scenario(path).excluded) <= set(MODES), path
