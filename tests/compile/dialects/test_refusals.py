"""What does not travel is named, in every dialect, and nothing is printed of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from goalsql import Code
from goalsql.compile.dialects.checks import Refused
from goalsql.compile.dialects.printed import DIALECTS as NAMES
from goalsql.compile.dialects.printed import stages_in
from goalsql.compile.dialects.registry import DIALECTS
from goalsql.errors import UsageError
from goalsql.run.dry_run import stages_of
from tests.compile.cases import CASES, CATALOG, NOW, prop, workflow, world
from tests.compile.dialects.saying import said
from tests.property.harness import read_definitions, write_files

REFUSED = {
    "SELECT k, COUNT(*) AS c FROM a GROUP BY ALL": "Group with all",
    "SELECT COUNT(*) FILTER (WHERE b) AS c FROM a": "Filter",
    "SELECT k FROM a QUALIFY ROW_NUMBER() OVER (ORDER BY k) = 1": "Qualify",
    "SELECT n / k AS x FROM a": "Div",
    "SELECT FROBNICATE(n) AS x FROM a": "function FROBNICATE",
    "SELECT at + INTERVAL (n) DAY AS x FROM a": "INTERVAL with a unit",
    "SELECT at + TO_DAYS(k) AS x FROM a": "function TO_DAYS",
    "SELECT k FROM a UNION ALL BY NAME SELECT k FROM b": "Union with by_name",
    "SELECT ARG_MIN(n, at) AS x FROM a": "function ARG_MIN",
    "SELECT LAST_VALUE(n) OVER (ORDER BY at) AS x FROM a": "function LAST_VALUE",
    "SELECT TRY_CAST(t AS DECIMAL(9, 2)) AS x FROM a": "DECIMAL(9, 2)",
    "SELECT CAST(t AS INTEGER) AS x FROM a": "CAST of a text to INT",
    "SELECT k FROM a WHERE n > $x": "Placeholder",
    "SELECT 1 AS x FROM nowhere": "table nowhere, of which nothing is known",
    "SELECT x FROM a": "columns whose table is not known",
    "SELECT UNNEST([1, 2]) AS x, k FROM a": "function EXPLODE",
    "SELECT [k] AS x FROM a": "function ARRAY",
    "SELECT DISTINCT ON (k) k, n FROM a": "DISTINCT ON",
    "SELECT k FROM a WHERE k NOT IN (1, NULL)": "IN with NULL",
    "SELECT k FROM a WHERE k NOT IN (SELECT k FROM b)": "NOT IN of a query",
    "SELECT k FROM a WHERE (k, n) IN (SELECT (k, m) FROM b)": "IN of several columns",
    "SELECT SUM(n) OVER (ORDER BY at ROWS 3 PRECEDING EXCLUDE TIES) AS x FROM a": "EXCLUDE",
    "SELECT k FROM a USING SAMPLE 3": "TableSample",
    "SELECT CURRENT_TIMESTAMP AS x FROM a": "function CURRENT_TIMESTAMP",
    "UPDATE a SET n = 1": "UPDATE statements",
    "INSERT INTO a SELECT * FROM a RETURNING *": "INSERT with returning",
    "INSERT OR REPLACE INTO a SELECT * FROM a": "INSERT with alternative",
    "CREATE TABLE IF NOT EXISTS a AS SELECT k FROM b": "CREATE with exists",
    "DROP TABLE a": "DROP statements",
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("sql", REFUSED)
def test_it_is_named(sql: str, dialect: str) -> None:
    with pytest.raises(Refused) as caught:
        said(sql, dialect)
    assert REFUSED[sql] in str(caught.value)


def test_all_constructs_are_named_at_once() -> None:
    with pytest.raises(Refused, match="Div; function MEDIAN"):
        said("SELECT n / k AS x, MEDIAN(n) AS y FROM a GROUP BY n, k", "postgres")


def test_a_pattern_of_a_part_of_the_text_is_another_one_in_snowflake() -> None:
    with pytest.raises(Refused, match="REGEXP_LIKE"):
        said("SELECT k FROM a WHERE REGEXP_MATCHES(t, 'x')", "snowflake")


def test_an_outer_join_keeps_a_semi_join_where_it_is() -> None:
    with pytest.raises(Refused, match="SEMI JOIN"):
        said("SELECT a.k FROM a FULL JOIN b USING (k) SEMI JOIN b AS c ON c.k = a.k", "postgres")


@pytest.mark.parametrize("name", NAMES)
def test_every_golden_case_travels(name: str, tmp_path: Path) -> None:
    one = world(CASES["all"])
    one.workflows = [workflow | {"id": case} for case, workflow in CASES.items()]
    write_files(one, tmp_path)
    stages = stages_of(read_definitions(tmp_path), CATALOG, None, NOW)
    found = stages_in(stages, name, CATALOG)
    assert sum(len(some) for _, some in found) >= sum(len(some) for _, some in stages)
    assert all(one.sql(name) for _, some in found for one in some)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    columns = {**CATALOG.contacts, "stage": CATALOG.contacts["ratio"]}
    catalog = replace(CATALOG, contacts=columns)
    write_files(world(workflow(prop("stage", gt=1))), tmp_path)
    stages = stages_of(read_definitions(tmp_path), catalog, None, NOW)
    with pytest.raises(UsageError) as caught:
        stages_in(stages, "snowflake", catalog)
    assert caught.value.code is Code.NO_DIALECT
    first, *lines = str(caught.value).splitlines()
    assert first == f"{len(lines)} statements do not travel to snowflake, so that none is printed:"
    assert "  entry: TRY_CAST to DOUBLE" in lines
