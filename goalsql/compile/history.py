"""Value histories as SQL: the rows of property_changes and what was observed (SPEC 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sqlglot import exp

from goalsql.compile.predicates import FOREVER, instant, text_as
from goalsql.compile.relations import by_tick, known, loaded_by_tick, table
from goalsql.compile.statements import Statement, create_table, union_all
from goalsql.model.catalog import Catalog, ColumnType, Kind

TEXT = exp.DataType.build("VARCHAR")
ENTRY = ("property", "contact_id", "occurred_at", "text", "value")
BASELINE, OBSERVED, ROW = 0, 1, 2


def histories(properties: Sequence[str], catalog: Catalog, timezone: str) -> Statement:
    """Creates `history`: which contacts have rows of their own for which property.

    Rows after the tick count too; rows whose value cannot be cast do not (SPEC 3.1).
    """
    comment = "Notes which contacts have a history of their own for a property."
    has_rows = exp.true().as_("has_rows")
    if not properties:
        nothing = exp.select(exp.cast(exp.null(), TEXT).as_("property"), "contact_id", has_rows)
        nothing = nothing.from_("contact").where(exp.false())
        return Statement("history", comment, create_table("history", nothing))
    query = (
        exp.select("property", "contact_id", has_rows)
        .distinct()
        .from_(_changes(properties, catalog, timezone).subquery("changed"))
        .where(_not_bad())
    )
    return Statement("history", comment, create_table("history", query))


def _canonical(
    properties: Sequence[str],
    catalog: Catalog,
    cast: Callable[[exp.Expr, ColumnType], exp.Expr],
) -> exp.Expr:
    """The `value` of a property in its type, as canonical text; `cast` gives it the type."""
    text = exp.column("value")
    case = exp.case(exp.column("property"))
    for name in properties:
        column = catalog.property_type(name)
        if column.kind is not Kind.TEXT:
            typed = exp.cast(cast(text, column), TEXT)
            case = case.when(exp.Literal.string(name), typed)
    return case.else_(text) if case.args.get("ifs") else text


def typed(text: exp.Expr, column: ColumnType) -> exp.Expr:
    """A canonical text in its property's type."""
    if column.kind is Kind.TEXT:
        return text
    return exp.TryCast(this=text, to=exp.DataType.build(column.sql, dialect="duckdb"))


def _changes(properties: Sequence[str], catalog: Catalog, timezone: str) -> exp.Select:
    cast = partial(text_as, timezone=timezone)
    return (
        exp.select(
            "property",
            "contact_id",
            "occurred_at",
            exp.column("value").as_("text"),
            _canonical(properties, catalog, cast).as_("value"),
        )
        .from_("change")
        .where(_among(properties))
    )


def changes(properties: Sequence[str], catalog: Catalog, view: str) -> exp.Select:
    """The rows of property_changes that rules can use: property, contact_id, occurred_at, value.

    Those that lie after the tick are among them: they decide too whether a contact has a history of
    its own (SPEC 3.1).

    Args:
        properties: the properties that rules use.
        catalog: the sources' columns.
        view: where the rows are.
    """
    needed = ("contact_id", "occurred_at")
    return (
        exp.select("property", "contact_id", "occurred_at", "value")
        .from_(table(view))
        .where(
            _among(properties),
            *(known(exp.column(name)) for name in needed),
            *loaded_by_tick(catalog.property_changes),
        )
    )


def _among(properties: Sequence[str]) -> exp.Expr:
    return exp.column("property").isin(*[exp.Literal.string(name) for name in properties])


BAD_VALUE = exp.and_(
    exp.column("value").is_(exp.null()),
    exp.NEQ(this=exp.column("text"), expression=exp.Literal.string("")),
)


def _not_bad() -> exp.Expr:
    return exp.not_(exp.func("COALESCE", BAD_VALUE.copy(), exp.false()))


def bad_values(properties: Sequence[str], catalog: Catalog, timezone: str) -> Statement:
    """Selects property, contact_id, occurred_at, text, and how many such rows there are."""
    query = (
        exp.select("property", "contact_id", "occurred_at", "text")
        .select(exp.Window(this=exp.Count(this=exp.Star())).as_("bad_values"))
        .from_(_changes(properties, catalog, timezone).subquery("changed"))
        .join("contact", using=["contact_id"], join_type="semi")
        .where(BAD_VALUE, by_tick(exp.column("occurred_at")))
        .order_by("property", "contact_id", "occurred_at", "text")
        .limit(5)
    )
    return Statement("bad_values", "Finds texts that their property's type cannot take.", query)


def entries(properties: Sequence[str], catalog: Catalog, timezone: str) -> Statement:
    """Creates `entry`: the value histories, each entry with the instants between it stands.

    What the first entry follows (`previous`) is an unknown value; a baseline follows nothing.
    """
    from_rows = [name for name in properties if name in catalog.history]
    observed = [name for name in properties if name in catalog.observed]
    parts: list[exp.Query] = []
    if from_rows:
        parts.append(_rows(from_rows, catalog, timezone))
    if observed:
        parts.append(_observed(observed, catalog))
    sight = exp.func(
        "GREATEST", exp.column("occurred_at", "c"), exp.column("created_at", "contact")
    )
    seen = (
        exp.select("c.*", "contact.created_at", sight.as_("starts_at"))
        .from_(union_all(parts).subquery("c"))
        .join("contact", using=["contact_id"])
    )
    order = [exp.column(name) for name in ("starts_at", "origin", "occurred_at")]
    by = [exp.Ordered(this=column) for column in order]
    by.append(exp.Ordered(this=exp.column("text"), nulls_first=True))

    def window(function: exp.Expr) -> exp.Expr:
        ordered = exp.Order(expressions=[one.copy() for one in by])
        parts = [exp.column("property"), exp.column("contact_id")]
        return exp.Window(this=function, partition_by=parts, order=ordered)

    next_at = exp.Lead(
        this=exp.column("starts_at"), offset=exp.Literal.number(1), default=instant(FOREVER)
    )
    is_baseline = exp.column("origin").eq(exp.Literal.number(BASELINE))
    before = exp.Lag(
        this=exp.column("value"),
        offset=exp.Literal.number(1),
        default=exp.case().when(is_baseline, exp.column("value")),
    )
    query = exp.select(
        "property",
        "contact_id",
        "created_at",
        "starts_at",
        window(next_at).as_("ends_at"),
        "value",
        window(before).as_("previous"),
    ).from_(seen.subquery("seen"))
    comment = "Puts the property history in order: what value stood from when to when."
    return Statement("entry", comment, create_table("entry", query))


def _rows(properties: Sequence[str], catalog: Catalog, timezone: str) -> exp.Select:
    """The rows that the tick sees; at one instant they follow what was observed."""
    return (
        exp.select(*ENTRY, exp.Literal.number(ROW).as_("origin"))
        .from_(_changes(properties, catalog, timezone).subquery("changed"))
        .where(_not_bad(), by_tick(exp.column("occurred_at")))
    )


def _observed(properties: Sequence[str], catalog: Catalog) -> exp.Select:
    """What was observed; the baseline stands only where there are no rows."""
    since = exp.column("observed_from")
    is_baseline = exp.Is(this=since, expression=exp.null())
    origin = exp.case().when(is_baseline, exp.Literal.number(BASELINE))
    dropped = exp.paren(exp.and_(is_baseline.copy(), exp.column("has_rows")))
    columns = {
        "property": exp.column("property"),
        "contact_id": exp.column("contact_id"),
        "occurred_at": since,
        "text": exp.column("value"),
        "value": _canonical(properties, catalog, typed),
        "origin": origin.else_(exp.Literal.number(OBSERVED)),
    }
    return (
        exp.select(*[column.as_(name) for name, column in columns.items()])
        .from_("goalsql.observed_values")
        .join("history", using=["property", "contact_id"])
        .where(_among(properties), exp.not_(dropped))
    )
