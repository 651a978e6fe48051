"""Spark SQL, as plain Spark has it and as Databricks does; what is said differently there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from goalsql.compile.dialects import plain
from goalsql.compile.dialects.checks import SAME, STATEMENTS, words
from goalsql.compile.dialects.dialect import Clearing, Dialect, Making

MICROSECONDS_OF = {"MICROSECOND": 1, "SECOND": 1_000_000, "MINUTE": 60_000_000}
_KINDS = exp.DType
_TYPES = {
    _KINDS.TIMESTAMP: _KINDS.TIMESTAMPNTZ,
    _KINDS.TIMESTAMPTZ: _KINDS.TIMESTAMPLTZ,
    _KINDS.UTINYINT: _KINDS.SMALLINT,
    _KINDS.USMALLINT: _KINDS.INT,
    _KINDS.UINT: _KINDS.BIGINT,
    _KINDS.UBIGINT: _KINDS.BIGINT,
    _KINDS.JSON: _KINDS.TEXT,
    _KINDS.UUID: _KINDS.TEXT,
}


def types(node: exp.Expr) -> exp.Expr:
    """Naive instants, and types that are not there: the hash of a row is a signed number."""
    if isinstance(node, exp.DataType):
        if node.this == _KINDS.INT128:
            return exp.DataType.build("DECIMAL(38, 0)")
        node.set("this", _TYPES.get(node.this, node.this))
    return node


def texts(node: exp.Expr) -> exp.Expr:
    """What is put together is text, and what is unknown of it is nothing."""
    if not isinstance(node, exp.Concat) or not node.args.get("coalesce"):
        return node
    known = [
        exp.func("COALESCE", exp.cast(one, exp.DataType.build("TEXT")), exp.Literal.string(""))
        for one in node.expressions
    ]
    return exp.Concat(expressions=known, safe=False, coalesce=False)


def functions(node: exp.Expr) -> exp.Expr:
    """Functions that are called otherwise."""
    if not isinstance(node, exp.Anonymous):
        return node
    arguments, name = node.expressions, node.name.upper()
    if name == "TO_MICROSECONDS":
        return _span(arguments[0])
    if name == "TO_WEEKS":
        days = exp.Mul(this=exp.paren(arguments[0]), expression=exp.Literal.number(7))
        return exp.Anonymous(this="MAKE_DT_INTERVAL", expressions=[days])
    if name == "EPOCH_US":
        return _micros(arguments[0])
    if name == "HASH":
        hashed = arguments if len(arguments) == 1 else list(_traces(arguments))
        return exp.Anonymous(this="XXHASH64", expressions=hashed)
    return node


def _micros(instant: exp.Expr) -> exp.Expr:
    """The microseconds of an instant since 1970."""
    zoned = exp.cast(instant, exp.DataType.build("TIMESTAMPLTZ"))
    return exp.Anonymous(this="UNIX_MICROS", expressions=[zoned])


def _traces(values: Sequence[exp.Expr]) -> Iterator[exp.Expr]:
    """What to hash of values together: NULL leaves no trace, so whether it is one is told too."""
    for value in values:
        yield value
        yield value.copy().is_(exp.null())


def _span(microseconds: exp.Expr) -> exp.Expr:
    """A span of so many microseconds, of which there may be more than 2^31."""
    whole = exp.cast(exp.paren(microseconds), exp.DataType.build("DECIMAL(20, 0)"))
    seconds = exp.Mul(this=whole, expression=exp.Literal.number("0.000001"))
    exact = exp.cast(seconds, exp.DataType.build("DECIMAL(18, 6)"))
    zero = [exp.Literal.number(0)] * 3
    return exp.Anonymous(this="MAKE_DT_INTERVAL", expressions=[*zero, exact])


def json_texts(node: exp.Expr) -> exp.Expr:
    """A list as JSON text: TO_JSON takes lists of one type only."""
    if not isinstance(node, exp.JSONArray):
        return node
    parts: list[exp.Expr] = [exp.Literal.string("[")]
    for one in node.expressions:
        parts += [_json(one), exp.Literal.string(",")]
    return exp.Concat(expressions=[*parts[:-1], exp.Literal.string("]")], safe=False)


def _json(value: exp.Expr) -> exp.Expr:
    """A value as JSON: a text as TO_JSON writes it in a list, without the brackets around it."""
    text = exp.cast(value, exp.DataType.build("TEXT"))
    if not value.is_type(*exp.DataType.TEXT_TYPES):
        return text
    listed = exp.Anonymous(this="TO_JSON", expressions=[exp.array(text)])
    inside = exp.Literal.string("^.(.*).$")
    return exp.RegexpExtract(this=listed, expression=inside, group=exp.Literal.number(1))


def buckets(node: exp.Expr) -> exp.Expr:
    """The start of the bucket of minutes that an instant lies in."""
    if not isinstance(node, exp.DateBin):
        return node
    width = node.this
    size = int(width.this.name) * MICROSECONDS_OF[width.unit.name.upper()]
    micros = _micros(node.expression)
    past = exp.Anonymous(this="PMOD", expressions=[micros, exp.Literal.number(size)])
    return exp.paren(exp.Sub(this=node.expression.copy(), expression=_span(past)))


def zones(node: exp.Expr) -> exp.Expr:
    """From one zone to another, naive instants all."""
    found = plain.between_zones(node)
    if found is None:
        return node
    instant, source, target = found
    return exp.Anonymous(this="CONVERT_TIMEZONE", expressions=[source, target, instant])


def zoned(node: exp.Expr) -> exp.Expr:
    """What has a zone is turned into UTC."""
    if isinstance(node, exp.AtTimeZone) and plain.between_zones(node) is None:
        return exp.cast(node.this, exp.DataType.build("TIMESTAMP"))
    return node


def readings(node: exp.Expr) -> exp.Expr:
    """A text is read as everywhere; what is none takes another type, if it can."""
    if not isinstance(node, exp.TryCast) or node.is_type(*exp.DataType.TEXT_TYPES):
        return node
    kind = node.this.type
    if kind is None or kind.is_type(*exp.DataType.TEXT_TYPES, _KINDS.UNKNOWN):
        return plain.readings(node)
    of_time = exp.DataType.TEMPORAL_TYPES
    if node.is_type(*of_time) and not kind.is_type(*of_time):
        return exp.cast(exp.null(), node.to)
    return node


def tries(node: exp.Expr) -> exp.Expr:
    """TRY_CAST, which sqlglot writes as CAST where it is not told that it is meant."""
    if isinstance(node, exp.TryCast):
        node.set("safe", True)
    return node


def percentiles(node: exp.Expr) -> exp.Expr:
    """An interpolated percentile."""
    if isinstance(node, exp.PercentileCont) and node.expression is not None:
        return exp.Anonymous(this="PERCENTILE", expressions=[node.this, node.expression])
    return node


def differences(node: exp.Expr) -> exp.Expr:
    """`IS DISTINCT FROM`: only `<=>` is there."""
    if isinstance(node, exp.NullSafeNEQ):
        same = exp.NullSafeEQ(this=node.this, expression=node.expression)
        return exp.paren(exp.not_(exp.paren(same)))
    return node


_MENDS = (
    plain.aliases,
    texts,
    functions,
    differences,
    json_texts,
    zones,
    tries,
    buckets,
    percentiles,
    plain.defaults,
    types,
)
_SCALARS = plain.kinds("TEXT VARCHAR BOOLEAN DATE TINYINT SMALLINT INT BIGINT FLOAT DOUBLE")
_PRINTED = _TYPES | _SCALARS | plain.kinds("DECIMAL")
_FUNCTIONS = frozenset({"CONVERT_TIMEZONE", "MAKE_DT_INTERVAL", "XXHASH64"})
_NODES = SAME | STATEMENTS | {"Contains", "DataTypeParam", "EndsWith", "PropertyEQ", "Struct"}
_SETTINGS = ("SET spark.sql.ansi.enabled = true", "SET spark.sql.session.timeZone = UTC")
_SCHEMA = "CREATE SCHEMA IF NOT EXISTS goalsql_tick"
_READ_AS = frozenset(plain.kinds("DATE TINYINT SMALLINT INT BIGINT DOUBLE"))

ENGINE = Dialect(
    name="spark",
    settings=(),
    workspace="",
    mends=(readings, *_MENDS, zoned),
    types=_TYPES | _SCALARS | plain.kinds("TIMESTAMPLTZ DECIMAL INTERVAL ARRAY STRUCT"),
    nodes=SAME
    | words(
        """
        ArgMax ArgMin Array AtTimeZone Concat Contains DPipe DataTypeParam Date DateTrunc Div Dot
        EndsWith Explode Filter FromUtcTimestamp GenerateSeries Interval JSONExtract
        JSONExtractScalar JSONPath JSONPathKey JSONPathRoot Length Mod Nullif PercentileCont Pow
        Properties PropertyEQ Qualify RegexpExtract Round Sqrt Struct StructExtract TimeToUnix
        TimestampTrunc Unnest Var
        """
    ),
    functions=_FUNCTIONS | {"PERCENTILE", "PMOD", "TO_JSON", "UNIX_MICROS"},
    read_as=frozenset(_SCALARS) | frozenset(plain.kinds("TIMESTAMPNTZ TIMESTAMPLTZ DECIMAL")),
    has_semi_joins=True,
)
"""The queries of the Spark engine, which makes its tables itself."""

DATABRICKS = Dialect(
    name="databricks",
    settings=(*_SETTINGS, _SCHEMA),
    workspace="goalsql_tick",
    mends=(plain.readings, plain.frames, *_MENDS),
    types=_PRINTED,
    nodes=_NODES,
    functions=_FUNCTIONS,
    read_as=_READ_AS,
    has_semi_joins=True,
)
"""Delta tables: they can be replaced in one step, and rows deleted."""

SPARK = replace(
    DATABRICKS,
    name="spark",
    nodes=_NODES | {"FileFormatProperty", "Var"},
    making=Making.DROP,
    clearing=Clearing.COPY,
    table_properties=(exp.FileFormatProperty(this=exp.var("PARQUET")),),
)
"""Plain tables: they are dropped and made anew, of the rows that stay where some are deleted."""
