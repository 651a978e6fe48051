"""The format of the conformance files: what stands in a file, read into steps.

A file is a header of `#` lines (`# description:`, `# spec:`), then paragraphs; a blank line ends
a paragraph, its first line is the directive:

    project                 YAML, merged into goalsql.yml
    workflow                YAML of a workflow (id: w where it says none); a later one with the
                            same id replaces it
    segments [FILE]         YAML of segments; a later one with the same FILE replaces it
    remove workflow ID      the workflow's file goes away; so does `remove segments FILE`
    probe ID                criteria; `truth` shows when they were true (below)
    contacts                a table; so are `changes`, `emails`, `events NAME`, `static NAME`;
                            `add TABLE` and `replace TABLE` change it between ticks
    file PATH               the text of a file, for sources of one's own
    sql                     statements run in the project's database, or `sql FILE` in another one;
                            DIR/ is the project's directory
    enroll W CONTACT...     queues contacts
    tick T [event] [allow-gone]      a tick, by default with the tick clock; a line `warns TEXT`
                            below it: the tick warns so
    apply [T [event]]       records the definitions; with T after a tick under the old ones
    error tick T ...        a tick that fails; below it parts of the message; nothing changes
    query                   SQL, `----`, the rows in any order
    truth                   rows `PROBE CONTACT FROM TO` in any order; TO is `...` if still true
    not in MODE... : why    modes that the file cannot run in

Tables have a header line and are separated by `|` if that has one, else by blanks. A column is
text unless its header says otherwise (`amount:double`) or it is one of the instants of SPEC 2.
NULL is null and '' the empty text. Columns that are left out: contacts were created on
2025-01-01, events are numbered e1, e2, ..., emails are those of workflow `w`, id `mail`, and
`delivered`.

A probe is a workflow with a filter trigger that re-enrolls, an unenrollment trigger that is the
opposite, and one endless delay: its enrollments are the truth intervals of its criteria.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent
from typing import Literal

INSTANTS = ("created_at", "occurred_at", "loaded_at", "updated_at", "added_at")
TABLES = ("contacts", "changes", "emails", "events", "static")
SIMPLE = (
    "project", "workflow", "segments", "probe", "file", "remove", "sql", "enroll", "apply",
    "truth", "query",
)  # fmt: skip
ONE_LINE = ("remove", "enroll", "apply")
UNLAWFUL = ("enroll", "error", "file", "sql", "remove", "apply")
DEFAULTS = {
    "contacts": {"created_at": "2025-01-01"},
    "events": {"event_id": "e{}"},
    "emails": {"event_id": "m{}", "event": "delivered", "workflow_id": "w", "email_id": "mail"},
}
PROBE = """\
id: {name}
active_from: 2000-01-01T00:00:00Z
enrollment:
  trigger: filter
  re_enroll: true
  criteria:
{criteria}
unenroll_when:
  not:
{criteria}
steps: [{{id: stay, delay: 300000 days}}]
"""
PROBE_ID = "probe_"

Row = tuple[str | None, ...]


@dataclass
class Table:
    """A source's rows as text, with the types of its columns."""

    columns: dict[str, str]
    rows: list[Row]


@dataclass
class Step:
    """One directive: its words, and what stands below it."""

    kind: str
    words: list[str]
    lines: list[str]
    line: int

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def at(self) -> str:
        return self.words[0]

    @property
    def clock(self) -> Literal["event", "tick"]:
        return "event" if "event" in self.words else "tick"


@dataclass
class Scenario:
    """A file: what it says of itself, its steps, and the modes that it excludes, with reasons."""

    path: Path
    header: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[Step]:
        return [step for step in self.steps if step.kind in kinds]

    @property
    def lawful(self) -> bool:
        """Whether The Law of SPEC 4 applies: any sequence of ticks gives what one tick gives."""
        kinds = [step.kind for step in self.steps]
        asked = {"query", "truth"}
        if kinds.count("tick") != 1 or set(UNLAWFUL) & set(kinds):
            return False
        if not set(kinds[kinds.index("tick") + 1 :]) <= asked:
            return False
        undated = [s for s in self.of("workflow") if "active_from:" not in s.text]
        late = [s for s in self.of(*TABLES) if "loaded_at" in s.lines[0]]
        return self.of("tick")[0].clock == "event" and not undated and not late


def read_scenario(path: Path) -> Scenario:
    """Reads a conformance file."""
    scenario = Scenario(path)
    number = 0
    for paragraph in re.split(r"\n[ \t]*\n", path.read_text()):
        first = number + 1
        number += paragraph.count("\n") + 2
        lines = [line for line in paragraph.splitlines() if line.strip()]
        for line in [line for line in lines if line.startswith("#")]:
            key, _, value = line[1:].partition(":")
            scenario.header.setdefault(key.strip(), value.strip())
        lines = [line for line in lines if not line.startswith("#")]
        if lines:
            _read_paragraph(scenario, lines, first)
    missing = [key for key in ("description", "spec") if not scenario.header.get(key)]
    assert not missing, f"{path}: the header lacks {missing}"
    return scenario


def _read_paragraph(scenario: Scenario, lines: list[str], number: int) -> None:
    head, *rest = lines
    words = head.split()
    if head.startswith("not in "):
        modes, _, reason = head.removeprefix("not in ").partition(":")
        assert reason.strip(), f"{scenario.path}:{number}: say why"
        scenario.excluded.update(dict.fromkeys(modes.split(), reason.strip()))
    elif words[0] in ("tick", "error"):
        for line in lines:
            parts = line.split()
            if parts[0] == "tick":
                scenario.steps.append(Step("tick", parts[1:], [], number))
            elif parts[:2] == ["error", "tick"]:
                scenario.steps.append(Step("error", parts[2:], [], number))
            else:
                scenario.steps[-1].lines.append(line)
    elif words[0] in ("add", "replace", *TABLES):
        scenario.steps.append(Step(words[0], words[1:], rest, number))
    else:
        assert words[0] in SIMPLE, f"{scenario.path}:{number}: unknown directive {head!r}"
        stray = rest if words[0] in ONE_LINE else []
        assert not stray, f"{scenario.path}:{number}: a blank line should come before {stray}"
        scenario.steps.append(Step(words[0], words[1:], rest, number))


def cells(line: str, bars: bool) -> list[str]:
    """The cells of a row."""
    return [cell.strip() for cell in line.split("|")] if bars else line.split()


def read_table(kind: str, lines: list[str], before: int) -> Table:
    """Reads a table and fills in the columns that it leaves out.

    Args:
        kind: which kind of source it is.
        lines: the header and the rows.
        before: how many rows the source has already.
    """
    head, *body = lines
    bars = "|" in head
    columns: dict[str, str] = {}
    for cell in cells(head, bars):
        name, _, sql = cell.partition(":")
        columns[name] = sql or ("timestamp" if name in INSTANTS else "varchar")
    rows: list[Row] = []
    defaults = {c: v for c, v in DEFAULTS.get(kind, {}).items() if c not in columns}
    for number, line in enumerate(body, start=before + 1):
        given = cells(line, bars)
        assert len(given) == len(columns), f"{len(columns)} columns, but the row is {line!r}"
        values = [None if v == "NULL" else "" if v == "''" else v for v in given]
        rows.append((*values, *(text.format(number) for text in defaults.values())))
    for name in defaults:
        columns[name] = "timestamp" if name in INSTANTS else "varchar"
    return Table(columns, rows)


def workflow_of(step: Step) -> tuple[str, str]:
    """The id and the file of a workflow or a probe."""
    if step.kind == "probe":
        name = PROBE_ID + step.words[0]
        return name, PROBE.format(name=name, criteria=indent(step.text, "    "))
    found = re.search(r"^id: *(\S+)", step.text, re.MULTILINE)
    return (found[1], step.text) if found else ("w", f"id: w\n{step.text}")
