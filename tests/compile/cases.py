"""The golden cases: one workflow each, over the same handful of contacts and events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from goalsql.model.catalog import Catalog, ColumnType, Kind
from tests.property.pools import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR
from tests.property.world import World
from tests.reference.tables import Row, Tables

NOW = datetime(2026, 1, 20)
EVENT = {"contact_id": BIGINT, "event_id": VARCHAR, "occurred_at": TIMESTAMP}
CATALOG = Catalog(
    contacts={
        "contact_id": BIGINT,
        "created_at": TIMESTAMP,
        "city": VARCHAR,
        "age": ColumnType(Kind.INTEGER, "INTEGER"),
        "ratio": DOUBLE,
        "vip": BOOLEAN,
        "birthday": DATE,
        "renewal": TIMESTAMP,
        "stage": VARCHAR,
        "points": BIGINT,
    },
    events={
        "page_view": EVENT | {"path": VARCHAR, "seconds": BIGINT},
        "form": EVENT | {"form_id": VARCHAR, "loaded_at": TIMESTAMP},
    },
    property_changes={
        "contact_id": BIGINT,
        "property": VARCHAR,
        "value": VARCHAR,
        "occurred_at": TIMESTAMP,
    },
    history=frozenset({"stage", "points", "plan"}),
    segments={"friends": {"contact_id": BIGINT, "added_at": TIMESTAMP}},
)


def day(number: float) -> datetime:
    """That day of January 2026; 3.5 is noon of the third."""
    whole = int(number)
    return datetime(2026, 1, whole, round((number - whole) * 24))


def _contact(number: int, created: float, *values: Any) -> Row:
    row = {"contact_id": number, "created_at": day(created)}
    return row | dict(zip(list(CATALOG.contacts)[2:], values, strict=True))


def _change(number: int, name: str, value: str | None, at: float) -> Row:
    return {"contact_id": number, "property": name, "value": value, "occurred_at": day(at)}


def _event(name: str, number: int, at: float, **fields: Any) -> Row:
    return {
        "contact_id": number,
        "event_id": f"{name} {number} {at}",
        "occurred_at": day(at),
    } | fields


def tables() -> Tables:
    """The rows of all sources."""
    return Tables(
        catalog=CATALOG,
        contacts=[
            _contact(1, 1, "Paris", 30, 0.5, True, date(2026, 1, 5), day(10.5), "lead", 1),
            _contact(2, 1, "lyon", 40, 2.5, False, date(2026, 1, 12), day(3), "lead", None),
            _contact(3, 1, None, None, None, None, None, None, None, None),
            _contact(4, 8, "o'x%_", 30, -1.0, True, date(2026, 2, 9), day(18), "lead", 2),
            _contact(5, 1, "Paris Nord", 7, 1.0, None, date(2026, 1, 9), day(12), "Lead", 5),
        ],
        property_changes=[
            _change(1, "stage", "lead", 3),
            _change(1, "stage", "customer", 9),
            _change(1, "stage", "lead", 14),
            _change(2, "stage", None, 4),
            _change(2, "stage", "customer", 6),
            _change(1, "points", "5", 4),
            _change(1, "points", "", 8),
            _change(3, "points", "2", 5),
            _change(3, "plan", "pro", 6),
            _change(3, "plan", "basic", 11),
        ],
        events={
            "page_view": [
                _event("v", 1, 2.5, path="/pricing", seconds=10),
                _event("v", 1, 4, path="/pricing/eu", seconds=None),
                _event("v", 1, 6.5, path="/pricing", seconds=70),
                _event("v", 2, 5, path="/", seconds=30),
                _event("v", 2, 11, path="/pricing", seconds=5),
                _event("v", 4, 7, path="/blog", seconds=10),
                _event("v", 4, 12, path=None, seconds=10),
                _event("v", 9, 12, path="/pricing", seconds=10),
            ],
            "form": [
                _event("f", 1, 7, form_id="demo", loaded_at=day(8)),
                _event("f", 2, 9, form_id="Demo", loaded_at=None),
                _event("f", 5, 10, form_id="trial", loaded_at=None),
                _event("f", 5, 19, form_id="demo", loaded_at=day(25)),
            ],
        },
        segments={
            "friends": [
                {"contact_id": 1, "added_at": day(6)},
                {"contact_id": 5, "added_at": day(4)},
            ]
        },
    )


def workflow(criteria: Any = None, **more: Any) -> dict[str, Any]:
    """A workflow that enrolls again each time the criteria begin to be true."""
    trigger = {"trigger": "filter", "criteria": criteria, "re_enroll": True}
    return {"id": "w", "active_from": "2026-01-02", "enrollment": trigger} | more


def world(of: dict[str, Any]) -> World:
    """The project of one workflow."""
    settings = {"name": "golden", "database": "golden.db", "timezone": "Europe/Paris"}
    segments = {"leads": {"criteria": {"property": "stage", "is": "lead"}}}
    return World(settings, segments, [of], tables(), [NOW])


def prop(name: str, **operators: Any) -> dict[str, Any]:
    """A property leaf."""
    return {"property": name} | operators


def views(**more: Any) -> dict[str, Any]:
    """A leaf on views of the prices."""
    return {"event": "page_view", "where": {"path": {"starts_with": "/pricing"}}} | more


LEAF_CASES: dict[str, Any] = {
    "is": prop("city", **{"is": "Paris"}),
    "is_not": prop("city", is_not="o'x%_"),
    "is_history": prop("stage", **{"is": "customer"}),
    "is_not_history": prop("points", is_not=5),
    "is_whole_day": prop("renewal", **{"is": "2026-01-12"}),
    "is_ignore_case": prop("stage", ignore_case=True, **{"is": "LEAD"}),
    "is_not_include_unknown": prop("stage", is_not="lead", include_unknown=True),
    "any_of": prop("age", any_of=[30, "007"]),
    "none_of_history": prop("plan", none_of=["basic", "free"]),
    "contains": prop("city", contains="%_"),
    "not_contains": prop("city", not_contains="ari"),
    "starts_with": prop("city", starts_with="Paris"),
    "not_starts_with_history": prop("stage", not_starts_with="l"),
    "ends_with": prop("city", ends_with="Nord"),
    "not_ends_with": prop("city", not_ends_with="s"),
    "lt": prop("ratio", lt="1.0"),
    "lte_day": prop("renewal", lte="2026-01-10"),
    "gt_history": prop("points", gt=1),
    "gte": prop("birthday", gte="2026-01-09"),
    "between": prop("age", between=[10, 35]),
    "not_between": prop("ratio", not_between=["0.5", 2]),
    "known": prop("vip", known=True),
    "unknown_history": prop("points", known=False),
    "within_last": prop("renewal", within_last="2 days"),
    "within_next": prop("birthday", within_next="3 days"),
    "more_than_ago": prop("birthday", more_than_ago="1 week"),
    "more_than_ahead": prop("renewal", more_than_ahead="5 days"),
    "ever": prop("stage", ever="customer"),
    "never": prop("plan", never="basic"),
    "changed_within": prop("stage", changed_within="3 days"),
    "not_changed_within": prop("points", not_changed_within="1 day"),
    "event": {"event": "page_view"},
    "event_key": {"event": "form", "where": {"form_id": {"any_of": ["demo", "trial"]}}},
    "event_where_not": {
        "event": "page_view",
        "where": {"not": {"any": [{"path": {"is": "/"}}, {"seconds": {"gt": 60}}]}},
    },
    "event_where_unknown": {
        "event": "page_view",
        "where": {"path": {"contains": "BLOG", "ignore_case": True, "include_unknown": True}},
    },
    "event_many": {
        "any": [
            {"event": "page_view", "where": {"path": {"any_of": ["/", "/blog"]}}},
            {"event": "page_view", "where": {"path": {"is": "/"}, "seconds": {"lt": 40}}},
            {"event": "page_view", "where": {"seconds": {"is": 70}}},
            {"event": "page_view", "where": {"seconds": {"lt": 6}}},
            views(),
        ]
    },
    "times_at_least": views(times={"at_least": 2}),
    "times_at_most": views(times={"at_most": 1}),
    "times_exactly": views(times={"exactly": 2}),
    "times_between": views(times={"between": [1, 2]}),
    "event_never": views(never=True),
    "during_last": views(times={"at_least": 2}, during={"last": "3 days"}),
    "during_after": views(during={"after": "2026-01-05"}),
    "during_before": views(during={"before": "2026-01-04T00:00:00Z"}),
    "during_between": views(during={"between": ["2026-01-04", "2026-01-05"]}),
    "all": {"all": [prop("stage", **{"is": "lead"}), views(), prop("vip", known=True)]},
    "any": {"any": [prop("stage", **{"is": "customer"}), {"event": "form"}]},
    "not": {"not": prop("stage", **{"is": "customer"})},
    "not_any_in_all": {"all": [prop("age", gt=10), {"not": {"any": [views(), {"event": "form"}]}}]},
    "segments": {"all": [{"in_segment": "friends"}, {"not": {"in_segment": "leads"}}]},
    "not_in_static_segment": {"not_in_segment": "friends"},
}
"""The criteria of a filter trigger."""

WAIT = {"id": "wait", "delay": "8 days"}
LEADS = prop("stage", **{"is": "lead"})
SINCE = {"since": "enrollment"}
CASES: dict[str, dict[str, Any]] = {name: workflow(leaf) for name, leaf in LEAF_CASES.items()} | {
    "trigger_event": workflow(
        enrollment={
            "trigger": "event",
            "criteria": {"event": "page_view", "where": {"path": {"is": "/pricing"}}},
            "also": prop("stage", known=True),
            "re_enroll": True,
        }
    ),
    "branch": workflow(
        LEADS,
        steps=[
            WAIT,
            {
                "id": "split",
                "branch": [
                    {
                        "when": views(during=SINCE),
                        "steps": [{"id": "offer", "send_email": "offer"}],
                    },
                    {"when": prop("age", lt=10), "steps": []},
                    {"otherwise": True, "steps": [{"id": "nudge", "send_email": "nudge"}]},
                ],
            },
            {"id": "flag", "set_property": {"nurtured": True}},
        ],
    ),
    "goal_since_enrollment": workflow(
        LEADS,
        goal={"name": "Read", "criteria": {"all": [views(during=SINCE), prop("vip", known=True)]}},
        suppression=["friends"],
        unenroll_when={"event": "form", "during": SINCE},
        steps=[WAIT],
    ),
}
