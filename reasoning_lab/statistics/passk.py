"""pass@k: the chance that at least one of k answers to a problem is right."""

from __future__ import annotations

import math


def pass_at_k(n: int, c: int, k: int) -> float:
    """Unbiased estimate of pass@k from `n` samples of one problem, `c` of them right.

    1 - C(n-c, k) / C(n, k), eq. 1 of Chen et al. (2021), arXiv:2107.03374. The plug-in
    1 - (1 - c/n)^k is too low. In exact integers, so no rounding for large n.

    Raises ValueError unless 1 <= k <= n and 0 <= c <= n.

    >>> pass_at_k(n=4, c=1, k=2)
    0.5
    """
    if not 1 <= k <= n or not 0 <= c <= n:
        raise ValueError(f"need 1 <= k <= n and 0 <= c <= n, got n={n}, c={c}, k={k}")
    misses, all_ways = math.comb(n - c, k), math.comb(n, k)
    return (all_ways - misses) / all_ways
