"""What a tick observes before its rules: values and members that are not what they were.

A property without rows in property_changes has a history all the same (SPEC 3.1): each tick
compares the contacts' columns with what the last one found. So do static segments without added_at
(SPEC 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from goalsql.compile.history import TEXT, histories
from goalsql.compile.properties import contacts
from goalsql.compile.relations import known, segment_view, table
from goalsql.compile.statements import (
    Statement,
    create_table,
    named,
    rule_table,
    template,
    union_all,
)
from goalsql.model.catalog import Catalog
from goalsql.model.project import Definitions, StaticSegment
from goalsql.model.usage import properties_in_use, segments_in_use

Statements = tuple[Statement, ...]
LAST_FOUND = exp.to_table("goalsql.last_found")


@dataclass(frozen=True, slots=True)
class Observation:
    """A tick's statements before its rules.

    `contacts` reads, `members` and `observe` compare with what was found last, and keep what is.
    """

    contacts: Statements
    members: Statements
    observe: Statements


def build_observation(
    definitions: Definitions,
    catalog: Catalog,
    held: Mapping[str, str],
    last_tick_at: datetime | None,
    tick_at: datetime,
    among: str = "",
    touches: bool = False,
) -> Observation:
    """Compiles what the rules of all workflows ask of contacts and of lists without instants.

    Args:
        definitions: what the project's files say.
        catalog: the sources' columns.
        held: the properties that `goalsql.last_found` holds values of, with their types.
        last_tick_at: the previous tick's T.
        tick_at: T.
        among: a table of the contacts that are read; all are without one.
        touches: whether contacts with other values than before are touched.
    """
    used = properties_in_use(definitions)
    with_rows = [name for name in used if name in catalog.history]
    statements = [
        histories(with_rows, catalog, definitions.timezone),
        *_values([name for name in used if name in catalog.contacts], catalog, held, touches),
    ]
    values = {"tick_at": tick_at, "last_tick_at": last_tick_at}
    return Observation(
        contacts=(contacts(used, catalog, among).given(values),),
        members=tuple(one.given(values) for one in _members(definitions, catalog)),
        observe=tuple(statement.given(values) for statement in statements),
    )


def _values(
    used: Sequence[str], catalog: Catalog, held: Mapping[str, str], touches: bool
) -> list[Statement]:
    """Compares the columns of contacts that rules use with the last values, and keeps both."""
    columns = {name: catalog.contacts[name].sql for name in used if name != "contact_id"}
    comparable = [name for name in columns if name in held]
    compared: list[Statement] = []
    fixed = named("tick/observed.sql")
    if any(held.get(name) != sql for name, sql in columns.items()):
        if comparable:
            compared = [_changed(comparable, columns, catalog), fixed["observed.values"]]
            compared += [fixed["observed.touch_changed"]] if touches else []
        compared.append(_all_found(columns, held))
    elif columns:
        compared = [
            _found_now(columns, held),
            _changed(comparable, columns, catalog, among="found_now"),
            fixed["observed.values"],
            fixed["observed.forget"],
            fixed["observed.keep"],
            *([fixed["observed.touch"]] if touches else []),
        ]
    return [*compared, fixed["observed.histories"]]


def _now(name: str) -> exp.Expr:
    return _of("contact", name)


def _last(name: str, columns: Mapping[str, str]) -> exp.Expr:
    """What the last tick found, in the type that the column has now."""
    value = exp.func("STRUCT_EXTRACT", _of("found", name), exp.Literal.string("value"))
    return exp.TryCast(this=value, to=exp.DataType.build(columns[name], dialect="duckdb"))


def _of(relation: str, name: str) -> exp.Column:
    return exp.column(name, table=relation, quoted=True)


def _changed(
    names: Sequence[str], columns: Mapping[str, str], catalog: Catalog, among: str = ""
) -> Statement:
    """Creates `changed`: values without rows that are not what the last tick found.

    Args:
        names: the properties that are compared.
        columns: the types of all that are kept.
        catalog: the sources' columns.
        among: a table of the contacts that can have changed; all are compared without one.
    """
    told, tests = [], []
    for name in names:
        last = _last(name, columns)
        differs = exp.NullSafeNEQ(this=last, expression=_now(name))
        tests.append(exp.paren(exp.and_(known(_of("found", name)), differs)))
        told.append(
            _struct(
                property=exp.Literal.string(name),
                before=exp.cast(last.copy(), TEXT),
                value=exp.cast(_now(name), TEXT),
            )
        )
    at: exp.Expr = exp.Placeholder(this="tick_at")
    if "updated_at" in catalog.contacts:
        updated = exp.column("updated_at", "contact")
        since, until = exp.Placeholder(this="last_tick_at"), exp.Placeholder(this="tick_at")
        in_window = exp.and_(updated > since, updated <= until)
        at = exp.case().when(in_window, updated.copy()).else_(at)
    which = exp.func("LIST_WHERE", exp.array(*told), exp.array(*[t.copy() for t in tests]))
    differing = exp.select("contact.contact_id", exp.func("UNNEST", which).as_("told"))
    differing = differing.select(at.as_("changed_at")).from_("contact")
    if among:
        differing = differing.join(among, using=["contact_id"], join_type="semi")
    differing = differing.join(_last_found(), on=_same_contact()).where(exp.or_(*tests))
    of = {name: exp.column(name, "told") for name in ("property", "before", "value")}
    of["contact_id"] = exp.column("contact_id", "differing")
    same = [exp.column(name, "history").eq(of[name]) for name in ("property", "contact_id")]
    query = (
        exp.select("changed_at", *[column.as_(name) for name, column in of.items()])
        .from_(differing.subquery("differing"))
        .join("history", on=exp.and_(*same), join_type="anti")
    )
    comment = "Finds the values that are not what the last tick found, where there are no rows."
    return Statement("changed", comment, create_table("changed", query))


def _all_found(columns: Mapping[str, str], held: Mapping[str, str]) -> Statement:
    """Makes `goalsql.last_found` anew, with other columns: the values of all contacts.

    A held property that no rule uses gives way to one whose name differs from it only in case:
    a table cannot have both.
    """
    taken = {name.lower() for name in columns}
    unused = [name for name in held if name not in columns and name.lower() not in taken]
    either = exp.func(
        "COALESCE", exp.column("contact_id", "contact"), exp.column("contact_id", "found")
    )
    is_there = known(exp.column("contact_id", "contact"))
    query = exp.select(either.as_("contact_id"))
    for name in columns:
        now = exp.case().when(is_there.copy(), _struct(value=_now(name)))
        if name in held:
            now = now.when(known(_of("found", name)), _struct(value=_last(name, columns)))
        query = query.select(now.as_(name, quoted=True))
    query = query.select(*[_of("found", name) for name in unused])
    query = query.from_("contact").join(_last_found(), on=_same_contact(), join_type="full")
    create = exp.Create(this=LAST_FOUND.copy(), kind="TABLE", replace=True, expression=query)
    return Statement("last_found", "Keeps the values of all contacts as found now.", create)


def _found_now(columns: Mapping[str, str], held: Mapping[str, str]) -> Statement:
    """Creates `found_now`: new rows of `goalsql.last_found`, where they are not what they were."""
    news = {name: _struct(value=_now(name)) for name in columns}
    row = [
        (news[name] if name in news else _of("found", name)).as_(name, quoted=True) for name in held
    ]
    other = [exp.NullSafeNEQ(this=_of("found", name), expression=now) for name, now in news.items()]
    is_new = exp.Is(this=exp.column("contact_id", "found"), expression=exp.null())
    query = (
        exp.select("contact.contact_id", *row)
        .from_("contact")
        .join(_last_found(), on=_same_contact(), join_type="left")
        .where(exp.or_(is_new, *other))
    )
    comment = (
        "Finds the contacts that are new, and those with other values than the last tick found."
    )
    return Statement("found_now", comment, create_table("found_now", query))


def _last_found() -> exp.Expr:
    return exp.alias_(LAST_FOUND.copy(), "found", table=True)


def _same_contact() -> exp.Expr:
    return exp.column("contact_id", "found").eq(exp.column("contact_id", "contact"))


def _struct(**values: exp.Expr) -> exp.Expr:
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(name), expression=value)
            for name, value in values.items()
        ]
    )


def is_watched(segment: str, catalog: Catalog) -> bool:
    """Whether a static segment's members are as observed, because nothing says since when."""
    return "added_at" not in catalog.segments[segment]


def _members(definitions: Definitions, catalog: Catalog) -> list[Statement]:
    """Compares the members of static segments without added_at with those of the last look."""
    watched = [
        name
        for name, segment in sorted(segments_in_use(definitions).items())
        if isinstance(segment, StaticSegment) and is_watched(name, catalog)
    ]
    if not watched:
        return []
    parts = [
        exp.select(exp.Literal.string(name).as_("segment"), "contact_id")
        .distinct()
        .from_(table(segment_view(name)))
        .where(known(exp.column("contact_id")))
        for name in watched
    ]
    noted = "Static segments whose members are as observed."
    comment = "Reads who is listed in them."
    return [
        rule_table("noted", noted, {"segment": "VARCHAR"}, [[name] for name in watched]),
        Statement("listed", comment, create_table("listed", union_all(parts))),
        *template("tick/listed.sql"),
    ]
