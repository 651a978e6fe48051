"""Statements: named, commented, and rendered in one place (DESIGN 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TypeAlias

import jinja2
import sqlglot
from sqlglot import exp

from goalsql.compile.predicates import instant
from goalsql.errors import InternalError
from goalsql.resources import resource

Parameter: TypeAlias = str | int | bool | datetime | list[object] | None


PLACEHOLDER = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement; `name` is what logs, errors, golden files and crash tests say.

    `source` is its tree, or its text as it stands in `sql/`, which DuckDB takes as it is.
    `parameters` are the values of its `$name` placeholders, where they are not literals yet.
    """

    name: str
    comment: str
    source: exp.Expr | str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def ast(self) -> exp.Expr:
        """The tree."""
        if isinstance(self.source, exp.Expr):
            return self.source
        return sqlglot.parse_one(self.source, read="duckdb")

    @property
    def text(self) -> str:
        """The text for DuckDB, with placeholders."""
        return self.source if isinstance(self.source, str) else render(self.source)

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of its placeholders."""
        if isinstance(self.source, str):
            return frozenset(PLACEHOLDER.findall(self.source))
        return frozenset(node.name for node in self.source.find_all(exp.Placeholder))

    def sql(self, dialect: str = "duckdb", pretty: bool = False) -> str:
        """The text in a dialect, with values as literals."""
        return render(self.literal().ast, dialect, pretty)

    def given(self, values: Mapping[str, Parameter]) -> Statement:
        """The statement with values for those of its placeholders that are named.

        They are bound to a text, and become literals in a tree: what reads sources is planned with
        them.
        """
        open_ones = self.placeholders - set(self.parameters)
        if missing := open_ones - set(values):
            raise InternalError(f"{self.name}: no value for {', '.join(sorted(missing))}")
        if not open_ones:
            return self
        given = replace(self, parameters={name: values[name] for name in sorted(open_ones)})
        return given if isinstance(self.source, str) else given.literal()

    def literal(self) -> Statement:
        """The statement with its parameters as literals in the tree."""
        if not self.parameters:
            return self
        ast = self.ast.copy()
        for node in list(ast.find_all(exp.Placeholder)):
            node.replace(constant(self.parameters[node.name]))
        return Statement(self.name, self.comment, ast)


def render(ast: exp.Expr, dialect: str = "duckdb", pretty: bool = False) -> str:
    """The text of a statement: the one way from a tree to an engine."""
    return ast.sql(dialect=dialect, pretty=pretty, comments=False)


def constant(value: object) -> exp.Expr:
    """A Python value as a literal; None is NULL."""
    if isinstance(value, list):
        return exp.Array(expressions=[constant(one) for one in value])
    return instant(value) if isinstance(value, datetime) else exp.convert(value)


Rows: TypeAlias = Iterable[Iterable[object]]


def from_rows(
    name: str,
    comment: str,
    columns: Mapping[str, str],
    rows: Rows,
    into: Callable[[exp.Query], exp.Expr],
) -> Statement:
    """A statement on rows that are bound to it, a list for each column; None is NULL.

    Args:
        name: the statement's name.
        comment: what it does.
        columns: column names with their types.
        rows: the values.
        into: makes the statement of the query of the rows.
    """
    query = exp.select(*(_unnested(column, sql) for column, sql in columns.items()), copy=False)
    lists = list(zip(*rows, strict=True)) or [()] * len(columns)
    values = {column: list(found) for column, found in zip(columns, lists, strict=True)}
    return Statement(name, comment, into(query), values)


def _unnested(column: str, sql: str) -> exp.Expr:
    """A column's list, one row for each value."""
    values = exp.cast(exp.Placeholder(this=column), _list_of(sql).copy(), copy=False)
    return exp.alias_(exp.Unnest(expressions=[values]), column, copy=False)


@lru_cache(maxsize=256)
def _list_of(sql: str) -> exp.DataType:
    return exp.DataType.build(f"{sql}[]", dialect="duckdb")


def rule_table(name: str, comment: str, columns: Mapping[str, str], rows: Rows) -> Statement:
    """A temporary table of what the definitions say; the statement is called `rules.<name>`."""
    return from_rows(f"rules.{name}", comment, columns, rows, partial(create_table, name))


def insert_rows(table: str, comment: str, columns: Mapping[str, str], rows: Rows) -> Statement:
    """An insert of rows into a table of state; the statement is called `state.<table>`."""
    into = partial(exp.insert, into=f"goalsql.{table}")
    return from_rows(f"state.{table}", comment, columns, rows, into)


def union_all(parts: Sequence[exp.Query]) -> exp.Query:
    """All rows of all parts."""
    return parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)


def create_table(name: str | exp.Table, query: exp.Query) -> exp.Create:
    """`CREATE OR REPLACE TEMPORARY TABLE name AS query`."""
    return exp.Create(
        this=exp.to_table(name),
        kind="TABLE",
        replace=True,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
        expression=query,
    )


@lru_cache(maxsize=256)
def template(path: str, **parameters: str) -> tuple[Statement, ...]:
    """The statements of a file in `sql/`, e.g. `template("tick/round.sql")`.

    A file holds statements that each begin with `-- name: NAME` and lines of comment that say
    what the statement does. `parameters` are words that goalsql itself chose (a type, a key),
    never a user's.

    Raises:
        InternalError: if a statement has no name or no comment.
    """
    text = _environment(resource("sql")).get_template(path).render(**parameters)
    head, *parts = text.split("-- name: ")
    if head.strip() or not parts:
        raise InternalError(f"{path}: a statement without a name")
    return tuple(_statement(path, part) for part in parts)


@cache
def _environment(folder: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


def named(path: str, **parameters: str) -> dict[str, Statement]:
    """The statements of a file in `sql/` by their names."""
    return {statement.name: statement for statement in template(path, **parameters)}


def _statement(path: str, text: str) -> Statement:
    name, *lines = text.splitlines()
    comments = [line[2:].strip() for line in lines if line.startswith("--")]
    body = "\n".join(line for line in lines if not line.startswith("--"))
    if not comments:
        raise InternalError(f"{path}: statement {name} does not say what it does")
    return Statement(name.strip(), " ".join(comments), body.strip().removesuffix(";"))
