"""Two persons, one of whom is to be forgotten, with everything that the state can hold of one."""

from __future__ import annotations

from pathlib import Path

import duckdb

from goalsql import Project
from tests.run.acme import EMAIL, Acme, acme_in, contacts_of, events_of

GONE, STAYS = "erika.mustermann@example.com", "otto.normal@example.com"
FILE, VERSIONS = "published/copy.duckdb", "versions"
FOLLOW_UP = {
    "id": "follow_up",
    "active_from": "2026-01-01T00:00:00Z",
    "enrollment": {
        "trigger": "event",
        "criteria": {"event": "workflow_enrolled", "where": {"workflow_id": {"is": "nurture"}}},
    },
    "suppression": ["listed"],
    "goal": {"criteria": {"property": "stage", "is": "customer"}},
    "steps": [{"id": "call", "action": "call"}],
}


def persons_in(directory: Path) -> Acme:
    """The project before any tick; published both ways."""
    acme = acme_in(directory)
    acme.settings["publish"] = [{"to": FILE}, {"to": VERSIONS, "format": "parquet"}]
    (acme.directory / "segments" / "all.yml").write_text("listed: {static: {from: listed.csv}}\n")
    (acme.directory / "listed.csv").write_text(f"contact_id\n{GONE}\n")
    acme.workflow(FOLLOW_UP, "two")
    write_sources(acme)
    return acme


def write_sources(acme: Acme, *, whom: tuple[str, ...] = (GONE, STAYS), score: int = 1) -> None:
    """The sources as far as they are of these contacts; each list has rows of both."""

    def of(*rows: tuple[object, ...]) -> list[tuple[object, ...]]:
        return [row for row in rows if row[0] in whom]

    contacts_of(acme, of((GONE, "2026-01-01", score), (STAYS, "2026-01-01", 2)))
    signups = ((GONE, "s1", "2026-01-02", "demo"), (STAYS, "s2", "2026-01-02", "demo"))
    events_of(acme, "signup", of(*signups))
    purchases = ((GONE, "p1", "2026-01-04", 10), (STAYS, "p2", "2026-01-08", 20))
    events_of(acme, "purchase", of(*purchases))
    changes = {"contact_id": "VARCHAR", "property": "VARCHAR", "value": "VARCHAR"}
    entries = (("lead", "2026-01-02"), ("customer", "2026-01-04"))
    rows = of(*((who, "stage", *entry) for who in (GONE, STAYS) for entry in entries))
    acme.source("property_changes", changes | {"occurred_at": "TIMESTAMP"}, rows)
    mails = of(
        (GONE, "e1", "2026-01-02", "nurture", "hello", "delivered"),
        (GONE, "e2", "2026-01-03", "nurture", "hello", "opened"),
        (STAYS, "e3", "2026-01-02", "nurture", "hello", "delivered"),
        (STAYS, "e4", "2026-01-03", "nurture", "hello", "opened"),
    )
    acme.source("marketing_emails", EMAIL, mails)


def forget(acme: Acme, *contacts: object) -> dict[str, dict[str, int]]:
    result = Project.load(acme.directory).forget(contacts)
    return {contact: dict(rows) for contact, rows in result.removed.items()}


def files_with(directory: Path, text: str) -> set[str]:
    """The files of goalsql's own in which a text stands."""
    own = [*directory.glob("*.duckdb*"), *directory.glob(".*"), *directory.rglob("published/*")]
    own += [path for path in directory.glob(f"{VERSIONS}/**/*") if path.is_file()]
    found = {path for path in own if path.is_file() and text.encode() in path.read_bytes()}
    return {str(path.relative_to(directory)).split("/tick-")[0] for path in found}


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()
