"""Words that somebody hostile, or just unlucky, would write; hypothesis puts them together."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

CANARY = "canary-3f1c"
OUTSIDE = "outside"
PIECES = (
    "'", '"', "`", "$", "$$", "$1", "$tick_at", ";", "--", "/*", "*/", "#", "''", '""', "\\", "\\'",
    "'; DROP TABLE goalsql.ticks; --", '"; DROP TABLE goalsql.ticks; --', "') OR ('1' = '1", "1=1",
    "{{ 7 * 7 }}", "{% raw %}", "{#", "{{ config }}", "{{", "}}", "%s", "%(x)s", "{0}", "{", "}",
    ":name", "?", "?1", "@x", "-- name: state.tick", "select", "NULL", "at", "*", "%", "_", "[",
    "]", "\0", "\x01", "\x07", "\b", "\t", "\n", "\r\n", "\r", "\x1b[31m", "\x1b]0;x\x07", "\x7f",
    "\x85", "\x9b31m", "\xa0", "\u2028", "\ufeff", "\u202e", "\u200f", "\u2066", "\ufffe",
    "\ud800", "\udfff", "é", "e\u0301", "名前", "\U0001f600", "ß", "İ", "[red]", "[/]", "</script>",
    "<b>", "<!--", "&amp;", "=cmd()", "+1", "@SUM(1)", "&a", "*a", "&a *a", "!", "!!python/object/"
    "apply:os.system ['true']", "!!binary aGk=", "<<", "<<: *a", "---", "...", "- ", ": ", "a: b",
    "? a", "| ", ">\n", "NO", "yes", "null", "~", "true", "1e400", "0x10", ".inf", ".nan", "007",
    "1_000", "-0", "1.10", "2026-01-05", "2026-02-30", "9999-12-31T23:59:59.999999Z", "0001-01-01",
    "12:30:45", "3 days", "99999999999999 weeks", "-1 day", "10 %", "x" * 300, "x" * 70_000, "a.b",
    "a.b.c.d", "..", "../", "/", "~/", "/etc/passwd", f"../{OUTSIDE}/canary.csv", "goalsql.ticks",
    f"../{OUTSIDE}/*.parquet", "{outside}/canary.csv", f"*/../../{OUTSIDE}/canary.csv", "***",
    "file://{outside}/canary.csv", f"../{OUTSIDE}/canary.duckdb", f"!include ../{OUTSIDE}/can"
    "ary.yml", "https://example.com/x.parquet", "s3://b/x.parquet", "postgres:host=x", ":memory:",
    f"SELECT * FROM '../{OUTSIDE}/canary.csv'", f"SELECT * FROM read_csv('../{OUTSIDE}/*.csv')",
    "SELECT 1; DROP TABLE goalsql.ticks", "contacts.parquet", "acme.duckdb", "goalsql.yml", "",
    "SELECT * FROM 'contacts.parquet'", " ", "plain", "contact_id", "city", "main.x", "temp", "con",
)  # fmt: skip
"""`{outside}` stands for a directory beside the project in which canaries lie."""

_piece = st.sampled_from(PIECES)
_short = st.sampled_from([piece for piece in PIECES if 0 < len(piece) < 20])
words = st.one_of(
    _piece,
    st.lists(_short, min_size=2, max_size=4).map("".join),
    st.tuples(st.text(max_size=6), _short, st.text(max_size=6)).map("".join),
    st.text(st.characters(), min_size=1, max_size=12),
)
"""Texts of all these, alone, together and among whatever Unicode has."""


def sheets(places: Sequence[str]) -> st.SearchStrategy[dict[str, str]]:
    """A word for each of some places."""
    return st.fixed_dictionaries(dict.fromkeys(places, words))
