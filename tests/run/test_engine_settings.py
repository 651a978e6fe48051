"""The settings of the engine reach every connection; they change no result."""

from __future__ import annotations

from pathlib import Path

from goalsql import Project
from tests.run.acme import acme_in

SETTINGS = "SELECT name, value FROM duckdb_settings() WHERE name IN ('threads', 'memory_limit')"
AT = "2026-02-01T00:00:00Z"


def test_settings_reach_the_engine_and_change_no_result(tmp_path: Path) -> None:
    plain, limited = acme_in(tmp_path / "plain"), acme_in(tmp_path / "limited")
    plain.tick(AT)
    limited.settings["engine"] = {
        "duckdb": {"memory_limit": "512 MiB", "threads": 1, "temp_directory": "far/spills"}
    }
    limited.settle()
    limited.tick(AT)
    wanted = {"memory_limit": "512.0 MiB", "threads": "1"}
    project = Project.load(limited.directory)
    with project.connect() as connection:
        assert dict(connection.execute(SETTINGS).fetchall()) == wanted
    assert (limited.directory / "far" / "spills").is_dir()
    facts, limited_facts = plain.facts(), limited.facts()
    assert facts["decisions"]
    assert limited_facts["decisions"] == facts["decisions"]
    assert limited_facts["ticks"] == facts["ticks"]


def test_settings_do_not_make_a_tick_read_everything(tmp_path: Path) -> None:
    acme = acme_in(tmp_path)
    acme.tick(AT)
    acme.settings["engine"] = {"duckdb": {"threads": 1}}
    acme.settle()
    assert acme.tick("2026-02-02T00:00:00Z").mode == "incremental"
