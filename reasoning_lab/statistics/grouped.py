"""The mean of rows that come in groups, with its interval, in memory that does not grow.

Several answers to one problem are not independent, so the interval is that of the groups. With
group sums S_g of n_g rows, N rows, G groups and the mean m = sum S_g / N of all rows:

    variance of m = G / (G - 1) x sum_g (S_g - n_g m)^2 / N^2,   t with G - 1 degrees of freedom

the clustered standard error of Miller (2024), "Adding Error Bars to Evals" (arXiv:2411.00640,
section 2.2), with the small-sample factor G / (G - 1): for groups of one row it is the usual
interval of a mean. Rows that can only be yes or no (1 or 0) and each stand alone get Wilson's
interval instead, and so do such groups whose rows are all alike, where the formula would give no
width. Whether rows are of that kind is said by who knows it, never guessed from the values: a
penalty of [-1, 0] that was never paid is 0 in every row too. Of other values that do not differ
from group to group nothing is known about how they vary, so there is no interval. Where the range
of the values is known the interval is cut to it, as `interval` explains.
"""

import math
from collections.abc import Sequence

from reasoning_lab.statistics.interval import Bounds, Estimate, exactly, proportion
from reasoning_lab.statistics.quantiles import t_quantile

ROUNDING = 1e-9  # of a weighted sum, in parts of its range


class Grouped:
    """Takes one group of values after the other; `n` of the estimate counts groups.

    `yes_no`: values are 0 or 1 by their nature, and the mean is a share. `bounds`: the least and
    the greatest possible value, where both are known.
    """

    def __init__(self, *, yes_no: bool = False, bounds: Bounds | None = None) -> None:
        self.rows = self.groups = 0
        self.total = 0.0
        self._yes_no = yes_no
        self.bounds = bounds
        self._alone = True
        self._shift: float | None = None
        # Sums over groups of T^2, nT and n^2 with T = S - n x shift: the shift, the first value,
        # keeps the difference of large numbers from losing its digits.
        self._tt = self._nt = self._nn = 0.0
        self._shifted = 0.0

    def add(self, values: Sequence[float]) -> None:
        """Count the rows of one more group; without values it is none."""
        if not values:
            return
        size = len(values)
        self._shift = values[0] if self._shift is None else self._shift
        whole = math.fsum(values)
        apart = math.fsum(value - self._shift for value in values)
        self.rows += size
        self.groups += 1
        self.total += whole
        self._shifted += apart
        self._tt += apart * apart
        self._nt += size * apart
        self._nn += size * size
        self._alone = self._alone and size == 1
        # Stored values may come from a term whose code was another then.
        self._yes_no = self._yes_no and all(value in (0.0, 1.0) for value in values)
        if self.bounds is not None and not _within(self.bounds, values):
            self.bounds = None

    def estimate(self, confidence: float = 0.95) -> Estimate:
        """The mean of all rows.

        Without an interval where there is one group, and where groups do not differ
        (`Estimate.is_constant` tells these apart), but for a yes or no, see above.

        Raises ValueError without any rows.
        """
        if not self.rows or self._shift is None:
            raise ValueError("the mean of no values is undefined")
        mean = self.total / self.rows
        if self._yes_no and (self._alone or self.total in (0, self.rows)):
            like = round(self.total) if self._alone else (self.groups if self.total else 0)
            return proportion(like, self.groups, confidence)
        if self.groups < 2:
            return exactly(mean, self.groups)
        m = self._shifted / self.rows
        squares = max(0.0, self._tt - 2 * m * self._nt + m * m * self._nn)
        if not squares:
            return exactly(mean, self.groups)
        variance = self.groups / (self.groups - 1) * squares / self.rows**2
        half = t_quantile(0.5 + confidence / 2, self.groups - 1) * math.sqrt(variance)
        found = Estimate(value=mean, low=mean - half, high=mean + half, n=self.groups)
        bounds = (0.0, 1.0) if self._yes_no else self.bounds
        return found if bounds is None else found.cut(bounds)


def _within(bounds: Bounds, values: Sequence[float]) -> bool:
    """Whether all values lie within the range, but for rounding."""
    slack = ROUNDING * max(1.0, *map(abs, bounds))
    return bounds[0] - slack <= min(values) and max(values) <= bounds[1] + slack
