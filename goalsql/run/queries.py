"""Queries that stand for a source: one SELECT that reads what it may, and does nothing else.

What is allowed is listed, and everything else is refused. A query is judged by the tree that DuckDB
makes of it, so that nothing can look otherwise here than there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from goalsql.compile.statements import named, render
from goalsql.engine.protocol import Engine
from goalsql.errors import EngineError
from goalsql.model.reach import Reach
from goalsql.run.files import reader_of_path
from goalsql.run.names import Databases, table_of
from goalsql.run.state import run

READERS = {
    "read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "read_json", "read_json_auto",
    "read_json_objects", "read_json_objects_auto", "read_ndjson", "read_ndjson_auto",
    "read_ndjson_objects",
}  # fmt: skip
"""Functions that read the files that their first argument names."""

TABLE_FUNCTIONS = {
    "unnest", "range", "generate_series", "repeat", "repeat_row", "json_each", "json_tree",
}  # fmt: skip
NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
TABLES = {
    "EMPTY", "EMPTY_FROM", "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST",
    "PIVOT",
}  # fmt: skip
EXPRESSIONS = {
    "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "OPERATOR",
    "STAR", "SUBQUERY", "WINDOW", "COLLATE", "LAMBDA", "LAMBDA_REF", "POSITIONAL_REFERENCE",
    "BETWEEN", "AGGREGATE", "TYPE",
}  # fmt: skip
FORBIDDEN = {
    "current_setting", "getvariable", "getenv", "json_serialize_plan", "sleep_ms", "pg_sleep",
}  # fmt: skip
"""Functions that tell of more than rows; those that change something DuckDB names itself."""

OPTIONS = {"store_rejects", "rejects_table", "rejects_scan", "encryption_config"}
"""Options of readers that make tables or want keys."""

ONE_SELECT = "write one SELECT, with CTEs if need be"
NO_QUERY = "is not a single query"
_NOT_PARSED = (
    sqlglot.errors.SqlglotError, RecursionError, ValueError, TypeError, AttributeError, LookupError
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """What stands after FROM for a query, and the paths of the files that it reads."""

    relation: exp.Subquery
    paths: tuple[str, ...]


class RefusedQueryError(Exception):
    """A query that may not be run; says why, and the mend."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message, self.mend = message, mend


@dataclass(frozen=True, slots=True)
class Dubious:
    """What DuckDB has that no query may use, in lower case.

    `unsteady` functions change something or give another result each time; `internal` views show
    settings and the catalog.
    """

    unsteady: frozenset[str]
    internal: frozenset[str]

    @classmethod
    def of(cls, engine: Engine) -> Dubious:
        """What this DuckDB has."""
        statements = named("sources/queries.sql")
        unsteady, internal = (
            frozenset(str(name) for (name,) in run(engine, statements[statement]))
            for statement in ("query.unsteady", "query.internal")
        )
        return cls(unsteady, internal)


@contextmanager
def _silent() -> Iterator[None]:
    """Keeps sqlglot from writing to the terminal what it takes a statement for."""
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def read_query(
    engine: Engine, reach: Reach, databases: Databases, dubious: Dubious, text: str
) -> Query:
    """Reads a query; its paths are relative to goalsql.yml, as those of sources are.

    Args:
        engine: DuckDB; nothing of the query is run.
        reach: where it may read.
        databases: where its tables are.
        dubious: what it may not use.
        text: the query as it stands in the file.

    Raises:
        RefusedQueryError: if it is no query, or does more than read what it may.
    """
    try:
        with _silent():
            parsed = sqlglot.parse(text, read="duckdb")
        if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
            raise RefusedQueryError(NO_QUERY, ONE_SELECT)
        query = _with_whole_paths(parsed[0], reach)
        tree = _tree(engine, render(query))
    except _NOT_PARSED as error:
        raise RefusedQueryError(_first_line(error)) from error
    paths = tuple(_Check(reach, dubious).paths(tree))
    return Query(_with_whole_names(query, databases).subquery("query"), paths)


def _first_line(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deep"
    return next(iter(str(error).splitlines()), "cannot be read")


def _with_whole_paths(query: exp.Query, reach: Reach) -> exp.Query:
    """The query with its files' paths made absolute."""
    ctes = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in list(query.find_all(exp.Table)):
        source = table.this
        if isinstance(source, exp.Func) and _function(source) in READERS:
            for literal in _literals(source):
                if reach.mistake(literal.name) is None:
                    literal.replace(exp.Literal.string(reach.path(literal.name)))
        elif isinstance(source, exp.Identifier) and not table.args.get("db"):
            is_file = source.name not in ctes and reader_of_path(source.name) is not None
            if is_file and reach.mistake(source.name) is None:
                table.set("this", exp.to_identifier(reach.path(source.name), quoted=True))
    return query


def _with_whole_names(query: exp.Query, databases: Databases) -> exp.Query:
    """The query with its tables named whole; what it names itself is none."""
    ctes = {cte.alias.casefold() for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        is_table = isinstance(table.this, exp.Identifier) and reader_of_path(table.name) is None
        if is_table and (table.db or table.name.casefold() not in ctes):
            whole = table_of(databases.whole([part.name for part in table.parts]))
            for part in ("this", "db", "catalog"):
                table.set(part, whole.args[part])
    return query


def _function(function: exp.Func) -> str:
    name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
    return name.lower()


def _literals(function: exp.Func) -> list[exp.Literal]:
    """The paths that a reader is given: a text, or a list of them."""
    given = function.args.get("this")
    if isinstance(function, exp.Anonymous) or not isinstance(given, exp.Expr):
        given = next(iter(function.expressions), None)
    parts = given.expressions if isinstance(given, exp.Array) else [given]
    return [part for part in parts if isinstance(part, exp.Literal) and part.is_string]


def _tree(engine: Engine, text: str) -> Any:
    """The tree that DuckDB makes of a query."""
    try:
        [[found]] = run(engine, named("sources/queries.sql")["query.tree"], query=text)
    except EngineError as error:
        raise RefusedQueryError(_first_line(ValueError(error.cause))) from error
    tree = json.loads(found)
    if tree["error"]:
        if tree["error_type"] == "not implemented":
            raise RefusedQueryError(NO_QUERY, ONE_SELECT)
        raise RefusedQueryError(str(tree["error_message"]).splitlines()[0])
    if len(tree["statements"]) != 1:
        raise RefusedQueryError(NO_QUERY, ONE_SELECT)
    return tree["statements"]


@dataclass(frozen=True, slots=True)
class _Check:
    """Walks the tree of a query and refuses what is not known to be harmless."""

    reach: Reach
    dubious: Dubious

    def paths(self, tree: Any) -> Iterator[str]:
        """The paths of all files that a query reads.

        Raises:
            RefusedQueryError: if it does anything else.
        """
        waiting = [tree]
        while waiting:
            part = waiting.pop()
            if isinstance(part, list):
                waiting.extend(part)
            elif isinstance(part, dict):
                yield from self._part(part)
                is_table = part.get("type") == "TABLE_FUNCTION"
                waiting.extend(part["function"]["arguments"] if is_table else part.values())

    def _part(self, part: dict[str, Any]) -> Iterator[str]:
        kind = str(part.get("type"))
        if "class" in part:
            if part["class"] not in EXPRESSIONS:
                raise RefusedQueryError(f"{part['class'].lower()} is not allowed", ONE_SELECT)
            if "function_name" in part:
                self._function(part["function_name"].lower())
        elif part.keys() >= {"type", "alias", "sample"}:
            if kind not in TABLES:
                raise RefusedQueryError(f"{_words(kind)} is not allowed", ONE_SELECT)
            if kind == "BASE_TABLE":
                yield from self._table(part)
            elif kind == "TABLE_FUNCTION":
                yield from self._table_function(part["function"])
        elif kind.endswith("_NODE") and kind not in NODES:
            raise RefusedQueryError(f"{_words(kind)} is not allowed: queries only read", ONE_SELECT)

    def _function(self, name: str) -> None:
        if name in FORBIDDEN:
            raise RefusedQueryError(f"function `{name}` is not allowed", "queries read tables only")
        if name in self.dubious.unsteady:
            mend = "it changes something, or gives another result each time"
            raise RefusedQueryError(f"function `{name}` is not allowed", mend)

    def _table(self, table: dict[str, Any]) -> Iterator[str]:
        path = table["qualified_name"]["path"]
        name = ".".join(path)
        if path[-1].lower() in self.dubious.internal:
            raise RefusedQueryError(f"`{name}` is not allowed", "queries read your own tables only")
        self._allow(name)
        if reader_of_path(name) is not None:
            yield name

    def _table_function(self, function: dict[str, Any]) -> Iterator[str]:
        name = function["function_name"].lower()
        if name in TABLE_FUNCTIONS and len(function["qualified_name"]["path"]) == 1:
            return
        if name not in READERS or len(function["qualified_name"]["path"]) != 1:
            mend = f"known: {', '.join(sorted(READERS | TABLE_FUNCTIONS))}"
            raise RefusedQueryError(f"table function `{name}` is not allowed", mend)
        if not function["arguments"]:
            raise RefusedQueryError(f"`{name}` is given nothing to read", "name a file")
        first, *others = function["arguments"]
        for option in others:
            if _option(option) in OPTIONS:
                raise RefusedQueryError(f"option `{_option(option)}` is not allowed")
        for path in _texts(first["expression"], name):
            self._allow(path)
            yield path

    def _allow(self, path: str) -> None:
        mistake = self.reach.mistake(path)
        if mistake is not None:
            raise RefusedQueryError(*mistake)


def _option(argument: dict[str, Any]) -> str:
    """The name of an argument, written `name := value` or `name = value`."""
    left = argument["expression"].get("left") or {}
    return str(argument["name"] or "".join(left.get("column_names", ()))).lower()


def _texts(given: dict[str, Any], function: str) -> list[str]:
    """The paths in the first argument of a reader."""
    is_list = given.get("function_name") == "list_value"
    parts = [one["expression"] for one in given["arguments"]] if is_list else [given]
    texts = [part["literal"] for part in parts if part.get("class") == "CONSTANT"]
    if len(texts) != len(parts) or any(text.get("kind") != "STRING" for text in texts):
        raise RefusedQueryError(f"`{function}` is given something else than paths", "write a text")
    return [str(text["text"]) for text in texts]


def _words(kind: str) -> str:
    return kind.removesuffix("_QUERY_NODE").removesuffix("_NODE").removesuffix("_REF")
