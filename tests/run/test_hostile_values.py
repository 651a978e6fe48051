"""Names and values that look like SQL, Jinja or YAML are data: renaming changes nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from goalsql import Project, UsageError
from tests.run.acme import Acme

HOSTILE = {
    "quote": "it's 'quoted'",
    "double": 'say "hi" ""',
    "drop": "'; DROP TABLE goalsql.ticks; --",
    "comment": "a /* b */ -- c",
    "name": "-- name: state.tick",
    "jinja": "{{ 7 * 7 }}{% raw %}{# x #}",
    "placeholder": ":tick_at ? $1 %s {0}",
    "backslash": "a\\'b\\n",
    "unicode": "Zoë ✓ 名前 \u202e",
    "percent": "100%_",
    "keyword": "select",
    "spaced": " padded ",
    "newline": "two\nlines",
    "long": "x" * 300,
}
PLAIN = {word: f"plain {word}" for word in HOSTILE}


def project(directory: Path, words: Mapping[str, str]) -> Acme:
    """A project in which every name that a user may choose, and every value, is such a word."""
    acme = Acme(directory)
    every = list(words.values())
    properties = {f"{word}!": "VARCHAR" for word in every}
    contacts = [(w, "2026-01-01", *([w] * len(every))) for w in every]
    acme.source(
        "contacts", {"contact_id": "VARCHAR", "created_at": "TIMESTAMP"} | properties, contacts
    )
    history = {
        "contact_id": "VARCHAR", "property": "VARCHAR", "value": "VARCHAR",
        "occurred_at": "TIMESTAMP",
    }  # fmt: skip
    acme.source("property_changes", history, [(w, w, w, "2026-01-02") for w in every])
    head = {"contact_id": "VARCHAR", "event_id": "VARCHAR", "occurred_at": "TIMESTAMP"}
    for word in every:
        rows = [(w, w, "2026-01-03", w) for w in every]
        acme.source(f"{word}?", head | {f"{word}:": "VARCHAR"}, rows)
    segments: dict[str, Any] = {
        word: {"criteria": {"property": f"{word}!", "contains": word}} for word in every
    }
    text = yaml.safe_dump(segments, allow_unicode=True)
    (acme.directory / "segments" / "all.yml").write_text(text)
    for number, word in enumerate(every):
        acme.workflow(workflow(word), file=f"w{number}")
    return acme


def workflow(word: str) -> dict[str, Any]:
    """A workflow that says the word wherever it can."""
    leaf = {"event": f"{word}?", "where": {f"{word}:": {"is": word}}}
    like = {"event": f"{word}?", "where": {f"{word}:": {"starts_with": word, "ends_with": word}}}
    return {
        "id": word,
        "name": word,
        "active_from": "2026-01-01T00:00:00Z",
        "enrollment": {"trigger": "filter", "criteria": {"property": word, "any_of": [word, "z"]}},
        "goal": {"name": word, "criteria": [leaf, like, {"in_segment": word}]},
        "steps": [
            {"id": word, "send_email": word},
            {"id": f"{word}.", "set_property": {word: word}},
            {"id": f"{word}..", "action": word, "with": {word: [word]}},
            {"id": "wait", "delay": "30 days"},
        ],
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Acme:
    acme = project(tmp_path_factory.mktemp("hostile") / "acme", HOSTILE)
    acme.tick("2026-01-10")
    return acme


def rows_of(acme: Acme, relation: str, columns: list[str]) -> set[tuple[Any, ...]]:
    """The columns of a relation."""
    return set(Project.load(acme.directory).relation(relation).select(columns).rows())


def test_everybody_is_enrolled_mailed_and_converted(hostile: Acme) -> None:
    columns = ["workflow_id", "contact_id", "status", "end_reason"]
    expected = {(word, word, "unenrolled", "goal_met") for word in HOSTILE.values()}
    assert rows_of(hostile, "goalsql.enrollments", columns) == expected
    expected_steps = {
        (word, word, f"{word}{dots}") for word in HOSTILE.values() for dots in ("", ".", "..")
    }
    columns = ["workflow_id", "contact_id", "step_id"]
    assert rows_of(hostile, "goalsql.outbox", columns) == expected_steps


def test_reports_show_the_words_as_they_are(hostile: Acme) -> None:
    columns = ["workflow_id", "workflow_name", "goal_name", "converted"]
    expected = {(word, word, word, 1) for word in HOSTILE.values()}
    assert rows_of(hostile, "report.workflow_goal_metrics", columns) == expected
    expected_receipts = {(word, word, word) for word in HOSTILE.values()}
    columns = ["workflow_id", "contact_id", "email_id"]
    assert rows_of(hostile, "goalsql.receipts", columns) == expected_receipts


def test_renaming_changes_no_figure(hostile: Acme, tmp_path: Path) -> None:
    plain = project(tmp_path / "acme", PLAIN)
    plain.tick("2026-01-10")
    names = {HOSTILE[key]: PLAIN[key] for key in HOSTILE}
    columns = ["workflow_id", "contact_id", "enrollment_no", "enrolled_at", "ended_at", "status"]
    renamed = {
        (names[row[0]], names[row[1]], *row[2:])
        for row in rows_of(hostile, "goalsql.enrollments", columns)
    }
    assert renamed == rows_of(plain, "goalsql.enrollments", columns)
    ticks = ["decisions", "enrolled", "unenrolled", "goal_completions", "steps_run", "new_events"]
    assert rows_of(hostile, "goalsql.ticks", ticks) == rows_of(plain, "goalsql.ticks", ticks)


def test_manual_enrollment_takes_any_word(hostile: Acme) -> None:
    every = Project.load(hostile.directory)
    word = HOSTILE["drop"]
    assert every.enroll(word, [word, HOSTILE["quote"]]) == 2
    before = len(hostile.state()["ticks"])
    hostile.tick("2026-01-11")
    assert len(hostile.state()["ticks"]) == before + 1
    columns = ["workflow_id", "contact_id"]
    assert (word, HOSTILE["quote"]) in rows_of(hostile, "goalsql.decisions", columns)


def test_errors_name_the_word(tmp_path: Path) -> None:
    acme = project(tmp_path / "acme", {"quote": "it's"})
    with pytest.raises(UsageError, match="no such contact: '; DROP"):
        Project.load(acme.directory).enroll("it's", ["'; DROP"])
