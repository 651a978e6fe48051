"""The command line (SPEC 8): one function per command; the work is done by the Python API."""

from goalsql.cli import begin, change, look
from goalsql.cli.app import app

__all__ = ["app", "begin", "change", "look", "main"]


def main() -> None:
    """What the console command `goalsql` and `python -m goalsql` run."""
    app()
