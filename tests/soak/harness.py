"""Runs one story three times: as it is, with --full at each tick, and by the reference.

Each run is a process of its own, which leaves what it found at some ticks as files.
"""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import wait
from pathlib import Path
from statistics import median

from goalsql import Project
from tests.property.engine import relations_of, without_orphans
from tests.property.harness import normalised, read_definitions
from tests.reference.interpreter import Reference
from tests.reference.measures import Relations
from tests.soak.figures import Figures, figures, watched
from tests.soak.project import Sources, write_files, write_project
from tests.soak.story import Story
from tests.soak.world import Turn, no_rows, take

PROCESSES = multiprocessing.get_context("spawn")
OTHER_PROCESS = 100
"""After how many ticks one is run by the command line, in a process of its own."""
PUBLISHING = 5
"""After how many ticks one publishes."""
NOTES = "with notes"
"""Relations with tick ids and what ticks remember, which the reference does not know."""
USUAL = 50
"""How many ticks the usual time is of."""


@dataclass(frozen=True)
class Soak:
    """A story and where it is run; its figures are looked at after the ticks `looks`."""

    folder: Path
    ticks: int
    seed: int
    looks: tuple[int, ...]
    compared: tuple[int, ...]

    @classmethod
    def of(cls, folder: Path, ticks: int, seed: int) -> Soak:
        """Looks at a hundredth, a tenth, half and all of the ticks; compares at each tenth."""
        tenth = max(1, ticks // 10)
        looks = sorted({max(1, ticks // 100), tenth, ticks // 2, ticks})
        compared = sorted({*range(tenth, ticks, tenth), ticks})
        return cls(folder, ticks, seed, tuple(looks), tuple(compared))

    def run(self, *names: str) -> None:
        """Does some of the runs, side by side; all end when one fails."""
        (self.folder / "turns").write_bytes(pickle.dumps(Story(self.ticks, self.seed).turns()))
        started = [PROCESSES.Process(target=RUNS[name], args=(self,)) for name in names]
        for process in started:
            process.start()
        running = {process.sentinel: process for process in started}
        while running:
            for sentinel in wait(list(running)):
                ended = running.pop(sentinel)
                ended.join()
                if ended.exitcode:
                    for process in running.values():
                        process.terminate()
                    raise RuntimeError(f"a run ended with exit status {ended.exitcode}")

    def turns(self) -> Iterator[tuple[int, Turn]]:
        """The turns, counted from 1."""
        turns: Sequence[Turn] = pickle.loads((self.folder / "turns").read_bytes())
        return zip(count(1), turns)

    def leave(self, run: str, tick: int, found: object) -> None:
        """Leaves what a run found."""
        (self.folder / f"{run}-{tick}").write_bytes(pickle.dumps(found))

    def figures(self) -> list[Figures]:
        """Those of the ticks that were looked at."""
        return [pickle.loads((self.folder / f"figures-{tick}").read_bytes()) for tick in self.looks]

    def wrong(self, *names: str) -> list[str]:
        """The relations of runs that are not the reference's, and notes of two that differ."""
        pairs = [(name, "reference") for name in names]
        if {"incremental", "full"} <= set(names):
            pairs.append((f"incremental {NOTES}", f"full {NOTES}"))
        found = []
        for tick in self.compared:
            for name, expected in pairs:
                ours = self._relations(name, tick)
                for relation, rows in self._relations(expected, tick).items():
                    if ours[relation] != rows:
                        found.append(f"{relation} of {name} at tick {tick}")
        return found

    def _relations(self, name: str, tick: int) -> Relations:
        found: Relations = pickle.loads((self.folder / f"{name}-{tick}").read_bytes())
        return found


def run_incremental(soak: Soak) -> None:
    """The ticks as they are meant to be run, in one long-lived process, and measured."""
    seconds: list[float] = []
    cpu: list[float] = []
    path = soak.folder / "incremental"

    def tick(number: int, turn: Turn) -> None:
        write_project(path, publishes=number % PUBLISHING == 0)
        begin, used = time.perf_counter(), time.process_time()
        if number % min(OTHER_PROCESS, soak.ticks // 2) == 0:
            arguments = ("tick", "-p", str(path), "--at", f"{turn.at.isoformat()}Z")
            command = [sys.executable, "-m", "goalsql", *arguments, "--clock", turn.clock]
            subprocess.run(command, check=True, capture_output=True)
            return
        Project.load(path).tick(turn.at, turn.clock)
        if number % PUBLISHING:
            seconds.append(time.perf_counter() - begin)
            cpu.append(time.process_time() - used)
            del seconds[:-USUAL], cpu[:-USUAL]

    with watched() as memory:
        for number in _run(soak, path, "incremental", tick):
            if number in soak.looks:
                usual = median(seconds), median(cpu)
                soak.leave("figures", number, figures(number, path, memory, *usual))


def run_full(soak: Soak) -> None:
    """The same with no shortcut."""
    path = soak.folder / "full"

    def tick(number: int, turn: Turn) -> None:
        Project.load(path).tick(turn.at, turn.clock, full=True)

    for _ in _run(soak, path, "full", tick):
        pass


def _run(soak: Soak, path: Path, name: str, tick: Callable[[int, Turn], None]) -> Iterator[int]:
    """Goes from turn to turn."""
    sources, tables = Sources(path), no_rows()
    write_project(path)
    files = None
    for number, turn in soak.turns():
        take(turn, tables)
        sources.deliver(tables, turn.rows)
        for edit in turn.edits:
            if files is None or files != edit:
                write_files(path, edit)
                files = edit
            if edit.is_applied:
                Project.load(path).apply()
        for workflow_id, contact_id in turn.enrolled:
            Project.load(path).enroll(workflow_id, [contact_id])
        tick(number, turn)
        if number in soak.compared:
            project = Project.load(path)
            soak.leave(name, number, relations_of(project))
            notes = relations_of(project, remembered=True)
            del notes["next_turns"]  # a shortcut may look at a contact once too often
            without_orphans(notes)
            soak.leave(f"{name} {NOTES}", number, notes)
        yield number


def run_reference(soak: Soak) -> None:
    """The reference after the same ticks."""
    path = soak.folder / "reference"
    path.mkdir()
    write_project(path)
    tables = no_rows()
    reference = files = None
    for number, turn in soak.turns():
        take(turn, tables)
        for edit in turn.edits:
            if files is None or files != edit:
                write_files(path, edit)
                files = edit
                definitions = read_definitions(path)
                if reference is None:
                    reference = Reference(definitions)
                reference.replace(definitions)
            assert reference is not None
            if edit.is_applied:
                reference.apply()
        assert reference is not None
        for workflow_id, contact_id in turn.enrolled:
            reference.enroll(workflow_id, contact_id)
        reference.tick(tables, turn.at, turn.clock)
        if number in soak.compared:
            relations: Relations = normalised(reference.relations(tables))
            soak.leave("reference", number, relations)


RUNS: dict[str, Callable[[Soak], None]] = {
    "incremental": run_incremental,
    "full": run_full,
    "reference": run_reference,
}
