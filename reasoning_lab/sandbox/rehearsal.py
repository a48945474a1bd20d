"""What programs do, for a keeper to have done it before it forks the first of them.

Python writes to its own functions until they have run some times, and libraries set up on first
use what they need; every page that this writes to would be copied for every program.
"""

from collections.abc import Iterable

TIMES = 32
_PYTHON = """
import bisect, collections, copy, datetime, functools, heapq, itertools, json, math, operator
import random, re, statistics, string, sys
from collections import Counter, defaultdict, deque
from functools import lru_cache, reduce
from typing import Any, Dict, List, Optional, Set, Tuple
class A:
    def f(self, x: int) -> List[int]:
        return [each for each in range(x)]
def f(a, b=1, *c, **d):
    for place, x in enumerate(sorted(a)):
        b += x
    return {key: str(value) for key, value in d.items()}, f"{b} {c}"
f([3, 1, 2], 2, 3, key=4)
A().f(5)
seen, counts, rest = defaultdict(list), Counter("abca"), deque([1, 2])
seen[len(rest)].append(max(counts.values(), key=lambda x: -x))
a, b = map(int, "1 2".split())
" ".join(str(x) for x in {a, b, *rest} if x % 2 == 0 or x in seen)
try:
    raise ValueError("x")
except ValueError as error:
    str(error)
"""
_MODULES = {
    "numpy": """
import numpy as np
a = np.array([[1.5, 2.0], [3.0, 5.0]])
b = np.arange(6).reshape(2, 3) + np.ones((2, 3))
str(a @ b), repr(b.T), str(a.sum(axis=0).round(2)), str(b.astype(int)), str(a[0, 1])
np.dot(a, a), np.linalg.inv(a), np.linalg.norm(a), np.linalg.norm(a, axis=0), a.mean(), b.max(1)
np.where(a > 2, a, 0).tolist(), np.sort(b, axis=None), np.concatenate([a, b], axis=1), np.sqrt(b)
"""
}


def programs(modules: Iterable[str]) -> list[str]:
    """Typical programs where these modules are at hand."""
    return [_PYTHON, *(_MODULES[name] for name in modules if name in _MODULES)]
