"""Whatever keeps a Spark session from being had is one line with the mend."""

from __future__ import annotations

import shutil
import sys

import pytest

from goalsql import EngineError
from goalsql.engine.spark.session import session_of
from tests.engine.spark.fake import FakeSession


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


def test_without_java_a_master_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="Spark needs Java 17 or later, and there is none"):
        session_of(None, "local[2]")
