"""Reads YAML as a tree of texts with their lines; no type is guessed from how a text looks.

`NO`, `007` and `2026-01-05` stay the text that stands in the file (SPEC 2). What makes YAML
dangerous or surprising is refused: tags, merge keys, aliases that multiply, duplicate keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeAlias

import yaml

from goalsql.codes import Code
from goalsql.errors import Place, Problem

MOST_BYTES = 16 * 2**20
MOST_NODES = 100_000
DEEPEST = 100
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is there
FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
TOO_DEEP = f"is nested more than {DEEPEST} deep"
TOO_MANY = f"holds more than {MOST_NODES:,} values, aliases expanded"
TOO_DEEP_TO_LIBYAML = "exceeded maximum nesting depth"  # from 0.2.6 on it reads 1,000 deep


@dataclass(frozen=True, slots=True, eq=False)
class TextNode:
    """A scalar as its text; `plain` where it stands without quotes."""

    text: str
    plain: bool
    line: int

    @property
    def missing(self) -> bool:
        """Whether nothing at all stands after the key (`key:`)."""
        return self.plain and not self.text


@dataclass(frozen=True, slots=True, eq=False)
class ListNode:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A value in a mapping, with the line of its key."""

    value: Node
    key_line: int


@dataclass(frozen=True, slots=True, eq=False)
class MapNode:
    """A mapping in the order of the file."""

    entries: Mapping[str, Entry]
    line: int


Node: TypeAlias = TextNode | ListNode | MapNode


@dataclass(frozen=True, slots=True)
class _Built:
    """A node with the number of nodes in it and their depth, aliases expanded."""

    node: Node
    size: int = 1
    height: int = 1


class _UnreadableError(Exception):
    """The file cannot be read on."""

    def __init__(self, code: Code, line: int, message: str, mend: str = "") -> None:
        self.code, self.line, self.message, self.mend = code, line, message, mend


def read_yaml(path: Path, file: str) -> tuple[Node | None, list[Problem]]:
    """Reads the file at `path`; problems speak of it as `file`.

    Returns:
        The tree, None where the file cannot be read at all, and every problem found.
    """
    try:
        text = _content(path).decode("utf-8-sig")
    except _UnreadableError as error:
        return None, [Problem(error.code, Place(file, error.line), error.message, error.mend)]
    except OSError as error:
        problem = Problem(Code.UNREADABLE_FILE, Place(file, 1), f"cannot be read: {error.strerror}")
        return None, [problem]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return None, [
            Problem(
                Code.UNREADABLE_FILE,
                Place(file, line),
                "is not UTF-8 text",
                "save the file as UTF-8",
            )
        ]
    return parse_yaml(text, file)


def _content(path: Path) -> bytes:
    """What a file holds; a device or a pipe, which may have no end, is none."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise _UnreadableError(Code.UNREADABLE_FILE, 1, "is not a file", "remove it")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        mend = "definitions are short: put data into a source"
        message = f"is larger than {MOST_BYTES // 2**20} MB"
        raise _UnreadableError(Code.UNREADABLE_FILE, 1, message, mend)
    return content


def parse_yaml(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Reads the text of one YAML document, as `read_yaml` does."""
    builder = _Builder(file, text)
    try:
        return builder.document(), builder.problems
    except _UnreadableError as error:
        problem = Problem(error.code, Place(file, error.line), error.message, error.mend)
        return None, [*builder.problems, problem]


def as_data(node: Node, scalar: Callable[[TextNode], object] = lambda node: node.text) -> object:
    """The tree as dictionaries, lists and what `scalar` makes of each scalar (its text)."""
    if isinstance(node, TextNode):
        return scalar(node)
    if isinstance(node, ListNode):
        return [as_data(item, scalar) for item in node.items]
    return {key: as_data(entry.value, scalar) for key, entry in node.entries.items()}


def json_scalar(node: TextNode) -> object:
    """A scalar as JSON: `true`, `null`, `3` if it stands plain and JSON writes it so, else text.

    Example:
        >>> [json_scalar(TextNode(text, True, 1)) for text in ("3", "007", "1.10", "true", "NO")]
        [3, '007', '1.10', True, 'NO']
    """
    if not node.plain:
        return node.text
    try:
        value: object = json.loads(node.text)
        written = json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return node.text
    return value if written == node.text else node.text


def from_data(data: object) -> Node:
    """The tree that `as_data` with `json_scalar` made the data of; its lines are unknown."""
    if isinstance(data, dict):
        return MapNode({key: Entry(from_data(value), 1) for key, value in data.items()}, 1)
    if isinstance(data, list):
        return ListNode(tuple(from_data(item) for item in data), 1)
    if isinstance(data, str):
        return TextNode(data, plain=False, line=1)
    return TextNode(json.dumps(data), plain=True, line=1)


def join(path: str, key: str) -> str:
    """The key path of `key` in the mapping at `path`."""
    return f"{path}.{key}" if path else key


class _Builder:
    """Builds the tree from the parser's events."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.problems: list[Problem] = []
        self.anchors: dict[str, _Built] = {}
        self.built = 0
        self.events = self._parse()

    def document(self) -> Node:
        next(self.events)  # the start of the stream
        if not isinstance(next(self.events), yaml.DocumentStartEvent):
            raise _UnreadableError(
                Code.UNREADABLE_FILE, 1, "is empty", "write it, or remove the file"
            )
        node = self._build(next(self.events), "", 1).node
        next(self.events)  # the end of the document
        another = next(self.events)
        if not isinstance(another, yaml.StreamEndEvent):
            mend = "remove the line `---`, or make two files"
            raise _UnreadableError(
                Code.REFUSED_YAML, _line(another), "a second document begins here", mend
            )
        if isinstance(node, TextNode) and node.missing:
            raise _UnreadableError(
                Code.UNREADABLE_FILE, node.line, "is empty", "write it, or remove the file"
            )
        return node

    def _parse(self) -> Iterator[yaml.Event]:
        """The parser's events; whatever it raises becomes one kind of error."""
        try:
            yield from yaml.parse(self.text, Loader=LOADER)
        except yaml.reader.ReaderError as error:
            code = int(error.character)
            line = self.text.count("\n", 0, max(self.text.find(chr(code)), 0)) + 1
            message = f"holds the character U+{code:04X}, which YAML forbids"
            raise _UnreadableError(Code.NOT_YAML, line, message) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            words = ", ".join(part for part in (error.context, error.problem) if part)
            line = mark.line + 1 if mark else 1
            too_deep = error.problem == TOO_DEEP_TO_LIBYAML
            if too_deep:
                raise _UnreadableError(Code.REFUSED_YAML, line, TOO_DEEP) from None
            raise _UnreadableError(Code.NOT_YAML, line, f"is not YAML: {words}") from None
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            raise _UnreadableError(Code.NOT_YAML, 1, f"is not YAML: {error}") from None

    def _problem(self, code: Code, line: int, path: str, message: str, mend: str = "") -> None:
        self.problems.append(Problem(code, Place(self.file, line, path), message, mend))

    def _build(self, event: yaml.Event, path: str, depth: int) -> _Built:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if depth > DEEPEST:
            _refuse(event, TOO_DEEP)
        self.built += 1
        if self.built > MOST_NODES:
            _refuse(event, TOO_MANY)
        if isinstance(event, yaml.ScalarEvent):
            text = FORBIDDEN.sub("\ufffd", event.value)
            built = _Built(TextNode(text, not event.style, _line(event)))
            if text != event.value:
                message = "holds a character that no text may have (NUL or half a surrogate)"
                self._problem(Code.REFUSED_YAML, _line(event), path, message)
        elif isinstance(event, yaml.SequenceStartEvent):
            built = self._list(event, path, depth)
        else:
            built = self._map(event, path, depth)
        tag, anchor = getattr(event, "tag", None), getattr(event, "anchor", None)
        if tag is not None:
            message = f"YAML tag `{tag}`"
            self._problem(Code.REFUSED_YAML, _line(event), path, message, "remove the tag")
        if built.size > MOST_NODES:
            _refuse(event, TOO_MANY)
        if anchor is not None:
            self.anchors[anchor] = built
        return built

    def _alias(self, event: yaml.AliasEvent, depth: int) -> _Built:
        name = str(event.anchor)
        if name not in self.anchors:
            message = f"alias `*{name}` has no anchor `&{name}` that ends before it"
            raise _UnreadableError(Code.NOT_YAML, _line(event), message)
        built = self.anchors[name]
        if depth + built.height > DEEPEST:
            _refuse(event, f"{TOO_DEEP}, aliases expanded")
        return built

    def _list(self, start: yaml.Event, path: str, depth: int) -> _Built:
        items: list[_Built] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._build(event, f"{path}[{len(items)}]", depth + 1))
        return _whole(ListNode(tuple(item.node for item in items), _line(start)), items)

    def _map(self, start: yaml.Event, path: str, depth: int) -> _Built:
        entries: dict[str, Entry] = {}
        parts: list[_Built] = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = _line(event)
            key = self._build(event, path, depth + 1).node
            name = key.text if isinstance(key, TextNode) else "?"
            value = self._build(next(self.events), join(path, name), depth + 1)
            parts.append(value)
            if not isinstance(key, TextNode):
                message = "a key must be a text, not a list or a mapping"
                self._problem(Code.REFUSED_YAML, line, path, message)
            elif key.plain and name == "<<":
                mend = "write the keys out, or use an alias for a whole value"
                message = "merge keys are not supported"
                self._problem(Code.REFUSED_YAML, line, join(path, name), message, mend)
            elif name in entries:
                first = entries[name].key_line
                message = f"key `{name}` stands twice: at line {first} and at line {line}"
                self._problem(Code.KEY_TWICE, line, join(path, name), message, "remove one")
            else:
                entries[name] = Entry(value.node, line)
        return _whole(MapNode(entries, _line(start)), parts)


def _whole(node: Node, parts: list[_Built]) -> _Built:
    height = max((part.height for part in parts), default=0)
    return _Built(node, 1 + sum(part.size for part in parts), 1 + height)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refuse(event: yaml.Event, message: str) -> NoReturn:
    raise _UnreadableError(Code.REFUSED_YAML, _line(event), message)
