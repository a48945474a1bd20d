"""How far two rankings of the same things agree."""

import math
from collections.abc import Sequence


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value from 1, equal values sharing the mean of their ranks.

    >>> ranks([30.0, 10.0, 10.0])
    [3.0, 1.5, 1.5]
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            found[place] = (start + 1 + end) / 2
        start = end
    return found


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rank correlation in [-1, 1], ties at their mean rank (Spearman 1904).

    1: the same order; 0: none of one is in the other; -1: turned round. None where one of them
    has no order, all its values being equal.

    Raises ValueError if the two differ in length.

    >>> spearman([1.0, 2.0, 3.0], [10.0, 20.0, 15.0])
    0.5
    """
    if len(first) != len(second):
        raise ValueError(f"not the same things: {len(first)} and {len(second)}")
    middle = (len(first) + 1) / 2
    a = [rank - middle for rank in ranks(first)]
    b = [rank - middle for rank in ranks(second)]
    widths = math.fsum(x * x for x in a) * math.fsum(y * y for y in b)
    if widths == 0:
        return None
    return math.fsum(x * y for x, y in zip(a, b, strict=True)) / math.sqrt(widths)
