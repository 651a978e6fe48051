"""Two ticks that begin at the same moment: one works, the other waits or says who is at work."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.crash.harness import FIRST, state_of

LOCKED = re.compile(
    r"error GQ322: \S+ is in use by process \d+, which runs since [-0-9]{10} [:0-9]{8} UTC: "
    r"wait until it is done, or let the command wait: --wait 60s\n"
)
BEGIN = """
import sys
from goalsql.cli import main
print("ready", flush=True)
sys.stdin.readline()
sys.argv[0] = "goalsql"
main()
"""


def both_at_once(project: Path, directory: Path, times: int) -> list[str]:
    """Starts two ticks at once, every other time with `--wait`; returns all that was wrong.

    Args:
        project: before its first tick.
        directory: where it is copied to.
        times: how often.
    """
    _copy(project, directory)
    _, said = _race(directory, 1, "0s")
    wanted = state_of(directory)
    wrong = [f"alone: {said}"] if said != [(0, "")] else []
    shutil.rmtree(directory)
    for number in range(times):
        _copy(project, directory)
        wait = "60s" if number % 2 else "0s"
        printed, said = _race(directory, 2, wait)
        did = [text for text in printed if "decisions" in text]
        already = [text for text in printed if "is done already" in text]
        locked = [text for status, text in said if status == 1 and LOCKED.fullmatch(text)]
        well = len(already) == 1 if wait == "60s" else len(already) + len(locked) == 1
        if len(did) != 1 or not well:
            wrong.append(f"{wait}: {printed}, {said}")
        if state_of(directory) != wanted:
            wrong.append(f"{wait}: other rows than one tick alone leaves")
        shutil.rmtree(directory)
    return wrong


def _copy(project: Path, to: Path) -> None:
    shutil.copytree(project, to, ignore=shutil.ignore_patterns("data", "*.duckdb*"))
    (to / "data").symlink_to(project / "data")


def _race(directory: Path, count: int, wait: str) -> tuple[list[str], list[tuple[int, str]]]:
    """Runs so many ticks at once: what they printed; their statuses and what they said."""
    command = ["tick", "--at", FIRST, "--clock", "event", "--wait", wait, "-p", str(directory)]
    ticks = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    for tick in ticks:
        assert tick.stdout is not None
        assert tick.stdout.readline() == "ready\n"
    for tick in ticks:
        assert tick.stdin is not None
        tick.stdin.write("\n")
        tick.stdin.flush()
    ended = [tick.communicate() for tick in ticks]
    statuses = [tick.returncode for tick in ticks]
    return [printed for printed, _ in ended], [
        (status, said) for status, (_, said) in zip(statuses, ended, strict=True)
    ]
