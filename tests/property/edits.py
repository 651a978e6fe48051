"""Strategies for edits between ticks: one thing of one workflow at a time, as a rule (SPEC 5)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.property.chains import INSIDE
from tests.property.criteria import Vocabulary, criteria
from tests.property.pools import DELAYS, chance
from tests.property.workflows import (
    ACTIVE_FROM,
    Steps,
    comes_late,
    enrollment,
    goal,
    unenroll_when,
)
from tests.property.world import Edit, World

THEMES = (
    ("no goal", "no goal", "no goal", "goal"),
    ("trigger", "trigger", "also", "enroll_existing", "re_enroll", "segment"),
    ("re_enroll", "re_enroll", "trigger"),
    ("steps",),
    ("suppression", "unenroll_when", "segment", "goal", "trigger"),
    ("file", "enabled", "active_from", "no goal", "trigger", "steps"),
)
"""What is edited in a world: the same things again and again, so that edits meet each other."""


MET_AGAIN = tuple(
    {"criteria": {"event": event, "during": {"last": length}}}
    for event in ("page_view", "form")
    for length in ("6 hours", "1 second")
)
"""Goals that come true at each of many events, so that one set again is met."""


@dataclass
class Files:
    """What the files hold; `gone` are workflows whose files are not there."""

    segments: dict[str, Any]
    workflows: list[dict[str, Any]]
    gone: set[str]

    def there(self) -> list[dict[str, Any]]:
        """The workflows whose files are there."""
        return [workflow for workflow in self.workflows if workflow["id"] not in self.gone]


@st.composite
def edits(
    draw: st.DrawFn, world: World, vocabularies: Mapping[str, Vocabulary], with_apply: bool
) -> list[Edit]:
    """Edits before some of the ticks, often two of them before one."""
    files = Files(world.segments, world.workflows, set())
    found: list[Edit] = []
    theme = draw(st.sampled_from(THEMES))
    names = sorted(vocabularies)
    favourite = draw(st.sampled_from(names))
    for tick in range(len(world.ticks)):
        for number in range(draw(st.sampled_from((1, 1, 1, 1, 0, 2) if tick else (0, 0, 0, 1)))):
            files = copy.deepcopy(files)
            name = draw(st.sampled_from((favourite, favourite, favourite, *names)))
            what = draw(st.sampled_from(theme)) if tick else "file"
            draw(_edited(files, name, what, vocabularies, 100 * (tick + 1) + 10 * number))
            is_applied = with_apply and tick > 0 and draw(chance(1, 4))
            found.append(Edit(tick, files.segments, files.there(), is_applied))
    return found


@st.composite
def _edited(
    draw: st.DrawFn,
    files: Files,
    name: str,
    what: str,
    vocabularies: Mapping[str, Vocabulary],
    number: int,
) -> None:
    """Changes one thing; new steps get ids from `number` on."""
    vocabulary = vocabularies[name]
    (workflow,) = (each for each in files.workflows if each["id"] == name)
    if what == "file" and not any(name in each.workflows for each in vocabularies.values()):
        files.gone ^= {name}
    if what == "segment":
        draw(_edited_segment(files.segments, vocabulary))
    if what == "goal" or (what == "no goal" and workflow.pop("goal", None) is None):
        workflow["goal"] = draw(st.one_of(goal(vocabulary), st.sampled_from(MET_AGAIN)))
    if what == "trigger":
        workflow["enrollment"] = draw(enrollment(vocabulary))
    if what in ("also", "enroll_existing"):
        draw(_edited_form(workflow["enrollment"], what, vocabulary))
    if what == "re_enroll":
        workflow["enrollment"]["re_enroll"] = not workflow["enrollment"].get("re_enroll", False)
    if what == "steps":
        draw(_edited_steps(workflow["steps"], vocabulary, number))
    if what == "suppression" and vocabulary.segments:
        names = st.sampled_from(vocabulary.segments)
        workflow["suppression"] = draw(st.lists(names, max_size=2, unique=True))
    if what == "unenroll_when" and workflow.pop("unenroll_when", None) is None:
        workflow["unenroll_when"] = draw(unenroll_when(vocabulary))
    if what == "active_from":
        workflow["active_from"] = draw(st.sampled_from(ACTIVE_FROM))
    if what == "enabled":
        workflow["enabled"] = not workflow.get("enabled", True)


@st.composite
def _edited_segment(draw: st.DrawFn, segments: dict[str, Any], vocabulary: Vocabulary) -> None:
    """Other criteria for a segment, which use no other dynamic one."""
    names = sorted(segments.keys() - {INSIDE})
    if names:
        plain = tuple(name for name in vocabulary.segments if name not in segments)
        vocabulary = replace(vocabulary, segments=plain, workflows=())
        segments[draw(st.sampled_from(names))] = {"criteria": draw(comes_late(vocabulary))}


@st.composite
def _edited_form(
    draw: st.DrawFn, enrollment: dict[str, Any], what: str, vocabulary: Vocabulary
) -> None:
    """Another `also`, or `enroll_existing` switched, in a form that may have it."""
    kind = "event" if what == "also" else "filter"
    forms = [form for form in enrollment.get("of", [enrollment]) if form["trigger"] == kind]
    if not forms:
        return
    form = draw(st.sampled_from(forms))
    if what == "also":
        form["also"] = draw(criteria(vocabulary, depth=1))
    else:
        form["enroll_existing"] = not form.get("enroll_existing", True)


@st.composite
def _edited_steps(
    draw: st.DrawFn, steps: list[dict[str, Any]], vocabulary: Vocabulary, number: int
) -> None:
    """Steps put in, taken out, moved; other delays; now and then all of them new."""
    lists = step_lists(steps)
    has_ids = all("id" in step for each in lists for step in each)
    new = Steps(vocabulary, has_ids, number)
    for _ in range(draw(st.integers(1, 3))):
        some = draw(st.sampled_from(step_lists(steps)))
        change = draw(st.sampled_from(("in", "in", "out", "out", "out", "move", "delay", "all")))
        if change == "all" and draw(chance(1, 2)):
            steps[:] = draw(new.some(depth=1))
        elif change == "in" or not some:
            some.insert(draw(st.integers(0, len(some))), draw(new.one(depth=1)))
        elif change == "delay":
            for step in some:
                if "delay" in step:
                    step["delay"] = draw(st.sampled_from(DELAYS))
        else:
            step = some.pop(draw(st.integers(0, len(some) - 1)))
            if change == "move":
                to = draw(st.sampled_from(step_lists(steps)))
                to.insert(draw(st.integers(0, len(to))), step)


def step_lists(steps: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Every list of steps, those of arms too."""
    found = [steps]
    for step in steps:
        for arm in step.get("branch", []):
            found += step_lists(arm["steps"])
    return found
