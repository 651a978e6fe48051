"""A database in memory for every test."""

from __future__ import annotations

import pytest

from tests.report.database import Database


@pytest.fixture
def db() -> Database:
    return Database()
