"""What is done to a process that runs goalsql: limits, rights, signals, files that go away."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goalsql.engine.protocol import Tracer


class Inside:
    """Done in the process itself, before its command begins."""

    def begin(self) -> Tracer | None:
        """Begins; returns what is to be told of every statement."""
        return None


@dataclass(frozen=True)
class FileSize(Inside):
    """No file may grow beyond so many bytes: writing fails there as on a full disk."""

    limit: int

    def begin(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, resource.RLIM_INFINITY))


@dataclass(frozen=True)
class NoRights(Inside):
    """What the mode of a file forbids is forbidden, also for root."""

    def begin(self) -> None:
        head = (ctypes.c_uint32 * 2)(0x20080522, 0)
        sets = (ctypes.c_uint32 * 6)()
        libc = ctypes.CDLL(None, use_errno=True)
        libc.capget(head, sets)
        for place in (0, 1):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: effective and permitted
            sets[place] &= ~0b110
        if libc.capset(head, sets):
            raise OSError(ctypes.get_errno(), "capset")


@dataclass(frozen=True)
class AtStatement(Inside):
    """Something happens before the n-th statement, counted from 1."""

    number: int

    def begin(self) -> Tracer:
        ran = 0

        def trace(name: str, sql: str) -> None:
            nonlocal ran
            ran += 1
            if ran == self.number:
                self.happen()

        return trace

    def happen(self) -> None:
        """What happens."""
        raise NotImplementedError


@dataclass(frozen=True)
class Signalled(AtStatement):
    """A signal; some seconds after the statement has begun, or before."""

    signal: signal.Signals
    after: float = 0

    def happen(self) -> None:
        if self.after:
            threading.Timer(self.after, os.kill, (os.getpid(), self.signal)).start()
        else:
            os.kill(os.getpid(), self.signal)


@dataclass(frozen=True)
class Gone(AtStatement):
    """A file is moved aside."""

    file: Path

    def happen(self) -> None:
        self.file.rename(aside(self.file))


@dataclass(frozen=True)
class Replaced(Gone):
    """Another file with the same content takes its place."""

    def happen(self) -> None:
        super().happen()
        shutil.copy2(aside(self.file), self.file)


@dataclass(frozen=True)
class Truncated(Gone):
    """Another file with only the first half of it takes its place."""

    def happen(self) -> None:
        super().happen()
        content = aside(self.file).read_bytes()
        self.file.write_bytes(content[: len(content) // 2])


def aside(file: Path) -> Path:
    """Where a file is moved: out of sight of every glob."""
    return file.with_name(f"{file.name}.aside")


@contextmanager
def put_back(file: Path) -> Iterator[None]:
    """The file is there again at the end, the same one, if it was moved aside."""
    yield
    if aside(file).exists():
        aside(file).replace(file)


@contextmanager
def damaged(file: Path, content: bytes) -> Iterator[None]:
    """A file with other content, which nobody may touch, for a while."""
    file.rename(aside(file))
    file.write_bytes(content)
    yield
    assert file.read_bytes() == content, "it was touched"
    aside(file).replace(file)


@contextmanager
def settings(directory: Path, text: str) -> Iterator[None]:
    """More lines of goalsql.yml, for a while."""
    file = directory / "goalsql.yml"
    before = file.read_text()
    file.write_text(f"{before}\n{text}\n")
    yield
    file.write_text(before)


@contextmanager
def in_place_of(path: Path) -> Iterator[None]:
    """A file where a directory would be made."""
    path.write_text("in the way")
    yield
    assert path.read_text() == "in the way"
    path.unlink()


@contextmanager
def modes(*paths: Path) -> Iterator[None]:
    """Files and directories that may only be read, for a while."""
    before = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(before[path] & ~0o222)
    yield
    for path, mode in before.items():
        path.chmod(mode)


class NoMount(Exception):
    """This process may not mount a file system."""


@contextmanager
def small_disk(directory: Path) -> Iterator[Callable[[int | None], None]]:
    """A file system of its own at a directory; what it yields leaves so many bytes free, or all.

    Raises:
        NoMount: if this process may not mount one.
    """
    directory.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", "size=1g", "tmpfs", str(directory))
    except NoMount:
        directory.rmdir()
        raise

    def leave(room: int | None) -> None:
        used = shutil.disk_usage(directory).used
        size = "1g" if room is None else str((used + room) // 4096 * 4096)
        _mount("-o", f"remount,size={size}", str(directory))

    try:
        yield leave
    finally:
        subprocess.run(["umount", str(directory)], check=True)
        directory.rmdir()


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise NoMount(done.stderr.strip())
