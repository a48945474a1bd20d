"""Why pairs: the same 220 answers by an unpaired test and by a paired one.

    python experiments/paired_example.py

The table is constructed, not measured: it shows what a test does, not what a model does. Two runs
answered the same 220 problems; 66 both have right, 14 only the first, 32 only the second, 108
neither. Its p-values are those of EleutherAI/lm-evaluation-harness#3868, where an unpaired test of
synthetic data said 0.080 and McNemar's 0.008.
"""

import math
from statistics import NormalDist

from reasoning_lab.statistics.interval import paired_difference, proportion
from reasoning_lab.statistics.paired import mcnemar

BOTH, LOST, GAINED, NEITHER = 66, 14, 32, 108
"""Problems right in both runs, only in the first, only in the second, and in neither: made up."""


def answers() -> tuple[list[float], list[float]]:
    """Right (1) or wrong (0), problem by problem, of the first and of the second run."""
    first = [1.0] * (BOTH + LOST) + [0.0] * (GAINED + NEITHER)
    second = [1.0] * BOTH + [0.0] * LOST + [1.0] * GAINED + [0.0] * NEITHER
    return first, second


def unpaired(first: list[float], second: list[float]) -> float:
    """Two-sided p of z = (p1 - p2) / sqrt(se1^2 + se2^2), as if these were other problems.

    The standard errors are those of lm-eval: the sample's, with n - 1.
    """
    rates = [sum(values) / len(values) for values in (first, second)]
    squares = [
        rate * (1 - rate) / (len(values) - 1)
        for rate, values in zip(rates, (first, second), strict=True)
    ]
    z = (rates[1] - rates[0]) / math.sqrt(sum(squares))
    return 2 * (1 - NormalDist().cdf(abs(z)))


def main() -> None:
    """Print the table and both tests."""
    first, second = answers()
    n, test = len(first), mcnemar(LOST, GAINED)
    difference = paired_difference(first, second, bounds=(-1.0, 1.0))
    print(f"constructed, not measured: {n} problems, answered by both runs\n")
    print(f"{'':14}{'b right':>10}{'b wrong':>10}")
    print(f"{'a right':14}{BOTH:>10}{LOST:>10}")
    print(f"{'a wrong':14}{GAINED:>10}{NEITHER:>10}\n")
    for label, values in (("a", first), ("b", second)):
        rate = proportion(round(sum(values)), n)
        print(f"{label}  {100 * rate.value:.1f} % [{100 * rate.low:.1f}, {100 * rate.high:.1f}]")
    ends = f"[{100 * difference.low:+.1f}, {100 * difference.high:+.1f}]"
    print(f"b - a  {100 * difference.value:+.1f} points {ends}, paired\n")
    print(f"unpaired z-test            p = {unpaired(first, second):.3f}   not significant")
    print(f"paired, {test.name:18} p = {test.p:.3f}   b is better")


if __name__ == "__main__":
    main()
