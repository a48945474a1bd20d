"""Texts that say the same in almost the same words."""

import re
from collections.abc import Iterable

SHINGLE = 3
"""Words and marks in a row that are compared."""
_PIECE = re.compile(r"\w+|[^\w\s]")
Shingles = frozenset[tuple[str, ...]]


def shingles(text: str) -> Shingles:
    """Every three pieces (words or marks) in a row; of a shorter text the whole."""
    pieces = _PIECE.findall(text.lower())
    last = max(1, len(pieces) - SHINGLE + 1)
    return frozenset(tuple(pieces[start : start + SHINGLE]) for start in range(last))


def likeness(one: Shingles, other: Shingles) -> float:
    """Jaccard index, in [0, 1]: what both have / what either has.

    >>> likeness(shingles("3+4=7 7+1=8"), shingles("3+4=7 7+1=8"))
    1.0
    """
    return len(one & other) / len(one | other)


def nearest(one: Shingles, others: Iterable[Shingles]) -> float:
    """The greatest likeness with one of `others`; 0.0 where there are none."""
    return max((likeness(one, other) for other in others), default=0.0)
