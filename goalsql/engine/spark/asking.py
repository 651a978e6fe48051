"""Asking a Spark server over a connection that may break at any moment.

What is asked once more is a question, or writes to a place of its own: never a whole statement,
part of which may have come about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_TIMES = 3
_NOT_WHOLE = "Exception deserializing response"
_NEVER_HEARD = "operation not found"
_NO_PATH = "PATH_NOT_FOUND"


def ask_again(client: Any) -> None:
    """Lets a client of Spark Connect ask again where an answer has not come whole."""
    from pyspark.sql.connect.client.retries import RetryPolicy

    before = client.get_retry_policies()
    if not any(policy.can_retry(RuntimeError(_NOT_WHOLE)) for policy in before):
        policy: Any = RetryPolicy(max_retries=_TIMES, initial_backoff=100)
        policy.can_retry = lambda error: _NOT_WHOLE in str(error)
        client.set_retry_policies([*before, policy])


def asked(ask: Callable[[], T]) -> T:
    """What comes of asking; asks again where the server says that it never heard of it.

    Where a connection breaks, Spark's client asks for what has become of its request. Spark's own
    server answers in words by which the client knows that the request was lost on the way, and
    sends it again; other servers use words that it does not know.
    """
    for _ in range(_TIMES):
        try:
            return ask()
        except Exception as error:
            if _NEVER_HEARD not in str(error):
                raise
    return ask()


def found(ask: Callable[[], list[Any]]) -> list[Any]:
    """The rows that were asked for; none where there is no such path."""
    try:
        return asked(ask)
    except Exception as error:
        if _NO_PATH not in str(error):
            raise
        return []
