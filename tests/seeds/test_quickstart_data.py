"""The quickstart's data files: their schema, their rows, and the nurture rate by hand."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
import yaml

QUICKSTART = Path(__file__).parents[2] / "seeds" / "quickstart"
CONTACTS = 2_000
FILES = {
    "contacts": "contacts.parquet",
    "property_changes": "property_changes.parquet",
    "email_events": "email_events.parquet",
    "page_views": "page_views/*.parquet",
    "forms": "forms/*.parquet",
    "product_events": "product_events.parquet",
    "competitors": "competitors.csv",
}
SCHEMA = {
    "contacts": "contact_id BIGINT, created_at TIMESTAMP, first_name VARCHAR, company VARCHAR, "
    "country VARCHAR, language VARCHAR, industry VARCHAR, employees INTEGER, "
    "lifecycle_stage VARCHAR, unsubscribed BOOLEAN, nurtured BOOLEAN, trial_ends_on DATE",
    "property_changes": "contact_id BIGINT, property VARCHAR, value VARCHAR, occurred_at TIMESTAMP",
    "email_events": "contact_id BIGINT, event_id VARCHAR, occurred_at TIMESTAMP, "
    "workflow_id VARCHAR, email_id VARCHAR, event VARCHAR, email_type VARCHAR",
    "page_views": "contact_id BIGINT, event_id BIGINT, viewed_at TIMESTAMP, path VARCHAR, "
    "device VARCHAR",
    "forms": "contact_id BIGINT, event_id BIGINT, occurred_at TIMESTAMP, form_id VARCHAR, "
    "page VARCHAR",
    "product_events": "contact_id BIGINT, event_id BIGINT, occurred_at TIMESTAMP, name VARCHAR, "
    "items INTEGER, severity VARCHAR",
    "competitors": "contact_id BIGINT, added_at TIMESTAMP",
}
EVENTS = {
    "email_events": "occurred_at",
    "page_views": "viewed_at",
    "forms": "occurred_at",
    "product_events": "occurred_at",
}


def opened(directory: Path) -> duckdb.DuckDBPyConnection:
    """A connection with one view a data file."""
    con = duckdb.connect()
    for name, file in FILES.items():
        path = str(directory / "data" / file)
        rows = con.read_csv(path) if file.endswith(".csv") else con.read_parquet(path)
        rows.create_view(name)
    return con


def value(con: duckdb.DuckDBPyConnection, query: str) -> object:
    row = con.execute(query).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("quickstart_data", QUICKSTART / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def con(
    generator: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    directory = tmp_path_factory.mktemp("quickstart")
    generator.generate(directory, contacts=CONTACTS)
    with opened(directory) as connection:
        yield connection


@pytest.mark.parametrize("x", [0, 7, 3_474_702_140, 2**32 - 1, 2**45 + 3])
def test_draws_of_numbers_of_any_size_are_those_of_unbounded_integers(x: int) -> None:
    def scramble(number: int) -> int:
        return (number ^ number >> 16) * 73_244_475 % 2**32

    expected = scramble(scramble((x * 2_654_435_761 + 9 * 97_531 + 2025 * 7_919) % 2**32)) / 2**32
    with duckdb.connect() as con:
        con.execute("SET VARIABLE seed = 2025")
        con.execute((QUICKSTART / "generate" / "tables.sql").read_text())
        assert con.execute("SELECT draw(?::BIGINT, 9)", [x]).fetchall() == [(expected,)]


@pytest.mark.parametrize("name", SCHEMA)
def test_columns_and_types(name: str, con: duckdb.DuckDBPyConnection) -> None:
    columns = con.execute(f"DESCRIBE {name}").fetchall()
    assert ", ".join(f"{column[0]} {column[1]}" for column in columns) == SCHEMA[name]


def test_number_of_contacts_and_events(con: duckdb.DuckDBPyConnection) -> None:
    assert value(con, "SELECT count(*) FROM contacts") == CONTACTS
    assert value(con, "SELECT count(DISTINCT contact_id) FROM contacts") == CONTACTS
    views, forms = (value(con, f"SELECT count(*) FROM {t}") for t in ("page_views", "forms"))
    assert views + forms == 30 * CONTACTS  # type: ignore[operator]


def test_events_may_be_chosen_but_not_below_the_stories_own(
    generator: ModuleType, tmp_path: Path
) -> None:
    generator.generate(tmp_path, contacts=1_000, events=3_456)
    with opened(tmp_path) as con:
        both = "SELECT (SELECT count(*) FROM page_views) + (SELECT count(*) FROM forms)"
        assert value(con, both) == 3_456
    with pytest.raises(ValueError, match="the stories alone hold"):
        generator.generate(tmp_path, contacts=1_000, events=10)
    with pytest.raises(ValueError, match="at least 1,000 contacts"):
        generator.generate(tmp_path, contacts=999)


@pytest.mark.parametrize("name", EVENTS)
def test_event_ids_are_unique_and_contacts_exist(name: str, con: duckdb.DuckDBPyConnection) -> None:
    assert value(con, f"SELECT count(*) - count(DISTINCT event_id) FROM {name}") == 0
    orphans = f"SELECT count(*) FROM {name} ANTI JOIN contacts USING (contact_id)"
    assert value(con, orphans) == 0


@pytest.mark.parametrize("name", EVENTS)
def test_events_lie_in_the_year_and_files_in_the_order_of_time(
    name: str, con: duckdb.DuckDBPyConnection
) -> None:
    when = EVENTS[name]
    outside = f"SELECT count(*) FROM {name} WHERE {when} < '2025-01-01' OR {when} >= '2026-01-01'"
    assert value(con, outside) == 0
    steps = f"SELECT {when} < lag({when}) OVER () AS back FROM {name}"
    assert value(con, f"SELECT count(*) FROM ({steps}) WHERE back") == 0


def test_property_history_ends_at_the_values_of_the_contacts(
    con: duckdb.DuckDBPyConnection,
) -> None:
    early = """
        SELECT count(*) FROM property_changes JOIN contacts USING (contact_id)
        WHERE occurred_at < created_at OR occurred_at >= '2026-01-01'
    """
    assert value(con, early) == 0
    for name in ("lifecycle_stage", "unsubscribed", "nurtured", "trial_ends_on"):
        differing = f"""
            SELECT count(*) FROM (
                SELECT contact_id, arg_max(value, occurred_at) AS last FROM property_changes
                WHERE property = '{name}' GROUP BY contact_id
            ) JOIN contacts USING (contact_id) WHERE last <> {name}::VARCHAR
        """
        assert value(con, differing) == 0


def test_email_funnel(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        CREATE OR REPLACE TEMP TABLE mail AS
        SELECT
            regexp_extract(event_id, '^em-\\d+-\\d+') AS mail, any_value(workflow_id) AS workflow,
            min(occurred_at) FILTER (event = 'sent') AS sent,
            min(occurred_at) FILTER (event = 'delivered') AS delivered,
            min(occurred_at) FILTER (event = 'bounced') AS bounced,
            min(occurred_at) FILTER (event = 'opened') AS opened,
            min(occurred_at) FILTER (event = 'clicked') AS clicked
        FROM email_events WHERE event <> 'unsubscribed' GROUP BY 1
    """)
    assert value(con, "SELECT count(*) FROM mail WHERE sent IS NULL") == 0
    assert value(con, "SELECT count(*) FROM mail WHERE delivered <= sent OR bounced <= sent") == 0
    assert value(con, "SELECT count(*) FROM mail WHERE bounced < delivered") == 0
    assert value(con, "SELECT count(*) FROM mail WHERE NOT coalesce(opened > delivered, true)") == 0
    both = "SELECT count(*) FROM mail WHERE bounced IS NOT NULL AND delivered IS NOT NULL"
    assert value(con, both) == 0
    opened_first = "clicked IS NULL OR coalesce(opened < clicked, false)"
    assert value(con, f"SELECT count(*) FROM mail WHERE NOT ({opened_first})") == 0
    shares = con.execute(
        "SELECT count(opened) / count(delivered), count(clicked) / count(delivered) FROM mail "
        "WHERE workflow = 'nurture'"
    ).fetchone()
    assert shares is not None
    assert shares[0] == pytest.approx(0.40, abs=0.04)
    assert shares[1] == pytest.approx(0.08, abs=0.03)
    types = con.execute(
        "SELECT DISTINCT workflow_id, email_type FROM email_events WHERE email_type <> 'marketing'"
    ).fetchall()
    assert types == [("customer_handover", "transactional")]


def test_same_arguments_same_rows(
    generator: ModuleType, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    def fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
        return {t: value(connection, f"SELECT sum(hash({t})) FROM {t}") for t in FILES}

    generator.generate(tmp_path / "again", contacts=CONTACTS)
    with opened(tmp_path / "again") as again:
        assert fingerprints(again) == fingerprints(con)
    generator.generate(tmp_path / "other", contacts=CONTACTS, seed=1)
    with opened(tmp_path / "other") as other:
        assert all(fingerprints(other)[t] != sum_ for t, sum_ in fingerprints(con).items())


ANALYST = """
    WITH lead AS (
        SELECT contact_id, greatest(min(occurred_at), TIMESTAMP '2025-01-15 08:00') AS entered
        FROM property_changes WHERE property = 'lifecycle_stage' AND value = 'lead'
        GROUP BY contact_id
    ),
    third_view AS (
        SELECT contact_id, viewed_at AS met, INTERVAL 30 DAY + lag(viewed_at, 2)
            OVER (PARTITION BY contact_id ORDER BY viewed_at) AS until
        FROM page_views WHERE starts_with(path, '/pricing')
    ),
    goal AS (
        SELECT contact_id, occurred_at AS met, TIMESTAMP 'infinity' AS until FROM property_changes
        WHERE property = 'lifecycle_stage' AND value = 'customer'
        UNION ALL SELECT contact_id, occurred_at, TIMESTAMP 'infinity'
        FROM forms WHERE form_id = 'demo'
        UNION ALL SELECT contact_id, met, until FROM third_view WHERE until > met
    ),
    enrolled AS (
        SELECT l.contact_id, l.entered FROM lead AS l
        ANTI JOIN competitors AS c ON c.contact_id = l.contact_id AND c.added_at <= l.entered
        ANTI JOIN goal AS g
            ON g.contact_id = l.contact_id AND g.met <= l.entered AND g.until > l.entered
    ),
    exits AS (
        SELECT contact_id, occurred_at AS gone FROM property_changes
        WHERE property = 'unsubscribed' AND value = 'true'
        UNION ALL SELECT contact_id, added_at FROM competitors
    ),
    receipt AS (
        SELECT contact_id, min(occurred_at) AS received FROM email_events
        WHERE workflow_id = 'nurture' AND event = 'delivered' AND email_type = 'marketing'
        GROUP BY contact_id
    ),
    outcome AS (
        SELECT
            e.contact_id, r.received, min(g.met) AS met,
            (SELECT min(gone) FROM exits AS x WHERE x.contact_id = e.contact_id) AS gone,
            e.entered
        FROM enrolled AS e
        LEFT JOIN goal AS g ON g.contact_id = e.contact_id AND g.met >= e.entered
        LEFT JOIN receipt AS r ON r.contact_id = e.contact_id
        GROUP BY ALL
    )
    SELECT
        count(*), count(received),
        count(*) FILTER (met <= coalesce(gone, met)),
        count(*) FILTER (met <= coalesce(gone, met) AND met > received)
    FROM outcome
"""


@pytest.mark.parametrize("contacts", [1_000, 2_000, 3_457])
def test_the_nurture_rate_as_an_analyst_would_ask_for_it(
    contacts: int, generator: ModuleType, tmp_path: Path
) -> None:
    generator.generate(tmp_path, contacts=contacts, events=6 * contacts)
    promised = generator.expected(contacts)["nurture"]
    with opened(tmp_path) as con:
        found = con.execute(ANALYST).fetchone()
    names = ("enrolled", "recipients", "met_goal", "converted")
    assert found == tuple(promised[name] for name in names)
    assert 0.08 < promised["converted"] / promised["recipients"] < 0.20


@pytest.mark.parametrize("contacts", [1_000, 1_001, 20_000, 1_000_000])
def test_the_figures_add_up(contacts: int, generator: ModuleType) -> None:
    assert sum(story.share for story in generator.stories.STORIES) == 1_000
    for figures in generator.expected(contacts).values():
        statuses = figures["active"] + figures["completed"] + figures["unenrolled"]
        assert statuses == figures["enrolled"]
        assert sum(figures[b] for b in generator.stories.BUCKETS) == figures["enrolled"]


def test_the_project_speaks_of_the_workflows_and_files_that_there_are(
    generator: ModuleType,
) -> None:
    project = yaml.safe_load((QUICKSTART / "goalsql.yml").read_text())
    sources = project["sources"]
    named = [*sources["events"].values()]
    named += [sources[s] for s in ("contacts", "property_changes", "marketing_emails")]
    assert sorted(s["from"].removeprefix("data/") for s in named) == sorted(
        file for file in FILES.values() if file.endswith(".parquet")
    )
    workflows = [yaml.safe_load(f.read_text()) for f in (QUICKSTART / "workflows").glob("*.yml")]
    assert {w["id"] for w in workflows} == set(generator.expected(1_000))
    assert all(w["active_from"] for w in workflows)
