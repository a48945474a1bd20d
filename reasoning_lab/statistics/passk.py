"""Of n answers to one problem: pass@k, and maj@k as its exact expectation.

Both say what k answers would have given, averaged over all C(n, k) ways of taking k of the n, so
they need no draw. With n answers of which c are right,

    pass@k = 1 - C(n-c, k) / C(n, k) = 1 - prod_{i=n-c+1..n} (1 - k/i)

is unbiased for k <= n (Chen et al. (2021), arXiv:2107.03374, equation 1; 1 - (1 - c/n)^k is not).
It is counted in whole numbers, which no rounding touches.

maj@k (Wang et al. (2022), arXiv:2203.11171) is the chance that the answer most often given among
the k is right: classes that tie for the most votes share the win, and an answer that cannot be read
never votes, so k of them elect nothing. Its expectation is a sum of products of binomials over the
number of votes that the right class gets.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import comb


def sizes(n: int) -> list[int]:
    """The k at which n answers are looked at: powers of two up to n, and n.

    >>> sizes(6)
    [1, 2, 4, 6]
    """
    found = [2**power for power in range(n.bit_length()) if 2**power < n]
    return [*found, n] if n > 0 else []


def pass_at_k(n: int, right: int, k: int) -> float:
    """The chance that at least one of k of the n answers is right, in [0, 1].

    Raises ValueError unless 1 <= k <= n and 0 <= right <= n: of more answers than there are
    nothing can be said without a bias.

    >>> pass_at_k(4, 1, 1), pass_at_k(4, 1, 2), pass_at_k(4, 1, 4)
    (0.25, 0.5, 1.0)
    """
    _check(n, k)
    if not 0 <= right <= n:
        raise ValueError(f"need 0 <= right <= n, got {right} of {n}")
    every = comb(n, k)
    return (every - comb(n - right, k)) / every


def maj_at_k(right: int, others: Sequence[int], silent: int, k: int) -> float:
    """The chance that a majority of k of the answers elects the right one, in [0, 1].

    `right` answers are right; `others` counts those of each wrong class; `silent` cannot be read.
    Raises ValueError for a negative count, and unless 1 <= k <= their sum.

    >>> maj_at_k(2, [1], 0, 1), maj_at_k(2, [1], 0, 2), maj_at_k(2, [1], 0, 3)
    (0.6666666666666666, 0.6666666666666666, 1.0)
    """
    if right < 0 or silent < 0 or min(others, default=0) < 0:
        raise ValueError(f"counts cannot be negative, got {right}, {list(others)}, {silent}")
    _check(right + sum(others) + silent, k)
    return _majority(right, tuple(sorted(count for count in others if count)), silent, k)


def _check(n: int, k: int) -> None:
    if not 1 <= k <= n:
        raise ValueError(f"need 1 <= k <= n, got k={k} of {n} answers")


@lru_cache(maxsize=65536)
def _majority(right: int, others: tuple[int, ...], silent: int, k: int) -> float:
    """The sum over the right class's votes; whole numbers until the last division."""
    n = sum(others) + right + silent
    if k == n:  # nothing is left to choose
        return (right == max(right, *others, 0)) / (1 + others.count(right)) if right else 0.0
    total, won = comb(n, k), 0.0
    for most in range(1, min(right, k) + 1):
        # Classes too small to get as many votes are taken from as freely as what cannot be read.
        rivals = tuple(count for count in others if count >= most)
        free = silent + sum(others) - sum(rivals)
        for tied, ways in enumerate(_beside(rivals, free, most, k - most)):
            won += comb(right, most) * ways / total / (1 + tied)
    return min(1.0, won)


def _beside(rivals: tuple[int, ...], free: int, most: int, rest: int) -> list[int]:
    """By the number of rivals that tie at `most` votes, how many ways there are to take `rest`
    answers from the rivals, none of which gets more, and from the `free` ones."""
    # found[tied][taken]: ways so far
    found = [[comb(free, taken) for taken in range(rest + 1)]]
    for count in rivals:
        step = [_shifted(row, count, range(most)) for row in found] + [[0] * (rest + 1)]
        for tied, row in enumerate(found):
            for taken in range(rest + 1 - most):
                step[tied + 1][taken + most] += row[taken] * comb(count, most)
        found = step if any(step[-1]) else step[:-1]
    return [row[rest] for row in found]


def _shifted(row: Sequence[int], count: int, votes: range) -> list[int]:
    """The row after a class of `count` answers gave so many votes as `votes` allows."""
    after = [0] * len(row)
    for taken, ways in enumerate(row):
        if ways:
            for vote in votes[: len(row) - taken]:
                after[taken + vote] += ways * comb(count, vote)
    return after
