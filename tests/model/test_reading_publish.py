from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from goalsql.model.loading import Loaded
from goalsql.model.project import Publication
from tests.model.conftest import plain

Write = Callable[[dict[str, str]], Loaded]
BASE = "name: a\ndatabase: a.duckdb\nsources: {contacts: {from: c.csv}}\nattach: {crm: b.duckdb}\n"


def published(loaded: Loaded) -> tuple[Publication, ...]:
    assert not loaded.problems
    assert loaded.definitions is not None
    return loaded.definitions.publish


def test_nothing_is_published_unless_asked_for(project: Write) -> None:
    assert published(project({"goalsql.yml": BASE})) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{to: out/b.duckdb}", [("out/b.duckdb", "duckdb", 2)]),
        ("{to: b.db, format: duckdb}", [("b.db", "duckdb", 2)]),
        ("[{to: out, format: parquet}]", [("out", "parquet", 2)]),
        ("{to: goalsql, format: parquet, keep: 1}", [("goalsql", "parquet", 1)]),
        (
            "[{to: x.duckdb}, {to: /srv/x, format: parquet, keep: 30}]",
            [("x.duckdb", "duckdb", 2), ("/srv/x", "parquet", 30)],
        ),
    ],
)
def test_publications(
    project: Write, tmp_path: Path, text: str, expected: list[tuple[str, str, int]]
) -> None:
    found = published(project({"goalsql.yml": f"{BASE}publish: {text}"}))
    assert [(one.to, one.format, one.keep) for one in found] == [
        (tmp_path / to, kind, keep) for to, kind, keep in expected
    ]


# The text stands in line 5.
MISTAKES = [
    ("out", "publish: must be a mapping"),
    ("[]", "publish: must not be an empty list"),
    ("{}", "publish: `to` is missing"),
    ("{to: }", "publish.to: has no value"),
    ("{too: x.duckdb}", "publish.too: unknown key `too` (did you mean `to`?)"),
    ("{to: out}", "publish: `format` is missing (write `format: parquet` or `format: duckdb`)"),
    ("{to: out, format: csv}", "publish.format: `csv` is not one of `duckdb`, `parquet`"),
    ("{to: a.duckdb}", "publish: `to` is the project's own database (publish to another place)"),
    ("{to: ./x/../a.duckdb}", "publish: `to` is the project's own database"),
    ("{to: b.duckdb}", "publish: `to` is attached"),
    ("[{to: x.duckdb}, {to: ./x.duckdb}]", "publish[1]: `to` is the place of another publication"),
    ("{to: out/goalsql.duckdb}", "publish.to: `out/goalsql.duckdb`: DuckDB could not tell the"),
    ("{to: report.db, format: duckdb}", "publish.to: `report.db`: DuckDB could not tell the file"),
    ("{to: out, format: parquet, keep: 0}", "publish.keep: the last version always stays (write"),
    ("{to: out, format: parquet, keep: x}", "publish.keep: `x` is not a whole number from 0 on"),
    ("{to: x.duckdb, keep: 3}", "publish.keep: a DuckDB file has no versions (leave `keep` out)"),
]


@pytest.mark.parametrize(("text", "problem"), MISTAKES)
def test_mistakes(project: Write, text: str, problem: str) -> None:
    loaded = project({"goalsql.yml": f"{BASE}publish: {text}"})
    more = 1 + (problem.startswith("publish.too"))
    assert len(loaded.problems) == more
    assert any(plain(one).startswith(f"goalsql.yml:5: {problem}") for one in loaded.problems)
