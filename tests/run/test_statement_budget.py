"""A tick's number of statements depends on rounds, never on workflows or contacts (DESIGN 5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.run.acme import Acme, contacts_of, events_of

KINDS = 5


def workflow(number: int) -> dict[str, Any]:
    """One of five kinds of workflows; those of one kind differ in their values."""
    kind, variant = number % KINDS, number // KINDS
    form = {"event": "signup", "where": {"form": {"is": f"form {variant}"}}}
    prefix = {"event": "signup", "where": {"form": {"starts_with": f"form {variant}"}}}
    often = {
        "event": "purchase",
        "times": {"at_least": 2},
        "during": {"last": f"{variant + 9} days"},
    }
    big = {"event": "purchase", "where": {"amount": {"gt": variant}}}
    low = {"property": "score", "lt": variant}
    steps = [
        {"id": "hello", "send_email": f"mail {variant}"},
        {"id": "wait", "delay": "3 days"},
        {
            "id": "split",
            "branch": [
                {"when": big, "steps": [{"id": "thanks", "send_email": "thanks"}]},
                {"otherwise": True, "steps": []},
            ],
        },
        {"id": "flag", "set_property": {"seen": "yes"}},
    ]
    triggers: list[dict[str, Any]] = [
        {"trigger": "event", "criteria": form, "re_enroll": True},
        {"trigger": "filter", "criteria": {"any": [form, low]}},
        {"trigger": "event", "criteria": prefix, "also": {"not": low}},
        {"trigger": "filter", "criteria": [often, {"not": low}], "re_enroll": True},
        {
            "trigger": "any_of",
            "of": [{"trigger": "event", "criteria": form}, {"trigger": "manual"}],
        },
    ]
    return {
        "id": f"workflow {number}",
        "active_from": "2026-01-01T00:00:00Z",
        "enrollment": triggers[kind],
        "unenroll_when": {"property": "score", "gt": 80 + variant},
        "goal": {"criteria": often},
        "steps": steps,
    }


def statements(directory: Path, workflows: int, contacts: int, variants: int) -> list[int]:
    """How many statements each of two ticks takes."""
    acme = Acme(directory)
    names = [f"c{number}" for number in range(contacts)]
    contacts_of(acme, [(name, "2026-01-01", n % 50) for n, name in enumerate(names)])
    days = [(name, day) for name in names for day in (2, 4, 7)]
    forms = [(name, day, variant) for name, day in days for variant in range(variants)]
    signups = [(c, f"s-{c}-{d}-{v}", f"2026-01-{d:02}", f"form {v}") for c, d, v in forms]
    events_of(acme, "signup", signups)
    purchases = [(c, f"p-{c}-{d}", f"2026-01-{d + 4:02}", 50) for c, d in days]
    events_of(acme, "purchase", purchases)
    for number in range(workflows):
        acme.workflow(workflow(number), file=f"w{number}")
    counts = []
    for at in ("2026-01-05", "2026-01-20"):
        ran: list[str] = []
        result = acme.tick(at, lambda name, sql, ran=ran: ran.append(name))
        assert result.decisions > 0
        assert result.steps_run > 0
        counts.append(len(ran))
    return counts


def test_as_many_for_100_workflows_as_for_10(tmp_path: Path) -> None:
    few = statements(tmp_path / "few", workflows=10, contacts=4, variants=20)
    many = statements(tmp_path / "many", workflows=100, contacts=4, variants=20)
    assert few == many


def test_as_many_for_500_contacts_as_for_5(tmp_path: Path) -> None:
    few = statements(tmp_path / "few", workflows=5, contacts=5, variants=1)
    many = statements(tmp_path / "many", workflows=5, contacts=500, variants=1)
    assert few == many


def test_a_segments_file_of_text_is_read_once(tmp_path: Path) -> None:
    acme = Acme(tmp_path / "acme")
    contacts_of(acme, [("a", "2026-01-01", 1), ("b", "2026-01-01", 2)])
    (acme.directory / "rivals.csv").write_text("contact_id\na\n")
    static = yaml.safe_dump({"rivals": {"static": {"from": "rivals.csv"}}})
    (acme.directory / "segments" / "all.yml").write_text(static)
    acme.workflow(
        {
            "id": "greeting",
            "active_from": "2026-01-01T00:00:00Z",
            "enrollment": {"trigger": "filter", "criteria": {"property": "score", "gt": 0}},
            "suppression": ["rivals"],
            "steps": [{"id": "hello", "send_email": "hello"}],
        }
    )
    ran: list[tuple[str, str]] = []
    assert acme.tick("2026-01-05").enrolled == 1
    acme.tick("2026-01-06", lambda name, sql: ran.append((name, sql)))
    reads = [name for name, sql in ran if "rivals.csv" in sql]
    assert reads == ["header", "describe.segment rivals", "read.segment rivals"]
