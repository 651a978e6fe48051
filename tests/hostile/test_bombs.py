"""Files made to take for ever, or all memory: refused at once (SPEC 2)."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from goalsql.model.loading import load

MEMORY = 1_000 * 2**20
SECONDS = 30
BOMBS = {
    "laughs": "a0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "laughs in keys": "a0: &a0 {a: x, b: x}\n"
    + "".join(f"a{n}: &a{n} {{a: *a{n - 1}, b: *a{n - 1}}}\n" for n in range(1, 60)),
    "many small": "a: &a [" + "x, " * 1_000 + "]\nb: [" + "*a, " * 90_000 + "]\n",
    "lists": "[" * 200_000,
    "maps": "{a: " * 200_000,
    "blocks": "".join(" " * n + "a:\n" for n in range(2_000)),
    "dashes": "- " * 50_000,
    "anchors": "".join(f"a{n}: &a{n} x\n" for n in range(150_000)),
    "itself": "a: &a [*a]",
    "keys": "? " * 50_000,
    "long": "id: " + "x" * 20_000_000,
    "wide": "steps:\n" + "  - {send_email: x}\n" * 300_000,
    "quotes": 'id: "' + "\\u0041" * 1_000_000,
    "comment": "#" * 20_000_000,
}
LOAD = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
from goalsql.model.loading import load
print(sum(one.place.file == "workflows/w.yml" for one in load(Path(sys.argv[1])).problems))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "workflows").mkdir()
    text = "name: x\ndatabase: x.duckdb\nsources: {contacts: {from: c.parquet}}\n"
    (tmp_path / "goalsql.yml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused(project: Path, name: str) -> None:
    (project / "workflows" / "w.yml").write_text(BOMBS[name])
    before = resource.getrusage(resource.RUSAGE_SELF)
    problems = load(project).problems
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert [one.place.file for one in problems] == ["workflows/w.yml"] * len(problems)
    assert problems
    assert after.ru_utime - before.ru_utime < SECONDS


def test_a_hundred_megabytes_in_little_memory(project: Path) -> None:
    with (project / "workflows" / "w.yml").open("w") as file:
        file.write("id: x\n")
        file.truncate(100 * 2**20)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(project), str(MEMORY)], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_what_has_no_end_is_not_read(project: Path) -> None:
    (project / "workflows" / "zero.yml").symlink_to("/dev/zero")
    os.mkfifo(project / "workflows" / "pipe.yml")
    (project / "workflows" / "folder.yml").mkdir()
    messages = [(one.place.file, one.message) for one in load(project).problems]
    assert messages == [
        ("workflows/folder.yml", "cannot be read: Is a directory"),
        ("workflows/pipe.yml", "is not a file"),
        ("workflows/zero.yml", "is not a file"),
    ]
