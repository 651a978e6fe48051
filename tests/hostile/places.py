"""Every place of a project where a user writes text, in one project that has them all."""

from __future__ import annotations

GOALSQL_YML = """
name: ⟦project name⟧
database: ⟦database⟧
timezone: ⟦timezone⟧
account: {marketing_hub: ⟦marketing hub⟧}
receipt_event: ⟦receipt event⟧
on_bad_value: ⟦on bad value⟧
max_gone: ⟦max gone⟧
attach: {⟦attach alias⟧: ⟦attach path⟧}
allow_paths: [⟦allowed path⟧]
publish: {to: ⟦publish place⟧, format: ⟦publish format⟧}
sources:
  contacts: {from: ⟦source of contacts⟧, columns: {⟦property⟧: city, age: ⟦own column⟧}}
  marketing_emails: {query: ⟦query⟧}
  events:
    ⟦event⟧: {from: ⟦source of events⟧, columns: {⟦field⟧: form}}
"""
SEGMENTS = """
⟦segment⟧: {criteria: {property: ⟦property⟧, is: ⟦value in a segment⟧}}
listed: {static: {from: ⟦source of a segment⟧}}
⟦another key⟧: {criteria: [{in_segment: ⟦segment⟧}]}
"""
WORKFLOW = """
id: ⟦workflow id⟧
name: ⟦workflow name⟧
enabled: ⟦enabled⟧
active_from: ⟦active from⟧
enrollment:
  trigger: ⟦trigger⟧
  criteria:
    - any:
        - {property: ⟦property⟧, is: ⟦value of is⟧}
        - {property: ⟦property⟧, any_of: [⟦value of any_of⟧, x]}
        - {property: ⟦property⟧, is_not: ⟦value of is_not⟧, ignore_case: true}
        - {property: ⟦property⟧, contains: ⟦value of contains⟧}
        - {property: ⟦property⟧, not_starts_with: ⟦value of not_starts_with⟧}
        - {property: ⟦property⟧, ends_with: ⟦value of ends_with⟧, ignore_case: ⟦option⟧}
        - {property: ⟦property⟧, ever: ⟦value of ever⟧}
        - {property: age, gt: ⟦number⟧}
        - {property: born, between: [⟦date⟧, 2026-01-09]}
        - {property: seen, lt: ⟦instant⟧}
        - {property: born, within_last: ⟦duration⟧}
        - {property: known_since, ⟦operator⟧: true}
suppression: [⟦suppression⟧]
unenroll_when: {workflow: ⟦other workflow⟧, status: ⟦status⟧}
goal:
  name: ⟦goal name⟧
  criteria:
    any:
      - event: ⟦event⟧
        where: {⟦field⟧: {is: ⟦value in where⟧}}
        times: {at_least: ⟦times⟧}
        during: {last: ⟦span⟧}
      - event: ⟦event⟧
        where: {⟦field⟧: {starts_with: ⟦start in where⟧}}
        during: {after: ⟦after⟧}
      - {event: workflow_enrolled, where: {workflow_id: {is: ⟦workflow id⟧}}}
steps:
  - {id: ⟦step id⟧, send_email: ⟦email⟧}
  - {id: wait, delay: ⟦delay⟧}
  - {id: set, set_property: {⟦property set⟧: ⟦value set⟧}}
  - id: split
    branch: [{when: {in_segment: ⟦segment⟧}, steps: [{id: in, send_email: in}]}]
  - {id: act, action: ⟦action⟧, with: {⟦key in with⟧: [⟦value in with⟧]}}
"""
PLAIN = {
    "project name": "acme",
    "database": "acme.duckdb",
    "timezone": "Europe/Paris",
    "marketing hub": "enterprise",
    "receipt event": "delivered",
    "on bad value": "fail",
    "max gone": "10 %",
    "attach alias": "crm",
    "attach path": "crm.duckdb",
    "allowed path": "../allowed",
    "publish place": "published/copy.duckdb",
    "publish format": "duckdb",
    "source of contacts": "contacts.parquet",
    "source of events": "events.parquet",
    "source of a segment": "listed.csv",
    "query": "SELECT * FROM 'emails.parquet'",
    "own column": "years",
    "enabled": "true",
    "active from": "2026-01-01",
    "trigger": "filter",
    "option": "true",
    "number": "7",
    "date": "2026-01-02",
    "instant": "2026-01-03T10:00:00Z",
    "duration": "3 days",
    "operator": "known",
    "suppression": "listed",
    "other workflow": "other",
    "status": "completed",
    "times": "2",
    "span": "30 days",
    "after": "2026-01-01",
    "delay": "2 hours",
}
"""What stands in a place whose text is not free; elsewhere it is any word."""

FREE = (
    "property", "event", "field", "segment", "another key", "value in a segment", "workflow id",
    "workflow name", "value of is", "value of any_of", "value of is_not", "value of contains",
    "value of not_starts_with", "value of ends_with", "value of ever", "goal name",
    "value in where", "start in where", "step id", "email", "property set", "value set", "action",
    "key in with", "value in with", "workflow file", "segment file",
)  # fmt: skip
PLACES = (*PLAIN, *FREE)


def filled(words: dict[str, str]) -> dict[str, str]:
    """The files of the project, by path.

    Args:
        words: what stands in each place, as YAML.
    """
    files = {
        "goalsql.yml": GOALSQL_YML,
        "segments/segments.yml": SEGMENTS,
        "workflows/one.yml": WORKFLOW,
        "workflows/other.yml": "id: other\nenrollment: {trigger: manual}\n",
    }
    for place, word in words.items():
        files = {path: text.replace(f"⟦{place}⟧", word) for path, text in files.items()}
    return files
