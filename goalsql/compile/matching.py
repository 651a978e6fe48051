"""Which rows satisfy which rules: one query of a relation answers all rules on it (DESIGN 1).

Equality conditions are rows of a small table that joins the relation once. Of what cannot be a
key, conditions on one text are asked of each distinct text, and others of each row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from sqlglot import exp

from goalsql.compile.predicates import constant
from goalsql.compile.statements import union_all
from goalsql.model.catalog import ColumnType, Kind
from goalsql.model.literals import Value

KEY_KINDS = {Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.DATE}
MOST_KEYS = 1_000


@dataclass(slots=True)
class RowRule:
    """What must hold of a row: its `key` columns are among the values, and all of `rest` holds.

    `rest` are expressions over the relation's columns, TRUE or FALSE, never NULL.
    """

    number: int
    key: dict[str, list[Value]] = field(default_factory=dict)
    rest: list[exp.Expr] = field(default_factory=list)

    def takes_key(self, column: str, kind: Kind, values: Sequence[Value]) -> bool:
        """Adds an equality to the key, if it can be one."""
        keys = prod(len(known_values) for known_values in self.key.values()) * len(values)
        if kind not in KEY_KINDS or column in self.key or keys > MOST_KEYS:
            return False
        self.key[column] = list(dict.fromkeys(values))
        return True


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or subquery under an alias, the types of its columns, which rows count."""

    source: exp.Expr
    alias: str
    columns: Mapping[str, ColumnType]
    seen: Sequence[exp.Expr] = ()

    def column(self, name: str) -> exp.Column:
        """One of its columns."""
        return exp.column(name, table=self.alias, quoted=True)


def taken(relation: Relation, rules: Sequence[RowRule], kept: Sequence[str]) -> exp.Query:
    """A row for each row of the relation and rule that takes it: the kept columns and `rule`.

    The relation is read once for the rules with keys on the same columns, once for those on the
    same text, once for the others.
    """
    keyed: dict[tuple[str, ...], list[RowRule]] = defaultdict(list)
    by_text: dict[str, list[RowRule]] = defaultdict(list)
    by_row: list[RowRule] = []
    for rule in rules:
        text = _text_alone(rule, relation)
        if rule.key:
            keyed[tuple(sorted(rule.key))].append(rule)
        elif text is not None:
            by_text[text].append(rule)
        else:
            by_row.append(rule)
    rows = exp.select(*[relation.column(name) for name in kept]).from_(relation.source)
    rows = rows.where(*relation.seen)
    parts: list[exp.Query] = [
        *(_by_key(rows, names, some, relation) for names, some in sorted(keyed.items())),
        *(_by_text(rows, name, some, relation) for name, some in sorted(by_text.items())),
    ]
    if by_row:
        parts.append(rows.select(_holding(by_row)).where(_any(by_row)))
    return union_all(parts)


def _by_key(
    rows: exp.Select, names: tuple[str, ...], rules: Sequence[RowRule], relation: Relation
) -> exp.Select:
    keys = [exp.to_identifier(f"key_{place}") for place, _ in enumerate(names, start=1)]
    values = exp.Values(
        expressions=[
            exp.Tuple(
                expressions=[
                    exp.Literal.number(rule.number),
                    *(constant(v, relation.columns[n]) for n, v in zip(names, key, strict=True)),
                ]
            )
            for rule in rules
            for key in product(*(rule.key[name] for name in names))
        ],
        alias=exp.TableAlias(
            this=exp.to_identifier("keyed"), columns=[exp.to_identifier("rule"), *keys]
        ),
    )
    same = [
        relation.column(name).eq(exp.column(key.copy(), table="keyed"))
        for name, key in zip(names, keys, strict=True)
    ]
    found = rows.select("keyed.rule").join(values, on=exp.and_(*same, copy=False))
    narrowed = [rule for rule in rules if rule.rest]
    if not narrowed:
        return found
    rest = exp.case(exp.column("rule", "keyed"))
    for rule in narrowed:
        rest = rest.when(exp.Literal.number(rule.number), _all(rule))
    return found.where(rest.else_(exp.true()))


def _by_text(
    rows: exp.Select, name: str, rules: Sequence[RowRule], relation: Relation
) -> exp.Select:
    text = relation.column(name)
    texts = exp.select(text).distinct().from_(relation.source).subquery(relation.alias)
    holding = exp.select(text.as_("text"), _holding(rules)).from_(texts).where(_any(rules))
    same = exp.NullSafeEQ(this=text.copy(), expression=exp.column("text", table="texts"))
    return rows.select("texts.rule").join(holding.subquery("texts"), on=same)


def _all(rule: RowRule) -> exp.Expr:
    return exp.and_(*rule.rest) if rule.rest else exp.true()


def _any(rules: Sequence[RowRule]) -> exp.Expr:
    return exp.or_(*[_all(rule) for rule in rules], copy=False)


def _holding(rules: Sequence[RowRule]) -> exp.Expr:
    """A row for each of the rules that holds: its number, as `rule`."""
    numbers = exp.array(*[exp.Literal.number(rule.number) for rule in rules])
    held = exp.func("LIST_WHERE", numbers, exp.array(*[_all(rule) for rule in rules]))
    return exp.func("UNNEST", held).as_("rule")


def _text_alone(rule: RowRule, relation: Relation) -> str | None:
    """The one text column that the rule looks at, if it looks at nothing else."""
    names = {column.name for test in rule.rest for column in test.find_all(exp.Column)}
    name = names.pop() if len(names) == 1 else None
    return name if name is not None and relation.columns[name].kind is Kind.TEXT else None
