"""Intervals side by side as a drawing: where each lies between the ends of an axis.

What is drawn are places in units of the drawing; the template turns them into SVG, whose colours
are the page's own, so that one drawing serves a light and a dark page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reasoning_lab.statistics.interval import Estimate

WIDTH, ROW, LABELS, EDGE = 640, 26, 150, 24
"""Units of the drawing: its width, the height of a row, the room for labels, and the right edge."""
TICKS = 5  # at most about so many
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Mark:
    """One interval: its label, its middle and ends along the axis, and a class for its colour."""

    label: str
    y: float
    x: float
    low: float
    high: float
    kind: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A whole drawing: marks, ticks as (place, text), and where zero lies, if it lies inside."""

    height: float
    marks: list[Mark]
    ticks: list[tuple[float, str]]
    zero: float | None


def lay_out(rows: Sequence[tuple[str, Estimate, str]], *, signed: bool) -> Axis:
    """The drawing of shares in [0, 1], or of differences of shares; each row is a label, its
    estimate, and its class.

    >>> rise = Estimate(value=0.1, low=0.0, high=0.2, n=9)
    >>> axis = lay_out([("b - a", rise, "better")], signed=True)
    >>> [text for _, text in axis.ticks]
    ['0', '+5', '+10', '+15', '+20']
    """
    ends = [_ends(estimate) for _, estimate, _ in rows]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if signed:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-9:
        low, high = low - 0.05, high + 0.05
    step = _step((high - low) / TICKS)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    low, high = first * step, last * step

    def place(value: float) -> float:
        return round(LABELS + (value - low) / (high - low) * (WIDTH - LABELS - EDGE), 1)

    marks = [
        Mark(label, ROW * (number + 0.7), place(estimate.value), place(a), place(b), kind)
        for number, ((label, estimate, kind), (a, b)) in enumerate(zip(rows, ends, strict=True))
    ]
    ticks = [(place(n * step), _text(n * step, signed=signed)) for n in range(first, last + 1)]
    zero = place(0.0) if signed else None
    return Axis(ROW * (len(rows) + 1.6), marks, ticks, zero)


def _ends(estimate: Estimate) -> tuple[float, float]:
    low = estimate.value if estimate.low is None else estimate.low
    return low, estimate.value if estimate.high is None else estimate.high


def _step(about: float) -> float:
    """The round number next above."""
    size = 10.0 ** math.floor(math.log10(about))
    return next(step * size for step in _STEPS if step * size >= about * (1 - 1e-9))


def _text(value: float, *, signed: bool) -> str:
    points = round(100 * value, 6)
    return "0" if abs(points) < 1e-6 else f"{points:+g}" if signed else f"{points:g} %"
