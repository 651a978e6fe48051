"""The charts of the HTML report, drawn by Vega in the reader's browser.

Each is written once, with altair, as a chart of the table that stands beside it in the page: the
fields are the table's columns. Colours are variables of the page's style, so that charts follow it
into the dark and onto paper; what a colour says, a length, a dash or a word says too.
"""

from __future__ import annotations

import base64
import gzip
from functools import cache
from typing import Any

import altair as alt
import vl_convert

STRONG, MEDIUM, WEAK, INK, LINE = (
    f"var(--{name})" for name in ("strong", "medium", "weak", "ink", "line")
)
_TABLE = alt.NamedData("table")
_FONT = "system-ui, sans-serif"
_SHARE, _COUNT = ".1%", ",d"
_EXTENT = 48  # charts above each other begin at the same place
_HORIZONS = {"1 week": [1, 0], "2 weeks": [2, 2], "4 weeks": [6, 3], "8 weeks": [8, 3, 2, 3]}


@cache
def charts() -> dict[str, dict[str, Any]]:
    """The Vega-Lite specifications by name; the rows go into their data set `table`."""
    made = {
        "rates": _rates(),
        "trend_rate": _trend_rate(),
        "trend_converted": _trend_count("converted", "converted", STRONG, dated=False),
        "trend_recipients": _trend_count("recipients", "new recipients", MEDIUM, dated=True),
        "trend_met_goal": _trend_count("met_goal", "met the goal", STRONG, dated=True),
        "funnel": _funnel(),
        "times": _times(),
        "cohorts": _cohorts(),
    }
    return {name: _styled(one) for name, one in made.items()}


@cache
def runtime() -> str:
    """Vega itself as one script, which sets `vegaEmbed`: compressed with gzip, as base64.

    That is half as long, and pages of many workflows should still go with a mail.
    """
    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode()


def _styled(chart: Any) -> dict[str, Any]:
    styled = chart.properties(
        width="container",
        background="transparent",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    ).configure(
        font=_FONT,
        aria=False,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=INK, titleColor=INK, gridColor=LINE, domainColor=LINE, tickColor=LINE,
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
        ),
        legend=alt.LegendConfig(
            labelColor=INK, titleColor=INK, orient="top", labelFontSize=12,
            titleFontWeight="normal", titleFontSize=12, symbolType="stroke", symbolSize=600,
            symbolStrokeWidth=2,
        ),
    )  # fmt: skip
    found: dict[str, Any] = styled.to_dict()
    return found


def _rates() -> Any:
    """Each workflow's rate as a point on the interval that chance leaves it."""
    base = alt.Chart(_TABLE, height=alt.Step(26)).transform_filter("datum.rate !== null")
    workflow = alt.Y("workflow:N", sort=alt.SortField("rate", "descending"), title=None).axis(
        labelLimit=180, grid=False, ticks=False, domain=False
    )
    share = alt.X("rate_low:Q", title="conversion rate").axis(format="%").scale(zero=True)
    interval = base.mark_rule(color=MEDIUM, strokeWidth=5, strokeCap="round").encode(
        y=workflow, x=share, x2="rate_high:Q"
    )
    point = base.mark_point(color=STRONG, fill=STRONG, size=70, opacity=1).encode(
        y=workflow,
        x=alt.X("rate:Q"),
        tooltip=[alt.Tooltip("workflow:N"), alt.Tooltip("rate:Q", format=_SHARE)],
    )
    return interval + point


def _period(**axis: Any) -> alt.X:
    return alt.X("period:T", title=None).scale(type="utc").axis(
        grid=False, labelOverlap=True, **axis
    )  # fmt: skip


def _trend_rate() -> Any:
    """The conversion rate as it came to stand at the end of each period."""
    rate = alt.Y("rate:Q", title="rate so far").axis(format="%", tickCount=4, minExtent=_EXTENT)
    return (
        alt.Chart(_TABLE, height=120)
        .mark_line(color=STRONG, strokeWidth=2.5)
        .encode(x=_period(labels=False, ticks=False), y=rate.scale(zero=True))
    )


def _trend_count(field: str, title: str, color: str, *, dated: bool) -> Any:
    """How many contacts in each period; only the lowest of charts that stand together is dated."""
    count = alt.Y(f"{field}:Q", title=title).axis(
        tickCount=3, format=_COUNT, tickMinStep=1, minExtent=_EXTENT
    )
    return (
        alt.Chart(_TABLE, height=80)
        .mark_bar(color=color, binSpacing=1)
        .encode(x=_period(labels=dated, ticks=dated), x2="until:T", y=count, y2=alt.datum(0))
    )


def _funnel() -> Any:
    """How many contacts stand in each bucket; those who met the goal are the dark ones."""
    base = (
        alt.Chart(_TABLE, height=alt.Step(28))
        .transform_joinaggregate(most="max(contacts)")
        .transform_calculate(room_for_words="1.1 * datum.most")
    )
    bucket = alt.Y("bucket:N", sort=None, title=None).axis(
        labelLimit=220, grid=False, ticks=False, domain=False
    )
    contacts = alt.X("contacts:Q", title=None).axis(None).scale(nice=False)
    shade = (
        alt.when("datum.bucket === 'met the goal after an email'")
        .then(alt.value(STRONG))
        .when("indexof(datum.bucket, 'met the goal') === 0")
        .then(alt.value(MEDIUM))
        .otherwise(alt.value(WEAK))
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(y=bucket, x=contacts, color=shade)
    words = base.mark_text(align="left", dx=4, color=INK).encode(
        y=bucket, x=contacts, text=alt.Text("contacts:Q", format=_COUNT)
    )
    room = base.mark_rule(opacity=0).encode(y=bucket, x=alt.X("room_for_words:Q"))
    return bars + words + room


def _times() -> Any:
    """How many contacts took how long."""
    base = alt.Chart(_TABLE, height=150)
    days = alt.X("days:N", sort=None, title="days from the first email to the goal").axis(
        labelAngle=0, labelOverlap=True, ticks=False
    )
    contacts = alt.Y("converted:Q", title="contacts").axis(tickCount=4, format=_COUNT)
    bars = base.mark_bar(color=STRONG).encode(x=days, y=contacts)
    words = base.mark_text(dy=-7, color=INK).encode(
        x=days, y=contacts, text=alt.Text("converted:Q", format=_COUNT)
    )
    return bars + words


def _cohorts() -> Any:
    """The share of each week's recipients that had converted so long after, but for open ones."""
    after = list(_HORIZONS)
    return (
        alt.Chart(_TABLE, height=190)
        .transform_fold([*after], ["after", "share"])
        .transform_filter("datum.share !== null")
        .mark_line(color=STRONG, point=alt.OverlayMarkDef(color=STRONG, size=25))
        .encode(
            x=_period(),
            y=alt.Y("share:Q", title="converted").axis(format="%", tickCount=4).scale(zero=True),
            strokeDash=alt.StrokeDash("after:N", sort=after, title="after").scale(
                domain=after, range=list(_HORIZONS.values())
            ),
        )
    )
