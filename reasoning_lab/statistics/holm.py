"""P-values of several comparisons at once, adjusted so that none is found by looking often enough.

Holm (1979), Scandinavian Journal of Statistics 6:65-70: the smallest of m p-values counts m-fold,
the next (m - 1)-fold, and so on, and none less than the one before it. Whatever depends on
whatever, the chance of a single false finding among all of them stays below the level that the
adjusted values are held against.
"""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """The adjusted p-values, in the order of the given ones; each in [0, 1], at least its own.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]

    Raises ValueError for what is no probability.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError(f"a p-value lies in [0, 1], got {list(p_values)}")
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted
