"""Property leaves and static segments as SQL: spans of time in which a leaf is true (SPEC 3.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlglot import exp

from goalsql.compile.history import typed
from goalsql.compile.matching import Relation, RowRule, taken
from goalsql.compile.predicates import (
    EARLIEST,
    FOREVER,
    LATEST,
    TIMESTAMP,
    day_start,
    holds,
    instant,
    interval,
)
from goalsql.compile.relations import (
    CONTACTS,
    by_tick,
    known,
    table,
)
from goalsql.compile.rules import TIME_OPERATORS, ColumnTests, PropertyTest
from goalsql.compile.statements import Statement, create_table, union_all
from goalsql.errors import InternalError
from goalsql.model.catalog import Catalog, ColumnType, Kind
from goalsql.model.literals import literal


def _rule(node: int, tests: Sequence[PropertyTest], catalog: Catalog, timezone: str) -> RowRule:
    """Tests of contacts' columns, all of which must hold."""
    rule = RowRule(node)
    for test in tests:
        column = catalog.contacts[test.property]
        if not test.ignore_case and test.condition.operator in ("is", "any_of", "ever"):
            values = [literal(value, column.kind, timezone) for value in test.condition.values]
            if rule.takes_key(test.property, column.kind, values):
                continue
        value = exp.column(test.property, table="contact", quoted=True)
        check = holds(value, column, test.condition, timezone, test.ignore_case)
        rule.rest.append(exp.Coalesce(this=check, expressions=[exp.false()]))
    return rule


def contacts(properties: Sequence[str], catalog: Catalog, among: str = "") -> Statement:
    """Creates `contact`: the contacts that the tick sees, with the properties that rules use.

    Args:
        properties: the properties.
        catalog: the sources' columns.
        among: a table of the contacts that are read; all are without one.
    """
    columns = [p for p in properties if p in catalog.contacts]
    updated = [name for name in ("updated_at",) if name in catalog.contacts]
    wanted = dict.fromkeys(["contact_id", "created_at", *updated, *columns])
    query = (
        exp.select(*[exp.column(name, quoted=True) for name in wanted])
        .from_(table(CONTACTS))
        .where(known(exp.column("contact_id")), by_tick(exp.column("created_at")))
    )
    if among:
        query = query.join(among, using=["contact_id"], join_type="semi")
    comment = "Reads the contacts that exist at the tick, with the properties that rules use."
    return Statement("contact", comment, create_table("contact", query))


def holds_on_columns(test: PropertyTest, catalog: Catalog) -> bool:
    """Whether a test can hold of a column's value, which never changes."""
    return test.property in catalog.contacts and test.condition.operator != "changed_within"


def contact_spans(
    leaves: Mapping[PropertyTest | ColumnTests, int], catalog: Catalog, timezone: str
) -> list[Statement]:
    """Inserts into `lone_span` what holds for contacts whose property has no history.

    Args:
        leaves: property leaves that can hold on columns of contacts, with their nodes.
        catalog: the columns' types, and which properties some contact has a history of.
        timezone: the project's.
    """
    on_values: dict[str | None, list[RowRule]] = defaultdict(list)
    parts: list[exp.Query] = []
    for leaf, node in leaves.items():
        tests = sorted(leaf.tests, key=repr) if isinstance(leaf, ColumnTests) else [leaf]
        changing = next((t.property for t in tests if t.property in catalog.changing), None)
        if isinstance(leaf, PropertyTest) and leaf.condition.operator in TIME_OPERATORS:
            span = _contact_time_span(leaf, node, catalog, timezone)
            parts.append(span.from_(_without_history(changing)))
        else:
            on_values[changing].append(_rule(node, tests, catalog, timezone))
    texts: list[Statement] = []
    for place, (changing, rules) in enumerate(on_values.items(), start=1):
        source, columns = _without_history(changing), catalog.contacts
        relation = Relation(source, "contact", columns, texts=f"texts_{place}")
        found = taken(relation, rules, ["contact_id", "created_at"])
        texts += found.tables("contacts")
        always = [_created().as_("valid_from"), _forever().as_("valid_to")]
        some = exp.select("rule", "contact_id", *always).from_(found.rows.subquery("taken"))
        parts.append(some)
    comment = "Finds what holds for contacts whose property has no history: from created_at on."
    insert = exp.insert(union_all(parts), "lone_span")
    return [*texts, Statement("lone_span.contacts", comment, insert)]


def _without_history(changing: str | None) -> exp.Expr:
    """The contacts that have no history of a property; all, if no contact has one."""
    if changing is None:
        return exp.to_table("contact")
    about = exp.column("property", "history").eq(exp.Literal.string(changing))
    same = exp.column("contact_id", "history").eq(exp.column("contact_id", "contact"))
    query = exp.select("contact.*").from_("contact")
    return query.join("history", on=exp.and_(about, same), join_type="anti").subquery("contact")


def _contact_time_span(
    test: PropertyTest, node: int, catalog: Catalog, timezone: str
) -> exp.Select:
    value = exp.column(test.property, quoted=True)
    at = _as_instant(value, catalog.property_type(test.property), timezone)
    starts, ends = _time_span(test, at, _created(), _forever())
    return _span(node, starts, ends).where(known(value.copy()))


def history_spans(tests: Mapping[PropertyTest, int], catalog: Catalog, timezone: str) -> Statement:
    """Inserts into `span` what holds while an entry of a property's history stands."""
    parts = [_entry_span(test, node, catalog, timezone) for test, node in tests.items()]
    query = union_all([part.from_("entry") for part in parts])
    comment = "Finds what holds while an entry of a property's history stands."
    return Statement("span.history", comment, exp.insert(query, "span"))


def is_counted(test: PropertyTest) -> bool:
    """Whether a test looks at entries of the history as it would at events."""
    return test.condition.operator in ("ever", "changed_within")


def match_history(
    matchers: Mapping[PropertyTest, int], catalog: Catalog, timezone: str
) -> Statement:
    """Inserts into `made_match` the entries that `ever` and `changed_within` look for."""
    parts = []
    for test, matcher in matchers.items():
        rows = (
            exp.select(exp.Literal.number(matcher), "contact_id", "starts_at")
            .select(exp.null(), exp.null())
            .where(exp.column("property").eq(exp.Literal.string(test.property)))
        )
        if test.condition.operator == "ever":
            column = catalog.property_type(test.property)
            value = typed(exp.column("value"), column)
            rows = rows.where(holds(value, column, test.condition, timezone, test.ignore_case))
        else:
            value, before = exp.column("value"), exp.column("previous")
            changed = (exp.Lower(this=v) if test.ignore_case else v for v in (value, before))
            rows = rows.where(exp.NullSafeNEQ(this=next(changed), expression=next(changed)))
        parts.append(rows.from_("entry"))
    comment = "Finds the entries of a property's history that some rule looks for."
    return Statement("match.history", comment, exp.insert(union_all(parts), "made_match"))


def _entry_span(test: PropertyTest, node: int, catalog: Catalog, timezone: str) -> exp.Select:
    column = catalog.property_type(test.property)
    starts, ends = exp.column("starts_at"), exp.column("ends_at")
    about = exp.column("property").eq(exp.Literal.string(test.property))
    value = typed(exp.column("value"), column)
    if test.condition.operator in TIME_OPERATORS:
        span = _time_span(test, _as_instant(value, column, timezone), starts, ends)
        return _span(node, *span).where(about, known(value.copy()))
    check = holds(value, column, test.condition, timezone, test.ignore_case)
    return _span(node, starts, ends).where(about, check)


def _span(node: int, starts: exp.Expr, ends: exp.Expr) -> exp.Select:
    return exp.select(
        exp.Literal.number(node).as_("node"),
        "contact_id",
        starts.as_("valid_from"),
        ends.as_("valid_to"),
    )


def _created() -> exp.Expr:
    return exp.column("created_at")


def _forever() -> exp.Expr:
    return instant(FOREVER)


def _duration(test: PropertyTest) -> timedelta:
    if test.condition.duration is None:
        raise InternalError(f"{test.condition.operator} without a duration")
    return test.condition.duration


def _as_instant(value: exp.Expr, column: ColumnType, timezone: str) -> exp.Expr:
    """A date or instant as an instant that arithmetic cannot push out of TIMESTAMP's range."""
    at = day_start(value.copy(), timezone) if column.kind is Kind.DATE else value.copy()
    return exp.func("GREATEST", exp.func("LEAST", at, instant(LATEST)), instant(EARLIEST))


def _time_span(
    test: PropertyTest, value: exp.Expr, starts: exp.Expr, ends: exp.Expr
) -> tuple[exp.Expr, exp.Expr]:
    """When, between two instants, a value of type instant satisfies a time operator.

    `within_last: D` is v <= t < v + D; `within_next: D` is v - D <= t < v; `more_than_ago: D` is
    t >= v + D; `more_than_ahead: D` is t < v - D.
    """
    later = exp.Add(this=value.copy(), expression=interval(_duration(test)))
    sooner = exp.Sub(this=value.copy(), expression=interval(_duration(test)))
    first, last = {
        "within_last": (value, later),
        "within_next": (sooner, value),
        "more_than_ago": (later, None),
        "more_than_ahead": (None, sooner),
    }[test.condition.operator]
    return (
        exp.func("GREATEST", starts.copy(), first.copy()) if first is not None else starts.copy(),
        exp.func("LEAST", ends.copy(), last.copy()) if last is not None else ends.copy(),
    )


def segment_spans(segment: str, node: int, members: exp.Select) -> Statement:
    """Inserts into `lone_span` the members of a static segment, from added_at on (SPEC 3.3).

    Args:
        segment: its name.
        node: its leaf's node.
        members: its rows, contact_id and added_at.
    """
    member = exp.column("contact_id", "contact")
    created = exp.column("created_at", "contact")
    added = exp.column("added_at", "member")
    query = (
        exp.select(exp.Literal.number(node), member)
        .select(exp.func("GREATEST", created, exp.Min(this=added)))
        .select(exp.cast(_forever(), TIMESTAMP))
        .from_(members.subquery("member"))
        .join("contact", using=["contact_id"])
        .where(by_tick(added.copy()))
        .group_by(member.copy(), created.copy())
    )
    comment = f"Finds who is in the static segment {segment}, from when on."
    return Statement(f"lone_span.{segment}", comment, exp.insert(query, "lone_span"))
