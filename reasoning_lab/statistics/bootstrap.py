"""The bootstrap over problems: an interval of a mean of one value per problem, by resampling these.

Several answers to one problem are not independent, the problems are; so whole problems are drawn
again, each with all of its answers (a cluster bootstrap). The interval is BCa, bias-corrected and
accelerated (Efron (1987), JASA 82:171-185; Efron and Tibshirani (1993), chapter 14), whose
acceleration is that of the mean, sum d^3 / (6 (sum d^2)^1.5) over deviations d. `percentile` takes
the plain quantiles instead. The seed is fixed: the same values give the same interval.
"""

from collections.abc import Sequence
from typing import Literal

from reasoning_lab.statistics.interval import Estimate, exactly
from reasoning_lab.statistics.quantiles import normal_cdf, normal_quantile

RESAMPLES = 4000
SEED = 20_261_130
_AT_ONCE = 2**22
"""Numbers drawn at once, which bounds the memory."""

Kind = Literal["bca", "percentile"]


def bootstrap_mean(
    values: Sequence[float], confidence: float = 0.95, kind: Kind = "bca", seed: int = SEED
) -> Estimate:
    """The mean of one value per problem, with its bootstrap interval over problems.

    Without an interval where there is one value, or all are equal: nothing says how they vary.
    Raises ValueError without values or with one that is not finite.
    """
    # It takes a tenth of a second to import, which commands that only look need not wait for.
    import numpy as np

    found = np.asarray(values, dtype=float)
    if not found.size or not np.isfinite(found).all():
        raise ValueError("need values, each a finite number")
    mean = float(found.mean())
    if found.size == 1 or found.min() == found.max():
        return exactly(mean, found.size)
    draw, means, n = np.random.default_rng(seed), np.empty(RESAMPLES), found.size
    step = max(1, _AT_ONCE // n)
    for start in range(0, RESAMPLES, step):
        rows = min(step, RESAMPLES - start)
        means[start : start + rows] = found[draw.integers(0, n, (rows, n))].mean(axis=1)
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    if kind == "bca":
        # Of a mean that is one of few values, half of the equals lie below.
        below = float((means < mean).mean() + (means == mean).mean() / 2)
        off = found - mean
        skew = float((off**3).sum() / (6 * (off**2).sum() ** 1.5))
        tails = _adjusted(tails, below, skew)
    low, high = (float(end) for end in np.quantile(means, tails))
    return Estimate(value=mean, low=min(low, mean), high=max(high, mean), n=n)


def _adjusted(tails: tuple[float, float], below: float, skew: float) -> tuple[float, float]:
    """The quantiles to take: corrected for bias, and for a spread that changes with the mean."""
    edge = 0.5 / RESAMPLES
    bias = normal_quantile(min(max(below, edge), 1 - edge))

    def moved(tail: float) -> float:
        z = bias + normal_quantile(tail)
        return normal_cdf(bias + z / (1 - skew * z))

    return moved(tails[0]), moved(tails[1])
