"""Two definitions side by side in a terminal: every figure, in a hundred columns, no colour."""

from __future__ import annotations

import json
from datetime import datetime
from io import StringIO
from typing import Any

import polars as pl
from rich.console import Console

from goalsql.report.comparison import COUNTS, WhatIf, render_comparison
from goalsql.report.terminal import WIDTH
from goalsql.report.wording import BUCKETS

NONE: dict[str, Any] = dict.fromkeys(COUNTS, 0) | {
    "conversion_rate": None,
    "conversion_rate_enrolled": None,
    "unavailable_reason": None,
}


def whatif(
    today: dict[str, Any], other: dict[str, Any], moves: list[tuple[str | None, str | None, int]]
) -> WhatIf:
    sides = [NONE | today, NONE | other]
    difference = {
        name: None if None in (sides[0][name], sides[1][name]) else sides[1][name] - sides[0][name]
        for name in (*COUNTS, "conversion_rate", "conversion_rate_enrolled")
    }
    rows = [
        {"definition": name, "goal_name": goal} | row
        for name, goal, row in zip(
            ("today", "other", "difference"),
            ("Bought", None, None),
            [*sides, NONE | difference],
            strict=True,
        )
    ]
    funnel = [(bucket, 10 * place, 1000, 1000 - 10 * place) for place, bucket in enumerate(BUCKETS)]
    return WhatIf(
        "w",
        "The [b]w[/b]",
        datetime(2026, 1, 1),
        datetime(2026, 3, 1, 12, 30),
        pl.DataFrame(rows),
        pl.DataFrame(funnel, ["bucket", "today", "other", "difference"], orient="row"),
        pl.DataFrame(moves, ["from_bucket", "to_bucket", "contacts"], orient="row"),
    )


def shown(found: WhatIf, width: int = WIDTH) -> list[str]:
    out = StringIO()
    render_comparison(Console(file=out, width=width, no_color=True), found)
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert all(len(line) <= width for line in out.getvalue().splitlines())
    return lines


RATED = {"enrolled": 1500, "recipients": 1200, "converted": 300, "conversion_rate": 0.25}
OTHER = {"enrolled": 1400, "recipients": 1200, "converted": 480, "conversion_rate": 0.4}


def test_figures_stand_side_by_side_with_their_differences() -> None:
    lines = shown(whatif(RATED, OTHER, []))
    assert lines[0] == "The [b]w[/b]: what if?"
    assert "2026-01-01 00:00 to 2026-03-01 12:30 UTC" in lines[1]
    assert "goal Bought -" in lines
    assert "enrolled 1,500 1,400 -100" in lines
    assert "converted 300 480 +180" in lines
    assert "active 0 0 0" in lines
    assert "conversion rate 25.0 % 40.0 % +15.0 pp" in lines
    assert "conversion rate of all enrolled - -" in lines


def test_every_bucket_is_there() -> None:
    lines = shown(whatif(RATED, OTHER, []))
    assert "met the goal after an email 0 1,000 +1,000" in lines
    assert "not emailed, left otherwise 80 1,000 +920" in lines


def test_why_there_is_no_rate() -> None:
    lines = shown(whatif(RATED, {"unavailable_reason": "no_recipients"}, []))
    assert "conversion rate 25.0 % no recipients yet" in lines


def test_who_changes_bucket() -> None:
    moves = [
        ("converted", "emailed_active", 1234),
        (None, "converted", 2),
        ("emailed_left", None, 1),
    ]
    lines = shown(whatif(RATED, OTHER, moves))
    assert "1,237 contacts change bucket:" in lines
    assert "met the goal after an email emailed, active 1,234" in lines
    assert "not enrolled met the goal after an email 2" in lines
    assert "emailed, left otherwise not enrolled 1" in lines


def test_nobody_changes_bucket() -> None:
    assert "No contact changes bucket." in shown(whatif(RATED, OTHER, []))


def test_narrow() -> None:
    assert any("met the goal" in line for line in shown(whatif(RATED, OTHER, []), width=60))


def test_as_plain_data() -> None:
    plain = whatif(RATED, OTHER, [(None, "converted", 2)]).plain()
    printed = json.loads(json.dumps(plain, default=str))
    assert printed["moves"] == [{"from_bucket": None, "to_bucket": "converted", "contacts": 2}]
    assert [row["definition"] for row in printed["metrics"]] == ["today", "other", "difference"]
    assert printed["funnel"][0] == {
        "bucket": "converted", "today": 0, "other": 1000, "difference": 1000,
    }  # fmt: skip
