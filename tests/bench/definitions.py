"""The benchmark's workflows: ten kinds of criteria, varied until there are as many as asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

COUNTRIES = ("FR", "IT", "BE", "CH", "ES", "DE")
INDUSTRIES = (
    "cafe", "bakery", "florist", "bookshop", "butcher", "hairdresser", "wine merchant", "toyshop",
)  # fmt: skip
FORMS = ("whitepaper", "webinar", "benchmark-report", "demo", "contact")
PATHS = ("/features/l", "/resources/v", "/blog/s", "/integrations", "/help/")
Parts = dict[str, Any]

SETTINGS: Parts = {
    "name": "bench",
    "database": "bench.duckdb",
    "timezone": "Europe/Paris",
    "sources": {
        "contacts": {"from": "data/contacts.parquet"},
        "property_changes": {"from": "data/property_changes.parquet"},
        "events": {
            "page_view": {
                "from": "data/page_views/*.parquet",
                "columns": {"occurred_at": "viewed_at"},
            },
            "form_submission": {"from": "data/forms/*.parquet"},
            "product_event": {"from": "data/product_events.parquet"},
            "email_event": {"from": "data/email_events.parquet"},
        },
    },
}
SEGMENTS: Parts = {
    "customers": {"criteria": {"property": "lifecycle_stage", "is": "customer"}},
    "unsubscribed": {"criteria": {"property": "unsubscribed", "is": "true"}},
    "competitors": {"static": {"from": "data/competitors.csv"}},
}
CUSTOMER: Parts = {"property": "lifecycle_stage", "is": "customer"}


def write_project(directory: Path, workflows: int) -> None:
    """Writes goalsql.yml, the segments and that many workflows beside the data."""
    for folder in ("segments", "workflows"):
        (directory / folder).mkdir(exist_ok=True)
        for file in (directory / folder).glob("*.yml"):
            file.unlink()
    _dump(SETTINGS, directory / "goalsql.yml")
    _dump(SEGMENTS, directory / "segments" / "all.yml")
    for number in range(workflows):
        workflow = KINDS[number % len(KINDS)](number)
        head = {"id": f"w{number:04}", "name": f"Workflow {number}"}
        fixed = {"active_from": "2025-01-01T00:00:00Z", "steps": _steps(number)}
        _dump(head | fixed | workflow, directory / "workflows" / f"w{number:04}.yml")


def _dump(data: Parts, path: Path) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _who(number: int) -> list[Parts]:
    """About one contact in a hundred: a country and a trade."""
    return [
        {"property": "country", "is": COUNTRIES[number % len(COUNTRIES)]},
        {"property": "industry", "is": INDUSTRIES[number // 3 % len(INDUSTRIES)]},
    ]


def _steps(number: int) -> list[Parts]:
    visited = {
        "event": "page_view",
        "where": {"path": {"starts_with": PATHS[number % len(PATHS)]}},
        "during": {"since": "enrollment"},
    }
    branch = [
        {"when": visited, "steps": [{"id": "offer", "send_email": "offer"}]},
        {"otherwise": "true", "steps": [{"id": "nudge", "send_email": "nudge"}]},
    ]
    middle = [{"id": "split", "branch": branch}] if number % 3 == 0 else []
    return [
        {"id": "hello", "send_email": "hello"},
        {"id": "pause", "delay": f"{3 + number % 5} days"},
        *middle,
        {"id": "again", "send_email": "again"},
        {"id": "rest", "delay": "1 week"},
        {"id": "flag", "set_property": {"nurtured": "true"}},
    ]


def _views(prefix: str, at_least: int, days: int) -> Parts:
    return {
        "event": "page_view",
        "where": {"path": {"starts_with": prefix}},
        "times": {"at_least": str(at_least)},
        "during": {"last": f"{days} days"},
    }


def _form(form_id: str, **more: Any) -> Parts:
    return {"event": "form_submission", "where": {"form_id": {"is": form_id}}, **more}


def _product(name: str, **more: Any) -> Parts:
    return {"event": "product_event", "where": {"name": {"is": name}}, **more}


def _filter(*criteria: Parts) -> Parts:
    return {"trigger": "filter", "criteria": {"all": list(criteria)}}


def _nurture(number: int) -> Parts:
    pricing = _views("/pricing", 2 + number % 2, 30)
    return {
        "enrollment": _filter({"property": "lifecycle_stage", "is": "lead"}, *_who(number)),
        "goal": {"criteria": {"any": [CUSTOMER, _form("demo"), pricing]}},
        "suppression": ["competitors"],
        "unenroll_when": {"property": "unsubscribed", "is": "true"},
    }


def _after_form(number: int) -> Parts:
    also = {"all": [*_who(number)[:1], {"not_in_segment": "customers"}]}
    return {
        "enrollment": {
            "trigger": "event",
            "criteria": _form(FORMS[number // 10 % len(FORMS)]),
            "also": also,
            "re_enroll": "true",
        },
        "goal": {"criteria": {"any": [CUSTOMER, _product("go_live")]}},
        "suppression": ["competitors", "unsubscribed"],
    }


def _browsing(number: int) -> Parts:
    path = PATHS[number // 10 % len(PATHS)]
    return {
        "enrollment": _filter(_views(path, 2 + number // 50, 14 + number % 20), *_who(number)),
        "goal": {"criteria": _form("webinar")},
    }


def _large(number: int) -> Parts:
    low = 5 * (number % 7)
    size = {"property": "employees", "between": [str(low), str(low + 20)]}
    return {
        "enrollment": _filter(size, {"not_in_segment": "customers"}, *_who(number)),
        "goal": {"criteria": _product("go_live")},
    }


def _quiet(number: int) -> Parts:
    closed = _product("till_closed", during={"last": f"{40 + number % 40} days"})
    back = _product("till_closed", times={"at_least": "3"}, during={"last": "14 days"})
    return {
        "enrollment": _filter(CUSTOMER, {"not": closed}, *_who(number)[:1]),
        "goal": {
            "criteria": {"all": [back, {"not": {"property": "lifecycle_stage", "is": "churned"}}]}
        },
    }


def _readers(number: int) -> Parts:
    path = {"path": {"contains": ("vat", "printer", "cash", "account")[number // 10 % 4]}}
    read = {"event": "page_view", "where": path, "times": {"at_least": str(2 + number % 3)}}
    return {
        "enrollment": _filter({"any": [read, _form("whitepaper")]}, *_who(number)),
        "goal": {"criteria": {"any": [_form("demo"), _form("contact")]}},
        "unenroll_when": {"property": "unsubscribed", "is": "true"},
    }


def _clickers(number: int) -> Parts:
    clicked = {
        "event": "email_event",
        "where": {"event": {"any_of": ["clicked", "opened"]}},
        "times": {"at_least": str(1 + number // 10 % 3)},
        "during": {"last": "90 days"},
    }
    return {
        "enrollment": _filter(clicked, *_who(number), {"not": CUSTOMER}),
        "goal": {"criteria": CUSTOMER},
    }


def _movers(number: int) -> Parts:
    moved = {"property": "lifecycle_stage", "changed_within": f"{7 + number % 7} days"}
    return {
        "enrollment": _filter(moved, *_who(number)),
        "goal": {"criteria": {"property": "lifecycle_stage", "ever": "customer"}},
    }


def _trials(number: int) -> Parts:
    ends = {"property": "trial_ends_on", "within_next": f"{7 + number % 14} days"}
    imported = {
        "event": "product_event",
        "where": {"name": {"is": "catalogue_imported"}, "items": {"gte": str(20 + number)}},
    }
    return {
        "enrollment": _filter(ends, *_who(number)[:1]),
        "goal": {"criteria": {"any": [imported, _product("colleague_invited")]}},
    }


def _absent(number: int) -> Parts:
    never = _views("/pricing", 1, 60)
    known = {"property": "employees", "gte": str(30 + number)}
    return {
        "enrollment": _filter(known, {"not": {"any": [never, _form("newsletter")]}}, *_who(number)),
        "goal": {"criteria": {"any": [_form("newsletter"), CUSTOMER]}},
    }


KINDS: tuple[Callable[[int], Parts], ...] = (
    _nurture, _after_form, _browsing, _large, _quiet,
    _readers, _clickers, _movers, _trials, _absent,
)  # fmt: skip
