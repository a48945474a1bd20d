"""Which of several runs cannot be told apart: sets in the place of a ranking.

A ranking says more than its tests: of three runs the first and the last may differ while neither
differs from the one between. So each run gets the sets it belongs to, and two runs share a set if
and only if no difference was found between them: the "compact letter display" of Piepho (2004),
Journal of Computational and Graphical Statistics 13:456-466.
"""

from collections.abc import Collection, Sequence
from itertools import combinations

MOST = 16
"""Runs of which sets are made; their number doubles with each."""


def alike(names: Sequence[str], apart: Collection[frozenset[str]]) -> list[tuple[str, ...]]:
    """The largest sets of names no two of which are `apart`, in the order of the names.

    >>> alike(["a", "b", "c"], {frozenset("ac")})
    [('a', 'b'), ('b', 'c')]

    Raises ValueError for more than `MOST` names.
    """
    if len(names) > MOST:
        raise ValueError(f"at most {MOST} names, got {len(names)}")
    found: list[tuple[str, ...]] = []
    for size in range(len(names), 0, -1):
        for chosen in combinations(names, size):
            inside = any(set(chosen) <= set(other) for other in found)
            if not inside and not any(frozenset(pair) in apart for pair in combinations(chosen, 2)):
                found.append(chosen)
    places = {name: place for place, name in enumerate(names)}
    return sorted(found, key=lambda chosen: [places[name] for name in chosen])
