"""How many groups of completions would teach something, told from samples of each problem.

An objective that compares the completions of one problem learns nothing from a group in which all
were paid alike. Of a problem whose k samples were paid r_1 … r_k, of which n_v were paid v, a group
of G drawn without return is all alike with probability

    sum_v C(n_v, G) / C(k, G)

which is an unbiased estimate of what fresh groups of G do, as pass@k is (arXiv:2107.03374, eq. 1).
"""

from collections import Counter
from collections.abc import Sequence
from math import comb

from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.statistics.rates import share_of


def signal_of(paid: Sequence[float], size: int) -> float:
    """The probability that `size` completions of one problem are not all paid alike, in [0, 1].

    >>> signal_of([1.0, 0.0], 2), signal_of([1.0, 1.0, 1.0, 0.0], 2)
    (1.0, 0.5)

    Raises ValueError unless 2 <= size <= the number of samples.
    """
    if not 2 <= size <= len(paid):
        raise ValueError(f"groups of {size} cannot be drawn from {len(paid)} samples")
    alike = sum(comb(count, size) for count in Counter(paid).values())
    return 1 - alike / comb(len(paid), size)


def signal_share(problems: Sequence[Sequence[float]], size: int) -> Estimate:
    """The share of groups of `size` with a signal, over problems, with its interval.

    `problems[i]` holds what the samples of problem i were paid. Problems are the independent units.

    Raises ValueError without problems, or as `signal_of` does.
    """
    return share_of([signal_of(paid, size) for paid in problems])
