"""The dialects that statements can be printed in."""

from __future__ import annotations

from collections.abc import Mapping

from goalsql.compile.dialects.bigquery import BIGQUERY
from goalsql.compile.dialects.clickhouse import CLICKHOUSE
from goalsql.compile.dialects.dialect import Dialect
from goalsql.compile.dialects.postgres import POSTGRES
from goalsql.compile.dialects.snowflake import SNOWFLAKE
from goalsql.compile.dialects.spark import DATABRICKS, SPARK

DIALECTS: Mapping[str, Dialect] = {
    one.name: one for one in (SPARK, DATABRICKS, SNOWFLAKE, BIGQUERY, CLICKHOUSE, POSTGRES)
}
"""All but DuckDB's own, by their names."""
