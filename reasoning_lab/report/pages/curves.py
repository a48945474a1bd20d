"""A panel of curves as inline SVG, drawn by matplotlib without a display.

Colours are written as CSS variables and `currentColor`, so that one picture serves a light and a
dark page; letters stay text, so that it is small and can be searched.
"""

import io
import re
from typing import TYPE_CHECKING

from reasoning_lab.report.pages.panels import Panel, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES_COLOURS = 6
# As wide as a phone shows it, and as half of a page: letters are read at about their own size.
INCHES = (4.0, 2.3)
# Left, bottom, width, height as shares of the drawing: all panels' axes begin at one place.
PLACE = (0.14, 0.21, 0.83, 0.74)
SMOOTHED_OVER = 15  # neighbours in the running mean, for curves with many points
TICKS = 6  # of the steps, at most
FLAT = 1e-6  # what differs by less is drawn as one height: it is float32's rounding

# matplotlib wants real colours; these stand for CSS ones and are replaced in the SVG.
_INK, _GRID = "#010203", "#040506"
_STAND_INS = [f"#0{number}0a0b" for number in range(1, SERIES_COLOURS + 1)]
_GROUP_ID = re.compile(r'<g id="[^"]*">')


def draw(panel: Panel, steps: tuple[float, float] | None = None) -> str:
    """The panel as an `<svg>` element: safe to inline, the same bytes for the same data.

    `steps` are the first and last step of the axis; None leaves that to the data.
    """
    # matplotlib takes half a second to import and a terminal run may never draw.
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": panel.title,
        "text.parse_math": False,
        "font.family": "sans-serif",
        "font.size": 9.5,
        "text.color": _INK,
        "axes.labelcolor": _INK,
        "axes.edgecolor": _GRID,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=INCHES)
        figure.patch.set_alpha(0)
        axes = figure.add_axes(PLACE)
        _plot(axes, panel)
        if steps is not None and steps[0] < steps[1]:
            margin = 0.02 * (steps[1] - steps[0])
            axes.set_xlim(steps[0] - margin, steps[1] + margin)
        # Set last, since limits choose their own; half a step does not exist.
        axes.xaxis.set_major_locator(MaxNLocator(TICKS, integer=True))
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return _inline(buffer.getvalue())


def _plot(axes: "Axes", panel: Panel) -> None:
    axes.patch.set_alpha(0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="y", color=_GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel(panel.along)
    # No exponent and no offset in a corner: a tick says the whole number.
    axes.ticklabel_format(style="plain", useOffset=False)
    for series, colour in zip(panel.series, _STAND_INS, strict=False):
        _curve(axes, series, colour)
    if panel.is_share:
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(lambda value, _place: f"{100 * value:.0f} %")
    if panel.from_zero:
        axes.set_ylim(bottom=0)


def _curve(axes: "Axes", series: Series, colour: str) -> None:
    steps, values = series.steps, _leveled(series.values)
    if series.intervals is not None:
        ends = zip(values, series.intervals, strict=True)
        around = [(max(0.0, value - low), max(0.0, high - value)) for value, (low, high) in ends]
        axes.errorbar(
            steps, values, yerr=[*zip(*around, strict=True)], color=colour, marker="o",
            markersize=4, linewidth=1.4, elinewidth=1, capsize=3,
        )  # fmt: skip
        return
    if not is_smoothed(series):
        axes.plot(steps, values, color=colour, linewidth=1.6)
        return
    axes.plot(steps, values, color=colour, linewidth=0.8, alpha=0.3)
    axes.plot(steps, _smooth(values), color=colour, linewidth=1.8)


def is_smoothed(series: Series) -> bool:
    """Whether the running mean is drawn over the values."""
    return series.intervals is None and len(series.values) >= 2 * SMOOTHED_OVER


def _leveled(values: list[float]) -> list[float]:
    """The values; where they are alike but for rounding, their mean, and 0 for what is all but 0.

    An axis stretched to rounding would make a mountain of nothing.
    """
    if max(values) - min(values) >= FLAT:
        return values
    mean = sum(values) / len(values)
    return [0.0 if abs(mean) < FLAT else mean] * len(values)


def _smooth(values: list[float]) -> list[float]:
    """Centred running mean; the window shrinks at the ends."""
    half = SMOOTHED_OVER // 2
    windows = (values[max(0, place - half) : place + half + 1] for place in range(len(values)))
    return [sum(window) / len(window) for window in windows]


def _inline(document: str) -> str:
    svg = document[document.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = _GROUP_ID.sub("<g>", svg)
    for number, colour in enumerate(_STAND_INS, start=1):
        svg = svg.replace(colour, f"var(--series-{number})")
    svg = svg.replace(_INK, "currentColor").replace(_GRID, "var(--line)")
    # The page decides the width; the drawing keeps its proportions by its viewBox.
    for side in ("height", "width"):
        svg = re.sub(rf'(<svg[^>]*?) {side}="[^"]*"', r"\1", svg, count=1)
    return svg
