"""A project's sources as temporary views with normalised types (SPEC 1, 2)."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from goalsql.compile.predicates import TIMESTAMP, day_start, text_as, text_as_instant
from goalsql.compile.relations import (
    CONTACTS,
    PROPERTY_CHANGES,
    create_view,
    event_view,
    new_rows,
    segment_view,
    table,
)
from goalsql.compile.statements import Statement, create_table
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError, Problem, nearest
from goalsql.model.catalog import INSTANT, TEXT, Catalog, ColumnType, Kind
from goalsql.model.project import Definitions, Source, StaticSegment
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.run.arrivals import Delivery
from goalsql.run.files import Files, is_parquet, is_text, read_parquet, reader_of, seen_from
from goalsql.run.forgotten import Choice
from goalsql.run.state import Remembered

INSTANTS = ("created_at", "occurred_at", "loaded_at", "added_at", "updated_at")
INTEGERS = {
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
}  # fmt: skip
Columns = dict[str, ColumnType]


@dataclass(slots=True)
class OpenSources:
    """The catalog of a project's sources, and every problem met on the way to it.

    `deliveries` says by view what the sources hold that no tick has seen; `files` has those that
    are Parquet files.
    """

    catalog: Catalog
    problems: list[Problem] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    files: dict[str, Files] = field(default_factory=dict)


def column_type(sql: str) -> ColumnType:
    """A DuckDB type as goalsql sees it: what criteria can compare, everything else is OTHER.

    A column of nothing but NULL, as a file without types may have it, is text.
    """
    base = sql.split("(")[0]
    if base in ("VARCHAR", "UUID", "ENUM", '"NULL"'):
        return TEXT
    if base == "BOOLEAN":
        return ColumnType(Kind.BOOLEAN, sql)
    if base in INTEGERS:
        return ColumnType(Kind.INTEGER, sql)
    if base in ("DECIMAL", "FLOAT", "DOUBLE"):
        return ColumnType(Kind.NUMBER, sql)
    if base == "DATE":
        return ColumnType(Kind.DATE, sql)
    if base.startswith("TIMESTAMP"):
        return ColumnType(Kind.INSTANT, "TIMESTAMP")
    return ColumnType(Kind.OTHER, sql)


def open_sources(
    engine: Engine,
    definitions: Definitions,
    remembered: Remembered | None = None,
    choice: Choice | None = None,
) -> OpenSources:
    """Attaches databases, reads every source's columns and makes its view.

    Args:
        engine: where the views are made; they last as long as its connection.
        definitions: the project.
        remembered: what earlier ticks have read; None where that does not matter.
        choice: whose rows the views show; all rows without one.

    Returns:
        The catalog; sources that cannot be read are left out of it and named in `problems`.
    """
    opened = OpenSources(Catalog(contacts={}))
    before = remembered or Remembered()
    _attach(engine, definitions, opened.problems)
    if choice is not None:
        chosen = choice.statement()
        engine.execute(chosen.name, chosen.text, chosen.parameters)
    reader = _Reader(engine, definitions, opened, before, choice)
    sources = definitions.sources
    contacts = reader.open(sources.contacts, CONTACTS, {})
    key = contacts.get("contact_id")
    if key is not None and key.kind not in (Kind.TEXT, Kind.INTEGER):
        problem = f"contact_id of contacts is {key.sql}"
        opened.problems.append(
            Problem(sources.contacts.place, problem, "contact ids are integers or text")
        )
    casts = {} if key is None else {"contact_id": key}
    changes: Columns = {}
    if sources.property_changes is not None:
        texts = {
            "property": TEXT,
            "value": TEXT,
        }
        changes = reader.open(sources.property_changes, PROPERTY_CHANGES, casts | texts)
    ids = {name: TEXT for name in ("workflow_id", "email_id", "event")}
    events = {
        name: reader.open(
            source, event_view(name), casts | (ids if name == "marketing_email" else {})
        )
        for name, source in sources.event_sources().items()
    }
    if key is not None:
        events |= {name: _built_in(key, fields) for name, fields in BUILT_IN_EVENTS.items()}
    segments = {
        name: reader.open(segment.source, segment_view(name), casts, held=True)
        for name, segment in definitions.segments.items()
        if isinstance(segment, StaticSegment)
    }
    opened.catalog = Catalog(
        contacts=contacts,
        events=events,
        property_changes=changes,
        history=_history(engine, changes, opened, before),
        segments=segments,
    )
    return opened


def _built_in(contact_id: ColumnType, fields: Sequence[str]) -> Columns:
    """The columns of an event source that is a view of the state."""
    columns = {"contact_id": contact_id, "event_id": TEXT, "occurred_at": INSTANT}
    return columns | dict.fromkeys(fields, TEXT)


def _attach(engine: Engine, definitions: Definitions, problems: list[Problem]) -> None:
    for alias, path in definitions.attach.items():
        file = definitions.directory / path
        place = definitions.sources.contacts.place
        if not file.is_file():
            problems.append(Problem(place, f"attach: {alias}: there is no file {path}"))
            continue
        ast = sqlglot.parse_one("ATTACH 'path' AS alias (READ_ONLY)", read="duckdb")
        ast.find_all(exp.Literal).__next__().replace(exp.Literal.string(str(file)))
        ast.this.set("alias", exp.to_identifier(alias, quoted=True))
        statement = Statement(f"attach.{alias}", "Attaches a database, to read only.", ast)
        try:
            engine.execute(statement.name, statement.text)
        except EngineError as error:
            problems.append(Problem(place, f"attach: {alias}: {error.cause}"))


def _history(
    engine: Engine, changes: Mapping[str, ColumnType], opened: OpenSources, before: Remembered
) -> frozenset[str]:
    """The properties that have rows, of which those in unchanged files are known."""
    if "property" not in changes:
        return frozenset()
    delivery = opened.deliveries.get(PROPERTY_CHANGES, Delivery("whole"))
    if delivery.reading == "same":
        return before.changed_properties
    grows = delivery.reading == "more"
    view = new_rows(PROPERTY_CHANGES) if grows else PROPERTY_CHANGES
    query = exp.select("property").distinct().from_(table(view))
    comment = "Lists the properties that have a history."
    statement = Statement("history.properties", comment, query)
    rows = engine.execute(statement.name, statement.text)
    found = frozenset(name for (name,) in rows if name is not None)
    return found | before.changed_properties if grows else found


@dataclass(slots=True)
class _Reader:
    engine: Engine
    definitions: Definitions
    opened: OpenSources
    remembered: Remembered
    choice: Choice | None

    @property
    def problems(self) -> list[Problem]:
        return self.opened.problems

    def open(
        self, source: Source, view: str, casts: Mapping[str, ColumnType], *, held: bool = False
    ) -> Columns:
        """Makes the view of one source and returns its columns; none if it cannot be read.

        Args:
            source: the source.
            view: its view.
            casts: the types that columns must have, by name.
            held: read it once for all uses if it is files of text, which are parsed at each use.
        """
        relation = self._relation(source)
        if relation is not None and held and is_text(source):
            relation = self._held(source, view, relation)
        if relation is None:
            return {}
        describe = exp.Describe(this=exp.select("*").from_(relation))
        found = self._try(source, Statement(f"describe.{view}", "Reads the columns.", describe))
        if found is None:
            return {}
        types = {str(row[0]): str(row[1]) for row in found}
        own = {name: column_type(sql) for name, sql in types.items()}
        names = self._names(source, own)
        columns: Columns = {}
        selected: list[exp.Expr] = []
        for name, column in names.items():
            target = casts.get(name)
            value, columns[name] = self._normalised(source, name, column, own[column], target)
            selected.append(value.as_(name, quoted=True))
        query = exp.select(*selected).from_(relation.copy())
        choice = self.choice if "contact_id" in columns else None
        if choice is not None:
            query = choice.of(query)
        comment = "Makes the view of a source."
        self._try(source, Statement(f"view.{view}", comment, create_view(view, query)))
        delivery = self._delivery(source, view, "filename" not in types)
        self.opened.deliveries[view] = delivery
        if is_parquet(source) and "filename" not in types:
            files = Files(types, selected, seen_from(view, columns), choice)
            self.opened.files[view] = files
            if delivery.reading == "more":
                describe = exp.Describe(this=exp.select("*").from_(read_parquet(delivery.unseen)))
                comment = "Reads the columns of new files."
                some = self._try(source, Statement(f"describe.new {view}", comment, describe))
                unseen = {str(row[0]): str(row[1]) for row in some or ()}
                last = self.remembered.tick_at
                self._try(source, files.new_rows(view, delivery, unseen, last))
        return columns

    def _held(self, source: Source, view: str, relation: exp.Expr) -> exp.Expr | None:
        """The table with all that a source holds; None if it cannot be read."""
        held = table(f"read {view}")
        create = create_table(held, exp.select("*").from_(relation))
        found = self._try(source, Statement(f"read.{view}", "Reads a source once.", create))
        return None if found is None else held.copy()

    def _delivery(self, source: Source, view: str, tells_files: bool) -> Delivery:
        """What a source holds that no tick has seen; one that is not of files is read whole."""
        if source.query is not None or reader_of(source) is None:
            return Delivery("whole")
        files = self._files(source)
        grows = is_parquet(source) and tells_files
        return Delivery.of(files, self.remembered.parts.get(view, ()), grows)

    def _files(self, source: Source) -> list[str]:
        path = self.definitions.directory / (source.location or "")
        return glob.glob(str(path), recursive=True)

    def _try(self, source: Source, statement: Statement) -> list[tuple[object, ...]] | None:
        try:
            return self.engine.execute(statement.name, statement.text)
        except EngineError as error:
            cause = error.cause.splitlines()[0]
            self.problems.append(Problem(source.place, f"cannot read {source.name}: {cause}"))
            return None

    def _relation(self, source: Source) -> exp.Expr | None:
        """What stands after FROM for a source: a reader of files, a table, or its query."""
        if source.query is not None:
            return self._query(source, source.query)
        location = source.location or ""
        reader = reader_of(source)
        if reader is None:
            parts = [exp.to_identifier(part, quoted=True) for part in location.split(".")]
            if not 1 <= len(parts) <= 3:
                self.problems.append(Problem(source.place, f"{location} is no table's name"))
                return None
            return exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))
        path = str(self.definitions.directory / location)
        if not self._files(source):
            mend = "paths are relative to goalsql.yml"
            self.problems.append(Problem(source.place, f"no file matches {location}", mend))
            return None
        options = [exp.Literal.string(path)]
        by_name = exp.PropertyEQ(this=exp.to_identifier("union_by_name"), expression=exp.true())
        whole = exp.PropertyEQ(
            this=exp.to_identifier("sample_size"), expression=exp.Literal.number(-1)
        )
        arguments = [*options, by_name] if reader == "READ_PARQUET" else [*options, by_name, whole]
        return exp.Table(this=exp.func(reader, *arguments))

    def _query(self, source: Source, query: str) -> exp.Expr | None:
        try:
            parsed = sqlglot.parse(query, read="duckdb")
        except sqlglot.errors.SqlglotError as error:
            first = str(error).splitlines()[0]
            self.problems.append(Problem(source.place, f"query of {source.name}: {first}"))
            return None
        if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
            problem = f"query of {source.name} is not a single query"
            self.problems.append(Problem(source.place, problem))
            return None
        return parsed[0].subquery("query")

    def _names(self, source: Source, own: Mapping[str, ColumnType]) -> dict[str, str]:
        """Goalsql's name of each column to the source's own."""
        names = {column: column for column in own if column not in source.columns.values()}
        for name, column in source.columns.items():
            if column in own:
                names[name] = column
                continue
            near = nearest(column, own)
            mend = f"did you mean {near}?" if near else f"it has {', '.join(own)}"
            problem = f"{source.name} has no column {column}"
            self.problems.append(Problem(source.place, problem, mend))
        return names

    def _normalised(
        self, source: Source, name: str, column: str, own: ColumnType, target: ColumnType | None
    ) -> tuple[exp.Expr, ColumnType]:
        """A column's value and type: ids as the contacts' own, instants as UTC TIMESTAMP."""
        value: exp.Expr = exp.column(column, quoted=True)
        timezone = self.definitions.timezone
        if target is not None:
            if target == own and own.kind is not Kind.TEXT:
                return value, target
            if own.kind is Kind.TEXT and target.kind is Kind.INTEGER:
                return text_as(value, target, timezone), target
            cast = exp.TryCast if name == "contact_id" else exp.Cast
            return cast(this=value, to=exp.DataType.build(target.sql, dialect="duckdb")), target
        if name in INSTANTS:
            if own.kind is Kind.TEXT:
                return text_as_instant(
                    exp.cast(value, exp.DataType.build("VARCHAR")), timezone
                ), INSTANT
            if own.kind is Kind.DATE:
                return day_start(value, timezone), INSTANT
            if own.kind is not Kind.INSTANT:
                problem = f"{name} of {source.name} is {own.sql}, not an instant"
                self.problems.append(Problem(source.place, problem, "cast it in a `query:`"))
        if own.kind is Kind.INSTANT:
            return exp.cast(value, TIMESTAMP), own
        if own.kind is Kind.TEXT:
            return exp.cast(value, exp.DataType.build("VARCHAR")), own
        return value, own
