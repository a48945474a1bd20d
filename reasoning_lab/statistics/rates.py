"""Shares over problems, each with the interval that holds what it promises there.

The rule, for n problems and a share p (`experiments/intervals.md` has its measured coverage):

- every problem says yes or no, n p (1 - p) >= ENOUGH: Wilson's score interval (`interval`);
- every problem says yes or no, fewer: the exact one of Clopper and Pearson (1934), Biometrika
  26:404-413, which never covers less than it promises;
- problems have shares of their own (several answers each), n p (1 - p) >= ENOUGH: the bootstrap
  over problems (`bootstrap`);
- the same, fewer: the quantiles of Clopper and Pearson at the broken number n p of successes, as if
  all answers to a problem were alike. It is the widest that shares of n problems can ask for.
"""

from collections.abc import Sequence

from reasoning_lab.statistics.bootstrap import bootstrap_mean
from reasoning_lab.statistics.interval import Estimate, proportion
from reasoning_lab.statistics.quantiles import beta_quantile

ENOUGH = 5.0
"""n p (1 - p) from which on an interval that is right for many problems is taken."""
_ROUNDING = 1e-12


def share_of(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """The mean of one share in [0, 1] per problem, with its interval; `n` counts problems.

    >>> found = share_of([0.0] * 20)
    >>> found.value, found.low, round(found.high, 3)
    (0.0, 0.0, 0.168)

    Raises ValueError without values, or with one outside of [0, 1].
    """
    if not values or min(values) < 0 or max(values) > 1:
        raise ValueError("need values, each in [0, 1]")
    n, total = len(values), sum(values)
    if total * (1 - total / n) < ENOUGH:
        return exact_share(total, n, confidence)
    if all(value in (0.0, 1.0) for value in values):
        return proportion(round(total), n, confidence)
    if max(values) - min(values) < _ROUNDING:  # a resample of equals would show no spread
        return exact_share(total, n, confidence)
    return bootstrap_mean(values, confidence)


def exact_share(successes: float, n: int, confidence: float = 0.95) -> Estimate:
    """The share of `successes` in n, with the interval of Clopper and Pearson.

    A broken number of successes lies between its neighbours. Raises ValueError unless
    0 <= successes <= n and n >= 1.
    """
    if n < 1 or not 0 <= successes <= n + _ROUNDING:
        raise ValueError(f"need 0 <= successes <= n and n >= 1, got {successes} of {n}")
    tail, x = (1 - confidence) / 2, min(successes, n)
    low = beta_quantile(tail, x, n - x + 1) if x > _ROUNDING else 0.0
    high = beta_quantile(1 - tail, x + 1, n - x) if n - x > _ROUNDING else 1.0
    return Estimate(value=x / n, low=low, high=high, n=n)
