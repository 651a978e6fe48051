"""Kills every command before every statement, and at random instants; prints what came of it.

    python -m tests.crash                            the quickstart with 1,000 contacts
    python -m tests.crash --contacts 20000           a larger world
    python -m tests.crash --every 10 --random 20     every tenth statement, 20 random instants
    python -m tests.crash --spark sc://host:15002    on Spark; the server lives on

It fails if any row is wrong after the command has been run again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from goalsql import examples
from tests.crash.harness import CASES, OF_DUCKDB, Outcome, prepared
from tests.engine.spark.folder import on_spark, without_text_files


def main() -> None:
    """Runs the trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000)
    parser.add_argument("--every", type=int, default=1, help="kill before each n-th statement")
    parser.add_argument("--random", type=int, default=200, help="random instants in each command")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--case", choices=[case.name for case in CASES], action="append")
    parser.add_argument("--spark", metavar="ADDRESS", help="of a Spark Connect server")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    titles = ("command", "statements", "killed before one", "killed at random", "wrong", "recovery")
    table = Table(*titles, title=f"Killed and run again, {arguments.contacts:,} contacts")
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="goalsql-crash-") as temporary:
        project = Path(temporary, "project")
        examples.init(project, contacts=arguments.contacts)
        if arguments.spark:
            without_text_files(project)
            on_spark(project, arguments.spark)
        for case in CASES:
            if arguments.case and case.name not in arguments.case:
                continue
            if arguments.spark and case.name in OF_DUCKDB:
                continue
            with prepared(case, project, Path(temporary, "case")) as ready:
                count = len(ready.statements)
                places = range(1, count + 1, arguments.every)
                by_statement = [ready.before_statement(place) for place in places]
                instants = [chance.uniform(0, ready.seconds) for _ in range(arguments.random)]
                at_random = [ready.after(at) for at in instants]
            outcomes = [*by_statement, *at_random]
            wrong += sum(bool(outcome.wrong) for outcome in outcomes)
            table.add_row(case.name, str(count), *map(_killed, (by_statement, at_random)),
                str(sum(bool(outcome.wrong) for outcome in outcomes)),
                f"{median(outcome.seconds for outcome in outcomes):.2f} s",
            )  # fmt: skip
            for outcome in outcomes:
                if outcome.wrong:
                    sys.stderr.write(f"{case.name}: wrong: {', '.join(outcome.wrong)}\n")
    Console().print(table)
    sys.exit(bool(wrong))


def _killed(outcomes: list[Outcome]) -> str:
    return f"{sum(outcome.killed for outcome in outcomes)} of {len(outcomes)}"


if __name__ == "__main__":
    main()
