"""A database in memory, or a small project, for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.database import Database
from tests.run.acme import Acme, acme_in


@pytest.fixture
def db() -> Database:
    return Database()


@pytest.fixture
def acme(tmp_path: Path) -> Acme:
    return acme_in(tmp_path)
