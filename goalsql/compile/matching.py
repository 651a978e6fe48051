"""Which rows satisfy which rules: one scan of a relation answers all rules on it (DESIGN 1).

Equality conditions are rows of small tables that the relation is joined with once. Of what cannot
be a key, conditions on one text are asked of each distinct text, and others of each row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, product
from math import prod
from typing import TypeAlias

from sqlglot import exp

from goalsql.compile.predicates import constant
from goalsql.compile.relations import known
from goalsql.compile.statements import Statement, create_table
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
    texts: str = "texts"
    """How the tables of its texts are called, before a number."""

    def column(self, name: str) -> exp.Column:
        """One of its columns."""
        return exp.column(name, table=self.alias, quoted=True)


@dataclass(frozen=True, slots=True)
class Taken:
    """A row for each row of a relation and rule that takes it: the kept columns and `rule`.

    The rows are joined with temporary tables, by name in `texts`, which are made before.
    """

    rows: exp.Query
    texts: Mapping[str, exp.Query]

    def tables(self, of: str) -> list[Statement]:
        """What makes the tables; `of` is what the relation is called."""
        comment = f"Finds the texts of {of} that any condition holds of, each once."
        return [
            Statement(f"{name}.{of}", comment, create_table(name, query))
            for name, query in self.texts.items()
        ]


@dataclass(frozen=True, slots=True)
class _Way:
    """How rows find the rules that take them: what they are joined with, numbers, and their tests.

    A row has the numbers whose tests hold of it; where `some` does not hold, it has none.
    """

    numbers: Sequence[exp.Expr]
    tests: Sequence[exp.Expr]
    some: exp.Expr
    table: exp.Expr | None = None
    on: exp.Expr | None = None


_Key: TypeAlias = tuple[Value, ...]


def taken(relation: Relation, rules: Sequence[RowRule], kept: Sequence[str]) -> Taken:
    """Which rows the rules take.

    The rows are read once, whatever the rules are; and of each column of texts that conditions are
    asked of, the texts alone once before.
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
    tables = {name: f"{relation.texts}_{n}" for n, name in enumerate(sorted(by_text), start=1)}
    is_one = len(keyed) + len(by_text) + bool(by_row) == 1
    if is_one and keyed:
        return Taken(_by_one_set(rows, *keyed.popitem(), relation), {})
    if is_one and by_text:
        return _by_one_text(rows, *tables.popitem(), rules, relation)
    texts = {table: _with_all(name, by_text[name], relation) for name, table in tables.items()}
    ways = [_by_text(table, name, by_text[name], relation) for name, table in tables.items()]
    if by_row:
        ways.append(_by_row(by_row))
    if not keyed:
        return Taken(_found(rows, ways, "rule"), texts)
    sets = dict(sorted(keyed.items()))
    return Taken(_by_sets(rows, sets, ways, rules, kept, relation), texts)


def _by_one_set(
    rows: exp.Select, names: tuple[str, ...], rules: Sequence[RowRule], relation: Relation
) -> exp.Select:
    keys = [(rule.number, key) for rule in rules for key in _keys(rule, names)]
    table, same = _table_of_keys("keyed", "rule", names, keys, relation)
    return _narrowed(rows.select("keyed.rule").join(table, on=same), rules, {})


def _by_one_text(
    rows: exp.Select, name: str, table: str, rules: Sequence[RowRule], relation: Relation
) -> Taken:
    pairs = _each(name, rules, relation).select(_held([_by_row(rules)]).as_("rule"))
    text, own = relation.column(name), exp.column("text", table)
    same = exp.NullSafeEQ(this=text, expression=own)
    rows = rows.select(exp.column("rule", table)).join(exp.to_table(table), on=same)
    return Taken(rows, {table: pairs})


def _by_sets(
    rows: exp.Select,
    sets: Mapping[tuple[str, ...], Sequence[RowRule]],
    others: Sequence[_Way],
    rules: Sequence[RowRule],
    kept: Sequence[str],
    relation: Relation,
) -> exp.Select:
    """By numbers of keys, which several rules may have, and of the rules that have none."""
    numbers = count(1 + max(rule.number for rule in rules))
    rules_of = {rule.number: [rule] for rule in rules if not rule.key}
    by_key = []
    for place, (names, some) in enumerate(sets.items(), start=1):
        rules_of_key: dict[_Key, list[RowRule]] = defaultdict(list)
        for rule in some:
            for key in _keys(rule, names):
                rules_of_key[key].append(rule)
        keys = [(next(numbers), key) for key in rules_of_key]
        rules_of |= {number: rules_of_key[key] for number, key in keys}
        by_key.append(_by_key(f"keys_{place}", names, keys, relation))
    keyed = [rule for rule in rules if rule.key]
    asked = sorted({column.name for rule in keyed for column in _columns(rule)})
    fields = {name: f"field_{place}" for place, name in enumerate(asked, start=1)}
    rows = rows.select(*[relation.column(name).as_(field) for name, field in fields.items()])
    found = _found(rows, [*by_key, *others], "number").subquery("found")
    pairs = [(number, rule.number) for number, some in rules_of.items() for rule in some]
    same = exp.column("number", "keyed").eq(exp.column("number", "found"))
    query = exp.select(*[exp.column(name, "found", quoted=True) for name in kept], "keyed.rule")
    query = query.from_(found).join(exp.values(pairs, "keyed", ["number", "rule"]), on=same)
    return _narrowed(query, keyed, fields)


def _found(rows: exp.Select, ways: Sequence[_Way], called: str) -> exp.Select:
    """A row for each number that a row has."""
    rows = rows.select(_held(ways).as_(called))
    for way in ways:
        if way.table is not None:
            rows = rows.join(way.table, on=way.on, join_type="left")
    return rows.where(exp.or_(*[way.some for way in ways], copy=False))


def _held(ways: Sequence[_Way]) -> exp.Expr:
    numbers = exp.array(*[number for way in ways for number in way.numbers])
    tests = exp.array(*[test for way in ways for test in way.tests])
    return exp.func("UNNEST", exp.func("LIST_WHERE", numbers, tests))


def _by_key(
    alias: str, names: tuple[str, ...], keys: Sequence[tuple[int, _Key]], relation: Relation
) -> _Way:
    table, same = _table_of_keys(alias, "number", names, keys, relation)
    number = exp.column("number", alias)
    among = [
        relation.column(name).isin(
            *(constant(v, relation.columns[name]) for v in dict.fromkeys(values))
        )
        for name, values in zip(names, zip(*(key for _, key in keys), strict=True), strict=True)
    ]
    return _Way([number], [known(number.copy())], exp.and_(*among, copy=False), table, same)


def _by_text(table: str, name: str, rules: Sequence[RowRule], relation: Relation) -> _Way:
    text, own = relation.column(name), exp.column("text", table)

    def of_text(of_null: exp.Expr, of_others: exp.Expr) -> exp.Expr:
        is_null = exp.Is(this=text.copy(), expression=exp.null())
        return exp.case().when(is_null, of_null).else_(of_others)

    holds = [exp.func("COALESCE", exp.column(_holds(rule), table), exp.false()) for rule in rules]
    tests = [of_text(_all(rule), test) for rule, test in zip(rules, holds, strict=True)]
    some = of_text(_any(rules), known(own))
    return _Way(_numbers(rules), tests, some, exp.to_table(table), text.eq(own))


def _each(name: str, rules: Sequence[RowRule], relation: Relation) -> exp.Select:
    """Each text of a column once, of which any rule holds, under the relation's alias.

    A condition on what is grouped by alone would be moved below the grouping, and asked of each
    row; so the number of rows is asked for too.
    """
    text = relation.column(name)
    is_some = exp.Count(this=exp.Star()) > exp.Literal.number(0)
    holds = exp.case().when(is_some, _any(rules)).else_(exp.false())
    texts = exp.select(text).from_(relation.source).group_by(text).having(holds)
    return exp.select(text.as_("text")).from_(texts.subquery(relation.alias))


def _with_all(name: str, rules: Sequence[RowRule], relation: Relation) -> exp.Select:
    holds = [_all(rule).as_(_holds(rule)) for rule in rules]
    return _each(name, rules, relation).select(*holds)


def _holds(rule: RowRule) -> str:
    return f"holds_{rule.number}"


def _by_row(rules: Sequence[RowRule]) -> _Way:
    return _Way(_numbers(rules), [_all(rule) for rule in rules], _any(rules))


def _keys(rule: RowRule, names: tuple[str, ...]) -> Iterator[_Key]:
    return product(*(rule.key[name] for name in names))


def _table_of_keys(
    alias: str,
    called: str,
    names: tuple[str, ...],
    keys: Sequence[tuple[int, _Key]],
    relation: Relation,
) -> tuple[exp.Values, exp.Expr]:
    """The keys with their numbers, and the join with them."""
    columns = [f"key_{place}" for place, _ in enumerate(names, start=1)]
    rows = [
        (
            exp.Literal.number(number),
            *(constant(v, relation.columns[n]) for n, v in zip(names, key, strict=True)),
        )
        for number, key in keys
    ]
    same = [
        relation.column(name).eq(exp.column(column, alias))
        for name, column in zip(names, columns, strict=True)
    ]
    table = exp.values(rows, alias, [called, *columns])
    return table, exp.and_(*same, copy=False)


def _narrowed(query: exp.Select, rules: Sequence[RowRule], fields: Mapping[str, str]) -> exp.Select:
    """What else the rules with keys ask for, of columns that may be called otherwise by now."""
    narrowed = [rule for rule in rules if rule.rest]
    if not narrowed:
        return query

    def called(node: exp.Expr) -> exp.Expr:
        is_named = isinstance(node, exp.Column) and node.name in fields
        return exp.column(fields[node.name], "found") if is_named else node

    rest = exp.case(exp.column("rule", "keyed"))
    for rule in narrowed:
        rest = rest.when(exp.Literal.number(rule.number), _all(rule).transform(called))
    return query.where(rest.else_(exp.true()))


def _numbers(rules: Sequence[RowRule]) -> list[exp.Expr]:
    return [exp.Literal.number(rule.number) for rule in rules]


def _all(rule: RowRule) -> exp.Expr:
    return exp.and_(*rule.rest) if rule.rest else exp.true()


def _any(rules: Sequence[RowRule]) -> exp.Expr:
    return exp.or_(*[_all(rule) for rule in rules], copy=False)


def _columns(rule: RowRule) -> Iterator[exp.Column]:
    return (column for test in rule.rest for column in test.find_all(exp.Column))


def _text_alone(rule: RowRule, relation: Relation) -> str | None:
    """The one text column that the rule looks at, if it looks at nothing else."""
    names = {column.name for column in _columns(rule)}
    name = names.pop() if len(names) == 1 else None
    return name if name is not None and relation.columns[name].kind is Kind.TEXT else None
