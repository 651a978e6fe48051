"""Whatever keeps a Spark session from being had is one line with the mend."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from goalsql import DefinitionError, EngineError, Project
from goalsql.engine.spark import session as session_module
from goalsql.engine.spark.session import session_of
from tests.engine.spark.fake import FakeSession
from tests.run.acme import acme_in


def test_a_session_of_spark_3_is_refused() -> None:
    with pytest.raises(EngineError, match=r"this is Spark 3\.5\.1, and goalsql needs Spark 4"):
        session_of(None, None, FakeSession("3.5.1"))


def test_a_server_that_nobody_runs_is_named_at_once() -> None:
    with pytest.raises(EngineError, match="nobody answers at sc://localhost:1: see that"):
        session_of("sc://localhost:1", None)


def test_without_pyspark_the_mend_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(EngineError, match=r"pip install 'goalsql\[spark\]'"):
        session_of("sc://localhost:2", None)


def test_an_answer_that_did_not_come_whole_is_asked_for_again(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = session.client._stub
    asked: list[str] = []

    def garbled_once(request: Any, **more: Any) -> Any:
        asked.append(type(request).__name__)
        if len(asked) == 1:
            raise RuntimeError("Exception deserializing response!")
        return whole(request, **more)

    whole = stub.AnalyzePlan
    monkeypatch.setattr(stub, "AnalyzePlan", garbled_once)
    assert session.sql("SELECT 1 AS n").schema.names == ["n"]
    assert asked == ["AnalyzePlanRequest"] * 2


def test_the_client_alone_makes_no_session_of_a_master(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"client alone: pip install 'goalsql\[spark\]'"):
        session_of(None, "local[3]")


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("{spark: {remote: 'http://x'}}", "`http://x` is no address"),
        ("{spark: {remote: 'sc://x', master: local}}", "either `remote` or `master`"),
        ("{spark: {}, duckdb: {}}", "on `duckdb` or on `spark`"),
    ],
)
def test_wrong_settings_are_told_before_a_session_is_asked_for(
    tmp_path: Path, engine: str, message: str
) -> None:
    acme = acme_in(tmp_path)
    with (acme.directory / "goalsql.yml").open("a") as file:
        file.write(f"engine: {engine}\n")
    with pytest.raises(DefinitionError) as caught:
        Project.load(acme.directory).validate()
    assert [message in one.message for one in caught.value.problems] == [True]


def test_without_java_a_master_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "find_spec", lambda name: name)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="Spark needs Java 17 or later, and there is none"):
        session_of(None, "local[2]")
