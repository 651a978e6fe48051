"""Event leaves as SQL: one scan of each event source matches all leaves on it (DESIGN 1).

Equality conditions are rows of a small table that joins the source once; what cannot be a key is
a predicate, once per distinct leaf, in the same scan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import product
from math import prod

from sqlglot import exp

from goalsql.compile.predicates import constant, holds, where_holds
from goalsql.compile.relations import by_tick, event_view, known, loaded_by_tick, table
from goalsql.compile.statements import Statement
from goalsql.model.catalog import Catalog, ColumnType, Kind
from goalsql.model.criteria import AllOf, Condition, During, EventLeaf, FieldTest, Operator, Times
from goalsql.model.literals import Value, literal

KEY_KINDS = {Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.DATE}
MOST_KEYS = 1_000
OCCURRED = ColumnType(Kind.INSTANT, "TIMESTAMP")
Key = dict[str, list[Value]]


def matcher_of(leaf: EventLeaf) -> EventLeaf:
    """The leaf without what it counts: leaves that take the same events share a matcher."""
    bounded = leaf.during if leaf.during is not None and leaf.during.bounds else None
    return replace(leaf, times=Times(), during=bounded)


def match_events(
    event: str,
    matchers: Mapping[EventLeaf, int],
    keeps_ids: Collection[int],
    catalog: Catalog,
    timezone: str,
) -> Statement:
    """Inserts into `match` the rows of one event source that any of its matchers takes.

    Args:
        event: the source's name in criteria.
        matchers: what is asked of the source, numbered.
        keeps_ids: the matchers whose events are told apart by their ids.
        catalog: the columns' types.
        timezone: the project's, for dates in conditions.
    """
    keyed: dict[tuple[str, ...], list[tuple[int, Key]]] = defaultdict(list)
    predicates: list[tuple[int, exp.Expr]] = []
    for leaf, matcher in matchers.items():
        key = _key(leaf, catalog, timezone)
        if key is not None:
            keyed[tuple(sorted(key))].append((matcher, key))
        else:
            predicates.append((matcher, _predicate(leaf, catalog, timezone)))
    query = exp.select(
        exp.column("contact_id", "e"), exp.column("event_id", "e"), exp.column("occurred_at", "e")
    ).from_(table(event_view(event), "e"))
    lists: list[exp.Expr] = []
    matches: list[exp.Expr] = []
    for number, (fields, rules) in enumerate(sorted(keyed.items()), start=1):
        alias = f"key_{number}"
        query = query.with_(alias, as_=_key_table(fields, rules, catalog.events[event]))
        on = [_field(f, "e").eq(exp.column(f, table=alias, quoted=True)) for f in fields]
        query = query.join(alias, on=exp.and_(*on, copy=False), join_type="left")
        lists.append(exp.column("matchers", alias))
        matches.append(known(exp.column("matchers", alias)))
    if predicates:
        numbers = exp.array(*[exp.Literal.number(matcher) for matcher, _ in predicates])
        tests = exp.array(*[test.copy() for _, test in predicates])
        lists.append(exp.func("LIST_WHERE", numbers, tests))
        matches.extend(test for _, test in predicates)
    found = lists[0] if len(lists) == 1 else exp.func("LIST_CONCAT", *lists)
    query = query.select(exp.func("UNNEST", found).as_("matcher")).where(
        *_seen(catalog.events[event]), exp.or_(*matches, copy=False)
    )
    kept = sorted(set(matchers.values()) & set(keeps_ids))
    event_id: exp.Expr = exp.null()
    if kept:
        text = exp.cast(exp.column("event_id"), exp.DataType.build("VARCHAR"))
        event_id = exp.case().when(exp.column("matcher").isin(*kept), text)
    rows = exp.select("matcher", "contact_id", "occurred_at", event_id.as_("event_id"))
    return Statement(
        f"match.{event}",
        f"Finds the events of {event} that any rule asks for: one scan for all of them.",
        exp.insert(rows.from_(query.subquery("taken")), "match"),
    )


def _field(name: str, table: str) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def _seen(columns: Mapping[str, ColumnType]) -> list[exp.Expr]:
    """Rows that the tick sees: whole, and neither later nor loaded later (SPEC 4)."""
    return [
        by_tick(exp.column("occurred_at", "e")),
        known(exp.column("event_id", "e")),
        known(exp.column("contact_id", "e")),
        *loaded_by_tick(columns, "e"),
    ]


def _key(leaf: EventLeaf, catalog: Catalog, timezone: str) -> Key | None:
    """The leaf's conditions as equalities of fields, or None where they are more than that."""
    if leaf.where is None or (leaf.during is not None and leaf.during.bounds):
        return None
    members = leaf.where.members if isinstance(leaf.where, AllOf) else (leaf.where,)
    key: Key = {}
    for member in members:
        if not isinstance(member, FieldTest) or member.ignore_case or member.include_unknown:
            return None
        kind = catalog.events[leaf.event][member.name].kind
        if len(member.conditions) > 1 or member.name in key or kind not in KEY_KINDS:
            return None
        if member.conditions[0].operator not in ("is", "any_of"):
            return None
        key[member.name] = [literal(v, kind, timezone) for v in member.conditions[0].values]
    return key if prod(len(values) for values in key.values()) <= MOST_KEYS else None


def _key_table(
    fields: tuple[str, ...], rules: list[tuple[int, Key]], columns: Mapping[str, ColumnType]
) -> exp.Select:
    rows = [
        exp.Tuple(
            expressions=[
                exp.Literal.number(matcher),
                *(constant(v, columns[f]) for f, v in zip(fields, values, strict=True)),
            ]
        )
        for matcher, key in rules
        for values in product(*(dict.fromkeys(key[field]) for field in fields))
    ]
    names = [exp.to_identifier(field, quoted=True) for field in fields]
    alias = exp.TableAlias(
        this=exp.to_identifier("rule"), columns=[exp.to_identifier("matcher"), *names]
    )
    values = exp.Values(expressions=rows, alias=alias)
    keys = [exp.column(field, quoted=True) for field in fields]
    matchers = exp.func("LIST", exp.column("matcher", "rule")).as_("matchers")
    return exp.select(*keys, matchers).from_(values).group_by(*[key.copy() for key in keys])


def _predicate(leaf: EventLeaf, catalog: Catalog, timezone: str) -> exp.Expr:
    parts: list[exp.Expr] = []
    if leaf.where is not None:
        parts.append(where_holds(leaf.where, catalog, leaf.event, timezone, "e"))
    if leaf.during is not None and leaf.during.bounds:
        parts.append(_in_bounds(leaf.during, timezone))
    return exp.and_(*parts, copy=False) if parts else exp.true()


def _in_bounds(during: During, timezone: str) -> exp.Expr:
    """`after: x` is > x, `before: x` < x, `between: [x, y]` takes both ends in (SPEC 3.2)."""
    operators: dict[str, Operator] = {"after": "gt", "before": "lt", "between": "between"}
    condition = Condition(operators[during.form], during.bounds)
    return holds(exp.column("occurred_at", "e"), OCCURRED, condition, timezone)
