"""Each mend: a statement of DuckDB's, and what is said instead, written by hand.

Names stand in double quotes here, whatever a dialect's quotes are.
"""

from __future__ import annotations

import pytest

from tests.compile.dialects.saying import said

SPARK, DATABRICKS, SNOWFLAKE = "spark", "databricks", "snowflake"
BIGQUERY, CLICKHOUSE, POSTGRES = "bigquery", "clickhouse", "postgres"

DATE = r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$"
ESCAPED = DATE.replace("\\", "\\\\")
TICK, TEMP = 'FROM "goalsql_tick"."a" AS "a"', 'FROM "pg_temp"."a" AS "a"'
DISTINCT = "SELECT k FROM a WHERE (k, n) IS DISTINCT FROM (n, k)"
ASOF = "SELECT a.n FROM a ASOF JOIN b ON b.k = a.k AND b.at <= a.at"
SPANS = "SELECT at + TO_MICROSECONDS(n) AS x, at - TO_MICROSECONDS(5) AS y FROM a"
ZONES = "SELECT at AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' AS x FROM a"
HASH = "SELECT HASH(t) AS x FROM a"
HASHES = "SELECT HASH(t, n) AS x FROM a"
TRIED = "SELECT TRY_CAST(t AS DATE) AS x FROM a"
CHOSEN = "SELECT k, UNNEST(LIST_WHERE([5, 6], [n > 1, n > 2])) AS rule FROM a WHERE b"
LISTS = "SELECT UNNEST(CAST([1, 2] AS INT[])) AS x, UNNEST(CAST(['u', NULL] AS TEXT[])) AS y"
FALLBACK = "SELECT LAG(n, 1, k) OVER (ORDER BY at) AS x FROM a"
ORDER = "SELECT k FROM a ORDER BY t NULLS FIRST, n"
TEXTS = "SELECT k FROM a WHERE CONTAINS(t, 'x') AND ENDS_WITH(t, 'y')"
STRUCT = "SELECT {'value': t} AS x FROM a"
GREATEST = "SELECT GREATEST(k, n) AS x FROM a"
SEMI = "SELECT n FROM a SEMI JOIN b USING (k)"
ANTI = "SELECT n FROM a ANTI JOIN b USING (k) WHERE n > 1"
OWN = "CREATE OR REPLACE TEMPORARY TABLE c AS SELECT k FROM a"
ITSELF = "CREATE OR REPLACE TEMPORARY TABLE a AS SELECT n FROM a"
COLUMNS = "CREATE OR REPLACE TEMPORARY TABLE c (h UBIGINT, at TIMESTAMP, p JSON)"
VIEW = "CREATE OR REPLACE TEMPORARY VIEW v AS SELECT k FROM a"
CLEAR = "DELETE FROM goalsql.kept"
DELETE = "DELETE FROM goalsql.kept AS e USING b WHERE e.k = b.k"
LITERAL = "SELECT k FROM a WHERE t = 'it''s a \\'"

# fmt: off
CASES = [
    (POSTGRES, "SELECT k, m FROM a JOIN b USING (k)",
     'SELECT "a"."k", "b"."m" FROM "pg_temp"."a" AS "a" JOIN "pg_temp"."b" AS "b" '
     'ON "a"."k" = "b"."k"'),
    (POSTGRES, "SELECT k FROM a FULL JOIN b USING (k)",
     'SELECT COALESCE("a"."k", "b"."k") AS "k" FROM "pg_temp"."a" AS "a" '
     'FULL JOIN "pg_temp"."b" AS "b" ON "a"."k" = "b"."k"'),
    (POSTGRES, 'SELECT "Plan" FROM spelt',
     'SELECT "spelt"."Plan" FROM "pg_temp"."spelt" AS "spelt"'),
    (CLICKHOUSE, "SELECT k FROM a", f'SELECT "a"."k" AS "k" {TICK}'),
    (POSTGRES, ASOF,
     f'SELECT "a"."n" {TEMP} JOIN (SELECT "b"."k", "b"."m", "b"."t", "b"."d", "b"."at", '
     'LEAD("b"."at") OVER (PARTITION BY "b"."k" ORDER BY "b"."at") AS "nearest" '
     'FROM "pg_temp"."b" AS "b") AS "b" ON ("b"."k" = "a"."k" AND "b"."at" <= "a"."at") '
     'AND ("b"."nearest" IS NULL OR "a"."at" < "b"."nearest")'),
    (POSTGRES, LISTS,
     'SELECT CAST("listed"."c0" AS INT) AS "x", CAST("listed"."c1" AS TEXT) AS "y" '
     "FROM (VALUES (1, 'u'), (2, CAST(NULL AS TEXT))) AS \"listed\"(\"c0\", \"c1\")"),
    (BIGQUERY, LISTS,
     'SELECT CAST("listed"."c0" AS INT64) AS "x", CAST("listed"."c1" AS STRING) AS "y" '
     "FROM UNNEST([STRUCT(1 AS \"c0\", 'u' AS \"c1\"), "
     'STRUCT(2 AS "c0", CAST(NULL AS STRING) AS "c1")]) AS "listed"'),
    (SNOWFLAKE, "SELECT UNNEST(CAST([] AS INT[])) AS x",
     'SELECT CAST("listed"."c0" AS INT) AS "x" FROM (VALUES (CAST(NULL AS INT))) '
     'AS "listed"("c0") WHERE FALSE'),
    (POSTGRES, CHOSEN,
     f'SELECT "a"."k", "chosen"."value" AS "rule" {TEMP} CROSS JOIN (VALUES (5), (6)) '
     'AS "chosen"("value") WHERE "a"."b" AND CASE "chosen"."value" WHEN 5 THEN "a"."n" > 1 '
     'WHEN 6 THEN "a"."n" > 2 ELSE FALSE END'),
    (POSTGRES, "SELECT k, UNNEST(LIST_WHERE([n, n + 1], [n > 1, n > 2])) AS x FROM a",
     f'SELECT "a"."k", CASE "chosen"."value" WHEN 0 THEN "a"."n" WHEN 1 THEN "a"."n" + 1 END '
     f'AS "x" {TEMP} CROSS JOIN (VALUES (0), (1)) AS "chosen"("value") '
     'WHERE CASE "chosen"."value" WHEN 0 THEN "a"."n" > 1 WHEN 1 THEN "a"."n" > 2 ELSE FALSE END'),
    (POSTGRES, SEMI,
     f'SELECT "a"."n" {TEMP} WHERE EXISTS(SELECT 1 FROM "pg_temp"."b" AS "b" '
     'WHERE "a"."k" = "b"."k")'),
    (SNOWFLAKE, ANTI,
     f'SELECT "a"."n" {TICK} WHERE "a"."n" > 1 AND NOT EXISTS(SELECT 1 '
     'FROM "goalsql_tick"."b" AS "b" WHERE "a"."k" = "b"."k")'),
    (SPARK, SEMI,
     f'SELECT "a"."n" {TICK} SEMI JOIN "goalsql_tick"."b" AS "b" ON "a"."k" = "b"."k"'),
    (POSTGRES, DISTINCT,
     f'SELECT "a"."k" {TEMP} WHERE ("a"."k" IS DISTINCT FROM "a"."n" '
     'OR "a"."n" IS DISTINCT FROM "a"."k")'),
    (SPARK, "SELECT k FROM a WHERE t IS DISTINCT FROM 'x'",
     f'SELECT "a"."k" {TICK} WHERE (NOT ("a"."t" IS NOT DISTINCT FROM \'x\'))'),
    (POSTGRES, "SELECT SUM(n) OVER (ORDER BY at) AS x FROM a",
     'SELECT SUM("a"."n") OVER (ORDER BY "a"."at" RANGE BETWEEN UNBOUNDED PRECEDING '
     f'AND CURRENT ROW) AS "x" {TEMP}'),
    (SPARK, SPANS,
     'SELECT "a"."at" + MAKE_DT_INTERVAL(0, 0, 0, CAST(CAST(("a"."n") AS DECIMAL(20, 0)) * '
     '0.000001 AS DECIMAL(18, 6))) AS "x", "a"."at" - MAKE_DT_INTERVAL(0, 0, 0, '
     f'CAST(CAST((5) AS DECIMAL(20, 0)) * 0.000001 AS DECIMAL(18, 6))) AS "y" {TICK}'),
    (SNOWFLAKE, SPANS,
     'SELECT TIMESTAMPADD(MICROSECOND, "a"."n", "a"."at") AS "x", '
     f'TIMESTAMPADD(MICROSECOND, -(5), "a"."at") AS "y" {TICK}'),
    (BIGQUERY, SPANS,
     'SELECT DATETIME_ADD("a"."at", INTERVAL ("a"."n") MICROSECOND) AS "x", '
     f'DATETIME_ADD("a"."at", INTERVAL (-(5)) MICROSECOND) AS "y" {TICK}'),
    (CLICKHOUSE, SPANS,
     'SELECT "a"."at" + toIntervalMicrosecond("a"."n") AS "x", '
     f'"a"."at" - toIntervalMicrosecond(5) AS "y" {TICK}'),
    (POSTGRES, SPANS,
     'SELECT "a"."at" + (("a"."n") * INTERVAL \'1 MICROSECOND\') AS "x", '
     f'"a"."at" - ((5) * INTERVAL \'1 MICROSECOND\') AS "y" {TEMP}'),
    (DATABRICKS, HASH, f'SELECT XXHASH64("a"."t") AS "x" {TICK}'),
    (SPARK, HASHES,
     f'SELECT XXHASH64("a"."t", "a"."t" IS NULL, "a"."n", "a"."n" IS NULL) AS "x" {TICK}'),
    (BIGQUERY, HASH, f'SELECT FARM_FINGERPRINT(CAST("a"."t" AS STRING)) AS "x" {TICK}'),
    (CLICKHOUSE, HASH, f'SELECT sipHash64("a"."t") AS "x" {TICK}'),
    (POSTGRES, HASH, f'SELECT HASHTEXTEXTENDED(CAST("a"."t" AS TEXT), 0) AS "x" {TEMP}'),
    (SPARK, TRIED,
     f"SELECT CASE WHEN CAST(\"a\".\"t\" AS STRING) RLIKE '{ESCAPED}' THEN "
     f'TRY_CAST(TRIM(CAST("a"."t" AS STRING)) AS DATE) END AS "x" {TICK}'),
    (SNOWFLAKE, TRIED,
     f"SELECT CASE WHEN REGEXP_LIKE(CAST(\"a\".\"t\" AS VARCHAR), '{ESCAPED}') THEN "
     f'TRY_CAST(TRIM(CAST("a"."t" AS VARCHAR)) AS DATE) END AS "x" {TICK}'),
    (CLICKHOUSE, "SELECT TRY_CAST(t AS BIGINT) AS x FROM a",
     "SELECT CASE WHEN match(CAST(\"a\".\"t\" AS Nullable(String)), '^\\\\s*[+-]?[0-9]+\\\\s*$') "
     f"THEN accurateCastOrNull(TRIM(CAST(\"a\".\"t\" AS Nullable(String))), 'Int64') END AS \"x\" "
     f"{TICK}"),
    (POSTGRES, TRIED,
     f"SELECT CASE WHEN CAST(\"a\".\"t\" AS TEXT) ~ '{DATE}' THEN "
     "CASE WHEN PG_INPUT_IS_VALID(TRIM(CAST(\"a\".\"t\" AS TEXT)), 'date') THEN "
     f'CAST(TRIM(CAST("a"."t" AS TEXT)) AS DATE) END END AS "x" {TEMP}'),
    (BIGQUERY, "SELECT TRY_CAST(t AS BOOLEAN) AS x FROM a",
     "SELECT CASE WHEN LOWER(CAST(\"a\".\"t\" AS STRING)) IN ('true', 't', 'yes', 'y', '1') "
     "THEN TRUE WHEN LOWER(CAST(\"a\".\"t\" AS STRING)) IN ('false', 'f', 'no', 'n', '0') "
     f'THEN FALSE ELSE NULL END AS "x" {TICK}'),
    (SPARK, ZONES, f"SELECT CONVERT_TIMEZONE('Europe/Paris', 'UTC', \"a\".\"at\") AS \"x\" {TICK}"),
    (SNOWFLAKE, ZONES,
     f"SELECT CONVERT_TIMEZONE('Europe/Paris', 'UTC', \"a\".\"at\") AS \"x\" {TICK}"),
    (BIGQUERY, ZONES,
     f"SELECT DATETIME(TIMESTAMP(\"a\".\"at\", 'Europe/Paris'), 'UTC') AS \"x\" {TICK}"),
    (CLICKHOUSE, ZONES,
     "SELECT toDateTime64(toString(toTimeZone(toDateTime64(toString(\"a\".\"at\"), 6, "
     f"'Europe/Paris'), 'UTC')), 6, 'UTC') AS \"x\" {TICK}"),
    (SNOWFLAKE, GREATEST, f'SELECT GREATEST_IGNORE_NULLS("a"."k", "a"."n") AS "x" {TICK}'),
    (BIGQUERY, GREATEST,
     f'SELECT COALESCE(GREATEST("a"."k", "a"."n"), "a"."k", "a"."n") AS "x" {TICK}'),
    (CLICKHOUSE, "SELECT BOOL_AND(b) AS x, BOOL_OR(b) AS y FROM a",
     f'SELECT MIN("a"."b") AS "x", MAX("a"."b") AS "y" {TICK}'),
    (SPARK, FALLBACK,
     'SELECT CASE WHEN ROW_NUMBER() OVER (ORDER BY "a"."at" NULLS LAST) = 1 THEN "a"."k" '
     f'ELSE LAG("a"."n", 1) OVER (ORDER BY "a"."at" NULLS LAST) END AS "x" {TICK}'),
    (BIGQUERY, ORDER, f'SELECT "a"."k" {TICK} ORDER BY "a"."t", "a"."n" IS NULL ASC, "a"."n"'),
    (SPARK, ORDER, f'SELECT "a"."k" {TICK} ORDER BY "a"."t", "a"."n" NULLS LAST'),
    (POSTGRES, ORDER, f'SELECT "a"."k" {TEMP} ORDER BY ("a"."t") COLLATE "C" NULLS FIRST, "a"."n"'),
    (POSTGRES, "SELECT k FROM a WHERE LOWER(t) = 'x'",
     f'SELECT "a"."k" {TEMP} WHERE LOWER(("a"."t") COLLATE "und-x-icu") = \'x\''),
    (CLICKHOUSE, "SELECT k FROM a WHERE LOWER(t) = 'x'",
     f'SELECT "a"."k" AS "k" {TICK} WHERE lowerUTF8("a"."t") = \'x\''),
    (POSTGRES, TEXTS,
     f"SELECT \"a\".\"k\" {TEMP} WHERE STRPOS(\"a\".\"t\", 'x') > 0 "
     "AND RIGHT(\"a\".\"t\", LENGTH('y')) = 'y'"),
    (BIGQUERY, TEXTS,
     f"SELECT \"a\".\"k\" {TICK} WHERE STRPOS(\"a\".\"t\", 'x') > 0 "
     "AND ENDS_WITH(\"a\".\"t\", 'y')"),
    (CLICKHOUSE, TEXTS,
     f"SELECT \"a\".\"k\" AS \"k\" {TICK} WHERE position(\"a\".\"t\", 'x') > 0 "
     "AND endsWith(\"a\".\"t\", 'y')"),
    (SNOWFLAKE, STRUCT, f"SELECT OBJECT_CONSTRUCT_KEEP_NULL('value', \"a\".\"t\") AS \"x\" {TICK}"),
    (CLICKHOUSE, STRUCT, f"SELECT toJSONString(map('value', \"a\".\"t\")) AS \"x\" {TICK}"),
    (POSTGRES, STRUCT, f"SELECT JSONB_BUILD_OBJECT('value', \"a\".\"t\") AS \"x\" {TEMP}"),
    (SPARK, LITERAL, f"SELECT \"a\".\"k\" {TICK} WHERE \"a\".\"t\" = 'it\\'s a \\\\'"),
    (CLICKHOUSE, LITERAL, f"SELECT \"a\".\"k\" AS \"k\" {TICK} WHERE \"a\".\"t\" = 'it''s a \\\\'"),
    (POSTGRES, LITERAL, f"SELECT \"a\".\"k\" {TEMP} WHERE \"a\".\"t\" = 'it''s a \\'"),
    (SPARK, OWN,
     'DROP TABLE IF EXISTS "goalsql_tick"."c"; CREATE TABLE "goalsql_tick"."c" USING PARQUET '
     f'AS SELECT "a"."k" {TICK}'),
    (SNOWFLAKE, OWN,
     f'CREATE OR REPLACE TEMPORARY TABLE "goalsql_tick"."c" AS SELECT "a"."k" {TICK}'),
    (BIGQUERY, OWN, f'CREATE OR REPLACE TABLE "goalsql_tick"."c" AS SELECT "a"."k" {TICK}'),
    (POSTGRES, OWN,
     'DROP TABLE IF EXISTS "pg_temp"."c" CASCADE; CREATE TEMPORARY TABLE "pg_temp"."c" '
     f'AS SELECT "a"."k" {TEMP}'),
    (POSTGRES, ITSELF,
     'DROP TABLE IF EXISTS "pg_temp"."a_aside" CASCADE; '
     f'CREATE TEMPORARY TABLE "pg_temp"."a_aside" AS SELECT "a"."n" {TEMP}; '
     'DROP TABLE IF EXISTS "pg_temp"."a" CASCADE; '
     'CREATE TEMPORARY TABLE "pg_temp"."a" AS SELECT * FROM "pg_temp"."a_aside"; '
     'DROP TABLE IF EXISTS "pg_temp"."a_aside" CASCADE'),
    (DATABRICKS, ITSELF, f'CREATE OR REPLACE TABLE "goalsql_tick"."a" AS SELECT "a"."n" {TICK}'),
    (CLICKHOUSE, COLUMNS,
     'CREATE OR REPLACE TABLE "goalsql_tick"."c" ("h" Nullable(UInt64), '
     "\"at\" DateTime64(6, 'UTC'), \"p\" Nullable(String))"),
    (BIGQUERY, COLUMNS,
     'CREATE OR REPLACE TABLE "goalsql_tick"."c" ("h" INT64, "at" DATETIME, "p" STRING)'),
    (SPARK, VIEW, f'CREATE OR REPLACE VIEW "goalsql_tick"."v" AS SELECT "a"."k" {TICK}'),
    (POSTGRES, VIEW, f'CREATE OR REPLACE TEMPORARY VIEW "pg_temp"."v" AS SELECT "a"."k" {TEMP}'),
    (POSTGRES, CLEAR, 'DELETE FROM "goalsql"."kept"'),
    (BIGQUERY, CLEAR, 'DELETE FROM "goalsql"."kept" WHERE TRUE'),
    (SPARK, CLEAR, 'TRUNCATE TABLE "goalsql"."kept"'),
    (DATABRICKS, DELETE,
     'DELETE FROM "goalsql"."kept" WHERE EXISTS(SELECT 1 AS "1" FROM "goalsql_tick"."b" AS "b" '
     'WHERE "kept"."k" = "b"."k")'),
    (CLICKHOUSE, "DELETE FROM goalsql.kept WHERE n > 1",
     'CREATE OR REPLACE TABLE "goalsql"."kept" AS SELECT "kept"."k" AS "k", "kept"."n" AS "n", '
     '"kept"."t" AS "t", "kept"."b" AS "b", "kept"."at" AS "at" FROM "goalsql"."kept" AS "kept" '
     'WHERE NOT COALESCE("kept"."n" > 1, FALSE)'),
    (POSTGRES, 'INSERT INTO a SELECT * FROM "s s"',
     'INSERT INTO "pg_temp"."a" SELECT "s s"."k", "s s"."n", "s s"."t", "s s"."b", "s s"."at" '
     'FROM "s s" AS "s s"'),
]
# fmt: on


@pytest.mark.parametrize(("dialect", "sql", "expected"), CASES)
def test_it_is_said_so(dialect: str, sql: str, expected: str) -> None:
    assert said(sql, dialect) == expected
