"""Lets a command meet a fault, looks what it left, and whether the next run puts it right.

A trial copies a project, runs a command in a process of its own while something is wrong, and
compares what is there then with what was there before, or with what an undisturbed run leaves:
each place has to be the one or the other, as a whole. Then nothing is wrong any more, the command
runs again, and every row has to be that of the undisturbed run.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from goalsql import Project
from goalsql.cli import app
from tests.crash.harness import FIRST, INODES, PROCESSES, PUBLISH, SECOND, State, state_of
from tests.faults.trouble import Inside, small_disk

Around = Callable[[Path], AbstractContextManager[None]]
PROCESSES.set_forkserver_preload(["tests.faults.harness"])
DATABASE = "tillwise.duckdb"


@dataclass(frozen=True)
class Case:
    """A command, what has been done to the project before, and whether it only reads."""

    name: str
    arguments: tuple[str, ...]
    before: Callable[[Path], object] = lambda directory: None
    reads: bool = False


def _tick(directory: Path) -> None:
    Project.load(directory).tick(FIRST, "event")


def _publish(directory: Path) -> None:
    _tick(directory)
    with (directory / "goalsql.yml").open("a") as file:
        file.write(PUBLISH)
    Project.load(directory).publish()


CASES = {
    case.name: case
    for case in (
        Case("first tick", ("tick", "--at", FIRST, "--clock", "event")),
        Case("next tick", ("tick", "--at", SECOND, "--clock", "event"), _tick),
        Case("full tick", ("tick", "--at", SECOND, "--clock", "event", "--full"), _tick),
        Case("publishing tick", ("tick", "--at", SECOND, "--clock", "event"), _publish),
        Case("enroll", ("enroll", "nurture", "1", "2", "3"), _tick),
        Case("export", ("export", "--to", "DIRECTORY/tables"), _tick, reads=True),
        Case("page", ("report", "--html", "DIRECTORY/report.html"), _tick, reads=True),
        Case("report", ("report", "--json", "--view", "goal_funnel"), _tick, reads=True),
    )
}


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: whether the command failed, in what words, and all that was wrong."""

    failed: bool
    words: str
    wrong: tuple[str, ...]
    seconds: float = 0


@dataclass
class Prepared:
    """A case at work: what is there before, and what an undisturbed run leaves and takes."""

    case: Case
    before: Path
    directory: Path
    state_before: State = field(default_factory=dict)
    state: State = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    statements: int = 0
    seconds: float = 0

    @property
    def arguments(self) -> list[str]:
        own = [part.replace("DIRECTORY", str(self.directory)) for part in self.case.arguments]
        return [*own, "-p", str(self.directory)]

    @property
    def database(self) -> Path:
        return self.directory / DATABASE

    @property
    def sources(self) -> list[Path]:
        """The files of the sources, which lie beside the project."""
        return sorted(path for path in (self.before.parent / "data").rglob("*") if path.is_file())

    def meet(
        self,
        inside: Inside | None = None,
        around: Around = lambda directory: nullcontext(),
        *,
        room: int | None = None,
        stops: bool = False,
        another_file: bool = False,
    ) -> Outcome:
        """One trial.

        Args:
            inside: what is wrong in the process.
            around: what is wrong outside it.
            room: lay the project on a disk with so many free bytes.
            stops: the command may also be told to stop.
            another_file: it may read a file alike in the place of another, and note which.
        """
        with ExitStack() as stack:
            leave: Callable[[int | None], None] = lambda size: None  # noqa: E731
            if room is not None:
                leave = stack.enter_context(small_disk(self.directory))
            shutil.copytree(self.before, self.directory, symlinks=True, dirs_exist_ok=True)
            if room is None:
                stack.callback(shutil.rmtree, self.directory)
            with around(self.directory):
                leave(room)
                status, _, said = run_apart(self.arguments, inside or Inside())
            leave(None)
            words = said.strip().splitlines()
            wrong = _spoken(status, words, stops)
            wrong += self._halves(status, another_file)
            begin = time.perf_counter()
            status, _, said = run_apart(self.arguments, Inside())
            seconds = time.perf_counter() - begin
            if status:
                wrong.append(f"the next run fails: {said.strip()}")
            states = (state_of(self.directory), self.state)
            seen, wanted = (_seen(state, another_file) for state in states)
            wrong += _differences("after the next run", seen, wanted)
        failed = [line for line in words if not line.startswith(("warning GQ", "note: "))]
        return Outcome(bool(failed), "\n".join(failed), tuple(wrong), seconds)

    def _halves(self, status: int, another_file: bool) -> list[str]:
        """The places that are neither as before nor as an undisturbed run leaves them."""
        there = {str(path.relative_to(self.directory)) for path in self.directory.rglob("*")}
        left = [name for name in there - self.names if not name.endswith((".wal", ".duckdb"))]
        wrong = [f"left behind: {name}" for name in left]
        states = (state_of(self.directory), self.state_before, self.state)
        found, before, done = (_seen(state, another_file) for state in states)
        places = {name.rsplit("/", 1)[0] for name in (found | done | before)}
        for place in sorted(places):
            if _of(place, found) not in (_of(place, before), _of(place, done)):
                wrong.append(f"half done: {place}")
        if not status and found != done:
            wrong.append("said to be done, and is not")
        return wrong


def run_apart(arguments: Sequence[str], inside: Inside) -> tuple[int | None, str, str]:
    """Runs a command in a process of its own: its exit status, and what it printed and said."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=_run, args=(list(arguments), inside, theirs))
    process.start()
    theirs.close()
    try:
        printed, said = ours.recv()
    except EOFError:
        printed, said = "", "died"
    process.join()
    return process.exitcode, printed, said


def _run(arguments: list[str], inside: Inside, parent: Connection) -> None:
    printed, said = io.StringIO(), io.StringIO()
    status: object = 1
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        load = Project.load
        setattr(Project, "load", partial(load, tracer=inside.begin()))  # noqa: B010
        try:
            app(arguments)
        except SystemExit as end:
            status = end.code
        except BaseException as error:
            said.write(f"Traceback: {error!r}")
    parent.send((printed.getvalue(), said.getvalue()))
    raise SystemExit(status)


def prepared(case: Case, project: Path, folder: Path, stack: ExitStack) -> Prepared:
    """Brings a copy of a project to where the case begins, and runs its command undisturbed.

    Its data lie apart in `folder / "data"`, where a trial may disturb them.
    """
    folder.mkdir(parents=True)
    stack.callback(shutil.rmtree, folder)
    if not (folder / "data").exists():
        shutil.copytree(project / "data", folder / "data")
    before, directory = folder / "before", folder / "project"
    shutil.copytree(project, directory, ignore=shutil.ignore_patterns("data", "*.duckdb*"))
    (directory / "data").symlink_to(folder / "data")
    case.before(directory)
    ready = Prepared(case, before, directory)
    ready.state_before = state_of(directory)
    shutil.copytree(directory, before, symlinks=True)
    counted: list[str] = []
    load = Project.load
    begin = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        setattr(Project, "load", partial(load, tracer=lambda name, sql: counted.append(name)))  # noqa: B010
        try:
            app(ready.arguments, standalone_mode=False)
        finally:
            setattr(Project, "load", load)  # noqa: B010
    ready.seconds = time.perf_counter() - begin
    ready.statements = len(counted)
    ready.state = state_of(directory)
    ready.names = {str(path.relative_to(directory)) for path in directory.rglob("*")}
    shutil.rmtree(directory)
    return ready


def _spoken(status: int | None, words: Sequence[str], stops: bool) -> list[str]:
    """Whether a command that failed said so in one error, and one that did not, in none."""
    told = [line for line in words if not line.startswith(("warning GQ", "note: "))]
    if status == 0:
        return [f"done, but: {told}"] if told else []
    if stops and status in (130, 143):
        return [] if len(told) == 1 and told[0].startswith("error GQ325: ") else [f"said: {told}"]
    errors = [number for number, line in enumerate(told) if line.startswith("error GQ")]
    one = errors == [0]  # lines that follow show the statement
    mistakes = bool(told) and any(line.endswith(("1 mistake", "mistakes")) for line in told)
    if status not in (1, 2) or not (one or mistakes) or any("Traceback" in line for line in told):
        return [f"status {status}, said: {told}"]
    return []


def _seen(state: State, another_file: bool) -> State:
    return {n: rows for n, rows in state.items() if not (another_file and n.endswith(INODES))}


def _of(place: str, state: State) -> State:
    return {name: rows for name, rows in state.items() if name.rsplit("/", 1)[0] == place}


def _differences(when: str, found: State, wanted: State) -> list[str]:
    names = sorted(found.keys() | wanted.keys())
    return [f"{when}: {name}" for name in names if found.get(name) != wanted.get(name)]
