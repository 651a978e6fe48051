"""The Spark engine: takes the statements that DuckDB takes, and runs queries only."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

import polars as pl
import sqlglot
from sqlglot import exp

from goalsql.engine.spark.changes import rows_left, rows_updated, target
from goalsql.engine.spark.store import Manifest, Relation, Store
from goalsql.errors import EngineError

Translate = Callable[[exp.Expr, Mapping[str, Mapping[str, str]]], str]
Tracer = Callable[[str, str], None]
STATE = ("goalsql__", "report__")
"""How the names of what lasts begin; all else is gone when the engine is closed."""


_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ntz": "TIMESTAMP",
    "binary": "BLOB",
}


class Spark:
    """A Spark session, and the state of a project in a folder of Parquet.

    Args:
        session: a SparkSession, classic or Connect.
        root: the folder of the state, as the session's executors can write it.
        translate: gives the text of a query for Spark, when told the columns of all tables.
        types: names of Spark's types to those of DuckDB.
        tracer: called with the name and text of every statement before it runs.
    """

    def __init__(
        self, session: Any, root: str, translate: Translate, *, tracer: Tracer | None = None
    ) -> None:
        self.session = session
        self.translate = translate
        self.tracer = tracer
        self.store = Store(session, root)
        self.scratch = f"scratch/{uuid.uuid4().hex}"
        self.state = self.store.load()
        self.passing: dict[str, Relation] = {}
        self.columns: dict[str, Mapping[str, str]] = {}
        self.views: dict[str, exp.Expr] = {}
        self._open = False
        self._inlined = 0
        self._show_all()

    def execute(
        self, name: str, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a statement written for DuckDB and returns its rows.

        Raises:
            EngineError: if Spark refuses or fails.
        """
        if self.tracer is not None:
            self.tracer(name, sql)
        statement = _parsed(sql).copy()
        for node in list(statement.find_all(exp.Placeholder)):
            node.replace(_literal((parameters or {})[node.name]))
        try:
            return self._run(statement)
        except EngineError:
            raise
        except Exception as error:
            raise EngineError(name, sql, str(error)) from error

    def frame(self, name: str, sql: str) -> pl.DataFrame:
        """Runs a query and returns its rows as a polars frame."""
        if self.tracer is not None:
            self.tracer(name, sql)
        try:
            found = self._query(_parsed(sql).copy()).toArrow()
        except Exception as error:
            raise EngineError(name, sql, str(error)) from error
        frame = pl.from_arrow(found)
        assert isinstance(frame, pl.DataFrame)
        return frame

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what is written counts when the ledger says so."""
        before = self.state.copy()
        self._open = True
        try:
            yield
            self.state = self.store.commit(self.state)
        except BaseException:
            self.state = before
            self._show_all()
            raise
        finally:
            self._open = False

    def close(self) -> None:
        """Forgets the tables of the run."""
        for name in (*self.passing, *self.columns):
            self.session.catalog.dropTempView(name)

    def _run(self, statement: exp.Expr) -> list[tuple[Any, ...]]:
        match statement:
            case exp.Comment() | exp.Set():
                return []
            case exp.Create():
                self._create(statement)
            case exp.Insert():
                return self._insert(statement)
            case exp.Delete():
                self._replace(_name(target(statement)), rows_left(statement))
            case exp.Update():
                name = _name(target(statement))
                self._replace(name, rows_updated(statement, list(self.columns[name])))
            case exp.Describe():
                columns = _columns(self._query(statement.this))
                return [(name, duckdb_type(kind)) for name, kind in columns.items()]
            case _:
                return [_plain(row) for row in self._query(statement).collect()]
        return []

    def _create(self, create: exp.Create) -> None:
        if create.kind == "SCHEMA":
            return
        if isinstance(create.this, exp.Schema):
            self._create_empty(create)
            return
        name = _name(create.this)
        if create.kind == "VIEW":
            self._create_view(name, create.expression)
        else:
            self._keep(name, self._written(name, self._query(create.expression)))

    def _create_empty(self, create: exp.Create) -> None:
        name = _name(create.this.this)
        if create.args.get("exists") and name in self.state.tables:
            return
        columns = [exp.cast(exp.null(), one.args["kind"]).as_(one.name) for one in create.this.expressions]
        self._keep(name, Relation(_columns(self._query(exp.select(*columns)))))

    def _create_view(self, name: str, query: exp.Expr) -> None:
        """A view is a name for a query, which stands in its place wherever it is read."""
        if name.startswith(STATE):
            self.state.views[name] = query.sql(dialect="duckdb")
        self.views[name] = query.copy()

    def _insert(self, insert: exp.Insert) -> list[tuple[Any, ...]]:
        into = insert.this.this if isinstance(insert.this, exp.Schema) else insert.this
        name = _name(into)
        new = self._written(name, self._as(name, insert.expression))
        before = self._relation(name)
        self._keep(name, Relation(before.columns, (*before.parts, *new.parts)))
        if insert.args.get("returning") is None:
            return []
        [part] = new.parts
        return [_plain(row) for row in self._read(new.columns, (part,)).collect()]

    def _as(self, name: str, rows: exp.Expr) -> Any:
        """Rows in the types of a table, column by column in their order."""
        if isinstance(rows, exp.From):
            rows = exp.select("*").from_(rows.this)
        found = self._query(rows)
        columns = self.columns[name]
        return found.toDF(*columns).selectExpr(*(f"CAST(`{n}` AS {k}) AS `{n}`" for n, k in columns.items()))

    def _replace(self, name: str, rows: exp.Query | None) -> None:
        if rows is None:
            self._keep(name, Relation(self.columns[name]))
        else:
            self._keep(name, self._written(name, self._as(name, rows)))

    def _query(self, query: exp.Expr) -> Any:
        return self.session.sql(self._text(query))

    def _text(self, query: exp.Expr) -> str:
        query = self._without_views(query)
        for table in list(query.find_all(exp.Table)):
            if isinstance(table.this, exp.ReadParquet):
                table.set("this", exp.to_identifier(self._files(table.this), quoted=True))
        return self.translate(query, self.columns)

    def _without_views(self, query: exp.Expr) -> exp.Expr:
        """The query with the queries of views in their places."""
        own = {cte.alias for cte in query.find_all(exp.CTE)}
        for table in list(query.find_all(exp.Table)):
            name = _name(table)
            if name in self.views and name not in own:
                self._inlined += 1
                inner = self._without_views(_apart(self.views[name].copy(), f"part {self._inlined} "))
                table.replace(inner.subquery(exp.to_identifier(table.alias_or_name, quoted=True)))
        return query

    def _files(self, reader: exp.Expr) -> str:
        """The name of a view of Parquet files."""
        [listed, *_] = reader.expressions
        paths = [one.name for one in listed.expressions or [listed]]
        name = f"files {sha256(repr(paths).encode()).hexdigest()}"
        if name not in self.columns:
            rows = self.session.read.option("mergeSchema", "true").parquet(*paths)
            rows.createOrReplaceTempView(name)
            self.columns[name] = _columns(rows)
        return name

    def _written(self, name: str, rows: Any) -> Relation:
        folder = f"state/{name}" if name.startswith(STATE) else f"{self.scratch}/{name.replace(' ', '_')}"
        return Relation(_columns(rows), (self.store.write(rows, folder),))

    def _relation(self, name: str) -> Relation:
        return self.state.tables[name] if name.startswith(STATE) else self.passing[name]

    def _keep(self, name: str, relation: Relation) -> None:
        (self.state.tables if name.startswith(STATE) else self.passing)[name] = relation
        self._show(name, relation)
        if name.startswith(STATE) and not self._open:
            self.state = self.store.commit(self.state)

    def _read(self, columns: Mapping[str, str], parts: tuple[str, ...]) -> Any:
        schema = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
        if not parts:
            return self.session.createDataFrame([], schema)
        return self.session.read.schema(schema).parquet(*parts)

    def _show(self, name: str, relation: Relation) -> None:
        self._read(relation.columns, relation.parts).createOrReplaceTempView(name)
        self.columns[name] = relation.columns

    def _show_all(self) -> None:
        for name, relation in self.state.tables.items():
            self._show(name, relation)
        self.views |= {name: _parsed(text) for name, text in self.state.views.items()}


def duckdb_type(spark: str) -> str:
    """DuckDB's name of a type of Spark's."""
    return _DUCKDB_TYPES.get(spark, spark.upper())


@lru_cache(maxsize=1024)
def _parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read="duckdb")


def _name(table: exp.Table) -> str:
    return "__".join(part for part in (table.db, table.name) if part)


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


def _columns(rows: Any) -> dict[str, str]:
    return {field.name: field.dataType.simpleString() for field in rows.schema}


def _plain(row: Any) -> tuple[Any, ...]:
    """A row as DuckDB would give it: whole numbers of any size are int."""
    return tuple(_plain_value(value) for value in row)


def _plain_value(value: Any) -> Any:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value.asDict() if hasattr(value, "asDict") else value


def _literal(value: object) -> exp.Expr:
    if isinstance(value, list):
        return exp.Array(expressions=[_literal(one) for one in value])
    if isinstance(value, datetime):
        text = exp.Literal.string(value.isoformat(sep=" "))
        return exp.cast(text, exp.DataType.build("TIMESTAMP"))
    return exp.convert(value)
