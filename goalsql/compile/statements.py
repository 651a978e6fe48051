"""Statements: named, commented, and rendered in one place (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

import jinja2
import sqlglot
from sqlglot import exp

from goalsql.compile.predicates import instant
from goalsql.errors import InternalError
from goalsql.resources import resource

Parameter: TypeAlias = str | int | bool | datetime | None


@dataclass(slots=True)
class _Rendered:
    """What a statement keeps of its tree, shared by its copies with other values."""

    text: str | None = None
    placeholders: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement; `name` is what logs, errors, golden files and crash tests say.

    `parameters` are the values of its `:name` placeholders, where they are not literals yet.
    """

    name: str
    comment: str
    ast: exp.Expr
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    _rendered: _Rendered = field(default_factory=_Rendered, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The text for DuckDB, with placeholders; rendered once for all values."""
        if self._rendered.text is None:
            self._rendered.text = render(self.ast)
        return self._rendered.text

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of its placeholders."""
        if self._rendered.placeholders is None:
            names = frozenset(node.name for node in self.ast.find_all(exp.Placeholder))
            self._rendered.placeholders = names
        return self._rendered.placeholders

    def sql(self, dialect: str = "duckdb", pretty: bool = False) -> str:
        """The text in a dialect, with values as literals."""
        return render(self.literal().ast, dialect, pretty)

    def given(self, values: Mapping[str, Parameter]) -> Statement:
        """The statement with values for those of its placeholders that are named."""
        if missing := self.placeholders - set(values):
            raise InternalError(f"{self.name}: no value for {', '.join(sorted(missing))}")
        given = {name: values[name] for name in sorted(self.placeholders)}
        return replace(self, parameters=given) if given else self

    def literal(self) -> Statement:
        """The statement with its parameters as literals in the tree: what is read and planned."""
        values = {name: constant(value) for name, value in self.parameters.items()}
        ast = exp.replace_placeholders(self.ast, **values)
        return Statement(self.name, self.comment, ast)


def render(ast: exp.Expr, dialect: str = "duckdb", pretty: bool = False) -> str:
    """The text of a statement: the one way from a tree to an engine."""
    return ast.sql(dialect=dialect, pretty=pretty, comments=False)


def constant(value: object) -> exp.Expr:
    """A Python value as a literal; None is NULL."""
    return instant(value) if isinstance(value, datetime) else exp.convert(value)


Rows: TypeAlias = Iterable[Iterable[object]]


def literal_rows(columns: Mapping[str, str], rows: Rows) -> exp.Select:
    """A query of literal rows; None is NULL.

    Args:
        columns: column names with their types.
        rows: the values.
    """
    types = {column: exp.DataType.build(sql, dialect="duckdb") for column, sql in columns.items()}
    tuples = [exp.Tuple(expressions=[constant(value) for value in row]) for row in rows]
    nothing = exp.Tuple(expressions=[exp.null() for _ in columns])
    values = exp.Values(
        expressions=tuples or [nothing],
        alias=exp.TableAlias(
            this=exp.to_identifier("literal"),
            columns=[exp.to_identifier(column) for column in columns],
        ),
    )
    typed = [exp.cast(exp.column(c), t, copy=False).as_(c, copy=False) for c, t in types.items()]
    query = exp.select(*typed, copy=False).from_(values, copy=False)
    return query if tuples else query.where(exp.false(), copy=False)


def rule_table(name: str, comment: str, columns: Mapping[str, str], rows: Rows) -> Statement:
    """A temporary table of what the definitions say; the statement is called `rules.<name>`."""
    return Statement(f"rules.{name}", comment, create_table(name, literal_rows(columns, rows)))


def insert_rows(table: str, comment: str, columns: Mapping[str, str], rows: Rows) -> Statement:
    """An insert of literal rows into a table of state; the statement is called `state.<table>`."""
    target = exp.to_table(f"goalsql.{table}")
    return Statement(f"state.{table}", comment, exp.insert(literal_rows(columns, rows), target))


def union_all(parts: Sequence[exp.Query]) -> exp.Query:
    """All rows of all parts."""
    return parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)


def create_table(name: str, query: exp.Query) -> exp.Create:
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
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource("sql")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    text = environment.get_template(path).render(**parameters)
    head, *parts = text.split("-- name: ")
    if head.strip() or not parts:
        raise InternalError(f"{path}: a statement without a name")
    return tuple(_statement(path, part) for part in parts)


def named(path: str, **parameters: str) -> dict[str, Statement]:
    """The statements of a file in `sql/` by their names."""
    return {statement.name: statement for statement in template(path, **parameters)}


def _statement(path: str, text: str) -> Statement:
    name, *lines = text.splitlines()
    comments = [line[2:].strip() for line in lines if line.startswith("--")]
    body = "\n".join(line for line in lines if not line.startswith("--"))
    if not comments:
        raise InternalError(f"{path}: statement {name} does not say what it does")
    return Statement(name.strip(), " ".join(comments), sqlglot.parse_one(body, read="duckdb"))
