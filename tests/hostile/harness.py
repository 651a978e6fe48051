"""A hostile word in a place of a project, and what may come of it.

Either one clear mistake with a place, or a project whose statements have the shape that they have
with a plain word: the same tokens for DuckDB's own lexer, but for the texts and names in them.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from goalsql import DefinitionError, Project, SourceError, UsageError
from goalsql.compile.statements import Statement
from goalsql.model.loading import load
from goalsql.model.yaml_tree import FORBIDDEN
from tests.hostile.places import FREE, PLAIN, filled
from tests.hostile.words import CANARY, OUTSIDE
from tests.run.acme import write_parquet

OUTCOMES = ("same shape", "valid", "refused", "changed shape", "traceback", "outside read")
"""A project may be valid with another shape only where a text decides what is done: see FREE."""

WRONG = OUTCOMES[3:]
NAMES = (
    "property", "event", "field", "segment", "workflow id", "workflow name", "goal name", "step id",
    "email", "property set", "action", "key in with", "workflow file", "segment file",
    "value of is", "value in where",
)  # fmt: skip
"""The places of which a tick's rows do not depend, if the data say the same."""

Words = dict[str, str]
Shape = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a word; `detail` says what is wrong, if anything."""

    kind: str
    detail: str = ""


def quoted(word: str) -> str:
    """A word in YAML's double quotes, every character of it escaped."""
    return '"' + "".join(f"\\U{ord(character):08x}" for character in word) + '"'


def token_of(kind: object) -> str:
    return str(kind).rpartition(".")[2]


@lru_cache(maxsize=2_000)
def shape_of(sql: str) -> tuple[str, ...]:
    """The tokens that DuckDB sees in a statement, without what names and literals say.

    They are sorted: the order of names is that of some parts of a statement.
    """
    text = sql.encode()
    found = duckdb.tokenize(sql)
    ends = [start for start, _ in found[1:]] + [len(text)]
    shape = []
    for (start, kind), end in zip(found, ends, strict=True):
        name = token_of(kind)
        said = text[start:end].decode(errors="replace").strip().lower()
        shape.append(f"{name} {said}" if name in ("keyword", "operator") else name)
    return tuple(sorted(shape))


def shapes_of(stages: list[tuple[str, tuple[Statement, ...]]]) -> Shape:
    """The shapes of all statements, whatever their order: that is also one of names."""
    statements = [one for _, found in stages for one in found]
    return tuple(sorted(shape_of(statement.text) for statement in statements))


class Watch:
    """Notes the files that Python opens while it is on; an audit hook can not be taken back."""

    def __init__(self) -> None:
        self.opened: list[str] | None = None
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and self.opened is not None and isinstance(arguments[0], str | bytes):
            self.opened.append(os.fsdecode(arguments[0]))

    @contextmanager
    def on(self) -> Iterator[list[str]]:
        """The paths that are opened meanwhile."""
        self.opened = opened = []
        try:
            yield opened
        finally:
            self.opened = None


ROWS = {
    "decisions": "SELECT contact_id, triggered_at, decided_at, outcome FROM goalsql.decisions "
    "ORDER BY ALL",
    "enrollments": "SELECT contact_id, enrolled_at, status, ended_at, end_reason, due_at "
    "FROM goalsql.enrollments ORDER BY ALL",
    "outbox": "SELECT contact_id, kind, executed_at FROM goalsql.outbox ORDER BY ALL",
    "metrics": "SELECT * EXCLUDE (workflow_id, workflow_name, goal_name) "
    "FROM report.workflow_goal_metrics ORDER BY ALL",
}
WATCH = Watch()
OURS = tuple(
    os.path.realpath(path)
    for path in (
        sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), Path(__file__).parents[2],
        "/usr/share/zoneinfo", "/proc", "/sys",
    )
)  # fmt: skip


class Ground:
    """A directory with a project to be spoilt, and canaries beside it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "acme"
        self.outside = directory / OUTSIDE
        self.outside.mkdir()
        self.directory.mkdir()
        (directory / "allowed").mkdir()
        canaries = (("contact_id", "VARCHAR"), ("created_at", "TIMESTAMP"), (CANARY, "VARCHAR"))
        row = [(CANARY, "2026-01-01", CANARY)]
        write_parquet(self.outside / "canary.parquet", dict(canaries), row)
        text = f"contact_id,created_at,{CANARY}\n{CANARY},2026-01-01,{CANARY}\n"
        (self.outside / "canary.csv").write_text(text)
        (self.outside / "canary.yml").write_text(f"{CANARY}: 1\n")
        with duckdb.connect(str(self.outside / "canary.duckdb")) as connection:
            connection.execute(f'CREATE TABLE "{CANARY}" AS SELECT 1 AS a')
        self._sources()
        self._all = frozenset(self._tree())
        plain = self._compiled({}, raw=False)
        assert not isinstance(plain, Outcome), plain.detail
        self._plain = plain

    def _sources(self, city: str = "plain", form: str = "plain") -> None:
        """Writes the sources; every second contact is of the city, every third has the form."""
        people = [
            (f"c{n}", "2026-01-01", city if n % 2 else None, n, None, None, None) for n in range(12)
        ]
        columns = dict.fromkeys(("contact_id", "created_at", "city", "years"), "VARCHAR")
        columns |= {"created_at": "TIMESTAMP", "years": "INTEGER", "born": "DATE"}
        columns |= {"seen": "TIMESTAMP", "known_since": "VARCHAR"}
        write_parquet(self.directory / "contacts.parquet", columns, people)
        head = {"contact_id": "VARCHAR", "event_id": "VARCHAR", "occurred_at": "TIMESTAMP"}
        seen = [(f"c{n}", f"e{n}{i}", "2026-01-03", form) for n in range(0, 12, 3) for i in (1, 2)]
        write_parquet(self.directory / "events.parquet", head | {"form": "VARCHAR"}, seen)
        mail = head | dict.fromkeys(("workflow_id", "email_id", "event"), "VARCHAR")
        write_parquet(self.directory / "emails.parquet", mail, [])
        (self.directory / "listed.csv").write_text("contact_id\nc1\n")
        with duckdb.connect(str(self.directory / "crm.duckdb")) as connection:
            connection.execute("CREATE OR REPLACE TABLE people AS SELECT 1 AS a")

    def _tree(self) -> list[str]:
        return [str(path) for path in self.directory.parent.rglob("*")]

    def clear(self) -> None:
        """Removes all but the sources and canaries."""
        for path in self._tree():
            if path not in self._all and os.path.lexists(path):
                shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)

    def write(self, words: Words, raw: bool) -> None:
        """Writes the project with words in their places, as they are or well quoted."""
        texts = {name: quoted(text) for name, text in PLAIN.items()}
        texts |= {name: quoted(f"m {name}") for name in FREE}
        files = {path: path for path in filled(texts)}
        for place, word in words.items():
            spelt = word.replace("{outside}", str(self.outside))
            texts[place] = spelt if raw else quoted(spelt)
            if place.endswith(" file"):
                folder = f"{place.removesuffix(' file')}s"
                first = {"workflows": "workflows/one.yml", "segments": "segments/segments.yml"}
                files[first[folder]] = f"{folder}/{file_name(word)}.yml"
        for path, text in filled(texts).items():
            file = self.directory / files[path]
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(text.encode("utf-8", "surrogatepass"))

    def outcomes(self, words: Words, raw: bool) -> dict[str, Outcome]:
        """What comes of each word in its place; those that can be are looked at together."""
        with WATCH.on() as opened:
            found = {place: self._read({place: word}, raw) for place, word in words.items()}
            good = {place: words[place] for place in FREE if found.get(place, 0) is None}
            found |= self._together(good, raw)
            for place, outcome in found.items():
                if outcome is None:
                    one = self._compiled({place: words[place]}, raw)
                    shape = "same shape" if one == self._plain else "valid"
                    found[place] = one if isinstance(one, Outcome) else Outcome(shape)
            outside = self._outside(opened)
        if outside:
            return dict.fromkeys(words, Outcome("outside read", outside))
        return {place: outcome for place, outcome in found.items() if outcome is not None}

    def _together(self, words: Words, raw: bool) -> dict[str, Outcome]:
        """What comes of words in free places: all at once, and by halves where it is no good."""
        if not words:
            return {}
        compiled = self._compiled(words, raw)
        if compiled == self._plain:
            return dict.fromkeys(words, Outcome("same shape"))
        if len(words) > 1:
            places = list(words)
            halves = places[: len(places) // 2], places[len(places) // 2 :]
            return {
                place: outcome
                for half in halves
                for place, outcome in self._together({one: words[one] for one in half}, raw).items()
            }
        outcome = compiled if isinstance(compiled, Outcome) else Outcome("changed shape")
        return dict.fromkeys(words, outcome)

    def _read(self, words: Words, raw: bool) -> Outcome | None:
        """What reading the files alone finds wrong; None where they can be read."""
        try:
            self.write(words, raw)
            problems = load(self.directory).problems
            return judged(DefinitionError(problems)) if problems else None
        except Exception:
            return Outcome("traceback", traceback.format_exc())
        finally:
            self.clear()

    def rows(self, words: Words) -> Outcome | dict[str, list[str]]:
        """What a tick leaves for each contact, by relation, where the data say the words too."""
        try:
            said = {place: f"m {place}" for place in FREE} | words
            self._sources(said["value of is"], said["value in where"])
            self.write(words, raw=False)
            project = Project.load(self.directory)
            project.tick("2026-01-05", "event")
            with project.connect() as connection:
                return {
                    name: [str(row) for row in connection.execute(query).fetchall()]
                    for name, query in ROWS.items()
                }
        except DefinitionError as error:
            return judged(error)
        except Exception:
            return Outcome("traceback", traceback.format_exc())
        finally:
            self.clear()

    def _outside(self, opened: list[str]) -> str:
        inside = (*OURS, os.path.realpath(self.directory))
        for path in opened:
            if not os.path.realpath(path).startswith(inside):
                return path
        return ""

    def _compiled(self, words: Words, raw: bool) -> Shape | Outcome:
        try:
            self.write(words, raw)
            stages = Project.load(self.directory).compile()
        except DefinitionError as error:
            return judged(error)
        except (SourceError, UsageError) as error:
            said = str(error)
            return Outcome("outside read", said) if CANARY in said else Outcome("refused")
        except Exception:
            return Outcome("traceback", traceback.format_exc())
        finally:
            self.clear()
        if any(CANARY in one.text for _, found in stages for one in found):
            return Outcome("outside read", "a canary stands in a statement")
        return shapes_of(stages)


def is_text(word: str) -> bool:
    """Whether a word can be the value of a text at all."""
    return bool(word) and not FORBIDDEN.search(word)


def file_name(word: str) -> str:
    """A word as the name of a file, as near as a file system allows."""
    clean = word.replace("/", "|").replace("\0", "").encode("utf-8", "replace").decode()
    return clean.encode()[:200].decode(errors="ignore") or "x"


def judged(error: DefinitionError) -> Outcome:
    """A mistake must say where it is, in what file, and what is wrong; and tell no secrets."""
    for problem in error.problems:
        if not (problem.place.file and problem.place.line >= 1 and problem.message):
            return Outcome("traceback", f"no place: {problem}")
    if CANARY in str(error):
        return Outcome("outside read", str(error))
    return Outcome("refused")
