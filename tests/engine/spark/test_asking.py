"""Connections break; nothing is lost, and nothing is taken for empty because of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from goalsql.compile.dialects.translate import to_spark
from goalsql.engine.spark.asking import asked, found
from goalsql.engine.spark.engine import MOST_PARTS, Spark
from goalsql.engine.spark.store import Store

READ = "SELECT n FROM goalsql.t ORDER BY n"
LOST = "invalid argument: operation not found: c66920fe"


class Server:
    """Answers with errors first, then with a row."""

    def __init__(self, *errors: str) -> None:
        self.errors = list(errors)
        self.asked = 0

    def rows(self) -> list[Any]:
        self.asked += 1
        if self.errors:
            raise RuntimeError(self.errors.pop(0))
        return ["row"]


def test_what_was_lost_on_the_way_is_asked_again() -> None:
    server = Server(LOST, LOST)
    assert asked(server.rows) == ["row"]
    assert server.asked == 3


def test_what_is_lost_again_and_again_is_an_error() -> None:
    server = Server(*[LOST] * 9)
    with pytest.raises(RuntimeError, match="not found"):
        found(server.rows)
    assert server.asked == 4


def test_a_refusal_is_not_asked_again() -> None:
    server = Server("table not found: nope")
    with pytest.raises(RuntimeError, match="nope"):
        found(server.rows)
    assert server.asked == 1


def test_a_path_that_is_not_there_has_no_rows() -> None:
    assert found(Server("[PATH_NOT_FOUND] Path does not exist: /nope").rows) == []


def test_a_ledger_that_cannot_be_read_is_not_an_empty_one() -> None:
    class Session:
        @property
        def read(self) -> Any:
            raise RuntimeError(LOST)

    with pytest.raises(RuntimeError, match="not found"):
        Store(Session(), "state").load()


class Broken(grpc.RpcError):
    """A connection that breaks before a request has reached the server."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE

    def trailing_metadata(self) -> None:
        return None


def test_no_request_is_lost_where_connections_break(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second request to run something breaks on the way: whatever is written is so once."""
    stub, whole = session.client._stub, session.client._stub.ExecutePlan
    calls = 0

    def breaks(request: Any, **more: Any) -> Iterator[Any]:
        nonlocal calls
        calls += 1
        if calls % 2:
            raise Broken
        yield from whole(request, **more)

    one = Spark(session, str(tmp_path), to_spark)
    monkeypatch.setattr(stub, "ExecutePlan", breaks)
    one.execute("create", "CREATE TABLE goalsql.t (n INTEGER)")
    for number in range(MOST_PARTS + 2):
        one.execute("insert", "INSERT INTO goalsql.t SELECT $n", {"n": number})
    one.execute("delete", "DELETE FROM goalsql.t WHERE n = 0")
    assert one.frame("read", READ)["n"].to_list() == [*range(1, MOST_PARTS + 2)]
    assert Spark(session, str(tmp_path), to_spark).execute("read", READ) == [
        (number,) for number in range(1, MOST_PARTS + 2)
    ]
    assert calls > 100
