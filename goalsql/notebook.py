"""What objects look like in a notebook: plain HTML tables in the colours of the notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def html_table(
    head: Sequence[str], rows: Iterable[Sequence[object]], *, title: str, notes: Sequence[str] = ()
) -> str:
    """A table as HTML; whatever its cells say is text, never markup.

    Args:
        head: the titles of the columns.
        rows: the cells of each row.
        title: what stands above the table.
        notes: a line below it for each.

    Example:
        >>> html_table(["a"], [["<b>"]], title="T")
        '<div><b>T</b><table><tr><th>a</th></tr><tr><td>&lt;b&gt;</td></tr></table></div>'
    """
    lines = [_row("th", head), *(_row("td", row) for row in rows)]
    below = "".join(f"<div>{escape(note)}</div>" for note in notes)
    return f"<div><b>{escape(title)}</b><table>{''.join(lines)}</table>{below}</div>"


def _row(kind: str, cells: Sequence[object]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(str(cell))}</{kind}>' for cell in cells)}</tr>"
