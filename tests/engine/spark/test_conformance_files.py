"""Conformance files on Spark: some here, and all with `python -m tests.engine.spark`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.scenario import read_scenario
from tests.conformance.test_conformance import HERE
from tests.engine.spark.conformance import SparkRun

FILES = (
    "history/bad_value_skipped",
    "history/types",
    "late/static_taken_back",
    "observed/members",
    "observed/renamed",
    "observed/types",
)


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, session: Any, tmp_path: Path) -> None:
    SparkRun(read_scenario(HERE / f"{name}.test"), tmp_path, session).run()
