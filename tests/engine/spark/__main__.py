"""Runs worlds and conformance files on Spark and on DuckDB, and prints where they differ.

    python -m tests.engine.spark --worlds 300
    python -m tests.engine.spark --conformance
    python -m tests.engine.spark --conformance --part 2/8
    python -m tests.engine.spark --conformance --master 'local-cluster[2,2,2048]'
    python -m tests.engine.spark --conformance --master 'local[4]' --few-rows --together 20
    python -m tests.engine.spark --scale 1000000 20000000 --master 'local-cluster[2,1,2048]'
    python -m tests.engine.spark --scale 1000000 20000000 --in DIR    keeps the world there
    python -m tests.engine.spark --in DIR                             takes the one that is there

Without --remote and --master the server is Sail's, in this process. It fails if a row differs.
Sail keeps some memory of every file and world: in parts, each has a server of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from goalsql.engine.spark.session import session_of
from tests.conformance.scenario import Scenario, read_scenario
from tests.conformance.test_conformance import FILES
from tests.engine.spark.conformance import NotForSparkError, SparkRun
from tests.engine.spark.merged import merged
from tests.engine.spark.scale import compare as compare_scale
from tests.engine.spark.scale import generate
from tests.engine.spark.server import for_few_rows, sail
from tests.engine.spark.together import Together, groups
from tests.property.engine import run_engine
from tests.property.harness import assert_same
from tests.property.world import Clock, World
from tests.property.worlds import EVERYTHING, worlds

T = TypeVar("T")


def main() -> None:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=0, help="how many worlds to compare")
    parser.add_argument("--conformance", action="store_true", help="run every conformance file")
    parser.add_argument("--topic", help="only the conformance files of this folder")
    parser.add_argument("--part", default="1/1", help="only a part of them, such as 2/8")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--scale", type=int, nargs=2, metavar=("CONTACTS", "EVENTS"), help="the benchmark's world"
    )
    parser.add_argument("--workflows", type=int, default=20, help="how many that world has")
    parser.add_argument("--in", dest="world", type=Path, help="where it is, or is to be kept")
    parser.add_argument("--remote")
    parser.add_argument("--master")
    parser.add_argument(
        "--few-rows", action="store_true", help="with the settings that Spark takes the least for"
    )
    parser.add_argument("--at-once", type=int, default=1, help="how many runs at a time")
    parser.add_argument(
        "--together", type=int, default=1, help="how many files or worlds may share a project"
    )
    arguments = parser.parse_args()
    if arguments.scale and arguments.world and (arguments.world / "data").exists():
        parser.error(f"a world is in {arguments.world} already: leave out --scale to take that one")
    if arguments.few_rows and not arguments.master:
        parser.error("--few-rows is for a Spark of its own: give a --master")
    wrong = 0
    given = arguments.remote or arguments.master
    with ExitStack() as stack:
        remote = arguments.remote if given else stack.enter_context(sail())
        own = for_few_rows(arguments.master) if arguments.few_rows else None
        session = session_of(remote, arguments.master, own)
        stack.callback(session.stop)
        if arguments.conformance:
            wrong += run_files(
                session,
                arguments.topic,
                arguments.part,
                arguments.at_once,
                arguments.together,
            )
        if arguments.worlds:
            wrong += run_worlds(
                session, arguments.worlds, arguments.seed, arguments.at_once, arguments.together
            )
        if arguments.scale:
            arguments.world = arguments.world or Path(
                stack.enter_context(tempfile.TemporaryDirectory())
            )
            generate(arguments.world, *arguments.scale, arguments.workflows)
        if arguments.world:
            wrong += run_scale(session, arguments.world)
    sys.exit(bool(wrong))


def run_files(session: Any, topic: str | None, part: str, at_once: int, together: int) -> int:
    """Runs conformance files; returns how many came out otherwise."""
    number, of = map(int, part.split("/"))
    files = [path for path in FILES[number - 1 :: of] if topic in (None, path.parent.name)]

    def run(scenarios: list[Scenario]) -> list[str]:
        left = in_company(scenarios) if len(scenarios) > 1 else scenarios
        return ["right"] * (len(scenarios) - len(left)) + list(map(alone, left))

    def in_company(scenarios: list[Scenario]) -> list[Scenario]:
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            several = Together(scenarios, Path(folder), session)
            try:
                several.run()
            except Exception as error:
                _tell(f"{len(scenarios)} files cannot be run together: {error}")
                return scenarios
        took = time.perf_counter() - begin
        for one in several.parts:
            outcome = f"to be run alone: {one.failed}" if one.failed else "right"
            _tell(f"{_name(one.scenario)}: {outcome}, {took:.0f} s for {len(scenarios)} files")
        return [one.scenario for one in several.parts if one.failed]

    def alone(scenario: Scenario) -> str:
        begin = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory() as folder:
                SparkRun(scenario, Path(folder), session).run()
            outcome, why = "right", ""
        except NotForSparkError as error:
            outcome, why = "not for Spark", str(error)
        except Exception as error:
            outcome, why = "wrong", str(error)
            if not isinstance(error, AssertionError):
                traceback.print_exc()
        took = time.perf_counter() - begin
        _tell(f"{_name(scenario)}: {outcome}, {took:.0f} s {why}")
        return outcome

    return _wrong(run, groups(map(read_scenario, files), together), at_once)


def _name(scenario: Scenario) -> str:
    return f"{scenario.path.parent.name}/{scenario.path.stem}"


def run_worlds(session: Any, count: int, number: int, at_once: int, together: int) -> int:
    """Compares the rows of worlds; returns how many differ, or fail."""
    drawn: list[tuple[World, Clock]] = []

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds(EVERYTHING), st.sampled_from(["event", "tick"]))
    def draw(world: World, clock: Clock) -> None:
        drawn.append((world, clock))

    def compare(one: tuple[World, Clock, int]) -> list[str]:
        world, clock, of = one
        begin = time.perf_counter()
        try:
            there = run_engine(world, world.ticks, clock, as_parquet=True, spark=session)
            took = time.perf_counter() - begin
            assert_same(there, run_engine(world, world.ticks, clock, as_parquet=True))
        except Exception:
            traceback.print_exc()
            return ["wrong"] * of
        _tell(f"{of} worlds of {len(world.ticks)} ticks: right, {took:.0f} s")
        return ["right"] * of

    draw()
    return _wrong(compare, merged(drawn, together), at_once)


def _wrong(run: Callable[[T], list[str]], several: Iterable[T], at_once: int) -> int:
    """Runs several, so many at once; tells what came of them, and returns how many are wrong."""
    with ThreadPoolExecutor(at_once) as pool:
        outcomes = Counter(chain.from_iterable(pool.map(run, several)))
    _tell(", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    return outcomes["wrong"]


def run_scale(session: Any, world: Path) -> int:
    """Compares the rows of the benchmark's world; returns how many relations differ."""
    found = compare_scale(session, world)
    for engine, seconds in found.seconds.items():
        _tell(f"{engine}: ticks of {', '.join(f'{one:.1f} s' for one in seconds)}")
    for executor, figures in found.spread.items():
        told = ", ".join(f"{name} {figure:,}" for name, figure in figures.items())
        _tell(f"executor {executor}: {told}")
    if found.spread:
        _tell(f"spilled to disk: {found.spilled:,}")
    for name, rows in found.rows.items():
        _tell(f"{name}: {rows:,} rows, {found.differing[name]:,} differ")
    return sum(bool(count) for count in found.differing.values())


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
