"""What a killed process leaves beside a file that it was about to replace."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from goalsql.errors import ResourceError, UsageError
from goalsql.report.files import replaced
from goalsql.workshop import workshop

HOLDER = """
import sys
from pathlib import Path
from goalsql.workshop import workshop
with workshop(Path(sys.argv[1])) as made:
    (made / "half").write_text("half")
    print(made, flush=True)
    sys.stdin.read()
"""


def at_work(path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that replaces a file, until it is killed, and its workshop."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_next_run_clears_what_a_killed_one_left_and_nothing_else(tmp_path: Path) -> None:
    page, other = tmp_path / "page.html", tmp_path / "other.html"
    mine = tmp_path / ".page.html.mine"
    mine.mkdir()
    with workshop(other) as foreign:
        killed, left = at_work(page)
        busy, used = at_work(page)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert left.is_dir()
        assert used.is_dir()
        with replaced(page) as new:
            new.write_text("whole")
        assert not left.exists()
        assert used.is_dir()
        assert foreign.is_dir()
        assert page.read_text() == "whole"
    busy.communicate("")
    assert sorted(path.name for path in tmp_path.iterdir()) == [mine.name, page.name]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_no_mistake_of_the_user(tmp_path: Path, number: int) -> None:
    page = tmp_path / "page.html"
    page.write_text("old")
    words = "no space is left on the disk: free some"
    with pytest.raises(ResourceError, match=words), replaced(page) as new:  # noqa: PT012
        new.write_text("half")
        raise OSError(number, os.strerror(number))
    assert page.read_text() == "old"
    assert list(tmp_path.iterdir()) == [page]


def test_a_place_that_may_not_be_written_is_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"), replaced(tmp_path / "page.html"):
        raise PermissionError(errno.EACCES, "Permission denied")
