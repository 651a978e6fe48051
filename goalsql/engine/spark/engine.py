"""The Spark engine: runs what is written for DuckDB, and keeps the state in a folder of Parquet."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import polars as pl
import sqlglot
from sqlglot import exp

from goalsql.engine.protocol import FileFound, Tracer
from goalsql.engine.spark.asking import asked
from goalsql.engine.spark.changes import rows_left, rows_updated, target
from goalsql.engine.spark.files import copied, files_found, parquet
from goalsql.engine.spark.store import Manifest, Relation, Store, crowded, level_of
from goalsql.engine.spark.types import duckdb_type, literal, plain
from goalsql.errors import EngineError

Columns = Mapping[str, str]
Translate = Callable[[exp.Expr, Mapping[str, Columns]], str]
SCHEMAS = ("goalsql", "report")
"""What is in them lasts; all else is gone when the engine is closed."""
MOST_PARTS = 24
"""Of more parts of a table one is made, of more of these again one, and so on.

So neither do files become ever more, nor are old rows written anew all the time.
"""
ROWS_A_FILE = 5_000_000
"""Of a part that others were put together to."""
FEW = 1_000
"""So many values that a statement says itself need no file."""


class Spark:
    """A Spark session, and the state of a project in a folder of Parquet.

    Views are no views of Spark's: their queries stand in the place of their names.

    Args:
        session: a SparkSession, classic or Connect.
        root: the folder of the state, as the session's executors can write it.
        translate: gives the text of a query for Spark, when told the columns of all tables.
        tracer: called with the name and text of every statement before it runs.
        lasting: begin with what the last finished run left, and leave it to the next one; begin
            with nothing, and leave nothing, where not.
    """

    local = False

    def __init__(
        self,
        session: Any,
        root: str,
        translate: Translate,
        *,
        tracer: Tracer | None = None,
        lasting: bool = True,
    ) -> None:
        self.session = session
        self.translate = translate
        self.tracer = tracer
        self.store = Store(session, root)
        self.lasting = lasting
        self.name = uuid.uuid4().hex
        self.before = self.store.load() if lasting else Manifest()
        self.state = self.before.copy()
        self.passing: dict[str, Relation] = {}
        self.views = _views(self.state)
        self._shown: dict[str, tuple[str, Relation]] = {}
        self._files: dict[tuple[str, ...], str] = {}
        self._columns: dict[str, Columns] = {}
        self._open = False
        self._inlined = 0

    def execute(
        self, name: str, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a statement written for DuckDB and returns its rows.

        Raises:
            EngineError: if Spark refuses or fails.
        """
        statement = _parsed(sql).copy()
        for node in list(statement.find_all(exp.Placeholder)):
            node.replace(literal((parameters or {})[node.name]))
        with self._told(name, sql):
            return self._run(statement)

    def frame(self, name: str, sql: str) -> pl.DataFrame:
        """Runs a query and returns its rows as a polars frame."""
        with self._told(name, sql):
            frame = pl.DataFrame(asked(self._query(_parsed(sql).copy()).toArrow))
        whole = [one for one, kind in frame.schema.items() if kind == pl.Decimal(38, 0)]
        return frame.with_columns(pl.col(whole).cast(pl.Int128))

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table of state, with their types as DuckDB names them."""
        found = self.state.tables.get(f"goalsql.{table}", Relation({}))
        return {name: duckdb_type(kind) for name, kind in found.columns.items()}

    def files(self, pattern: str) -> list[FileFound]:
        """The files that a path, glob or URI stands for."""
        return files_found(self.session, pattern)

    def confine(self, directories: Sequence[str], paths: Sequence[str]) -> None:
        """Nothing: what executors may read, those decide who run them."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what is written counts when the ledger says so."""
        self._open = True
        try:
            yield
            self._commit()
        except BaseException:
            self.state = self.before.copy()
            self.views = _views(self.state)
            raise
        finally:
            self._open = False

    def compact(self) -> None:
        """Puts the parts of every table together."""
        with self.transaction():
            for name, relation in list(self.state.tables.items()):
                if len(relation.parts) > 1:
                    self._merge(name, relation.parts)

    def take(self, *names: str) -> None:
        """Shows what the last finished run left in tables whose names begin so."""
        found = self.store.load().tables
        starts = tuple(f"goalsql.{name}" for name in names)
        self.state.tables |= {n: table for n, table in found.items() if n.startswith(starts)}

    def close(self) -> None:
        """Forgets the tables of the run."""
        for name in self._columns:
            with suppress(Exception):
                self.session.catalog.dropTempView(name)
        with suppress(Exception):  # a later run removes what this one cannot
            self.store.close()

    @contextmanager
    def _told(self, name: str, sql: str) -> Iterator[None]:
        if self.tracer is not None:
            self.tracer(name, sql)
        try:
            yield
        except EngineError:
            raise
        except Exception as error:
            cause = str(error).split("\nJVM stacktrace")[0]
            raise EngineError(name, sql, cause) from error

    def _commit(self) -> None:
        if self.lasting and self.state != self.before:
            for name in self.state.tables:
                while parts := crowded(self.state.tables[name].parts, MOST_PARTS):
                    self._merge(name, parts)
            self.before = self.store.commit(self.before, self.state)
            self.state = self.before.copy()

    def _merge(self, name: str, parts: Sequence[str]) -> None:
        """Puts parts of a table together to one."""
        before = self.state.tables[name]
        rows = self.store.read(Relation(before.columns, tuple(parts)))
        files, level = 1 + asked(rows.count) // ROWS_A_FILE, 1 + max(map(level_of, parts))
        one = self.store.write(rows.repartition(files), name, lasts=True, level=level)
        others = (part for part in before.parts if part not in parts)
        self.state.tables[name] = Relation(before.columns, (*others, one))

    def _run(self, statement: exp.Expr) -> list[tuple[Any, ...]]:
        match statement:
            case exp.Comment() | exp.Set():
                return []
            case exp.Create():
                self._create(statement)
            case exp.Drop():
                self._drop(statement)
            case exp.Insert():
                return self._insert(statement)
            case exp.Delete():
                self._replace(_name(target(statement)), rows_left(statement))
            case exp.Update():
                name = _name(target(statement))
                columns = list(self._relation(name).columns)
                self._replace(name, rows_updated(statement, columns))
            case exp.Describe():
                found = _types(self._query(statement.this))
                return [(name, duckdb_type(kind)) for name, kind in found.items()]
            case exp.Copy():
                return [(copied(statement, self._query(statement.this.this)),)]
            case _:
                return [plain(row) for row in asked(self._query(statement).collect)]
        return []

    def _create(self, create: exp.Create) -> None:
        if create.kind == "SCHEMA":
            return
        if isinstance(create.this, exp.Schema):
            self._create_empty(create)
            return
        name, query = _name(create.this), create.expression
        if create.kind == "VIEW":
            self._create_view(name, query)
        elif _lasts(name) or query.find(exp.Table) or len([*query.find_all(exp.Literal)]) > FEW:
            self._keep(name, self._written(name, self._query(query)))
        else:
            rows = self._query(query)
            self._keep(name, Relation(_types(rows), rows=rows))

    def _create_empty(self, create: exp.Create) -> None:
        name = _name(create.this.this)
        if not (create.args.get("exists") and name in self.state.tables):
            kinds = [(one.name, one.args["kind"]) for one in create.this.expressions]
            columns = [exp.cast(exp.null(), kind).as_(one) for one, kind in kinds]
            self._keep(name, Relation(_types(self._query(exp.select(*columns)))))

    def _create_view(self, name: str, query: exp.Expr) -> None:
        """A view is a name for a query, which stands in its place wherever it is read."""
        if _lasts(name):
            self.state.views[name] = query.sql(dialect="duckdb")
        self.views[name] = self._pinned(query.copy())

    def _drop(self, drop: exp.Drop) -> None:
        """Only whole schemas of state are dropped."""
        schema = f"{drop.this.db or drop.this.name}."
        for named in (self.state.tables, self.state.views, self.views):
            for name in [one for one in named if one.startswith(schema)]:
                del named[name]

    def _insert(self, insert: exp.Insert) -> list[tuple[Any, ...]]:
        is_part = isinstance(insert.this, exp.Schema)
        name = _name(insert.this.this if is_part else insert.this)
        named = [one.name for one in insert.this.expressions] if is_part else None
        before = self._relation(name)
        if before.rows is not None:
            before = self._written(name, before.rows, before.columns)
        new = self._written(name, self._as(name, insert.expression, named), before.columns)
        self._keep(name, Relation(before.columns, (*before.parts, *new.parts)))
        if insert.args.get("returning") is None:
            return []
        return [plain(row) for row in asked(self.store.read(new).collect)]

    def _as(self, name: str, rows: exp.Expr, named: Sequence[str] | None = None) -> Any:
        """Rows in the types of a table, column by column in their order, or in that of `named`."""
        if isinstance(rows, exp.From):
            rows = exp.select("*").from_(rows.this)
        columns = self._relation(name).columns
        given = named or list(columns)
        typed = [
            exp.cast(
                exp.column(one, quoted=True) if one in given else exp.null(),
                exp.DataType.build(kind, dialect="spark"),
            ).as_(one, quoted=True)
            for one, kind in columns.items()
        ]
        return self._query(rows).toDF(*given).selectExpr(*(one.sql("spark") for one in typed))

    def _replace(self, name: str, rows: exp.Query | None) -> None:
        columns = self._relation(name).columns
        if rows is None:
            self._keep(name, Relation(columns))
        else:
            self._keep(name, self._written(name, self._as(name, rows), columns))

    def _query(self, query: exp.Expr) -> Any:
        text = self._text(query)
        return asked(lambda: self.session.sql(text))

    def _text(self, query: exp.Expr) -> str:
        """The text of a query for Spark, with every table under the name that Spark knows it by."""
        query = self._pinned(self._without_views(query))
        own = {cte.alias for cte in query.find_all(exp.CTE)}
        tables: dict[str, Columns] = {}
        for table in list(query.find_all(exp.Table)):
            shown = None
            if isinstance(table.this, exp.ReadParquet):
                shown = self._parquet(table)
            elif table.db or table.name not in own:
                shown = self._shown_as(_name(table))
            if shown is not None:
                if not table.alias:
                    alias = exp.to_identifier(table.name or shown, quoted=True)
                    table.set("alias", exp.TableAlias(this=alias))
                table.set("this", exp.to_identifier(shown, quoted=True))
                table.set("db", None)
                tables[shown] = self._columns[shown]
        return self.translate(query, tables)

    def _without_views(self, query: exp.Expr) -> exp.Expr:
        """The query with the queries of views in their places."""
        own = {cte.alias for cte in query.find_all(exp.CTE)}
        for table in list(query.find_all(exp.Table)):
            name = _name(table)
            if name in self.views and name not in own:
                self._inlined += 1
                inner = _apart(self.views[name].copy(), f"part {self._inlined} ")
                alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name, quoted=True))
                table.replace(exp.Subquery(this=self._without_views(inner), alias=alias))
        return query

    def _pinned(self, query: exp.Expr) -> exp.Expr:
        """The query with names of this run for the tables of the session's catalog.

        What a source is stays what it is then, whatever else comes to be called as it is.
        """
        ours = (self.views, self.state.tables, self.passing, self._columns)
        own = {cte.alias for cte in query.find_all(exp.CTE)}
        for table in list(query.find_all(exp.Table)):
            name = _name(table)
            if name and name not in own and not any(name in named for named in ours):
                parts = [exp.to_identifier(part.name, quoted=True) for part in table.parts]
                rows = self.session.table(".".join(part.sql("spark") for part in parts))
                shown = exp.to_identifier(self._show(rows, _types(rows)))
                alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name, quoted=True))
                table.replace(exp.Table(this=shown, alias=alias))
        return query

    def _parquet(self, table: exp.Table) -> str:
        """The name of a view of Parquet files; with the file of each row, if that is asked for."""
        reads = table.find_ancestor(exp.Select)
        asked = reads.find_all(exp.Column) if reads is not None else ()
        named = any(column.name == "filename" for column in asked)
        [listed, *_] = table.this.expressions
        paths = tuple(one.name for one in listed.expressions or [listed])
        key = (str(named), *paths)
        if key not in self._files:
            rows = parquet(self.session, paths, named)
            self._files[key] = self._show(rows, _types(rows))
        return self._files[key]

    def _shown_as(self, name: str) -> str:
        """The name of the view of a table as it is now; that name itself, if it is one already."""
        if name in self._columns:
            return name
        relation = self._relation(name)
        shown = self._shown.get(name)
        if shown is None or shown[1] is not relation:
            shown = (self._show(self.store.read(relation), relation.columns), relation)
            self._shown[name] = shown
        return shown[0]

    def _show(self, rows: Any, columns: Columns) -> str:
        """A name by which Spark knows rows, which nobody else in the session has given."""
        name = f"goalsql_{self.name}_{len(self._columns)}"
        asked(lambda: rows.createOrReplaceTempView(name))
        self._columns[name] = {one: duckdb_type(kind) for one, kind in columns.items()}
        return name

    def _written(self, name: str, rows: Any, columns: Columns | None = None) -> Relation:
        """Rows as a part of a table; where their columns are not known, Spark is asked."""
        part = self.store.write(rows, name, self.lasting and _lasts(name))
        return Relation(columns or _types(rows), (part,))

    def _relation(self, name: str) -> Relation:
        return self.state.tables[name] if _lasts(name) else self.passing[name]

    def _keep(self, name: str, relation: Relation) -> None:
        (self.state.tables if _lasts(name) else self.passing)[name] = relation
        if _lasts(name) and not self._open:
            self._commit()


@lru_cache(maxsize=1024)
def _parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read="duckdb")


def _views(state: Manifest) -> dict[str, exp.Expr]:
    return {name: _parsed(text) for name, text in state.views.items()}


def _name(table: exp.Table) -> str:
    return ".".join(part for part in (table.catalog, table.db, table.name) if part)


def _lasts(name: str) -> bool:
    return name.startswith(tuple(f"{schema}." for schema in SCHEMAS))


def _apart(view: exp.Expr, prefix: str) -> exp.Expr:
    """A view's query whose named parts are called as nothing else is."""
    parts = {cte.alias: prefix + cte.alias for cte in view.find_all(exp.CTE)}
    for cte in view.find_all(exp.CTE):
        cte.set("alias", exp.TableAlias(this=exp.to_identifier(parts[cte.alias], quoted=True)))
    for table in view.find_all(exp.Table):
        if not table.db and table.name in parts:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=table.this.copy()))
            table.set("this", exp.to_identifier(parts[table.name], quoted=True))
    return view


def _types(rows: Any) -> dict[str, str]:
    return {field.name: field.dataType.simpleString() for field in rows.schema}
