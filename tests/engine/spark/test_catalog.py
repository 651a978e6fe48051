"""A source may be a table of the session's catalog, of whatever kind it is there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from goalsql import Project
from goalsql.compile.dialects.translate import to_spark
from goalsql.engine.spark.engine import Spark
from goalsql.run.lakes import kept_by
from tests.engine.spark.folder import on_spark
from tests.engine.spark.server import sail, session_at
from tests.run.acme import acme_in


@pytest.fixture
def lake() -> Iterator[tuple[str, Any]]:
    """The address and session of a server that has Delta: Sail's, whatever the others run on."""
    with sail() as address, session_at(address) as session:
        yield address, session


def test_every_source_may_be_a_view_whatever_it_is_called(
    session: Any, remote: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    here, there = acme_in(tmp_path / "here"), acme_in(tmp_path / "there")
    sources = there.settings["sources"]
    events = sources["events"]
    named = {
        "contact": sources["contacts"],
        "history": events["signup"],
        "events purchase": events["purchase"],
    }
    for name, source in named.items():
        rows = f"SELECT * FROM parquet.`{there.directory / source['from']}`"
        session.sql(f"CREATE OR REPLACE TEMPORARY VIEW `{name}` AS {rows}")
        request.addfinalizer(partial(session.catalog.dropTempView, name))
        source["from"] = name
    there.settle()
    on_spark(there.directory, remote)
    for at in ("2026-01-05", "2026-01-10"):
        assert there.tick(at).decisions == here.tick(at).decisions
    expected, found = (
        Project.load(acme.directory).relation("goalsql.decisions").rows() for acme in (here, there)
    )
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert expected


def test_of_a_table_of_delta_those_rows_count_that_it_has(
    lake: tuple[str, Any], tmp_path: Path
) -> None:
    remote, session = lake
    name, folder = "purchases", tmp_path / "purchases"
    columns = "contact_id STRING, event_id STRING, occurred_at TIMESTAMP_NTZ, amount BIGINT"
    session.sql(f"CREATE TABLE {name} ({columns}) USING delta LOCATION '{folder}'")
    here, there = acme_in(tmp_path / "here"), acme_in(tmp_path / "there")
    file = here.directory / here.settings["sources"]["events"]["purchase"]["from"]
    session.read.parquet(str(file)).write.insertInto(name)
    session.sql(f"DELETE FROM {name} WHERE event_id = 'p1'")
    rows = duckdb.read_parquet(str(file))
    rows.filter("event_id <> 'p1'").write_parquet(str(here.directory / "left.parquet"))
    here.settings["sources"]["events"]["purchase"] = {"from": "left.parquet"}
    there.settings["sources"]["events"]["purchase"] = {"from": name}
    for acme in (here, there):
        acme.settle()
    on_spark(there.directory, remote)
    for at in ("2026-01-07", "2026-01-10"):
        assert there.tick(at).goal_completions == here.tick(at).goal_completions
    expected, found = (
        Project.load(acme.directory).relation("goalsql.goal_completions").drop("tick_id").rows()
        for acme in (here, there)
    )
    assert found == expected
    assert len(expected) == 1
    written = duckdb.read_parquet(str(folder / "*.parquet")).filter("event_id = 'p1'")
    assert len(written.fetchall()) > 0
    engine = Spark(session, str(tmp_path / "state"), to_spark, lasting=False)
    assert kept_by(engine, f"file://{folder}/") == "Delta"
    assert kept_by(engine, f"file://{tmp_path}/") is None
