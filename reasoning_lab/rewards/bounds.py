"""The range of a total, from the ranges that its terms declare."""

from __future__ import annotations

from collections.abc import Iterable

from reasoning_lab.statistics.interval import Bounds


def total_bounds(paid: Iterable[tuple[float, bool, Bounds | None]]) -> Bounds | None:
    """Least and greatest total of terms given as (weight, gated, range); None if one is unknown.

    Since terms that do not apply leave their weight to the others (`rewards.compose`), a total over
    the sum of all |w| is a mean of values of any of the terms, with the sign of their weights; a
    closed gate makes a value 0. Terms of weight 0 do not count.

    >>> total_bounds([(1.0, False, (0.0, 1.0)), (0.5, True, (0.0, 1.0))])
    (0.0, 1.5)
    >>> total_bounds([(-2.0, False, (0.0, 1.0))])
    (-2.0, 0.0)
    """
    whole = 0.0
    ends: list[float] = []
    for weight, gated, bounds in paid:
        if not weight:
            continue
        if bounds is None:
            return None
        whole += abs(weight)
        ends += [end if weight > 0 else 0.0 - end for end in bounds]
        ends += [0.0] * gated
    return (whole * min(ends), whole * max(ends)) if ends else None
