"""A tripwire: what some statements are in every dialect, as files.

`GOALSQL_UPDATE_GOLDEN=1 pytest tests/compile/dialects/test_golden.py` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from goalsql.compile.dialects.printed import stages_in
from goalsql.compile.dialects.registry import DIALECTS
from goalsql.run.dry_run import stages_of
from tests.compile.cases import CASES, CATALOG, NOW, world
from tests.property.harness import read_definitions, write_files

GOLDEN = Path(__file__).parents[1] / "golden"
UPDATE = bool(os.environ.get("GOALSQL_UPDATE_GOLDEN"))
STATEMENTS = {
    *("settings", "later", "state.changed_properties", "history", "last_found"),
    *("texts_1.page_view", "match.page_view"),
    *("entry", "span.history", "leaves.by_tick", "leaves.span_turns"),
    *("turn.level_1", "outcomes.firing", "chain.double", "store.changed"),
    *("store.clear_enrollments", "store.clear_receipts"),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_sql_is_what_it_was(name: str, tmp_path: Path) -> None:
    one = world(CASES["all"])
    cases = ("all", "event_many", "within_next", "branch")
    one.workflows = [CASES[case] | {"id": case} for case in cases]
    write_files(one, tmp_path)
    stages = stages_of(read_definitions(tmp_path), CATALOG, None, NOW)
    said = {}
    for _, some in stages_in(stages, name, CATALOG):
        for statement in some:
            if statement.name in STATEMENTS:
                said.setdefault(statement.name, []).append(statement.sql(name, pretty=True))
    assert set(said) == STATEMENTS
    for statement, texts in said.items():
        golden = GOLDEN / name / f"{statement}.sql"
        found = "".join(f"{text};\n" for text in texts)
        if UPDATE:
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(found, encoding="utf-8")
        assert found == golden.read_text(encoding="utf-8"), statement


@pytest.mark.parametrize("name", DIALECTS)
def test_every_golden_file_belongs_to_a_statement(name: str) -> None:
    assert {path.stem for path in (GOLDEN / name).iterdir()} == STATEMENTS
