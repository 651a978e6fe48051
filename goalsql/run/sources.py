"""A project's sources as temporary views with normalised types (SPEC 1, 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from goalsql.codes import Code
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
from goalsql.engine.protocol import Engine, FileFound
from goalsql.errors import EngineError, Problem, SourceError, nearest
from goalsql.model.catalog import INSTANT, TEXT, Catalog, ColumnType, Kind
from goalsql.model.project import Definitions, Source, StaticSegment
from goalsql.model.reading_project import BUILT_IN_EVENTS
from goalsql.run.arrivals import Delivery
from goalsql.run.attached import attach
from goalsql.run.damage import Reading, damaged_file, separator_of, words_of
from goalsql.run.files import Files, is_parquet, is_text, read_parquet, reader_of, seen_from
from goalsql.run.forgotten import Choice
from goalsql.run.lakes import kept_by
from goalsql.run.names import Databases, table_of
from goalsql.run.queries import Dubious, Query, RefusedQueryError, read_query
from goalsql.run.reaching import confine, files_of, sources_of
from goalsql.run.state import Remembered
from goalsql.run.text_files import as_they_stand, mistake_in_text, read_csv, read_json

INSTANTS = ("created_at", "occurred_at", "loaded_at", "added_at", "updated_at")
INTEGERS = {
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
}  # fmt: skip
DATED = (Kind.DATE, Kind.INSTANT)
Columns = dict[str, ColumnType]


@dataclass(slots=True)
class OpenSources:
    """The catalog of a project's sources, and every problem met on the way to it.

    `deliveries` says by view what the sources hold that no tick has seen; `files` has those that
    are Parquet files. `readings` are the sources as they are read.
    """

    catalog: Catalog
    problems: list[Problem] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    files: dict[str, Files] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)


def column_type(sql: str) -> ColumnType:
    """A DuckDB type as goalsql sees it: what criteria can compare, everything else is OTHER.

    A column of nothing but NULL, as a file without types may have it, is text.
    """
    if sql.endswith("[]"):
        return ColumnType(Kind.OTHER, sql)
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
    databases = Databases.of(engine, definitions) if engine.local else None
    queries = _queries(engine, definitions, databases, opened.problems)
    confine(engine, definitions, queries)
    opened.problems += attach(engine, definitions)
    if choice is not None:
        chosen = choice.statement()
        engine.execute(chosen.name, chosen.text, chosen.parameters)
    reader = _Reader(engine, definitions, opened, before, databases, queries, choice)
    sources = definitions.sources
    contacts = reader.open(sources.contacts, CONTACTS, {})
    key = contacts.get("contact_id")
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
        history=reader.history(changes),
        segments=segments,
    )
    return opened


def _built_in(contact_id: ColumnType, fields: Sequence[str]) -> Columns:
    """The columns of an event source that is a view of the state."""
    columns = {"contact_id": contact_id, "event_id": TEXT, "occurred_at": INSTANT}
    return columns | dict.fromkeys(fields, TEXT)


def _queries(
    engine: Engine, definitions: Definitions, databases: Databases | None, problems: list[Problem]
) -> dict[str, Query]:
    """The queries of sources that may be run, by source."""
    asked = [source for source in sources_of(definitions) if source.query is not None]
    queries: dict[str, Query] = {}
    if not asked or databases is None:
        return queries
    dubious = Dubious.of(engine)
    for source in asked:
        text = source.query or ""
        try:
            queries[source.name] = read_query(engine, definitions.reach, databases, dubious, text)
        except RefusedQueryError as error:
            problem = f"query of {source.name}: {error.message}"
            problems.append(Problem(Code.WRONG_QUERY, source.place, problem, error.mend))
    return queries


@dataclass(slots=True)
class _Reader:
    engine: Engine
    definitions: Definitions
    opened: OpenSources
    remembered: Remembered
    databases: Databases | None
    queries: Mapping[str, Query]
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
        is_files = reader_of(source) is not None
        found_files = files_of(self.engine, self.definitions, source) if is_files else []
        files = [one.path for one in found_files]
        relation = self._relation(source, files)
        if relation is None:
            return {}
        self.opened.readings.append(Reading(source, view, reader_of(source), files))
        found = self._described(source, view, relation)
        if found is not None and is_text(source):
            if why := mistake_in_text(source, files, found):
                problem = f"cannot read {source.name}: {why}"
                self.problems.append(Problem(Code.UNREADABLE_SOURCE, source.place, problem))
                return {}
            relation = self._spelt(source, files, relation, found, casts)
            if held:
                relation = self._held(source, view, relation)
            found = None if relation is None else self._described(source, view, relation)
        if relation is None or found is None:
            return {}
        types = found
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
        delivery = self._delivery(source, view, found_files, "filename" not in types)
        self.opened.deliveries[view] = delivery
        if is_parquet(source) and "filename" not in types:
            of_files = Files(types, selected, seen_from(view, columns), choice)
            self.opened.files[view] = of_files
            if delivery.reading == "more":
                new = f"new {view}"
                unseen = self._described(source, new, read_parquet(delivery.unseen)) or {}
                last = self.remembered.tick_at
                self._try(source, of_files.new_rows(view, delivery, unseen, last))
        return columns

    def history(self, changes: Mapping[str, ColumnType]) -> frozenset[str]:
        """The properties that have rows, of which those in unchanged files are known."""
        source, known = self.definitions.sources.property_changes, self.remembered
        if source is None or "property" not in changes:
            return frozenset()
        delivery = self.opened.deliveries.get(PROPERTY_CHANGES, Delivery("whole"))
        if delivery.reading == "same":
            return known.changed_properties
        grows = delivery.reading == "more"
        view = new_rows(PROPERTY_CHANGES) if grows else PROPERTY_CHANGES
        query = exp.select("property").distinct().from_(table(view))
        comment = "Lists the properties that have a history."
        rows = self._try(source, Statement("history.properties", comment, query))
        found = frozenset(str(name) for (name,) in rows or () if name is not None)
        return found | known.changed_properties if grows else found

    def _described(self, source: Source, view: str, relation: exp.Expr) -> dict[str, str] | None:
        """The columns of a relation with their types; None if it cannot be read."""
        describe = exp.Describe(this=exp.select("*").from_(relation.copy()))
        statement = Statement(f"describe.{view}", "Reads the columns.", describe)
        found = self._try(source, statement)
        return None if found is None else {str(row[0]): str(row[1]) for row in found}

    def _spelt(
        self,
        source: Source,
        files: Sequence[str],
        relation: exp.Expr,
        types: Mapping[str, str],
        casts: Mapping[str, ColumnType],
    ) -> exp.Expr:
        """Files of text, read so that texts are what stands there, whatever they look like."""
        as_given = {own: name for name, own in source.columns.items()}
        names = {own: as_given.get(own, own) for own in types}
        texts = [own for own, name in names.items() if casts.get(name) == TEXT]
        if reader_of(source) == "READ_CSV":
            texts = [own for own in texts if types[own] != "VARCHAR"]
            return as_they_stand(relation, texts) if texts else relation
        dated = {own for own, sql in types.items() if column_type(sql).kind in DATED}
        texts += [own for own, name in names.items() if name in INSTANTS and own in dated]
        texts += [own for own, sql in types.items() if sql == "JSON"]
        return read_json(files, {**types, **dict.fromkeys(texts, "VARCHAR")})

    def _held(self, source: Source, view: str, relation: exp.Expr) -> exp.Expr | None:
        """The table with all that a source holds; None if it cannot be read."""
        held = table(f"read {view}")
        create = create_table(held, exp.select("*").from_(relation))
        found = self._try(source, Statement(f"read.{view}", "Reads a source once.", create))
        return None if found is None else held.copy()

    def _delivery(
        self, source: Source, view: str, files: Sequence[FileFound], tells_files: bool
    ) -> Delivery:
        """What a source holds that no tick has seen; one that is not of files is read whole."""
        if not files:
            return Delivery("whole")
        before = self.remembered.parts.get(view, ())
        apart = is_parquet(source) and tells_files
        return Delivery.of(files, before, apart, grows=view != CONTACTS)

    def _try(self, source: Source, statement: Statement) -> list[tuple[object, ...]] | None:
        try:
            return self.engine.execute(statement.name, statement.text)
        except EngineError as error:
            files = [one for one in self.opened.readings if one.source is source]
            why = damaged_file(files) or f"cannot read {source.name}: {words_of(error.cause)}"
            self.problems.append(Problem(Code.UNREADABLE_SOURCE, source.place, why))
            return None

    def _relation(self, source: Source, files: Sequence[str]) -> exp.Expr | None:
        """What stands after FROM for a source: a reader of files, a table, or its query."""
        if not self.engine.local and (source.query is not None or is_text(source)):
            kind = "a query in DuckDB's SQL" if source.query is not None else "files of text"
            problem = f"{source.name} is {kind}, which only DuckDB reads"
            mend = "write Parquet, or name a table or view of the session's catalog"
            self.problems.append(Problem(Code.ONLY_HERE, source.place, problem, mend))
            return None
        if source.query is not None:
            query = self.queries.get(source.name)
            return None if query is None else query.relation
        location = source.location or ""
        mistake = self.definitions.reach.mistake(location)
        if mistake is not None:
            self.problems.append(Problem(Code.OUTSIDE, source.place, *mistake))
            return None
        reader = reader_of(source)
        if reader is None:
            parts = location.split(".")
            if len(parts) > 3:
                problem = f"{location} is no table's name"
                self.problems.append(Problem(Code.NOTHING_THERE, source.place, problem))
                return None
            return table_of(self.databases.whole(parts) if self.databases else parts)
        if not files:
            mend = "paths are relative to goalsql.yml"
            self.problems.append(
                Problem(Code.NOTHING_THERE, source.place, f"no file matches {location}", mend)
            )
            return None
        if reader == "READ_CSV":
            try:
                return read_csv(files, separator_of(self.engine, source.name, files))
            except SourceError as error:
                self.problems.append(Problem(error.code, source.place, str(error)))
                return None
        if reader == "READ_JSON":
            return read_json(files)
        if system := kept_by(self.engine, self.definitions.reach.path(location)):
            problem = f"{source.name} is a table of {system}, whose files hold rows that are gone"
            self.problems.append(Problem(Code.KEPT_ELSEWHERE, source.place, problem))
            return None
        return read_parquet(files)

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
            self.problems.append(Problem(Code.NO_COLUMN, source.place, problem, mend))
        return names

    def _normalised(
        self, source: Source, name: str, column: str, own: ColumnType, target: ColumnType | None
    ) -> tuple[exp.Expr, ColumnType]:
        """A column's value and type: ids as the contacts' own, instants as UTC TIMESTAMP."""
        value: exp.Expr = exp.column(column, quoted=True)
        timezone = self.definitions.timezone
        if target is not None:
            if name == "contact_id" and own.kind not in (Kind.INTEGER, Kind.TEXT):
                problem = f"contact_id of {source.name} is {own.sql}"
                mend = "contact ids are integers or text: cast it in a `query:`"
                self.problems.append(Problem(Code.COLUMN_TYPE, source.place, problem, mend))
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
        if own.kind is Kind.INSTANT:
            return exp.cast(value, TIMESTAMP), own
        if own.kind is Kind.TEXT:
            return exp.cast(value, exp.DataType.build("VARCHAR")), own
        return value, own
