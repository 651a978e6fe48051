"""An explanation for people, in a terminal: trees that need no colour."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from goalsql.model.wording import instant_words
from goalsql.report.explanation import Criterion, Explanation, Happening, Section, Window

_MARKS = {True: ("✓", "green"), False: ("✗", "red")}
_ROLES = {
    "trigger": "Trigger",
    "also": "Also",
    "suppression": "Suppression",
    "unenroll_when": "Unenroll when",
    "goal": "Goal",
    "branch": "Branch",
}


def render_explanation(console: Console, explanation: Explanation) -> None:
    """Prints why a contact stands where it stands, its criteria and its history.

    Args:
        console: where to.
        explanation: what was found out.
    """
    head = f"{explanation.workflow_name} ({explanation.workflow_id}), contact "
    head += f"{explanation.contact_id}, at {instant_words(explanation.at)} UTC"
    reason = explanation.reason
    console.print(Text(head, "bold"))
    console.print(Text(f"{reason[:1].upper()}{reason[1:]}."))
    for note in explanation.notes:
        console.print(Text(f"Note: {note}.", "yellow"))
    for section in explanation.sections:
        console.print()
        console.print(_section(section))
    console.print()
    console.print(Text("History", "bold"))
    if explanation.history:
        console.print(_history(explanation.history))
    else:
        console.print("Nothing has happened to this contact in this workflow.")


def _section(section: Section) -> Tree:
    title = _ROLES[section.role]
    tree = Tree(Text(f"{title}: {section.name}" if section.name else title, "bold"))
    if section.criterion is None:
        tree.add(Text("by `goalsql enroll` only"))
    else:
        _grow(tree, section.criterion)
    return tree


def _grow(tree: Tree, criterion: Criterion) -> None:
    mark, style = _MARKS[criterion.holds]
    label = Text.assemble((f"{mark} ", style), criterion.text)
    if criterion.since is not None:
        held = "true" if criterion.holds else "false"
        label.append(f", {held} since {instant_words(criterion.since)}", "dim")
    for line in _evidence(criterion):
        label.append(f"\n  {line}", "dim")
    branch = tree.add(label)
    for member in criterion.members:
        _grow(branch, member)


def _evidence(criterion: Criterion) -> Iterator[str]:
    """Lines that say what decides a leaf."""
    for entry in criterion.entries:
        yield f"{_shown(entry.value)} from {instant_words(entry.starts_at)}"
    if criterion.kind == "property" and not criterion.entries:
        yield "no value"
    if criterion.window is not None:
        yield f"looks at: {_edges(criterion.window)}"
    if criterion.count is not None:
        yield "1 event" if criterion.count == 1 else f"{criterion.count:,} events"
    for event in criterion.events:
        of = "" if event.event_id is None else f" ({event.event_id})"
        yield f"number {event.number:,}: {instant_words(event.occurred_at)}{of}"


def _shown(value: str | None) -> str:
    if value is None:
        return "unknown"
    return value or "''"


def _edges(window: Window) -> str:
    starts_at, ends_at = window.starts_at, window.ends_at
    parts = [
        "" if starts_at is None else f"from {instant_words(starts_at)}",
        "" if ends_at is None else f"to {instant_words(ends_at)}",
    ]
    return " ".join(part for part in parts if part)


def _history(history: tuple[Happening, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("at", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("detail", overflow="fold")
    for row in history:
        table.add_row(instant_words(row.happened_at), Text(row.what), Text(row.detail))
    return table
