"""Strategies for the files of a project: settings, segments, workflows (SPEC 2)."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from hypothesis import strategies as st

from tests.property.criteria import Vocabulary, criteria, event_leaf, often_true
from tests.property.pools import DELAYS, GRID, START, TIMEZONES, chance, instant_text

Tree: TypeAlias = Any
WORKFLOW_IDS = ("w1", "w2", "w'3 é")
ACTIVE_FROM = (instant_text(START), instant_text(GRID[2]), instant_text(GRID[5]), "2026-03-25")


@cache
@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    """goalsql.yml without its sources."""
    hub = draw(st.sampled_from(("none", "starter", *("professional",) * 3, *("enterprise",) * 3)))
    return {
        "name": "world",
        "database": "world.duckdb",
        "timezone": draw(st.sampled_from(TIMEZONES)),
        "account": {"marketing_hub": hub},
        "receipt_event": draw(st.sampled_from(("delivered", "delivered", "opened"))),
        "on_bad_value": draw(st.sampled_from(("fail", "skip"))),
    }


@cache
@st.composite
def segments(draw: st.DrawFn, vocabulary: Vocabulary) -> dict[str, Any]:
    """Up to two dynamic segments, the second of which may use the first; statics are data."""
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        found["first"] = {"criteria": draw(comes_late(vocabulary))}
        if draw(st.booleans()):
            names = (*vocabulary.segments, "first")
            wider = Vocabulary(vocabulary.has_history, vocabulary.has_emails, names)
            found["second"] = {"criteria": draw(criteria(wider, depth=1))}
    return found


@cache
@st.composite
def workflow(
    draw: st.DrawFn, workflow_id: str, vocabulary: Vocabulary, lawful: bool
) -> dict[str, Any]:
    """One workflow file; a `lawful` one has an active_from and is enabled (The Law)."""
    found: dict[str, Any] = {"id": workflow_id, "enrollment": draw(enrollment(vocabulary))}
    if draw(st.booleans()):
        found["name"] = f"The {workflow_id}"
    if lawful or draw(chance(7, 8)):
        found["active_from"] = draw(st.sampled_from(ACTIVE_FROM))
    if not lawful and draw(chance(1, 16)):
        found["enabled"] = False
    if draw(chance(1, 2)) and vocabulary.segments:
        names = st.sampled_from(vocabulary.segments)
        found["suppression"] = draw(st.lists(names, min_size=1, max_size=2, unique=True))
    if draw(chance(1, 2)):
        found["unenroll_when"] = draw(unenroll_when(vocabulary))
    if draw(chance(11, 12)):
        found["goal"] = draw(goal(vocabulary))
    steps = Steps(vocabulary, draw(st.booleans()))
    found["steps"] = draw(steps.some(depth=2))
    if draw(chance(3, 4)):
        found["steps"].insert(0, steps.with_id({"delay": draw(st.sampled_from(DELAYS))}))
        found["steps"].insert(0, steps.with_id({"send_email": "welcome"}))
    return found


@cache
@st.composite
def goal(draw: st.DrawFn, vocabulary: Vocabulary) -> dict[str, Any]:
    """A goal: half of them an event since the enrollment, so that they are met after it."""
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        found["name"] = "Became a customer"
    if draw(st.booleans()):
        leaf = draw(st.sampled_from(({"event": "form"}, {"event": "page_view"})))
        found["criteria"] = leaf | {"during": {"since": "enrollment"}}
    else:
        found["criteria"] = draw(criteria(vocabulary, depth=3, since=True))
    return found


@cache
def unenroll_when(vocabulary: Vocabulary) -> st.SearchStrategy[Tree]:
    """An exit, often one that counts from the enrollment on."""
    since = {"during": {"since": "enrollment"}}
    forms = [
        st.just({"event": "form"} | since),
        st.just({"event": "page_view", "times": {"at_least": 2}} | since),
        comes_late(vocabulary),
        criteria(vocabulary, depth=1, since=True),
    ]
    return st.one_of(forms)


@cache
def comes_late(vocabulary: Vocabulary) -> st.SearchStrategy[Tree]:
    """Criteria that often come true in the middle of a passage, or hold for a while only."""
    plain = st.sampled_from(
        (
            {"event": "page_view", "times": {"exactly": 2}},
            {"event": "form", "during": {"after": instant_text(GRID[8])}},
            {"event": "page_view", "times": {"at_least": 2}, "during": {"last": "1 day"}},
        )
    )
    return st.one_of(plain, criteria(vocabulary, depth=1))


@cache
@st.composite
def enrollment(draw: st.DrawFn, vocabulary: Vocabulary) -> dict[str, Any]:
    """Every trigger form; `any_of` holds two or three."""
    form = draw(st.sampled_from((*("filter",) * 6, *("event",) * 5, *("any_of",) * 4, "manual")))
    found: dict[str, Any] = {"trigger": form}
    if form == "any_of":
        forms = st.sampled_from(("filter", "filter", "event", "event", "manual"))
        names = draw(st.lists(forms, min_size=2, max_size=3))
        found["of"] = [draw(trigger(name, vocabulary)) for name in names]
    else:
        found |= draw(trigger(form, vocabulary))
    if draw(st.booleans()):
        found["re_enroll"] = True
    return found


@cache
@st.composite
def trigger(draw: st.DrawFn, form: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """One form of the trigger."""
    found: dict[str, Any] = {"trigger": form}
    if form == "filter":
        plain, nested = often_true(vocabulary), criteria(vocabulary, depth=3)
        found["criteria"] = draw(st.one_of(plain, nested))
        if draw(chance(1, 4)):
            found["enroll_existing"] = False
    if form == "event":
        leaves = st.lists(event_leaf(vocabulary, bare=True), min_size=1, max_size=2)
        several = leaves.map(lambda members: {"any": members})
        found["criteria"] = draw(st.one_of(event_leaf(vocabulary, bare=True), several))
        if draw(chance(1, 3)):
            found["also"] = draw(criteria(vocabulary, depth=1))
    return found


class Steps:
    """Makes the steps of one workflow: numbers their ids, or gives them none."""

    def __init__(self, vocabulary: Vocabulary, has_ids: bool, number: int = 0) -> None:
        self.vocabulary = vocabulary
        self.has_ids = has_ids
        self.number = number

    def some(self, depth: int) -> st.SearchStrategy[list[Tree]]:
        """A list of steps; more and longer ones at the top."""
        return st.lists(self.one(depth), max_size=2 + depth)

    def one(self, depth: int) -> st.SearchStrategy[Tree]:
        """One step; branches nest `depth` deep."""
        kinds = [
            st.builds(lambda email: {"send_email": email}, st.sampled_from(("welcome", "offer"))),
            st.builds(lambda length: {"delay": length}, st.sampled_from(DELAYS)),
            st.sampled_from(
                (
                    {"send_email": "invoice", "marketing": False},
                    {"set_property": {"nurtured": True}},
                    {"action": "sync", "with": {"queue": "high"}},
                )
            ),
        ]
        if depth > 0:
            kinds.append(self.branch(depth))
        return st.one_of(kinds).map(self.with_id)

    def branch(self, depth: int) -> st.SearchStrategy[Tree]:
        """A branch with one or two arms and perhaps an `otherwise`."""

        @st.composite
        def arms(draw: st.DrawFn) -> Tree:
            found: list[Tree] = []
            for _ in range(draw(st.integers(1, 2))):
                when = draw(criteria(self.vocabulary, depth=1, since=True))
                found.append({"when": when, "steps": draw(self.some(depth - 1))})
            if draw(st.booleans()):
                found.append({"otherwise": True, "steps": draw(self.some(depth - 1))})
            return {"branch": found}

        return arms()

    def with_id(self, step: Tree) -> Tree:
        """The step with the next id, or as it is."""
        if not self.has_ids:
            return step
        self.number += 1
        return {"id": f"s{self.number}"} | step
