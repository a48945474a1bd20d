"""Advantages: how much better a completion did than the others of its problem.

    advantage_i = (r_i - mean of its group) / (spread + 1e-4)
    advantage_i = r_i - mean of the others of its group          (`leave_one_out`)

`spread` is the sample standard deviation (with Bessel's correction) of the group, or of the whole
batch, or the division is left out; these are `scale_rewards` = `group` (arXiv:2402.03300), `batch`
(arXiv:2508.08221) and `none` (Dr. GRPO, arXiv:2503.20783) of TRL 1.16, which computes the same in
float32. RLOO (arXiv:2402.14740) has the second form. Groups are told apart by their keys.
"""

import math
from collections.abc import Hashable, Sequence
from statistics import fmean

from reasoning_lab.schema.stages.reinforcing import Advantages

EPSILON = 1e-4


def advantages(
    totals: Sequence[float | None], groups: Sequence[Hashable], *, scale: Advantages
) -> list[float | None]:
    """The advantage of each completion of a batch; None for one that nothing scored.

    TRL leaves an unscored completion out of all means and gives it an advantage of 0, as it does
    to all where the spread is that of a single scored completion, or where there are no others.

    >>> advantages([1.0, 0.0, None], ["a", "a", "a"], scale="none")
    [0.5, -0.5, None]
    """
    scored: dict[Hashable, list[float]] = {}
    for total, group in zip(totals, groups, strict=True):
        if total is not None:
            scored.setdefault(group, []).append(total)
    means = {group: fmean(values) for group, values in scored.items()}
    whole = spread([total for total in totals if total is not None])
    spreads = {g: whole if scale == "batch" else spread(v) for g, v in scored.items()}
    result: list[float | None] = []
    for total, group in zip(totals, groups, strict=True):
        if total is None:
            result.append(None)
        elif scale == "none":
            result.append(total - means[group])
        elif scale == "leave_one_out":
            others = len(scored[group]) - 1
            rest = math.fsum(scored[group]) - total
            result.append(total - rest / others if others else 0.0)
        else:
            divisor = spreads[group]
            result.append(0.0 if divisor is None else (total - means[group]) / (divisor + EPSILON))
    return result


def no_signal(totals: Sequence[float | None]) -> bool:
    """Whether a group's scored totals are all alike, or fewer than two: it teaches nothing."""
    scored = [total for total in totals if total is not None]
    return len(scored) < 2 or math.isclose(min(scored), max(scored), abs_tol=1e-8)


def spread(values: Sequence[float]) -> float | None:
    """The sample standard deviation (n - 1); None of fewer than two values."""
    if len(values) < 2:
        return None
    mean = fmean(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
