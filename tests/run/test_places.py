"""A database in memory that looks into the project's file waits for it as all else does."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from goalsql import LockedError
from goalsql.run.places import DuckDBFile
from tests.holding import held


def test_a_file_in_use_is_named_or_waited_for(tmp_path: Path) -> None:
    """Also where another process has made it only now, as when two first ticks begin at once."""
    path = tmp_path / "x.db"
    with held(path) as holder:
        with pytest.raises(LockedError, match=f"in use by process {holder.pid}"):
            DuckDBFile(path).beside()
        threading.Timer(0.3, holder.kill).start()
        DuckDBFile(path, wait=60).beside().close()
