"""Strategies for workflows that look at the state of others: chains, and circles (SPEC 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.property.criteria import Vocabulary, criteria, workflow_leaf
from tests.property.workflows import workflow

INSIDE = "inside"
"""The segment that speaks of workflows."""


@st.composite
def chained(
    draw: st.DrawFn,
    workflow_ids: Sequence[str],
    vocabulary: Vocabulary,
    segments: dict[str, Any],
    lawful: bool,
    circles: bool,
) -> list[tuple[dict[str, Any], Vocabulary]]:
    """The workflows, each of which may speak of those before it, in whatever order of ids.

    Beside each stands what it may speak of.

    With `circles` each may speak of all, itself too. Adds a segment to `segments` that speaks of
    the first (with `circles`, of any), for the others (for all) to use.
    """
    order = draw(st.permutations(workflow_ids))
    found: list[tuple[dict[str, Any], Vocabulary]] = []
    if circles:
        vocabulary = replace(vocabulary, workflows=tuple(workflow_ids))
        vocabulary = _with_segment(vocabulary, segments, draw(inside(vocabulary)))
    for number, name in enumerate(order):
        found.append((draw(workflow(name, vocabulary, lawful)), vocabulary))
        if not circles:
            vocabulary = replace(vocabulary, workflows=tuple(order[: number + 1]))
        if not circles and number == 0 and len(order) > 1:
            vocabulary = _with_segment(vocabulary, segments, draw(inside(vocabulary)))
    return found


def _with_segment(
    vocabulary: Vocabulary, segments: dict[str, Any], definition: dict[str, Any]
) -> Vocabulary:
    segments[INSIDE] = definition
    return replace(vocabulary, segments=(*vocabulary.segments, INSIDE))


@cache
def inside(vocabulary: Vocabulary) -> st.SearchStrategy[dict[str, Any]]:
    """A segment by the status in a workflow, or by that and something else."""
    leaf = workflow_leaf(vocabulary)
    mixed = st.builds(
        lambda group, *members: {group: list(members)},
        st.sampled_from(("all", "any")),
        leaf,
        criteria(vocabulary, depth=1),
    )
    return st.one_of(leaf, mixed).map(lambda found: {"criteria": found})
