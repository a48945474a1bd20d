"""Whether two runs differ on the same problems: tests for pairs, and how many problems they need.

Only problems on which the two differ say anything, so a test for pairs looks at nothing else:

- One answer a problem, right or wrong: McNemar (1947), Psychometrika 12:153-157. Of the problems
  that only one of the two has right, each side has half, if the runs are alike. Up to
  `EXACT_UP_TO` such problems the two-sided binomial probability is taken, which never errs more
  often than its level; beyond that the mid-p (half of the probability of what was seen),
  which is as safe in practice and less timid (Fagerland, Lydersen and Laake (2013), BMC Medical
  Research Methodology 13:91).
- Several answers a problem, or answers that may be partly right: the mean difference of the
  problems by a studentised bootstrap over problems (Efron and Tibshirani (1993), "An Introduction
  to the Bootstrap", sections 12.5 and 16.4). The answers to one problem stay together, since they
  are not independent of each other.

An unpaired test of two rates throws the pairs away and finds less: `experiments/paired.md`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reasoning_lab.statistics.quantiles import normal_quantile

EXACT_UP_TO = 25
"""Problems that only one run has right, up to which McNemar's test is exact."""
RESAMPLES = 10_000
"""Draws of a bootstrap: a p-value of 0.05 is then known to within 0.004, 19 times of 20."""
_AT_ONCE = 2_000_000  # numbers that are drawn at one time
_ALIKE = 1e-12  # apart, differences are equal but for rounding

TestName = Literal["McNemar, exact", "McNemar, mid-p", "bootstrap over problems"]


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A two-sided test of "both are alike": its name, and its p-value in [0, 1]."""

    name: TestName
    p: float


def mcnemar(lost: int, gained: int) -> PairedTest:
    """McNemar's test of the problems that only the first run has right, and only the second.

    >>> mcnemar(1, 9)
    PairedTest(name='McNemar, exact', p=0.021484375)

    Raises ValueError for a negative number.
    """
    if min(lost, gained) < 0:
        raise ValueError(f"need numbers of problems, got {lost} and {gained}")
    discordant, fewer = lost + gained, min(lost, gained)
    ways = 1  # of choosing the problems of the rarer side
    below = 0
    for number in range(fewer):
        below += ways
        ways = ways * (discordant - number) // (number + 1)
    if discordant <= EXACT_UP_TO:
        return PairedTest("McNemar, exact", min(1.0, 2 * (below + ways) / 2**discordant))
    return PairedTest("McNemar, mid-p", (2 * below + ways) / 2**discordant)


def bootstrap(differences: Sequence[float], *, seed: int) -> PairedTest:
    """The studentised bootstrap of a mean difference, one value a problem.

    The problems are drawn again with replacement, `RESAMPLES` times; p is the share of draws whose
    mean lies as far from that of all problems, in its own standard errors, as that lies from zero.
    The draws depend on the seed and on the values, not on their order or sign. Where all problems
    moved alike nothing can be drawn: then it is the sign test of so many.

    Raises ValueError without values or with one that is not finite.
    """
    if not differences or not all(map(math.isfinite, differences)):
        raise ValueError("a difference needs problems, and a finite value for each")
    n, mean = len(differences), math.fsum(differences) / len(differences)
    if max(differences) - min(differences) <= _ALIKE:
        p = 1.0 if abs(mean) <= _ALIKE else min(1.0, 2 * 0.5**n)
        return PairedTest("bootstrap over problems", p)
    if abs(mean) <= _ALIKE:
        return PairedTest("bootstrap over problems", 1.0)
    # Drawn from the values of one sign, so that the second against the first is the same test.
    beyond = _beyond([value if mean > 0 else -value for value in differences], abs(mean), seed)
    return PairedTest("bootstrap over problems", (beyond + 1) / (RESAMPLES + 1))


def _beyond(values: Sequence[float], mean: float, seed: int) -> int:
    """How many draws lie as far from the mean as that lies from zero."""
    # Half a second to import, and half of all comparisons do without.
    import numpy as np

    n = len(values)
    kinds, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
    shifted = kinds - mean
    draws = np.random.default_rng(seed)
    error = math.sqrt(float(counts @ shifted**2) / (n - 1) / n)
    found, left = 0, RESAMPLES
    while left:
        size = min(left, max(1, _AT_ONCE // len(kinds)))
        drawn = draws.multinomial(n, counts / n, size=size)
        means = drawn @ shifted / n
        variances = np.maximum(drawn @ shifted**2 - n * means**2, 0.0) / (n - 1) / n
        # Multiplied out, since a draw may hold one value alone and have no error of its own.
        far = np.abs(means) * error >= mean * np.sqrt(variances) * (1 - _ALIKE)
        found += int(np.count_nonzero(far & (np.abs(means) > _ALIKE)))
        left -= size
    return found


def problems_needed(
    differences: Sequence[float], *, level: float = 0.05, power: float = 0.8
) -> int | None:
    """Problems in all that would show a difference as large as this one; None where there is none.

    With the mean d and the mean square s of the differences, one value a problem,

        n = (z(1 - level / 2) sqrt(s) + z(power) sqrt(s - d^2))^2 / d^2

    which for right and wrong answers is Connor (1987), Biometrics 43:207-211: there s is the share
    of problems on which the two differ. A plan, no promise: the true difference is not known, only
    the one that was seen.

    >>> problems_needed([1] * 32 + [-1] * 14 + [0] * 174)
    243

    Raises ValueError without differences.
    """
    if not differences:
        raise ValueError("a difference needs problems")
    n = len(differences)
    mean = math.fsum(differences) / n
    if abs(mean) <= _ALIKE:
        return None
    square = math.fsum(value * value for value in differences) / n
    apart = normal_quantile(1 - level / 2) * math.sqrt(square)
    apart += normal_quantile(power) * math.sqrt(max(0.0, square - mean * mean))
    return math.ceil((apart / mean) ** 2 - _ALIKE)
