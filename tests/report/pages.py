"""Reads what an HTML page shows: the tables by their captions, as rows of text."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """`tables[section][caption]` are rows; `words` is all text that is no script or style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, dict[str, list[list[str]]]] = {}
        self.words = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._section = ""
        self._rows: list[list[str]] = []
        self._into = ""
        self._silent = False
        self._caption = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.elements.append((tag, named))
        self._silent = tag in ("script", "style")
        if tag == "section":
            self._section = named.get("data-workflow") or named.get("data-page") or ""
        elif tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        if tag in ("caption", "td", "th"):
            self._into = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            rows = [[cell.strip() for cell in row] for row in self._rows]
            self.tables.setdefault(self._section, {})[self._caption] = rows
        if tag in ("table", "caption", "script", "style"):
            self._into, self._silent = "", False

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.words += data
        if self._into == "caption":
            self._caption += data
        elif self._into:
            self._rows[-1][-1] += data

    def table(self, section: str, caption: str) -> list[list[str]]:
        """The rows of the only table of a section whose caption begins so, heading first."""
        [rows] = [rows for title, rows in self.tables[section].items() if title.startswith(caption)]
        return rows


def number(text: str) -> int:
    """A count as a page writes it."""
    return int(text.replace(",", ""))
