"""A text is read as DuckDB reads it, or not at all: never as something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from goalsql.compile.dialects.translate import to_spark
from goalsql.engine.duckdb import DuckDB
from goalsql.engine.spark.engine import Spark

PLAIN = {
    "BIGINT": ("0", "007", "-12", "+3", " 4 ", "9223372036854775807"),
    "DOUBLE": ("0.5", "-1", "2.50", ".5", "1e3", "1.5E-2"),
    "DECIMAL(10, 2)": ("0.5", "-1", "2.50"),
    "BOOLEAN": ("true", "FALSE", "t", "f", "yes", "no", "1", "0"),
    "DATE": ("2026-03-28", " 2026-03-28 "),
    "TIMESTAMP": (
        "2026-03-28",
        "2026-03-28 08:00:00",
        "2026-03-28T08:00",
        "2026-03-28 08:00:00.25",
    ),
    "TIMESTAMPTZ": (
        "2026-03-28",
        "2026-03-28 08:00:00",
        "2026-03-28T08:00:00.123456Z",
        "2026-03-28 08:00:00+02:00",
        "2026-03-28T08:00:00-0230",
        "2026-03-28T08:00:00+02",
    ),
}
ODD = (
    "", " ", "x", "1x", "1.5d", "1f", "0x10", "1_000", "1,5", "inf", "NaN", "1e999", "--1", "1.5",
    "99999999999999999999", "on", " true", "maybe", "someday", "2026", "2026-03", "2026-3-8",
    "2026/03/28", "20260328", "2026-02-31", "2026-13-45", "28.03.2026", "2026-03-28 24:00:00",
    "2026-03-28 08", "2026-03-28 08:61", "2026-03-28 08:00:60", "2026-03-28 8:00:00",
    "2026-03-28 08:00:00 UTC", "2026-03-28 08:00:00 Europe/Paris", "2026-03-28 08:00:00 +02:00",
    "2026-03-28 08:00:00+2", "2026-03-28 08:00:00.1234567", "T08:00", "epoch", "now", "infinity",
    "+12026-03-28", "-0001-01-01", "0001-01-01", "٢٠٢٦-٠٣-٢٨", "\uff11\uff12",
)  # fmt: skip


def read(engine: DuckDB | Spark, texts: tuple[str, ...], kind: str) -> dict[str, object]:
    """What an engine reads texts as when they are to be of a type, by text."""
    values = ", ".join(f"({number})" for number in range(len(texts)))
    said = " ".join(f"WHEN {number} THEN $text{number}" for number in range(len(texts)))
    known = f"SELECT n, CASE n {said} END AS said FROM (VALUES {values}) AS numbers(n)"
    cast = f"TRY_CAST(said AS {kind})"
    if kind == "TIMESTAMPTZ":
        cast = f"{cast} AT TIME ZONE 'UTC'"
    sql = f"SELECT n, {cast} AS value FROM ({known}) AS given ORDER BY n"
    parameters = {f"text{number}": text for number, text in enumerate(texts)}
    return {texts[number]: value for number, value in engine.execute("read", sql, parameters)}


@pytest.mark.parametrize("kind", PLAIN)
def test_a_text_is_read_as_duckdb_reads_it_or_not_at_all(
    kind: str, session: Any, tmp_path: Path
) -> None:
    texts = (*PLAIN[kind], *ODD, *(text for each in PLAIN.values() for text in each))
    texts = tuple(dict.fromkeys(texts))
    expected = read(DuckDB(None), texts, kind)
    found = read(Spark(session, str(tmp_path), to_spark, lasting=False), texts, kind)
    assert {text: found[text] for text in PLAIN[kind]} == {
        text: expected[text] for text in PLAIN[kind]
    }
    assert None not in [found[text] for text in PLAIN[kind]]
    otherwise = {text: value for text, value in found.items() if value != expected[text]}
    assert {text: value for text, value in otherwise.items() if value is not None} == {}
