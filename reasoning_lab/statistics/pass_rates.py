"""How hard problems are for a model: pass rates in bands."""

from collections.abc import Sequence

BANDS = (
    ("never", 0.0, 0.0),
    ("up to 10 %", 0.0, 0.1),
    ("10 to 30 %", 0.1, 0.3),
    ("30 to 70 %", 0.3, 0.7),
    ("70 to 90 %", 0.7, 0.9),
    ("over 90 %", 0.9, 1.0),
    ("always", 1.0, 1.0),
)
"""Pass rates: above the first number up to the second; the ends are bands of their own."""


def bands(rates: Sequence[float]) -> list[tuple[str, int]]:
    """How many problems have a pass rate in each band.

    >>> [count for _, count in bands([0.0, 0.05, 0.1, 0.5, 1.0])]
    [1, 2, 0, 1, 0, 0, 1]
    """
    found = []
    for name, low, high in BANDS:
        ends = low == high
        inside = [r for r in rates if (r == low if ends else low < r <= high and r < 1)]
        found.append((name, len(inside)))
    return found
