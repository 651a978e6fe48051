"""The faults that are tried: what each does to a command, drawn by chance."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.harness import CASES, DATABASE, Outcome, Prepared
from tests.faults.trouble import (
    FileSize,
    Gone,
    NoRights,
    Replaced,
    Signalled,
    Truncated,
    damaged,
    in_place_of,
    modes,
    put_back,
    settings,
)

WRITING = ("first tick", "next tick", "full tick", "publishing tick", "enroll")
WRITING_FILES = (*WRITING, "export", "page")
LARGEST = 7_000_000
Meet = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A fault: the cases that it is tried on, and the arguments of `Prepared.meet`.

    `fails` says that the command has to fail, or may not; None where it depends.
    """

    name: str
    cases: tuple[str, ...]
    drawn: Callable[[Prepared, random.Random], Meet]
    fails: Callable[[str], bool | None] = lambda case: None

    def meet(self, ready: Prepared, chance: random.Random) -> Outcome:
        """One trial."""
        outcome = ready.meet(**self.drawn(ready, chance))
        fails = self.fails(ready.case.name)
        if fails is not None and fails is not outcome.failed:
            unexpected = f"failed: {outcome.words}" if outcome.failed else "did not fail"
            return Outcome(outcome.failed, outcome.words, (*outcome.wrong, unexpected))
        return outcome


def _bytes(chance: random.Random) -> int:
    """Many of them small: a commit writes at most half a megabyte, often much less."""
    return int(LARGEST ** chance.uniform(0.5, 1))


def _memory(chance: random.Random, more: str) -> str:
    limit = chance.randrange(1, 60)
    return f"engine: {{duckdb: {{memory_limit: {limit} MB, threads: 2, {more}}}}}"


def _little(ready: Prepared, chance: random.Random) -> Meet:
    text = _memory(chance, "max_temp_size: 1 KB")
    return {"around": lambda directory: settings(directory, text)}


def _no_spills(ready: Prepared, chance: random.Random) -> Meet:
    text = _memory(chance, "temp_directory: spills")
    file = chance.choice(("spills", f"{DATABASE}.tmp"))
    text = text if file == "spills" else text.replace(", temp_directory: spills", "")

    @contextmanager
    def around(directory: Path) -> Iterator[None]:
        with settings(directory, text), in_place_of(directory / file):
            yield

    return {"around": around}


def _read_only(*names: str) -> Callable[[Prepared, random.Random], Meet]:
    def drawn(ready: Prepared, chance: random.Random) -> Meet:
        def around(directory: Path) -> Any:
            return modes(*(directory / name for name in names))

        return {"inside": NoRights(), "around": around}

    return drawn


def _disturbed(what: Callable[[int, Path], Gone]) -> Callable[[Prepared, random.Random], Meet]:
    def drawn(ready: Prepared, chance: random.Random) -> Meet:
        file = chance.choice(ready.sources)
        number = chance.randrange(1, ready.statements + 1)
        return {
            "inside": what(number, file),
            "around": lambda directory: put_back(file),
            "another_file": what is Replaced,
        }

    return drawn


def _database(what: Callable[[int, Path], Gone]) -> Callable[[Prepared, random.Random], Meet]:
    def drawn(ready: Prepared, chance: random.Random) -> Meet:
        number = chance.randrange(1, ready.statements + 1)
        return {
            "inside": what(number, ready.database),
            "around": lambda directory: put_back(ready.database),
        }

    return drawn


def _signal(number: signal.Signals) -> Callable[[Prepared, random.Random], Meet]:
    def drawn(ready: Prepared, chance: random.Random) -> Meet:
        statement = chance.randrange(1, ready.statements + 1)
        after = chance.choice((0, 0.001, 0.01, 0.05))
        return {"inside": Signalled(statement, number, after), "stops": True}

    return drawn


def contents(whole: bytes, chance: random.Random) -> list[bytes]:
    """What may stand in the place of a database."""
    place = chance.randrange(len(whole))
    return [
        b"",
        b"not a database",
        b"SQLite format 3\0" + bytes(4080),
        whole[: chance.randrange(1, 12_288)],
        whole[: len(whole) // 2],
        whole[:100] + b"damage" + whole[106:],
        whole[:4_200] + b"damage" + whole[4_206:],
        chance.randbytes(len(whole)),
        whole[:place],
    ]


def _corrupt(ready: Prepared, chance: random.Random) -> Meet:
    content = chance.choice(contents((ready.before / DATABASE).read_bytes(), chance))
    return {"around": lambda directory: damaged(directory / DATABASE, content)}


def _garbage_log(ready: Prepared, chance: random.Random) -> Meet:
    @contextmanager
    def around(directory: Path) -> Iterator[None]:
        log = directory / f"{DATABASE}.wal"
        log.write_bytes(b"garbage" * chance.randrange(1, 1000))
        with ExitStack() as stack:
            stack.callback(log.unlink)
            yield

    return {"around": around}


KINDS = {
    kind.name: kind
    for kind in (
        Kind("full disk: files end at a size", WRITING_FILES,
             lambda ready, chance: {"inside": FileSize(_bytes(chance))}),
        Kind("full disk: a small tmpfs", WRITING_FILES,
             lambda ready, chance: {"room": _bytes(chance)}),
        Kind("little memory, max_temp_size tiny", WRITING_FILES, _little),
        Kind("little memory, a file in the place of temp_directory", WRITING_FILES, _no_spills),
        Kind("read-only database", (*WRITING[1:], "export", "page", "report"),
             _read_only(DATABASE), lambda case: not CASES[case].reads),
        Kind("read-only directory", (*WRITING, "report"),
             _read_only("."), lambda case: None if case == "enroll" else case != "report"),
        Kind("database gone", WRITING, _database(Gone)),
        Kind("database replaced", WRITING, _database(Replaced)),
        Kind("source file gone", WRITING, _disturbed(Gone)),
        Kind("source file truncated", WRITING, _disturbed(Truncated)),
        Kind("source file replaced by the same rows", WRITING, _disturbed(Replaced)),
        Kind("Ctrl-C", WRITING_FILES, _signal(signal.SIGINT)),
        Kind("SIGTERM", WRITING_FILES, _signal(signal.SIGTERM)),
        Kind("corrupt database", ("next tick", "enroll", "export", "report"), _corrupt),
        Kind("garbage in the log", ("next tick", "enroll", "report"), _garbage_log,
             lambda case: True),
    )
}  # fmt: skip
