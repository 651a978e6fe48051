from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from goalsql.model.loading import Loaded
from goalsql.model.project import DuckDBSettings, EngineSettings, SparkSettings
from tests.model.conftest import plain

Write = Callable[[dict[str, str]], Loaded]
BASE = "name: a\ndatabase: a.duckdb\nsources: {contacts: {from: c.csv}}\n"


def settings(loaded: Loaded) -> DuckDBSettings:
    found = engine(loaded)
    assert isinstance(found, DuckDBSettings)
    return found


def engine(loaded: Loaded) -> EngineSettings:
    assert not loaded.problems
    assert loaded.definitions is not None
    return loaded.definitions.engine


@pytest.mark.parametrize("text", ["", "engine: {}", "engine: {duckdb: {}}"])
def test_the_engine_is_left_alone_by_default(project: Write, text: str) -> None:
    assert settings(project({"goalsql.yml": BASE + text})) == DuckDBSettings()


def test_all_settings(project: Write, tmp_path: Path) -> None:
    text = "{memory_limit: 4 GB, threads: 4, temp_directory: spill, max_temp_size: 50 GiB}"
    found = settings(project({"goalsql.yml": f"{BASE}engine: {{duckdb: {text}}}"}))
    assert found == DuckDBSettings("4GB", 4, tmp_path / "spill", "50GiB")


def test_a_path_may_be_anywhere(project: Write) -> None:
    text = "engine: {duckdb: {temp_directory: /fast/disk/tmp}}"
    assert settings(project({"goalsql.yml": BASE + text})).temp_directory == Path("/fast/disk/tmp")


@pytest.mark.parametrize("size", ["1KB", "1 KB", "20MB", "3  gb", "1TB", "1 KiB", "5MiB", "1tib"])
def test_sizes(project: Write, size: str) -> None:
    text = f"engine: {{duckdb: {{memory_limit: {size}}}}}"
    assert settings(project({"goalsql.yml": BASE + text})).memory_limit == size.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", SparkSettings()),
        ("{remote: 'sc://host:15002'}", SparkSettings(remote="sc://host:15002")),
        ("{master: 'local[2]'}", SparkSettings(master="local[2]")),
        ("{state: 's3a://acme/state'}", SparkSettings(state="s3a://acme/state")),
        ("{state: /srv/state}", SparkSettings(state="/srv/state")),
    ],
)
def test_spark(project: Write, text: str, expected: SparkSettings) -> None:
    assert engine(project({"goalsql.yml": f"{BASE}engine: {{spark: {text}}}"})) == expected


def test_the_state_is_relative_to_the_project(project: Write, tmp_path: Path) -> None:
    found = engine(project({"goalsql.yml": f"{BASE}engine: {{spark: {{state: st}}}}"}))
    assert found == SparkSettings(state=str(tmp_path / "st"))


# The text stands in line 4.
MISTAKES = [
    (
        "{spark: {remote: 'host:15002'}}",
        "`host:15002` is no address (write e.g. `sc://host:15002`)",
    ),
    ("{spark: {remote: 'sc://h', master: x}}", "a session has either `remote` or `master`"),
    ("{spark: {}, duckdb: {}}", "a project runs on `duckdb` or on `spark` (keep one of them)"),
    ("{spark: {masters: x}}", "unknown key `masters` (did you mean `master`?)"),
    ("x", "engine: must be a mapping"),
    ("{duckbd: {}}", "engine.duckbd: unknown key `duckbd` (did you mean `duckdb`?)"),
    ("{duckdb: 4 GB}", "engine.duckdb: must be a mapping"),
    (
        "{duckdb: {memory: 4 GB}}",
        "engine.duckdb.memory: unknown key `memory` (did you mean `memory_limit`?)",
    ),
    (
        "{duckdb: {memory_limit: 4}}",
        "engine.duckdb.memory_limit: `4` is not a size: a whole number from 1 on and its unit "
        "(write e.g. `4 GB`)",
    ),
    ("{duckdb: {memory_limit: 0 GB}}", "`0 GB` is not a size"),
    ("{duckdb: {memory_limit: 1.5 GB}}", "(write e.g. `4 GB` or `512 MiB`)"),
    ("{duckdb: {max_temp_size: 80 %}}", "engine.duckdb.max_temp_size: `80 %` is not a size"),
    ("{duckdb: {max_temp_size: [1 GB]}}", "engine.duckdb.max_temp_size: must be one value"),
    (
        "{duckdb: {threads: 0}}",
        "engine.duckdb.threads: 0 threads cannot be (write a number from 1 to 1024)",
    ),
    ("{duckdb: {threads: two}}", "engine.duckdb.threads: `two` is not a whole number"),
    ("{duckdb: {temp_directory: }}", "engine.duckdb.temp_directory: has no value"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_mistakes(project: Write, text: str, message: str) -> None:
    loaded = project({"goalsql.yml": f"{BASE}engine: {text}"})
    [problem] = [plain(each) for each in loaded.problems]
    assert problem.startswith("goalsql.yml:4: engine")
    assert message in problem
