"""Event leaves as SQL: one statement matches all leaves on an event source (DESIGN 1).

Leaves that take the same events, and only count them otherwise, share a matcher.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlglot import exp

from goalsql.compile.matching import Relation, RowRule, taken
from goalsql.compile.predicates import holds, where_holds
from goalsql.compile.relations import by_tick, known, loaded_by_tick, table
from goalsql.compile.statements import Statement
from goalsql.model.catalog import INSTANT, Catalog, ColumnType
from goalsql.model.criteria import (
    AllOf,
    Condition,
    During,
    EventLeaf,
    FieldTest,
    Operator,
    Times,
    Where,
)
from goalsql.model.literals import literal


def matcher_of(leaf: EventLeaf) -> EventLeaf:
    """The leaf without what it counts: leaves that take the same events share a matcher."""
    bounded = leaf.during if leaf.during is not None and leaf.during.bounds else None
    return replace(leaf, times=Times(), during=bounded)


def match_events(
    event: str,
    matchers: Mapping[EventLeaf, int],
    triggers: Collection[int],
    counted: Collection[int],
    catalog: Catalog,
    timezone: str,
    view: str,
    into: str,
) -> list[Statement]:
    """Inserts the rows of one event source that any of its matchers takes.

    Args:
        event: the source's name in criteria.
        matchers: what is asked of the source, numbered.
        triggers: the matchers whose events keep their ids, for a trigger takes each of them once.
        counted: those whose events are told apart, for doubled rows count once; a hash of the id
            is enough among the events of one contact and instant.
        catalog: the columns' types.
        timezone: the project's, for dates in conditions.
        view: where the rows are.
        into: a table of matcher, contact_id, occurred_at, event_id and event_key.
    """
    source = table(view, "e")
    columns = catalog.events[event]
    relation = Relation(source, "e", columns, _seen(columns))
    rules = [_rule(matcher, leaf, catalog, timezone) for leaf, matcher in matchers.items()]
    found = taken(relation, rules, ["contact_id", "event_id", "occurred_at"])
    numbers, rule = set(matchers.values()), exp.column("rule")
    event_id: exp.Expr = exp.null()
    if kept := sorted(numbers & set(triggers)):
        text = exp.cast(exp.column("event_id"), exp.DataType.build("VARCHAR"))
        event_id = exp.case().when(rule.isin(*kept), text)
    event_key: exp.Expr = exp.null()
    if told_apart := sorted(numbers & set(counted)):
        key = exp.func("HASH", exp.column("event_id"))
        event_key = exp.case().when(rule.isin(*told_apart), key)
    rows = exp.select(rule.as_("matcher"), "contact_id", "occurred_at")
    rows = rows.select(event_id.as_("event_id"), event_key.as_("event_key"))
    match = Statement(
        f"match.{event}",
        f"Finds the events of {event} that any rule asks for.",
        exp.insert(rows.from_(found.rows.subquery("taken")), into),
    )
    return [*found.tables(event), match]


def _seen(columns: Mapping[str, ColumnType]) -> list[exp.Expr]:
    """Rows that the tick sees: whole, and neither later nor loaded later (SPEC 4)."""
    return [
        by_tick(exp.column("occurred_at", "e")),
        known(exp.column("event_id", "e")),
        known(exp.column("contact_id", "e")),
        *loaded_by_tick(columns, "e"),
    ]


def _rule(matcher: int, leaf: EventLeaf, catalog: Catalog, timezone: str) -> RowRule:
    rule = RowRule(matcher)
    where = leaf.where
    for part in where.members if isinstance(where, AllOf) else () if where is None else (where,):
        if not _is_key(rule, part, catalog.events[leaf.event], timezone):
            rule.rest.append(where_holds(part, catalog, leaf.event, timezone, "e"))
    if leaf.during is not None and leaf.during.bounds:
        rule.rest.append(_in_bounds(leaf.during, timezone))
    return rule


def _is_key(rule: RowRule, test: Where, fields: Mapping[str, ColumnType], timezone: str) -> bool:
    """Whether a test is an equality, which the rule then has in its key."""
    if not isinstance(test, FieldTest) or test.ignore_case or test.include_unknown:
        return False
    if len(test.conditions) > 1 or test.conditions[0].operator not in ("is", "any_of"):
        return False
    kind = fields[test.name].kind
    values = [literal(value, kind, timezone) for value in test.conditions[0].values]
    return rule.takes_key(test.name, kind, values)


def _in_bounds(during: During, timezone: str) -> exp.Expr:
    """`after: x` is > x, `before: x` < x, `between: [x, y]` takes both ends in (SPEC 3.2)."""
    operators: dict[str, Operator] = {"after": "gt", "before": "lt", "between": "between"}
    condition = Condition(operators[during.form], during.bounds)
    return holds(exp.column("occurred_at", "e"), INSTANT, condition, timezone)
