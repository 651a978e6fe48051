"""The plain alternative: for each workflow the one query that an analyst would write by hand.

Each query reads the data files and nothing of goalsql. It finds when a contact's trigger first
fired, when the first email reached it, when it first met the goal after that, and from these the
conversion rate. The data has no email events of the benchmark's workflows, so goalsql takes each
email of the outbox as received when it went out. The first step mails without a delay: the query
dates the email at the instant of the trigger, for contacts who then are neither in a suppression
segment nor under the unenrollment trigger and do not meet the goal already. Windows ("3 views in
30 days") are as exact as goalsql's.

What such a query leaves out, and goalsql does:

    later firings   who was turned away at the first firing may be enrolled at a later one, and
                    re_enroll lets a contact in again; the query knows the first firing only
    leaving         who unsubscribes or becomes a competitor after the email has left the workflow
                    and converts no more; the query goes on counting
    steps           later emails, branches, delays, properties; who is active, who completed
    odd rows        events that stand twice, that are loaded late or older than their contact,
                    properties that change without a history: the data has none of these
    state           no reason for any contact, nothing for the next day to go on from, no edits
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from tests.bench import plain_queries as queries
from tests.bench.definitions import COUNTRIES, FORMS, INDUSTRIES, PATHS, SETTINGS

ACTIVE_FROM = datetime(2025, 1, 1)
WORDS = ("vat", "printer", "cash", "account")


class Answer(NamedTuple):
    """What a query says of its workflow, in contacts."""

    triggered: int
    recipients: int
    converted: int
    conversion_rate: float | None


@dataclass(frozen=True)
class Kind:
    """A kind of workflow: its query, and the values of the workflow of a number.

    The values stand here a second time, not taken from the definitions: an analyst writes them
    into the query, and where the two drift apart the answers do.
    """

    parts: tuple[str, ...]
    values: Callable[[int], dict[str, Any]]
    industry: bool = True

    def query(self, result: str) -> str:
        """The query with its CTEs and the result that is wanted of them."""
        return "WITH " + ",".join(self.parts) + result

    def parameters(self, number: int, as_of: datetime) -> dict[str, Any]:
        """What is bound to the query of the workflow of this number."""
        who = {"country": COUNTRIES[number % len(COUNTRIES)]}
        if self.industry:
            who["industry"] = INDUSTRIES[number // 3 % len(INDUSTRIES)]
        return {"active_from": ACTIVE_FROM, "as_of": as_of, **who, **self.values(number)}


KINDS = (
    Kind(queries.NURTURE, lambda n: {"views": 2 + n % 2}),
    Kind(queries.AFTER_FORM, lambda n: {"form": FORMS[n // 10 % len(FORMS)]}, industry=False),
    Kind(
        queries.BROWSING,
        lambda n: {"path": PATHS[n // 10 % len(PATHS)], "views": 2 + n // 50, "days": 14 + n % 20},
    ),
    Kind(queries.LARGE, lambda n: {"low": 5 * (n % 7), "high": 5 * (n % 7) + 20}),
    Kind(queries.QUIET, lambda n: {"days": 40 + n % 40}, industry=False),
    Kind(queries.READERS, lambda n: {"word": WORDS[n // 10 % 4], "views": 2 + n % 3}),
    Kind(queries.CLICKERS, lambda n: {"clicks": 1 + n // 10 % 3}),
    Kind(queries.MOVERS, lambda n: {"days": 7 + n % 7}),
    Kind(
        queries.TRIALS,
        lambda n: {"timezone": SETTINGS["timezone"], "days": 7 + n % 14, "items": 20 + n},
        industry=False,
    ),
    Kind(queries.ABSENT, lambda n: {"low": 30 + n}),
)

JOURNEYS = """
    CREATE TABLE journeys (
      workflow_id VARCHAR, contact_id BIGINT, triggered_at TIMESTAMP, mailed BOOLEAN,
      goal_at TIMESTAMP
    )
"""
DIFFERENCES = """
    WITH decided AS (
      SELECT workflow_id, contact_id, MIN(decided_at) AS decided_at,
        ARG_MIN(outcome, decided_at) AS outcome
      FROM bench.goalsql.decisions
      GROUP BY ALL
    ), received AS (
      SELECT workflow_id, contact_id, MIN(received_at) AS received_at
      FROM bench.goalsql.receipts
      GROUP BY ALL
    ), met AS (
      SELECT workflow_id, contact_id, MIN(met_at) AS met_at
      FROM bench.goalsql.goal_completions
      GROUP BY ALL
    ), departed AS (
      SELECT workflow_id, contact_id, MIN(ended_at) AS left_at
      FROM bench.goalsql.enrollments
      WHERE end_reason IN ('suppressed', 'unenrollment_trigger')
      GROUP BY ALL
    )
    SELECT *
    FROM journeys
      FULL JOIN decided USING (workflow_id, contact_id)
      LEFT JOIN received USING (workflow_id, contact_id)
      LEFT JOIN met USING (workflow_id, contact_id)
      LEFT JOIN departed USING (workflow_id, contact_id)
    WHERE triggered_at IS DISTINCT FROM decided_at
      OR mailed IS DISTINCT FROM (outcome = 'enrolled')
      OR CASE WHEN mailed THEN received_at IS DISTINCT FROM triggered_at
         ELSE received_at <= triggered_at END
      OR CASE WHEN NOT mailed THEN met_at <= triggered_at
         WHEN left_at < goal_at THEN met_at < goal_at
         ELSE met_at IS DISTINCT FROM goal_at END
"""
COUNTED = """
    SELECT COUNT(*),
      COUNT(*) FILTER (mailed) AS recipients,
      COUNT(goal_at) FILTER (mailed) AS converted,
      converted / NULLIF(recipients, 0)
    FROM journeys
    GROUP BY workflow_id
    ORDER BY workflow_id
"""
TOTALS = """
    SELECT workflow_id, recipients, converted
    FROM bench.report.workflow_goal_metrics
    ORDER BY workflow_id
"""


def answer(directory: Path, workflows: int, as_of: datetime) -> list[Answer]:
    """Asks one query a workflow, one after the other.

    Args:
        directory: where the data is.
        workflows: how many workflows of definitions.py to ask about.
        as_of: T; what becomes true later is not seen.
    """
    with _connected(directory) as connection:
        return [_answer(connection, number, as_of) for number in range(workflows)]


def check(directory: Path, as_of: datetime, answers: list[Answer]) -> int:
    """Compares with what the tick left, contact by contact, and returns how many agreed.

    For each workflow and contact, what must hold and why:

    - The trigger fired for the same contacts, and first at the same instant: each first firing
      has a decision, whatever its outcome.
    - The query mails exactly those whose first decision is `enrolled`: it looks at the same three
      obstacles at the same instant, and nobody is enrolled or active before the first firing.
      Their first receipt is then of that instant. Others can have one only from a later firing.
    - Of a contact who was mailed and did not leave before the goal, the first completion is at
      the query's instant: the goal was not met when it was enrolled, is met first there, and is
      watched until then, since enrollments that complete go on watching. It is None for both
      where the goal is not met at all.
    - Who left before the goal has no completion, or after a new enrollment one that is no earlier
      than the goal is first met. Who was not mailed has one only from a later firing.

    So by workflow, goalsql's recipients are at least the query's, and the query's converted are at
    least goalsql's less those recipients that only later firings brought.

    Args:
        directory: where the data and the database of the tick are.
        as_of: T of that tick.
        answers: what `answer` gave.

    Raises:
        AssertionError: with the first rows that differ.
    """
    with _connected(directory) as connection:
        connection.execute(f"ATTACH '{directory / SETTINGS['database']}' AS bench (READ_ONLY)")
        connection.execute(JOURNEYS)
        for number in range(len(answers)):
            kind = KINDS[number % len(KINDS)]
            connection.execute(
                "INSERT INTO journeys " + kind.query(queries.ROWS),
                {"workflow": f"w{number:04}", **kind.parameters(number, as_of)},
            )
        different = connection.execute(DIFFERENCES).fetchmany(3)
        assert not different, different
        for plain, (workflow, recipients, converted) in zip(
            answers, connection.execute(TOTALS).fetchall(), strict=True
        ):
            later = recipients - plain.recipients
            assert later >= 0, (workflow, recipients, plain)
            assert plain.converted >= converted - later, (workflow, converted, plain)
        counted = [Answer(*row) for row in connection.execute(COUNTED).fetchall()]
        assert counted == [plain for plain in answers if plain.triggered], counted
    return sum(plain.triggered for plain in answers)


def _connected(directory: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET file_search_path = ?", [str(directory)])
    return connection


def _answer(connection: duckdb.DuckDBPyConnection, number: int, as_of: datetime) -> Answer:
    kind = KINDS[number % len(KINDS)]
    (row,) = connection.execute(kind.query(queries.RATE), kind.parameters(number, as_of)).fetchall()
    return Answer(*row)
