SET spark.sql.ansi.enabled = true;
SET spark.sql.session.timeZone = UTC;
CREATE SCHEMA IF NOT EXISTS goalsql_tick;
