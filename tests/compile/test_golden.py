"""A tripwire: the SQL of each case is what it was, and means what the reference says.

`GOALSQL_UPDATE_GOLDEN=1 pytest tests/compile/test_golden.py` writes the files anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from goalsql.compile.arrivals import EVERYTHING, build_arrivals
from goalsql.compile.asked import Asked
from goalsql.compile.graph import Window
from goalsql.compile.observing import build_observation
from goalsql.compile.plan import build_plan
from goalsql.compile.statements import Statement, template
from goalsql.model.project import Definitions
from tests.compile.cases import CASES, CATALOG, NOW, day, world
from tests.property.engine import run_engine
from tests.property.harness import assert_same, read_definitions, run_reference, write_files
from tests.reference.measures import Relations

GOLDEN = Path(__file__).parent / "golden"
RULES = [f"rules.{name}" for name in ("node", "leaf", "member", "guard", "root")]
ALONE = ("is", "ever", "during_last", "all", "trigger_event", "branch", "goal_since_enrollment")
READING = ("is", "is_history", "segments")
UPDATE = bool(os.environ.get("GOALSQL_UPDATE_GOLDEN"))


def dynamic_statements(definitions: Definitions, reading: bool = False) -> list[Statement]:
    """The statements whose shape comes from the definitions.

    Those that read contacts and their histories differ little, and stand in a few files only.
    """
    windows = [Window("w", day(2), day(2), True, True, 1)]
    asked = Asked.of(definitions, CATALOG, ["w"], EVERYTHING.kept)
    plan = build_plan(definitions, CATALOG, windows, asked, NOW, 1, "event")
    (level,) = plan.levels
    files = ("guards", "state", "observed", "members", "listed", "arrivals")
    shape = {"contact_id": "BIGINT", "some": "", "contacts_known": ""}
    fixed = {one.name for file in files for one in template(f"tick/{file}.sql", **shape)}
    found = [statement for statement in level.rules if statement.name in RULES]
    if reading:
        found += [*build_observation(definitions, CATALOG, {}, None, NOW).observe, *plan.read]
    found += [
        *build_arrivals(definitions, CATALOG, asked, EVERYTHING, None, NOW, 1).events,
        *level.match,
    ]
    return [statement for statement in found if statement.name not in fixed]


def text_of(statements: list[Statement]) -> str:
    """The statements as they stand in a golden file, a table of rules on one line."""
    texts = [(one.name, one.sql(pretty=one.name not in RULES)) for one in statements]
    return "\n".join(f"-- {name}\n{text};" for name, text in texts) + "\n"


def compiled(workflow: dict[str, Any], path: Path, reading: bool = False) -> str:
    """The golden text of a workflow's project."""
    write_files(world(workflow), path)
    return text_of(dynamic_statements(read_definitions(path), reading))


@pytest.mark.parametrize("case", CASES)
def test_sql_is_what_it_was(case: str, tmp_path: Path) -> None:
    reading = case in READING
    found = compiled(CASES[case], tmp_path, reading)
    assert found == compiled(CASES[case], tmp_path, reading), "two compilations differ"
    golden = GOLDEN / f"{case}.sql"
    if UPDATE:
        golden.write_text(found, encoding="utf-8")
    assert golden.is_file(), "no golden file: run with GOALSQL_UPDATE_GOLDEN=1"
    assert found == golden.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def together() -> tuple[Relations, Relations]:
    """What the engine and the reference make of all cases in one project and one tick."""
    one = world(CASES["all"])
    one.workflows = [workflow | {"id": case} for case, workflow in CASES.items()]
    return run_engine(one, one.ticks, "event"), run_reference(one, one.ticks, "event")


@pytest.mark.parametrize("case", CASES)
def test_it_means_what_the_reference_says(case: str, together: tuple[Relations, Relations]) -> None:
    ours, theirs = (
        {name: [row for row in rows if row[0] == case] for name, rows in relations.items()}
        for relations in together
    )
    assert theirs["decisions"], "a case that decides nothing tests nothing"
    assert_same(ours, theirs)


@pytest.mark.parametrize("case", ALONE)
def test_it_means_the_same_alone(case: str) -> None:
    one = world(CASES[case])
    expected = run_reference(one, one.ticks, "event")
    assert expected["decisions"]
    assert_same(run_engine(one, one.ticks, "event"), expected)


def test_every_golden_file_belongs_to_a_case() -> None:
    assert {path.name for path in GOLDEN.glob("*.sql")} == {f"{case}.sql" for case in CASES}


def test_rules_are_read_from_the_plan_by_their_names(tmp_path: Path) -> None:
    write_files(world(CASES["all"]), tmp_path)
    names = [one.name for one in dynamic_statements(read_definitions(tmp_path))]
    assert names[: len(RULES)] == RULES
    assert "match.page_view" in names


SEEDED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.compile.cases import prop, workflow
from tests.compile.test_golden import compiled
tests = [prop("city", known=True), prop("age", gt=1), prop("vip", known=True)]
print(compiled(workflow({"all": tests}), Path(sys.argv[2])))
"""


def test_sql_does_not_depend_on_the_process(tmp_path: Path) -> None:
    texts = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", SEEDED, str(GOLDEN.parents[2]), str(tmp_path)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        texts.add(done.stdout)
    assert len(texts) == 1
