"""Event leaves as SQL: one scan of each event source matches all leaves on it (DESIGN 1).

Equality conditions are rows of a small table that joins the source once; what cannot be a key is
a predicate, once per distinct leaf, in the same scan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import product
from math import prod

from sqlglot import exp

from goalsql.compile.predicates import constant, holds, where_holds
from goalsql.compile.relations import event_view
from goalsql.compile.statements import Statement
from goalsql.model.catalog import Catalog, ColumnType, Kind
from goalsql.model.criteria import AllOf, Condition, During, EventLeaf, FieldTest, Operator
from goalsql.model.literals import Value, literal

KEY_KINDS = {Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.DATE}
MOST_KEYS = 1_000
OCCURRED = ColumnType(Kind.INSTANT, "TIMESTAMP")
Key = dict[str, list[Value]]


def match_events(
    event: str, leaves: Mapping[EventLeaf, int], catalog: Catalog, timezone: str
) -> Statement:
    """Inserts into `match` the rows of one event source that match any of the leaves.

    Args:
        event: the source's name in criteria.
        leaves: the leaves on it, with their nodes.
        catalog: the columns' types.
        timezone: the project's, for dates in conditions.
    """
    keyed: dict[tuple[str, ...], list[tuple[int, Key]]] = defaultdict(list)
    predicates: list[tuple[int, exp.Expr]] = []
    for leaf, node in leaves.items():
        key = _key(leaf, catalog, timezone)
        if key is not None:
            keyed[tuple(sorted(key))].append((node, key))
        else:
            predicates.append((node, _predicate(leaf, catalog, timezone)))
    query = exp.select(
        exp.column("contact_id", "e"), exp.column("event_id", "e"), exp.column("occurred_at", "e")
    ).from_(_view(event, "e"))
    lists: list[exp.Expr] = []
    matches: list[exp.Expr] = []
    for number, (fields, rules) in enumerate(sorted(keyed.items()), start=1):
        alias = f"key_{number}"
        query = query.with_(alias, as_=_key_table(fields, rules, catalog.events[event]))
        on = [_field(f, "e").eq(exp.column(f, table=alias, quoted=True)) for f in fields]
        query = query.join(alias, on=exp.and_(*on), join_type="left")
        lists.append(exp.column("leaves", alias))
        matches.append(exp.column("leaves", alias).is_(exp.null()).not_())
    if predicates:
        nodes = exp.array(*[exp.Literal.number(node) for node, _ in predicates])
        tests = exp.array(*[test.copy() for _, test in predicates])
        lists.append(exp.func("LIST_WHERE", nodes, tests))
        matches.extend(test for _, test in predicates)
    found = lists[0] if len(lists) == 1 else exp.func("LIST_CONCAT", *lists)
    query = query.select(exp.func("UNNEST", found).as_("node")).where(
        *_seen(catalog.events[event]), exp.or_(*matches)
    )
    return Statement(
        f"match.{event}",
        f"Finds the events of {event} that any rule asks for: one scan for all leaves.",
        _insert_matches(query, event),
    )


def _insert_matches(found: exp.Select, event: str) -> exp.Expr:
    event_id = exp.cast(exp.column("event_id", "found"), exp.DataType.build("VARCHAR"))
    kept = exp.case().when(exp.column("keeps_ids", "leaf"), event_id)
    query = (
        exp.select(
            exp.column("node", "found"),
            exp.column("contact_id", "found"),
            exp.column("created_at", "contact"),
            exp.column("occurred_at", "found"),
            kept.as_("event_id"),
        )
        .from_(found.subquery("found"))
        .join("contact", using=["contact_id"])
        .join("leaf", using=["node"])
    )
    return exp.insert(query, "match")


def _view(event: str, alias: str) -> exp.Table:
    name = exp.to_identifier(event_view(event), quoted=True)
    return exp.Table(this=name, alias=exp.TableAlias(this=exp.to_identifier(alias)))


def _field(name: str, table: str) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def _seen(columns: Mapping[str, ColumnType]) -> list[exp.Expr]:
    """Rows that a tick at `:tick_at` sees: whole, and neither later nor loaded later (SPEC 4)."""
    at = exp.Placeholder(this="tick_at")
    conditions: list[exp.Expr] = [
        exp.LTE(this=exp.column("occurred_at", "e"), expression=at),
        exp.column("event_id", "e").is_(exp.null()).not_(),
    ]
    if "loaded_at" in columns:
        loaded = exp.column("loaded_at", "e")
        in_time = exp.LTE(this=loaded.copy(), expression=at.copy())
        conditions.append(exp.paren(exp.or_(loaded.is_(exp.null()), in_time)))
    return conditions


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
                exp.Literal.number(node),
                *(constant(v, columns[f]) for f, v in zip(fields, values, strict=True)),
            ]
        )
        for node, key in rules
        for values in product(*(dict.fromkeys(key[field]) for field in fields))
    ]
    names = [exp.to_identifier(field, quoted=True) for field in fields]
    alias = exp.TableAlias(
        this=exp.to_identifier("rule"), columns=[exp.to_identifier("node"), *names]
    )
    values = exp.Values(expressions=rows, alias=alias)
    keys = [exp.column(field, quoted=True) for field in fields]
    leaves = exp.func("LIST", exp.column("node", "rule")).as_("leaves")
    return exp.select(*keys, leaves).from_(values).group_by(*[key.copy() for key in keys])


def _predicate(leaf: EventLeaf, catalog: Catalog, timezone: str) -> exp.Expr:
    parts: list[exp.Expr] = []
    if leaf.where is not None:
        parts.append(where_holds(leaf.where, catalog, leaf.event, timezone, "e"))
    if leaf.during is not None and leaf.during.bounds:
        parts.append(_in_bounds(leaf.during, timezone))
    return exp.and_(*parts) if parts else exp.true()


def _in_bounds(during: During, timezone: str) -> exp.Expr:
    """`after: x` is > x, `before: x` < x, `between: [x, y]` takes both ends in (SPEC 3.2)."""
    operators: dict[str, Operator] = {"after": "gt", "before": "lt", "between": "between"}
    condition = Condition(operators[during.form], during.bounds)
    return holds(exp.column("occurred_at", "e"), OCCURRED, condition, timezone)
