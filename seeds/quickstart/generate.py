"""Makes the quickstart's data: the year 2025 of Tillwise, with a known outcome.

Every contact lives one *story* (generate/stories.py: how it came, what it did, which emails reached
it, and what each workflow must therefore make of it under the event clock). The number of contacts
of a story is arithmetic, so `expected` knows every figure of the report without a query. On top
comes noise (page views, other forms) that can neither meet a goal nor fire a trigger.

    stories                      in short
    readers                      subscribe and read: no workflow sees them
    shops in use, silent shops   customers since before the year; win_back looks at the silent ones:
                                 lost, back after an email, back unreached, churned, too early
    leads                        nurture: quiet, bounced, soft bounce, unsubscribed, competitor from
                                 the start or found out, met the goal before enrollment, before the
                                 first delivery, without any delivery, after an email, after the end
    downloads                    whitepaper: the same, twice enrolled, converted and enrolled again
    trials                       trial_onboarding: the same, a goal that a support ticket delays
    new customers                those of the stories above: customer_handover
    the end of the year          passages that are still active

All instants are UTC; files under DIR/data:

    contacts.parquet         contact_id BIGINT (in order of created_at), created_at, first_name,
                             company, country, language, industry, employees INTEGER, and as of
                             the end of the year lifecycle_stage, unsubscribed BOOLEAN,
                             nurtured BOOLEAN, trial_ends_on DATE
    property_changes.parquet contact_id, property, value, occurred_at: of lifecycle_stage for all,
                             of unsubscribed, nurtured, trial_ends_on where they were set
    email_events.parquet     contact_id, event_id VARCHAR, occurred_at, workflow_id, email_id,
                             event, email_type
    page_views/2025-MM.parquet  contact_id, event_id BIGINT, viewed_at, path, device
    forms/2025-MM.parquet       contact_id, event_id BIGINT, occurred_at, form_id, page
    product_events.parquet   contact_id, event_id BIGINT, occurred_at, name, items INTEGER, severity
    competitors.csv          contact_id, added_at

Command line: python generate.py --to DIR [--contacts N] [--events N] [--seed N]
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import duckdb

PARTS = Path(__file__).with_name("generate")
EVENTS_PER_CONTACT = 30
DAY = 86_400_000_000  # microseconds
YEAR = ("2025-01-01", "2026-01-01")


def _load(path: Path) -> ModuleType:
    """This file is itself loaded by its path, so what lies beside it is too."""
    spec = importlib.util.spec_from_file_location(f"quickstart_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


stories = _load(PARTS / "stories.py")


def expected(contacts: int, seed: int = 2025) -> dict[str, dict[str, int]]:
    """The exact figures of each workflow as of 2026-01-01 under the event clock.

    Args:
        contacts: as given to `generate`.
        seed: as given to `generate`; which contact lives which story depends on it, no figure does.

    Returns:
        By workflow_id: the columns of report.workflow_goal_metrics that are counts, and the
        buckets of report.goal_funnel (`converted` is both).
    """
    figures: dict[str, dict[str, int]] = stories.figures(contacts)
    return figures


def generate(
    directory: Path, *, contacts: int = 20_000, events: int | None = None, seed: int = 2025
) -> None:
    """Writes the data files under `directory`/data.

    Args:
        directory: the project directory; made if it is not there.
        contacts: number of contacts, at least 1,000.
        events: number of page views and form submissions together; default 30 a contact.
        seed: another seed gives other people and instants, but the same figures.

    Raises:
        ValueError: for too few contacts, or fewer events than the stories hold.
    """
    data = directory / "data"
    for folder in ("page_views", "forms"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as con:
        con.execute("SET temp_directory = $spill", {"spill": spill})
        con.execute("SET VARIABLE seed = $seed", {"seed": seed % 2**31})
        _cast(con, contacts)
        for name in ("contacts.parquet", "property_changes.parquet", "email_events.parquet",
                     "product_events.parquet", "competitors.csv"):  # fmt: skip
            con.execute(_sql(name.split(".")[0]), {"path": str(data / name)})
        _months(con, data, EVENTS_PER_CONTACT * contacts if events is None else events)


def _cast(con: duckdb.DuckDBPyConnection, contacts: int) -> None:
    """Makes the tables of stories and beats, and from them the people."""
    con.execute(_sql("tables"))
    sizes, first = stories.cast_size(contacts), 1
    for cohort, created in stories.COHORTS.items():
        members = [k for k, story in enumerate(stories.STORIES) if story.cohort == cohort]
        last = first + sum(sizes[k] for k in members) - 1
        row = [first, last, _us(created.opens), _us(created.closes)]
        con.execute("INSERT INTO cohort VALUES (?, ?, ?, ?)", row)
        for k in members:
            story = stories.STORIES[k]
            window = [_us(story.window.opens), _us(story.window.closes)]
            lead_in, in_nurture = round(story.lead_in * DAY), stories.N in story.outcomes
            row = [k, first, *window, lead_in, story.first_stage, in_nurture]
            con.execute("INSERT INTO story VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            first += sizes[k]
    beats = [(k, beat) for k, story in enumerate(stories.STORIES) for beat in story.beats]
    con.executemany(
        "INSERT INTO beat VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [[number, k, beat.kind, round(beat.day * DAY), round(beat.spread * DAY), *beat[2:4],
          *beat[5:]] for number, (k, beat) in enumerate(beats)],
    )  # fmt: skip
    con.execute(_sql("people"))


def _months(con: duckdb.DuckDBPyConnection, data: Path, events: int) -> None:
    """Writes page views and forms, a file a month: the stories' own, and noise up to `events`."""
    told = con.execute(_sql("told")).fetchone()
    noise = events - (told[0] if told else 0)
    if noise < 0:
        raise ValueError(f"the stories alone hold {events - noise} events")
    bounds = [_us(f"2025-{month:02}-01") for month in range(1, 13)] + [_us(YEAR[1])]
    for folder, total in (("forms", noise // 25), ("page_views", noise - noise // 25)):
        steps = [total * (bound - bounds[0]) // (bounds[12] - bounds[0]) for bound in bounds]
        for month in range(12):
            known = con.execute(_sql("known"), {"opens": bounds[month]}).fetchone()
            parameters = {
                "path": str(data / folder / f"2025-{month + 1:02}.parquet"),
                "opens": bounds[month], "closes": bounds[month + 1],
                "first": steps[month], "beyond": steps[month + 1],
                "known": known[0] if known else 0,
            }  # fmt: skip
            con.execute(_sql(folder), parameters)


def _sql(name: str) -> str:
    return (PARTS / f"{name}.sql").read_text(encoding="utf-8")


def _us(instant: str) -> int:
    return int(datetime.fromisoformat(instant).replace(tzinfo=UTC).timestamp()) * 1_000_000


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Makes the quickstart's data.")
    parser.add_argument("--to", type=Path, required=True, help="the project directory")
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--events", type=int, help="page views and forms; default 30 a contact")
    parser.add_argument("--seed", type=int, default=2025)
    given = parser.parse_args()
    generate(given.to, contacts=given.contacts, events=given.events, seed=given.seed)


if __name__ == "__main__":
    main()
