"""Estimates with 95 % confidence intervals: rates, means, paired differences.

Sources: Wilson (1927), JASA 22:209-212, for a rate; Student's t over problems for a mean and for
a paired difference, as in Miller (2024), "Adding Error Bars to Evals" (arXiv:2411.00640), which
treats the problem as the unit and compares two models by their per-problem differences. Several
answers to one problem are averaged first, so `n` counts problems, never samples.

A t-interval knows no range: of few or skewed values it ends above the greatest possible mean or
below the least (the overshoot of Newcombe (1998), Statistics in Medicine 17:857-872). Where the
range is known the interval is cut to it. What is cut off cannot hold the mean, so the interval
covers it exactly as often as before. A percentile or BCa bootstrap stays within the values seen by
itself, but is narrower still for few problems (Hesterberg (2015), The American Statistician
69:371-386) and needs a seed.

Clustered standard errors, for rows that come in groups, are in `grouped`. Not covered: corrections
for looking at many runs at once.
"""

import math
from collections.abc import Sequence

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.statistics.quantiles import normal_quantile, t_quantile

Bounds = tuple[float, float]
"""The least and the greatest value that a quantity can have."""

_ALIKE = 1e-12  # apart, differences are equal but for rounding


class Estimate(Strict):
    """A measured value, its interval and the number of problems behind it.

    `low` and `high` are None where no interval can be given (fewer than two problems, values that
    never vary, or a quantity such as a maximum); `n` is None where counting problems makes no
    sense. `unmoved`: a paired difference of which every single one is zero; its interval says how
    many might have moved all the same.
    """

    value: float
    low: float | None
    high: float | None
    n: int | None
    # Written only where it is true, which is seldom.
    unmoved: bool = Field(default=False, exclude_if=lambda found: not found)

    @property
    def is_constant(self) -> bool:
        """Whether it is the mean of several values that are all alike."""
        return self.low is None and self.high is None and self.n is not None and self.n > 1

    def cut(self, bounds: Bounds) -> "Estimate":
        """The same with its interval cut to the possible range, but never past the value."""
        if self.low is None or self.high is None:
            return self
        low = max(self.low, min(bounds[0], self.value))
        return self.model_copy(
            update={"low": low, "high": min(self.high, max(bounds[1], self.value))}
        )


def exactly(value: float, n: int | None = None) -> Estimate:
    """A value without an interval: a reading, or a mean of which nothing more is known."""
    return Estimate(value=value, low=None, high=None, n=n)


def proportion(successes: int, n: int, confidence: float = 0.95) -> Estimate:
    """Share of `n` independent yes/no outcomes, with Wilson's score interval.

    Centre (p + z²/2n) / (1 + z²/n), half width z·sqrt(p(1-p)/n + z²/4n²) / (1 + z²/n). Unlike
    p ± z·se it stays within [0, 1] and has a width when every outcome is alike.

    Raises ValueError unless 0 <= successes <= n and n >= 1.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"need 0 <= successes <= n and n >= 1, got {successes} of {n}")
    z = normal_quantile(0.5 + confidence / 2)
    p = successes / n
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    # Exact at the ends: the formula gives 0 and 1 there but for rounding.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Estimate(value=p, low=low, high=high, n=n)


def mean_interval(
    values: Sequence[float], confidence: float = 0.95, bounds: Bounds | None = None
) -> Estimate:
    """Mean of one value per problem, with a t-interval over problems (n - 1 degrees of freedom).

    For several samples per problem pass each problem's own mean: the samples of one problem are
    not independent, the problems are. `bounds` cuts the interval to the possible range, such as
    (0, 1) for rates. One value has no interval. Nor have several that are all equal: they say
    nothing of how the quantity varies (`Estimate.is_constant`). For plain yes/no outcomes
    `proportion` does better.

    Raises ValueError without values or with one that is not finite.
    """
    found = _t_interval(values, confidence)
    if found.n != 1 and min(values) == max(values):
        return exactly(values[0], found.n)
    return found if bounds is None else found.cut(bounds)


def _t_interval(values: Sequence[float], confidence: float) -> Estimate:
    """The mean with its t-interval, which has no width where all values are equal."""
    if not values:
        raise ValueError("the mean of no values is undefined")
    if not all(math.isfinite(value) for value in values):
        raise ValueError("every value must be a finite number")
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return exactly(mean, n)
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = t_quantile(0.5 + confidence / 2, n - 1) * math.sqrt(variance / n)
    return Estimate(value=mean, low=mean - half, high=mean + half, n=n)


def paired_difference(
    before: Sequence[float],
    after: Sequence[float],
    confidence: float = 0.95,
    bounds: Bounds | None = None,
) -> Estimate:
    """Mean of `after - before` on the same problems in the same order, with a t-interval.

    Pairing removes the spread between easy and hard problems, so it is narrower than comparing
    two separate intervals (arXiv:2411.00640, section 4.2). A t-interval rather than a bootstrap:
    with hundreds of differences within [-1, 1] the two agree, and this one needs no seed.
    `bounds` is the possible range of a difference, such as (-1, 1) of rates.

    Raises ValueError if the two differ in length or are empty.
    """
    if len(before) != len(after):
        raise ValueError(f"not the same problems: {len(before)} before, {len(after)} after")
    differences = [new - old for old, new in zip(before, after, strict=True)]
    return difference_interval(differences, confidence, bounds)


def difference_interval(
    differences: Sequence[float], confidence: float = 0.95, bounds: Bounds | None = None
) -> Estimate:
    """The mean of differences that were taken problem by problem; see `paired_difference`.

    Where every problem moved alike, or none moved, a t-interval has no width, however few they are.
    Within `bounds` it is then what so many alike leave open: up to 1 - (α/2)^(1/n) of all problems
    may move otherwise (Clopper and Pearson (1934), Biometrika 26:404-413, for 0 of n), as far as
    the bounds allow. Two problems that both improve show nothing, six do: as a sign test has it.

    >>> found = difference_interval([0.0] * 200, bounds=(-1.0, 1.0))
    >>> round(found.low, 3), round(found.high, 3)
    (-0.018, 0.018)

    Raises ValueError without differences or with one that is not finite.
    """
    found = _t_interval(differences, confidence)
    unmoved = max(map(abs, differences)) <= _ALIKE
    found = found.model_copy(update={"unmoved": unmoved})
    if bounds is None:
        return found
    if found.low is not None and max(differences) - min(differences) <= _ALIKE:
        others = 1 - ((1 - confidence) / 2) ** (1 / len(differences))
        ends = [found.value + others * (end - found.value) for end in bounds]
        return found.model_copy(update={"low": ends[0], "high": ends[1]})
    return found.cut(bounds)


def distinguishable(difference: Estimate) -> bool:
    """Whether the interval of a difference excludes zero.

    Without an interval nothing is distinguishable. An interval of no width (of a quantity without
    known bounds, where every problem moved alike) is taken at its word.
    """
    if difference.low is None or difference.high is None:
        return False
    return difference.low > 0 or difference.high < 0
