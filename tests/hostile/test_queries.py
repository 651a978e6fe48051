"""A `query:` reads and does nothing else; each attack is one clear mistake (SPEC 2)."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from goalsql import DefinitionError, Project
from tests.run.acme import Acme, acme_in

CANARY = "canary-3f1c"
TEXT = f"contact_id,created_at\n{CANARY},2026-01-01\n"
GOOD = [
    "SELECT * FROM 'contacts.parquet'",
    "SELECT * FROM read_parquet('contacts.parquet')",
    "SELECT * FROM read_parquet(['contacts.parquet'], union_by_name := true)",
    "FROM './x/../contacts.parquet'",
    "WITH c AS (SELECT * FROM 'contacts.parquet') FROM c UNION ALL SELECT * FROM c LIMIT 0",
    "SELECT c.* REPLACE (LOWER(contact_id) AS contact_id) FROM 'contacts.parquet' AS c",
    "SELECT * FROM 'contacts.parquet' QUALIFY ROW_NUMBER() OVER (PARTITION BY contact_id) = 1",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i AS "
    "contact_id, DATE '2026-01-01' AS created_at, 1 AS score FROM n",
    "SELECT i AS contact_id, DATE '2026-01-01' AS created_at, LIST_SUM([x * 2 FOR x IN [i]]) AS "
    "score FROM range(3) AS t(i), unnest([1])",
    "SELECT * FROM (VALUES ('a', DATE '2026-01-01', 3)) AS v(contact_id, created_at, score)",
    "SELECT 'a' AS contact_id, DATE '2026-01-01' AS created_at, (SELECT MAX(score) FROM "
    "'contacts.parquet') AS score -- ; DROP TABLE goalsql.ticks",
]
ATTACKS = {
    "a file outside": "SELECT * FROM read_csv('{outside}/canary.csv')",
    "one by its name": "SELECT * FROM '{outside}/canary.csv'",
    "one by a quoted name": 'SELECT * FROM "{outside}/canary.csv"',
    "one behind dots": "SELECT * FROM read_csv('../outside/canary.csv')",
    "one behind a glob": "SELECT * FROM read_csv('*/../../outside/*.csv')",
    "one in a list": "SELECT * FROM read_csv(['contacts.parquet', '{outside}/canary.csv'])",
    "one in a CTE": "WITH a AS (FROM read_csv('{outside}/canary.csv')) SELECT * FROM a",
    "one in a subquery": "SELECT (SELECT MAX(x) FROM '{outside}/canary.csv')",
    "one that is put together": "SELECT * FROM read_csv('{outside}' || '/canary.csv')",
    "one from a column": "SELECT * FROM (SELECT 1) AS t, read_csv(t.x)",
    "one in Parquet": "SELECT * FROM parquet_scan('{outside}/canary.parquet')",
    "one in JSON": "SELECT * FROM read_json_auto('{outside}/canary.json')",
    "one hidden by a CTE": 'WITH "{outside}/canary.csv" AS (SELECT 1) FROM "{outside}/canary.csv"',
    "one of an URI": "SELECT * FROM read_csv('file://{outside}/canary.csv')",
    "the web": "SELECT * FROM 'https://example.com/contacts.parquet'",
    "a bucket": "SELECT * FROM read_parquet('s3://bucket/contacts.parquet')",
    "text": "SELECT * FROM read_text('{outside}/canary.csv')",
    "bytes": "SELECT * FROM read_blob('contacts.parquet')",
    "a listing": "SELECT * FROM glob('{outside}/*')",
    "a sniffer": "SELECT * FROM sniff_csv('{outside}/canary.csv')",
    "metadata": "SELECT * FROM parquet_metadata('{outside}/canary.parquet')",
    "another database": "SELECT * FROM read_duckdb('{outside}/canary.duckdb')",
    "a query in a text": "SELECT * FROM query('SELECT 1')",
    "a table in a text": "SELECT * FROM query_table('goalsql.ticks')",
    "a serialized query": "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "settings": "SELECT * FROM duckdb_settings()",
    "secrets": "SELECT * FROM duckdb_secrets()",
    "the catalog": "SELECT * FROM duckdb_tables",
    "settings as Postgres has them": "SELECT * FROM pg_catalog.pg_settings",
    "one setting": "SELECT current_setting('temp_directory')",
    "the environment": "SELECT getenv('HOME')",
    "a pragma": "PRAGMA database_list",
    "a pragma function": "SELECT * FROM pragma_database_size()",
    "an insert": "INSERT INTO goalsql.outbox SELECT * FROM goalsql.outbox",
    "an insert in a CTE": "WITH a AS (INSERT INTO goalsql.workflows (workflow_id) VALUES ('evil') "
    "RETURNING *) SELECT * FROM a",
    "an update in a CTE": "WITH a AS (UPDATE goalsql.ticks SET tick_id = 9 RETURNING *) FROM a",
    "a delete in a CTE": "WITH a AS (DELETE FROM goalsql.ticks RETURNING *) SELECT * FROM a",
    "a delete": "DELETE FROM goalsql.ticks RETURNING *",
    "an update": "UPDATE goalsql.ticks SET tick_id = 9",
    "a table": "CREATE TABLE evil AS SELECT 1",
    "a drop": "DROP TABLE goalsql.ticks",
    "a second statement": "SELECT 1; DROP TABLE goalsql.ticks",
    "a closing bracket": "SELECT 1) AS q; DROP TABLE goalsql.ticks; --",
    "into a table": "SELECT 1 AS a INTO evil",
    "a copy": "COPY goalsql.ticks TO '{outside}/out.csv'",
    "a copy in brackets": "SELECT * FROM (COPY goalsql.ticks TO '{outside}/out.csv')",
    "an attach": "ATTACH '{outside}/canary.duckdb' AS evil",
    "an export": "EXPORT DATABASE '{outside}/out'",
    "a setting": "SET enable_external_access = true",
    "a call": "CALL enable_logging()",
    "a logging function": "SELECT * FROM enable_logging(storage := 'file')",
    "a checkpoint": "SELECT * FROM force_checkpoint()",
    "a sequence": "SELECT nextval('s')",
    "a seed": "SELECT setseed(0.5)",
    "a log": "SELECT write_log('evil')",
    "a random number": "SELECT random() AS contact_id",
    "a nap": "SELECT sleep_ms(10)",
    "a description": "SELECT * FROM (DESCRIBE goalsql.ticks)",
    "an installation": "INSTALL httpfs",
    "a parameter": "SELECT $tick_at AS contact_id",
    "rejected rows": "SELECT * FROM read_csv('c.csv', store_rejects := true)",
    "a macro": "CREATE MACRO evil() AS 1",
    "no SQL": "SELECT ((((",
    "nothing": ";",
    "deep nesting": "SELECT " + "(" * 3000 + "1" + ")" * 3000,
}


@pytest.fixture(scope="module")
def ticked(tmp_path_factory: pytest.TempPathFactory) -> Acme:
    """A project after a tick, with canaries in a directory beside it."""
    parent = tmp_path_factory.mktemp("queries")
    outside = parent / "outside"
    outside.mkdir()
    (outside / "canary.csv").write_text(TEXT)
    (outside / "canary.json").write_text(f'{{"contact_id": "{CANARY}"}}\n')
    with duckdb.connect(str(outside / "canary.duckdb")) as connection:
        connection.execute("CREATE TABLE canary AS SELECT 'x' AS contact_id")
        connection.table("canary").write_parquet(str(outside / "canary.parquet"))
    acme = acme_in(parent)
    acme.tick("2026-01-05")
    return acme


@pytest.fixture
def acme(ticked: Acme) -> Acme:
    """The same with its sources as they were."""
    ticked.settings["sources"]["contacts"] = {"from": "contacts.parquet"}
    ticked.settings.pop("allow_paths", None)
    ticked.settings.pop("attach", None)
    ticked.settle()
    return ticked


def ask(acme: Acme, query: str) -> None:
    acme.settings["sources"]["contacts"] = {"query": query}
    acme.settle()


def outside_of(acme: Acme) -> Path:
    return acme.directory.parent / "outside"


@pytest.mark.parametrize("query", GOOD)
def test_a_query_that_reads_is_fine(acme: Acme, query: str) -> None:
    ask(acme, query)
    Project.load(acme.directory).validate()


def test_paths_in_a_query_are_relative_to_the_project(
    acme: Acme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    ask(acme, GOOD[0])
    assert Project.load(acme.directory).explain("nurture", "a").contact_id == "a"


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_one_mistake_and_changes_nothing(acme: Acme, name: str) -> None:
    before, there = acme.state(), sorted(outside_of(acme).iterdir())
    ask(acme, ATTACKS[name].replace("{outside}", str(outside_of(acme))))
    with pytest.raises(DefinitionError) as caught:
        acme.tick("2026-01-10")
    [problem] = [one for one in caught.value.problems if one.place.file == "goalsql.yml"]
    assert problem.place.line > 1
    assert "contacts" in problem.message
    assert CANARY not in str(caught.value)
    assert acme.state() == before
    assert sorted(outside_of(acme).iterdir()) == there


@pytest.mark.parametrize("folder", [".", "x" * 200], ids=["near", "far"])
def test_what_the_engine_itself_refuses(acme: Acme, folder: str) -> None:
    """A view of the user's own may say anything; then DuckDB's own limits hold, in its words."""
    database = acme.directory / "crm.duckdb"
    shutil.copy(outside_of(acme) / "canary.duckdb", database)
    path = outside_of(acme) / folder / "canary.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(TEXT)
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE VIEW evil AS SELECT *, 1 AS score FROM read_csv('{path}')")
    acme.settings["attach"] = {"crm": "crm.duckdb"}
    acme.settings["sources"]["contacts"] = {"from": "crm.main.evil"}
    acme.settle()
    with pytest.raises(DefinitionError, match=r"Cannot access file .* file system operations are"):
        Project.load(acme.directory).validate()
    acme.settings["allow_paths"] = ["../outside"]
    acme.settle()
    Project.load(acme.directory).validate()
