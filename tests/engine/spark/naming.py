"""Other names in definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMED = (
    "event", "in_segment", "not_in_segment", "property", "suppression", "workflow", "workflow_id",
)  # fmt: skip
"""The keys under which a text is a name that somebody gave."""


def with_names(tree: Any, names: Mapping[str, str], key: str = "") -> Any:
    """What YAML holds, with other names where it speaks of workflows, segments and sources."""
    if isinstance(tree, dict):
        return {
            one: with_names(each, names, key if key in NAMED else one) for one, each in tree.items()
        }
    if isinstance(tree, list):
        return [with_names(each, names, key) for each in tree]
    return names.get(tree, tree) if key in NAMED and isinstance(tree, str) else tree
