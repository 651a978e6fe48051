"""The instant of a tick or a question, as its asker gives it."""

from __future__ import annotations

from datetime import UTC, datetime

from goalsql.codes import Code
from goalsql.errors import UsageError
from goalsql.model.literals import instant


def given_instant(at: datetime | str | None, timezone: str) -> datetime:
    """Naive UTC of an instant: a naive one is UTC, None is now, cut to the minute.

    Args:
        at: the instant; of a date as text, the first instant of that day.
        timezone: the project's.

    Raises:
        UsageError: if a text is no instant.

    Example:
        >>> given_instant("2026-01-05", "Europe/Paris")
        datetime.datetime(2026, 1, 4, 23, 0)
    """
    if at is None:
        return datetime.now(UTC).replace(tzinfo=None, second=0, microsecond=0)
    if isinstance(at, str):
        try:
            return instant(at, timezone)
        except ValueError as error:
            raise UsageError(Code.NO_INSTANT, f"{at!r} {error}") from error
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
