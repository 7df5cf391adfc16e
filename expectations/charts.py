"""Charts: small pictures as inline SVG, drawn by hand for the run report, by Altair for the history.

A bar needs four numbers; drawing it here costs microseconds, where the first Altair chart costs half a second of a run
that takes ten. The history is drawn rarely and has axes, so Altair, which Great Expectations brings, draws that.
Nothing here carries a style: colours come from the page's classes, so that they follow light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape


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


def history_chart(rows: Sequence[dict[str, Any]]) -> Markup:
    """Lines of quality over runs, one panel a measure.

    Args:
        rows: ``run`` (place of the run, from 1), ``measure`` and ``value``.
    """
    import altair as alt
    import vl_convert

    line = (
        alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]
        .mark_line(point=True)
        .encode(
            x=alt.X("run:O", title="运行 run"),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
        )
        .properties(width=300, height=140)
        .facet(alt.Facet("measure:N", title=None), columns=2)
        .resolve_scale(y="independent")
        .configure(background="white", font="sans-serif")
    )
    return Markup(vl_convert.vegalite_to_svg(line.to_dict()))
