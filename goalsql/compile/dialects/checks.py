"""What may stand in a statement once it is mended: the lists that are checked before any engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from goalsql.compile.dialects.dialect import Dialect


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


SAME = words(
    """
    Add Alias And Between Boolean Case Cast Coalesce Column CTE DataType Distinct EQ Exists From
    Greatest Group GT GTE Having Identifier If In Is JSONExtractScalar JSONPath JSONPathKey
    JSONPathRoot Join Lag Lead Least Limit Literal LogicalAnd
    LogicalOr Lower LT LTE Max Min Mul Neg NEQ Not Null NullSafeEQ NullSafeNEQ Or Order Ordered
    Paren RegexpLike RowNumber Select StartsWith Sub Subquery Sum Count Star Table TableAlias Trim
    TryCast Tuple Union Values Where Window WindowSpec With
    """
)
"""The kinds of nodes that mean the same on every engine, once they are mended."""

STATEMENTS = words(
    "ColumnDef Create Delete Drop Insert Properties Schema TemporaryProperty TruncateTable"
)
"""The kinds of nodes that make statements of queries."""


_TEXTS = exp.DataType.TEXT_TYPES
_FLAGS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Boolean: words("this"),
    exp.Count: words("big_int"),
    exp.Create: words("kind replace"),
    exp.DataType: words("this"),
    exp.Drop: words("cascade exists kind"),
    exp.Greatest: words("ignore_nulls"),
    exp.Identifier: words("quoted this"),
    exp.JSONPathKey: words("this"),
    exp.Join: words("kind side"),
    exp.Least: words("ignore_nulls"),
    exp.Literal: words("is_string this"),
    exp.Ordered: words("desc nulls_first"),
    exp.TruncateTable: words("kind"),
    exp.TryCast: words("requires_string safe"),
    exp.Union: words("distinct"),
    exp.Var: words("this"),
    exp.Window: words("over"),
    exp.WindowSpec: words("end kind start start_side"),
    exp.Anonymous: words("this"),
}
"""What may be said of a node beside its parts: `GROUP BY ALL` and `UNION BY NAME` are not here."""


class Refused(Exception):
    """A statement does not travel: for each construct, its name."""

    def __init__(self, constructs: Sequence[str]) -> None:
        self.constructs = tuple(constructs)
        super().__init__("; ".join(self.constructs))


def check(ast: exp.Expr, dialect: Dialect) -> None:
    """Refuses what is not known to mean the same in a dialect.

    Raises:
        Refused: with every construct, each once.
    """
    found = {construct for node in ast.walk() for construct in _strange(node, dialect)}
    if found:
        raise Refused(sorted(found))


def check_details(ast: exp.Expr) -> None:
    """Refuses what is said of nodes and not known, and what nodes that travel must not hold.

    Raises:
        Refused: with everything, each once.
    """
    found = {
        f"{_said(node)} with {key.rstrip('_')}"
        for node in ast.walk()
        for key, value in node.args.items()
        if value
        and not isinstance(value, exp.Expr | list)
        and key not in _FLAGS.get(type(node), ())
    }
    found.update(construct for node in ast.walk() for construct in _different(node))
    if found:
        raise Refused(sorted(found))


def _different(node: exp.Expr) -> Iterator[str]:
    """What engines disagree about, or sqlglot writes wrongly."""
    match node:
        case exp.Distinct() if node.args.get("on"):
            yield "DISTINCT ON"
        case exp.WindowSpec() if node.args.get("exclude"):
            yield "EXCLUDE in a window"
        case exp.Interval() if not _is_exact(node):
            yield "INTERVAL with a unit"
        case exp.In() if any(isinstance(one, exp.Null) for one in node.expressions):
            yield "IN with NULL"
        case exp.In() if isinstance(node.this, exp.Tuple):
            yield "IN of several columns"
        case exp.Not() if isinstance(node.this.unnest(), exp.In) and node.find(exp.Query):
            yield "NOT IN of a query"
        case exp.Cast() if not isinstance(node, exp.TryCast) and _reads_text(node):
            yield f"CAST of a text to {node.to.sql('duckdb')}"


def _is_exact(span: exp.Interval) -> bool:
    """Whether it is one of a mend's, not of a value that some dialects drop."""
    of_function = isinstance(span.parent, exp.Anonymous)
    literal = isinstance(span.this, exp.Literal) and span.this.is_string
    return span.text("unit").upper() == "MICROSECOND" and (literal or of_function)


def _reads_text(cast: exp.Cast) -> bool:
    """Whether a text that is no literal is read as something else: others fail, or do not."""
    kind = cast.this.type
    text = kind is not None and kind.is_type(*_TEXTS)
    return text and not isinstance(cast.this, exp.Literal) and not cast.is_type(*_TEXTS)


def _strange(node: exp.Expr, dialect: Dialect) -> Iterator[str]:
    """What does not travel of one node, those below it left aside."""
    match node:
        case exp.Anonymous():
            if node.name.upper() not in dialect.functions:
                yield f"function {node.name.upper()}"
        case exp.Placeholder():
            yield f"the value ${node.name}, which is known at run time only"
        case exp.TryCast():
            if node.to.this not in dialect.read_as:
                yield f"TRY_CAST to {node.to.sql('duckdb')}"
        case exp.DataType():
            if node.this not in dialect.types.values():
                yield f"type {node.sql('duckdb')}"
        case exp.Join():
            yield from _strange_join(node, dialect)
        case _:
            if type(node).__name__ not in dialect.nodes:
                yield _said(node)


def _strange_join(join: exp.Join, dialect: Dialect) -> Iterator[str]:
    if join.args.get("using"):
        yield "JOIN ... USING"
    if join.method:
        yield f"{join.method} JOIN"
    if join.kind in ("SEMI", "ANTI") and not dialect.has_semi_joins:
        yield f"{join.kind} JOIN"


def _said(node: exp.Expr) -> str:
    """A node by the name that people know it by."""
    if isinstance(node, exp.Func):
        return f"function {node.sql_name()}"
    return type(node).__name__
