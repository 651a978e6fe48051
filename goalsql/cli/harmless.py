"""What users' texts may do to a terminal: nothing but be read.

A name may hold escape sequences that colour, move or clear, and marks that turn the direction of
what follows. On a terminal each such character is shown instead of obeyed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions
from rich.segment import Segment

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_IN_JSON = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PICTURES = 0x2400  # U+2400 to U+241F picture the control characters
_UNKNOWN = "\ufffd"


def harmless(text: str) -> str:
    r"""The text with a picture of each character that a terminal would obey.

    Example:
        >>> harmless("\x1b[31mred")
        '␛[31mred'
    """
    return _CONTROL.sub(lambda found: _picture(found[0]), text)


def _picture(character: str) -> str:
    code = ord(character)
    if code == 0x7F:
        return "\u2421"
    return chr(_PICTURES + code) if code < 0x20 else _UNKNOWN


def harmless_json(text: str) -> str:
    r"""JSON that says the same, but is harmless on a terminal too.

    Example:
        >>> harmless_json('"' + chr(0x9b) + '31m"')
        '"\\u009b31m"'
    """
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(text: str) -> None:
    """A line for people on stdout."""
    sys.stdout.write(f"{harmless(text)}\n")


def write(text: str) -> None:
    """Text for programs on stdout: as it is, unless a terminal would obey what is in it."""
    if not sys.stdout.isatty():
        # What is no character, half a surrogate, cannot be written.
        encoding = sys.stdout.encoding or "utf-8"
        text = text.encode(encoding, "replace").decode(encoding)
    else:
        text = harmless(text)
    sys.stdout.write(text)


class HarmlessConsole(Console):
    """A console whose own colours reach the terminal, and no one else's."""

    def render(self, renderable: Any, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich's, with harmless texts."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(harmless(segment.text), segment.style)
