"""Quantiles of the normal, Student's t and the beta distribution, without SciPy.

`scipy.stats` takes a second to import, too dear for `--help` and for reading a manifest. The
others are found by bisection on the exact distribution function, which is the regularised
incomplete beta function (Numerical Recipes, 3rd ed., sections 6.4 and 6.14.3; continued fraction
by Lentz's method). The tests hold it against SciPy to 1e-9.
"""

import math
from functools import lru_cache
from statistics import NormalDist

_TINY = 1e-300


def normal_quantile(p: float) -> float:
    """The z with P(Z <= z) = p for a standard normal Z, 0 < p < 1.

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    return NormalDist().inv_cdf(p)


def normal_cdf(z: float) -> float:
    """P(Z <= z) for a standard normal Z.

    >>> round(normal_cdf(1.959964), 6)
    0.975
    """
    return NormalDist().cdf(z)


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: int) -> float:
    """The t with P(T <= t) = p for Student's T with `df` >= 1 degrees of freedom, 0.5 <= p < 1.

    >>> round(t_quantile(0.975, 10), 4)
    2.2281
    """
    if not 0.5 <= p < 1 or df < 1:
        raise ValueError(f"need 0.5 <= p < 1 and df >= 1, got p={p}, df={df}")
    high = 1.0
    while _t_cdf(high, df) < p:
        high *= 2
    low = 0.0
    while high - low > 1e-13 * max(high, 1.0):
        middle = (low + high) / 2
        if _t_cdf(middle, df) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=65536)
def beta_quantile(p: float, a: float, b: float) -> float:
    """The x with P(X <= x) = p for a beta distributed X, 0 < p < 1; `a` and `b` above 0.

    >>> round(beta_quantile(0.5, 2, 1), 6)
    0.707107
    """
    if not 0 < p < 1 or min(a, b) <= 0:
        raise ValueError(f"need 0 < p < 1 and a, b > 0, got p={p}, a={a}, b={b}")
    low, high = 0.0, 1.0
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if _beta(a, b, middle) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _t_cdf(t: float, df: int) -> float:
    """P(T <= t) for t >= 0. Of the two equal forms the one without cancellation is used."""
    square = t * t
    if square < df:
        return 0.5 + 0.5 * _beta(0.5, df / 2, square / (df + square))
    return 1 - 0.5 * _beta(df / 2, 0.5, df / (df + square))


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), 0 <= x <= 1."""
    if x in (0.0, 1.0):
        return x
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log_front + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of I_x(a, b); it converges in O(sqrt(max(a, b))) steps."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 200 + int(10 * math.sqrt(max(a, b)))):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            return value
    raise ArithmeticError(f"incomplete beta function did not converge: a={a}, b={b}, x={x}")


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
