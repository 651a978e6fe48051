"""Reads criteria (SPEC 3): leaves, `all`, `any`, `not`, and the `where` of event leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, get_args

from goalsql.codes import Code
from goalsql.errors import Problem
from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Criteria,
    During,
    EventLeaf,
    FieldTest,
    HistoryOperator,
    Not,
    Operator,
    PropertyLeaf,
    SegmentLeaf,
    TimeOperator,
    Times,
    ValueOperator,
    Where,
    WorkflowLeaf,
    leaves,
)
from goalsql.model.reading import Spot, guess, names, part, part_or
from goalsql.model.yaml_tree import ListNode, MapNode, TextNode

T = TypeVar("T")

GROUPS = ("all", "any", "not")
LEAVES = ("property", "event", "in_segment", "not_in_segment", "workflow")
VALUE_OPERATORS: tuple[ValueOperator, ...] = get_args(ValueOperator)
TIME_OPERATORS: tuple[TimeOperator, ...] = get_args(TimeOperator)
HISTORY_OPERATORS: tuple[HistoryOperator, ...] = get_args(HistoryOperator)
OPERATORS: tuple[Operator, ...] = (*VALUE_OPERATORS, *TIME_OPERATORS, *HISTORY_OPERATORS)
OPTIONS = ("ignore_case", "include_unknown")
LISTED = {"is": "any_of", "is_not": "none_of"}
TAKE_A_DURATION = (*TIME_OPERATORS, "changed_within", "not_changed_within")
SETTLE_UNKNOWN = ("known", *HISTORY_OPERATORS)
STATUSES = (
    "enrolled", "active", "completed", "unenrolled", "met_goal", "met_goal_any", "not_met_goal",
)  # fmt: skip
TIMES = ("at_least", "at_most", "exactly", "between")
DURING = ("last", "after", "before", "between", "since")


def read_criteria(at: Spot) -> Criteria | None:
    """Reads criteria; members that cannot be read are logged and left out (SPEC 3).

    Returns:
        The criteria, None where nothing of them can be read.
    """
    if isinstance(at.node, ListNode):
        return _all(at, read_criteria)
    head = _head(at)
    if head is None:
        return None
    if head in GROUPS:
        return _group(at, head, read_criteria)
    if head == "property":
        return _property(at)
    if head == "event":
        return _event(at)
    if head == "workflow":
        return _workflow(at)
    return _segment(at, head)


def forbid_since_enrollment(criteria: Criteria, at: Spot) -> None:
    """Logs `{since: enrollment}` where there is no enrollment yet: triggers, segments."""
    for leaf, _ in leaves(criteria):
        during = leaf.during if isinstance(leaf, EventLeaf) else None
        if during is not None and during.form == "since_enrollment":
            message = "`since: enrollment` may stand in goal, unenroll_when and branches only"
            mend = "use `last`, `after`, `before` or `between`"
            at.log.problems.append(Problem(Code.NO_ENROLLMENT_YET, during.place, message, mend))


def _head(at: Spot) -> str | None:
    """The one key that says what kind of criteria this is."""
    known = (*GROUPS, *LEAVES)
    found = at.mapping()
    if found is None:
        return None
    heads = [key for key in found if key in known]
    if len(heads) == 1:
        return heads[0]
    if heads:
        mend = "make each a member of `all: [...]` or `any: [...]`"
        at.wrong(
            Code.KEYS_CONFLICT, f"{names(heads)} stand together: criteria have one of them", mend
        )
    elif not found:
        at.wrong(Code.SAYS_NOTHING, "empty criteria say nothing", f"write one of {names(known)}")
    else:
        near = next((mend for key in found if (mend := guess(key, known))), "")
        at.wrong(Code.UNKNOWN_KEY, f"criteria have one of the keys {names(known)}", near)
    return None


def _members(at: Spot, read: Callable[[Spot], T | None]) -> tuple[T, ...]:
    items = at.items() or []
    return tuple(member for item in items if (member := read(item)) is not None)


def _all(at: Spot, read: Callable[[Spot], T | None]) -> AllOf[T] | None:
    members = _members(at, read)
    return AllOf(members) if members else None


def _group(
    at: Spot, head: str, read: Callable[[Spot], T | None]
) -> AllOf[T] | AnyOf[T] | Not[T] | None:
    inner = (at.fields((head,)) or {})[head]
    if head == "not":
        member = read(inner)
        return None if member is None else Not(member)
    if head == "all":
        return _all(inner, read)
    members = _members(inner, read)
    return AnyOf(members) if members else None


def _property(at: Spot) -> PropertyLeaf | None:
    found = at.fields(("property", *OPERATORS, *OPTIONS)) or {}
    name = found["property"].text()
    tested = _read_tests(at, found)
    if name is None or not tested.conditions:
        return None
    return PropertyLeaf(
        name,
        tested.conditions,
        ignore_case=tested.ignore_case,
        include_unknown=tested.include_unknown,
        place=found["property"].place,
    )


@dataclass(frozen=True, slots=True)
class _Tests:
    """The operators and options of a property leaf or a field."""

    conditions: tuple[Condition, ...]
    ignore_case: bool
    include_unknown: bool


def _read_tests(at: Spot, found: dict[str, Spot]) -> _Tests:
    operators = [operator for operator in OPERATORS if operator in found]
    if not operators and found.keys() == at.keys():
        at.wrong(Code.MISSING_KEY, "has no operator", "e.g. `is: value` or `known: true`")
    include_unknown = part_or(found, "include_unknown", Spot.boolean, False)
    settled = [operator for operator in operators if operator in SETTLE_UNKNOWN]
    if include_unknown and settled:
        message = f"does not go with {names(settled)}, which say what unknown means themselves"
        found["include_unknown"].wrong(Code.KEYS_CONFLICT, message, "leave it out")
    read = (_condition(operator, found[operator]) for operator in operators)
    return _Tests(
        tuple(condition for condition in read if condition is not None),
        part_or(found, "ignore_case", Spot.boolean, False),
        include_unknown,
    )


def _condition(operator: Operator, at: Spot) -> Condition | None:
    if operator in TAKE_A_DURATION:
        duration = at.duration()
        return None if duration is None else Condition(operator, (), duration, at.place)
    if operator == "known":
        known = at.boolean()
        return None if known is None else Condition(operator, (str(known).lower(),), None, at.place)
    values: tuple[str, ...] | None
    if operator in ("any_of", "none_of"):
        values = _literals(at)
    elif operator in ("between", "not_between"):
        values = _pair(at)
    else:
        several = LISTED.get(operator) if isinstance(at.node, ListNode) else None
        value = _literal(at, f"write `{several}: [...]`" if several else "")
        values = None if value is None else (value,)
    return None if values is None else Condition(operator, values, None, at.place)


def _literal(at: Spot, mend: str = "") -> str | None:
    value = at.scalar(mend=mend)
    if value in ("null", "~") and isinstance(at.node, TextNode) and at.node.plain:
        message = f"`{value}` is read as a text, not as unknown"
        mend = f"for unknown write `known: false`; for the text write '{value}' in quotes"
        at.log.warnings.append(Problem(Code.NULL_TEXT, at.place, message, mend))
    return value


def _literals(at: Spot) -> tuple[str, ...] | None:
    mend = f"write `[{at.node.text}]`" if isinstance(at.node, TextNode) else ""
    items = at.items(mend=mend)
    if items is None:
        return None
    return tuple(value for item in items if (value := _literal(item)) is not None) or None


def _pair(at: Spot) -> tuple[str, str] | None:
    items = at.items(mend="write `[a, b]`")
    if items is None:
        return None
    if len(items) != 2:
        at.wrong(Code.WRONG_SHAPE, f"takes two values, not {len(items)}", "write `[a, b]`")
        return None
    low, high = _literal(items[0]), _literal(items[1])
    return None if low is None or high is None else (low, high)


def _event(at: Spot) -> EventLeaf | None:
    found = at.fields(("event", "where", "times", "never", "during")) or {}
    name = found["event"].text()
    where = part(found, "where", _where)
    during = part(found, "during", _during)
    times = part_or(found, "times", _times, Times())
    if "never" in found:
        times = Times(0, 0)
        if found["never"].boolean() is False:
            found["never"].wrong(Code.SAYS_NOTHING, "`never: false` says nothing", "leave it out")
        if "times" in found:
            found["times"].wrong(Code.KEYS_CONFLICT, "stands beside `never`", "keep one of them")
    if name is None:
        return None
    return EventLeaf(name, where, times, during, found["event"].place)


def _where(at: Spot) -> Where | None:
    if isinstance(at.node, ListNode):
        return _all(at, _where)
    found = at.mapping()
    if found is None:
        return None
    if not found:
        at.wrong(Code.SAYS_NOTHING, "an empty `where` says nothing", "leave it out")
        return None
    heads = [key for key in found if key in GROUPS]
    if heads and len(found) == 1:
        return _group(at, heads[0], _where)
    if heads:
        mend = "make each a member of `all: [...]`"
        at.wrong(Code.KEYS_CONFLICT, f"{names(heads)} must stand alone in a mapping", mend)
    read = (_field(name, spot) for name, spot in at.named().items() if name not in heads)
    members: tuple[Where, ...] = tuple(test for test in read if test is not None)
    if len(members) == 1:
        return members[0]
    return AllOf(members) if members else None


def _field(name: str, at: Spot) -> FieldTest | None:
    if not isinstance(at.node, MapNode):
        key, value = ("is", "...")
        if isinstance(at.node, ListNode):
            key, value = ("any_of", "[...]")
        elif not at.node.missing:
            value = at.node.text
        mend = f"write `{{{name}: {{{key}: {value}}}}}`"
        at.wrong(Code.WRONG_SHAPE, f"field `{name}` takes a mapping of operators", mend)
        return None
    found = at.fields((*OPERATORS, *OPTIONS)) or {}
    for operator in (*TIME_OPERATORS, *HISTORY_OPERATORS):
        if operator in found:
            message = f"`{operator}` is for properties, not for the fields of an event"
            found.pop(operator).wrong(
                Code.UNFIT_OPERATOR, message, "for the time of the event use `during`"
            )
    tested = _read_tests(at, found)
    if not tested.conditions:
        return None
    return FieldTest(
        name,
        tested.conditions,
        ignore_case=tested.ignore_case,
        include_unknown=tested.include_unknown,
        place=at.place,
    )


def _times(at: Spot) -> Times | None:
    found = _one_of(at, TIMES, "at_least")
    if found is None:
        return None
    form, spot = found
    if form == "between":
        items = spot.items(mend="write `[a, b]`") or []
        counts = [item.count() for item in items]
        if items and len(items) != 2:
            spot.wrong(Code.WRONG_SHAPE, f"takes two numbers, not {len(items)}", "write `[a, b]`")
            return None
        if not counts or counts[0] is None or counts[1] is None:
            return None
        if counts[0] > counts[1]:
            spot.wrong(
                Code.EMPTY_RANGE,
                f"{counts[0]} is more than {counts[1]}",
                "the smaller number comes first",
            )
            return None
        return Times(counts[0], counts[1])
    count = spot.count()
    if count is None:
        return None
    if form == "at_least":
        if count == 0:
            spot.wrong(
                Code.SAYS_NOTHING,
                "`at_least: 0` is always true",
                "write at_least: 1, or leave the leaf out",
            )
            return None
        return Times(count)
    return Times(0 if form == "at_most" else count, count)


def _during(at: Spot) -> During | None:
    found = _one_of(at, DURING, "last")
    if found is None:
        return None
    form, spot = found
    if form == "last":
        duration = spot.duration()
        return None if duration is None else During("last", duration, place=spot.place)
    if form == "between":
        pair = _pair(spot)
        return None if pair is None else During("between", bounds=pair, place=spot.place)
    if form == "since":
        since = spot.choice(("enrollment",))
        return None if since is None else During("since_enrollment", place=spot.place)
    bound = spot.scalar()
    if bound is None:
        return None
    return During("after" if form == "after" else "before", bounds=(bound,), place=spot.place)


def _one_of(at: Spot, forms: tuple[str, ...], usual: str) -> tuple[str, Spot] | None:
    """The one form that a mapping such as `times` holds."""
    if isinstance(at.node, TextNode):
        mend = f"write `{{{usual}: {at.node.text or '...'}}}`"
        at.wrong(Code.WRONG_SHAPE, f"must be a mapping with one of {names(forms)}", mend)
        return None
    found = at.fields(forms)
    if found is None or (not found and at.keys()):
        return None
    if len(found) != 1:
        mend = f"keep one of {names(found)}" if found else f"write one of {names(forms)}"
        if "at_least" in found and "at_most" in found:
            mend = "write `between: [a, b]`"
        at.wrong(Code.KEYS_CONFLICT, f"takes exactly one of {names(forms)}", mend)
        return None
    return next(iter(found.items()))


def _segment(at: Spot, head: str) -> SegmentLeaf | None:
    found = at.fields((head,)) or {}
    name = found[head].text()
    if name is None:
        return None
    return SegmentLeaf(name, head == "not_in_segment", found[head].place)


def _workflow(at: Spot) -> WorkflowLeaf | None:
    found = at.fields(("workflow", "status"), required=("status",)) or {}
    name = found["workflow"].text()
    status = found["status"].choice(STATUSES) if "status" in found else None
    if name is None or status is None:
        return None
    return WorkflowLeaf(name, status, found["workflow"].place)
