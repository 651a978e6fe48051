"""A database that another process has just made is waited for, or its holder named, by all."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from goalsql import LockedError, Project
from goalsql.opening import Database
from goalsql.run.places import DuckDBFile
from tests.holding import held
from tests.run.acme import acme_in


def test_a_file_in_use_is_named_or_waited_for(tmp_path: Path) -> None:
    """Also where another process has made it only now, as when two first ticks begin at once."""
    path = tmp_path / "x.db"
    with held(path) as holder:
        with pytest.raises(LockedError, match=f"in use by process {holder.pid}"):
            DuckDBFile(path).beside()
        threading.Timer(0.3, holder.kill).start()
        DuckDBFile(path, wait=60).beside().close()


def test_a_first_tick_says_so_in_the_words_of_what_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process makes the database after the tick has looked whether there is one."""
    acme = acme_in(tmp_path)
    exists, looks = Database.exists, iter([False])
    monkeypatch.setattr(Database, "exists", lambda self: next(looks, exists(self)))
    with held(acme.database) as holder, pytest.raises(LockedError) as caught:
        Project.load(acme.directory).tick("2026-01-04", "event")
    assert str(caught.value).endswith("or let the command wait: --wait 60s")
    assert caught.value.holder == holder.pid
