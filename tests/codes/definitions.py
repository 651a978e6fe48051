"""Project files that bring each of the codes GQ1xx that definitions alone bring."""

from __future__ import annotations

from collections.abc import Mapping

from goalsql import Code
from tests.model.conftest import PROJECT

MANUAL = "id: w\nenrollment: {trigger: manual}\n"
W = f"{MANUAL}steps: [{{id: hello, send_email: welcome}}]\n"
FILE = "workflows/w.yml"


def goal(criteria: str, workflow: str = W) -> dict[str, str]:
    return {FILE: f"{workflow}goal: {{criteria: {criteria}}}\n"}


def segment(criteria: str) -> dict[str, str]:
    return {"segments/s.yml": f"s: {{criteria: {criteria}}}\n"}


def replaced(old: str, new: str) -> dict[str, str]:
    assert old in PROJECT
    return {"goalsql.yml": PROJECT.replace(old, new)}


DEFINITIONS: dict[Code, Mapping[str, str]] = {
    Code.UNREADABLE_FILE: {FILE: ""},
    Code.NOT_YAML: {FILE: "id: [1"},
    Code.REFUSED_YAML: {FILE: f"{W}name: !x w\n"},
    Code.KEY_TWICE: {FILE: f"{W}name: a\nname: b\n"},
    Code.UNKNOWN_KEY: {FILE: f"{W}gaol: {{}}\n"},
    Code.MISSING_KEY: {FILE: "id: w\n"},
    Code.WRONG_SHAPE: {FILE: f"{W}suppression: people\n"},
    Code.WRONG_VALUE: {FILE: f"{W}enabled: maybe\n"},
    Code.WRONG_DURATION: {FILE: f"{MANUAL}steps: [{{id: wait, delay: 3}}]\n"},
    Code.KEYS_CONFLICT: {"segments/s.yml": "s: {criteria: {}, static: {from: s.csv}}\n"},
    Code.SAYS_NOTHING: goal("{}"),
    Code.EMPTY_RANGE: goal("{property: age, between: [9, 1]}"),
    Code.NAME_TWICE: {FILE: W, "workflows/v.yml": W},
    Code.NAME_TAKEN: replaced("acme.duckdb", "goalsql.duckdb"),
    Code.UNKNOWN_DEFINITION: {FILE: f"{W}suppression: [nobody]\n"},
    Code.UNKNOWN_DATA: goal("{property: stge, is: a}"),
    Code.UNFIT_OPERATOR: goal("{property: age, contains: a}"),
    Code.WRONG_LITERAL: goal("{property: age, gt: old}"),
    Code.SEGMENT_CIRCLE: segment("{in_segment: s}"),
    Code.NO_ENROLLMENT_YET: segment("{event: form, during: {since: enrollment}}"),
    Code.EVENT_TRIGGER: {
        FILE: "id: w\nenrollment: {trigger: event, criteria: {property: stage, is: a}}\n"
    },
    Code.WHICH_WORKFLOW: goal("{event: workflow_completed}"),
    Code.NULL_TEXT: goal("{property: stage, is: null}"),
    Code.NAMELESS_STEPS: {FILE: f"{MANUAL}steps: [{{send_email: welcome}}]\n"},
    Code.UNUSED_COLUMN: replaced(
        "{from: contacts.parquet}", "{from: contacts.parquet, columns: {update_at: seen}}"
    ),
    Code.NO_MARKETING_EMAIL: goal("{property: stage, is: a}", MANUAL),
    Code.TRUE_AT_ONCE: goal("{event: form, never: true, during: {since: enrollment}}"),
    Code.WORKFLOW_CIRCLE: goal("{workflow: w, status: completed}"),
}
"""For each code, the files that bring it; goalsql.yml is that of `tests.model` unless given."""
