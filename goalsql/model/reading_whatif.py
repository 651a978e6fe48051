"""Reads the other definition of a what-if: files with what would stand in a workflow's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from goalsql.errors import Problem
from goalsql.model.reading import Log, Spot, in_order
from goalsql.model.reading_criteria import GROUPS, LEAVES, read_criteria
from goalsql.model.reading_workflow import read_enrollment, read_goal, read_suppression
from goalsql.model.workflow import Goal, Workflow
from goalsql.model.yaml_tree import ListNode, read_yaml

Part = Literal["goal", "enrollment", "suppression"]


def read_other(workflow: Workflow, files: Mapping[Part, Path]) -> tuple[Workflow, list[Problem]]:
    """The workflow with parts of it as they stand in other files. Never raises.

    A file holds what would stand under `goal:`, `enrollment:` or `suppression:` of the workflow's
    own, with that key above it or without. A goal may be its criteria alone.

    Args:
        workflow: as its own file says.
        files: the file of each part that is to be another.

    Returns:
        The other workflow, and every mistake found in the files, in which case it is of no use.
    """
    log = Log()
    other = workflow
    for part, path in files.items():
        node, problems = read_yaml(path, str(path))
        log.problems.extend(problems)
        if node is None:
            continue
        other = _with_part(other, part, _body(Spot(node, node.line, str(path), log), part))
    return other, in_order(log.problems)


def _body(at: Spot, part: Part) -> Spot:
    """What stands under the key of the part, or everything where that key is left out."""
    body = at.child(part)
    if body is None:
        return at
    at.fields((part,))
    return body


def _with_part(workflow: Workflow, part: Part, at: Spot) -> Workflow:
    if part == "goal":
        return replace(workflow, goal=_goal(at))
    if part == "enrollment":
        triggers, re_enroll = read_enrollment(at)
        return replace(workflow, triggers=triggers, re_enroll=re_enroll)
    named = read_suppression(at)
    return replace(
        workflow,
        suppression=tuple(name for name, _ in named),
        suppression_places=tuple(place for _, place in named),
    )


def _goal(at: Spot) -> Goal | None:
    """A goal, or criteria alone: those are told by the key that every criteria have."""
    if not isinstance(at.node, ListNode) and not at.keys() & {*GROUPS, *LEAVES}:
        return read_goal(at)
    criteria = read_criteria(at)
    return None if criteria is None else Goal(criteria, None, at.place)
