"""A contact that is enrolled again and again takes few rounds (SPEC 4, DESIGN 2)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from goalsql.run.rounds import look_ahead
from tests.run.acme import Acme, contacts_of, events_of

SIGNUPS = 2_000
FIRST = datetime(2026, 1, 1)
APART = timedelta(minutes=20)
AGAIN = {
    "id": "again",
    "active_from": "2026-01-01T00:00:00Z",
    "enrollment": {"trigger": "event", "criteria": {"event": "signup"}, "re_enroll": True},
    "steps": [{"id": "hello", "send_email": "hello"}, {"id": "wait", "delay": "1 hour"}],
}


def test_every_fourth_of_2000_signups_enrols_in_few_rounds(tmp_path: Path) -> None:
    """A signup at the instant at which the delay ends comes before the end: it is the fourth."""
    acme = Acme(tmp_path)
    contacts_of(acme, [("a", "2026-01-01", 1), ("b", "2026-01-01", 2)])
    at = [FIRST + number * APART for number in range(SIGNUPS)]
    events_of(acme, "signup", [("a", f"s{n}", instant, "demo") for n, instant in enumerate(at)])
    acme.workflow(AGAIN)
    ran: list[str] = []
    result = acme.tick("2026-02-01", lambda name, sql: ran.append(name))
    rounds = ran.count("open.moving")
    most = sum(look_ahead(number) for number in range(1, rounds + 1))
    assert (result.enrolled, result.steps_run) == (SIGNUPS // 4, SIGNUPS // 4)
    with duckdb.connect(str(acme.database)) as connection:
        enrolled = connection.execute(
            "SELECT enrollment_no, enrolled_at, ended_at FROM goalsql.enrollments ORDER BY ALL"
        ).fetchall()
        decided = connection.execute("SELECT outcome FROM goalsql.decisions").fetchall()
        sent = connection.execute(
            "SELECT enrollment_no, executed_at FROM goalsql.outbox ORDER BY ALL"
        ).fetchall()
    hour = timedelta(hours=1)
    assert enrolled == [(no, d, d + hour) for no, d in enumerate(at[::4], start=1)]
    assert sent == [(number, instant) for number, instant, _ in enrolled]
    assert Counter(decided) == {("enrolled",): 500, ("already_active",): 1500}
    assert rounds < 40
    assert most > SIGNUPS // 4


@pytest.mark.parametrize(("enrollments", "rounds"), [(1, 1), (2, 2), (1_000_000, 54)])
def test_how_many_rounds_look_at_every_firing(enrollments: int, rounds: int) -> None:
    looked_at = [sum(map(look_ahead, range(1, number + 1))) for number in (rounds - 1, rounds)]
    assert looked_at[0] < enrollments <= looked_at[1]
