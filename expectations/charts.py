"""Charts: small pictures as inline SVG; bars drawn by hand, what has axes by Altair.

A bar needs four numbers; drawing it here costs microseconds, where the first Altair chart costs most of a second. So
Altair, which Great Expectations brings, draws what is drawn rarely: the lines of the history, and the values that
changed since the last release, where there are several. It is rendered here, by vl-convert, and needs no network.
Nothing here carries a colour: they come from the page's style, so that they follow light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

INKS = {
    "#010101": "soft",
    "#010102": "line",
    "#010103": "blue",
    "#010104": "amber",
    "#010105": "red",
    "#010106": "green",
    "#010107": "ink",
    "#010108": "violet",
}
"""Stand-ins for the page's colours (Altair takes none but real ones), and the variables of its style for them."""
SOFT, LINE, BLUE, AMBER, RED, GREEN, INK, VIOLET = INKS


def bar(parts: Iterable[tuple[str, float]], whole: float, label: str) -> Markup:
    """A horizontal bar of several parts of a whole.

    Args:
        parts: Class of the page's style and amount, from left to right.
        whole: What the full width stands for, in the unit of the amounts; 0 draws an empty bar.
        label: What the picture says, for those who do not see it.
    """
    shapes, at = [], 0.0
    for kind, amount in parts:
        width = 100.0 * amount / whole if whole else 0.0
        if width > 0:
            shapes.append(
                Markup('<rect class="{}" x="{}" width="{}" height="10"/>').format(kind, round(at, 2), round(width, 2))
            )
            at += width
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="track" width="100" height="10"/>{}</svg>'
    ).format(escape(label), Markup("").join(shapes))


def lines(points: Sequence[tuple[int, float]], label: str) -> Markup:
    """A line over runs.

    Args:
        points: Place of the run, from 1, and value.
        label: What the picture says, for those who do not see it.
    """
    import altair as alt

    rows = [{"run": run, "value": value} for run, value in points]
    # A flat line shows as one, in the middle of its panel, and a scale needs two ends.
    low, high = min(value for _, value in points), max(value for _, value in points)
    room = (high - low) * 0.12 or max(abs(high) * 0.1, 0.5)
    chart = (
        alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]
        .mark_line(point=alt.OverlayMarkDef(color=BLUE, size=36), color=BLUE, strokeWidth=2)
        .encode(
            x=alt.X("run:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[max(0.0, low - room), high + room], nice=False)),
        )
        .properties(width=250, height=110)
    )
    return _drawn(chart, label)


def changes(rows: Sequence[dict[str, Any]], causes: Sequence[str], label: str) -> Markup:
    """Values before against values after, on log scales with the line of no change.

    Args:
        rows: ``before`` and ``after`` (above zero), ``cause`` (as it is to be read).
        causes: The causes in the order of their colours, six at most.
        label: What the picture says, for those who do not see it.
    """
    import altair as alt

    ends = [value for row in rows for value in (row["before"], row["after"])]
    span = [min(ends) / 1.5, max(ends) * 1.5]
    log = alt.Scale(type="log", domain=span, nice=False)
    axis = alt.Axis(format="~s", tickCount=5)
    x = alt.X("before:Q", title="上一版本 before", scale=log, axis=axis)
    y = alt.Y("after:Q", title="本版本 after", scale=log, axis=axis)
    colours = alt.Scale(domain=list(causes), range=[BLUE, AMBER, RED, GREEN, VIOLET, INK][: len(causes)])
    legend = alt.Legend(orient="bottom", title=None, columns=3)
    same = [{"before": end, "after": end} for end in span]
    diagonal = alt.Chart(alt.Data(values=same)).mark_line(color=SOFT, strokeDash=[4, 4]).encode(x=x, y=y)  # type: ignore[no-untyped-call]
    points = (
        alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]
        .mark_circle(size=54, opacity=0.75)
        .encode(x=x, y=y, color=alt.Color("cause:N", scale=colours, legend=legend))
    )
    return _drawn((diagonal + points).properties(width=330, height=260), label)


def _drawn(chart: Any, label: str) -> Markup:
    """A chart as SVG in the page's own colours, with its label."""
    import vl_convert

    chart = (
        chart.configure(background="transparent", font="sans-serif")
        .configure_axis(
            labelColor=SOFT, titleColor=SOFT, gridColor=LINE, domainColor=LINE, tickColor=LINE, titleFontWeight="normal"
        )
        .configure_legend(labelColor=INK)
        .configure_view(stroke=None)
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    for stand_in, name in INKS.items():
        svg = svg.replace(f'"{stand_in}"', f'"var(--{name})"')
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1))
