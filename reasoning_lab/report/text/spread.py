"""A few of many completions: early and late ones, and of every verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence


def spread(total: int, count: int) -> list[int]:
    """`count` places out of `total`, evenly from the first to the last; one alone is the last.

    >>> spread(101, 3), spread(2, 5), spread(9, 1)
    ([0, 50, 100], [0, 1], [8])
    """
    if count >= total:
        return list(range(total))
    if count == 1:
        return [total - 1]
    return [round(place * (total - 1) / (count - 1)) for place in range(count)]


def of_every_kind(kinds: Sequence[str], count: int) -> list[int]:
    """About as many of each kind as there are, `count` places in all, each kind spread evenly.

    >>> of_every_kind(["right"] * 90 + ["wrong"] * 10, 4)
    [0, 89, 90, 99]
    """
    quota = shares(Counter(kinds), count)
    chosen: list[int] = []
    for kind, wanted in quota.items():
        places = [place for place, other in enumerate(kinds) if other == kind]
        chosen += [places[place] for place in spread(len(places), wanted)] if wanted else []
    return sorted(chosen)


def shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """`count` divided among kinds as evenly as their sizes allow; the rest goes to the larger.

    >>> shares({"right": 90, "wrong": 3}, 10)
    {'wrong': 3, 'right': 7}
    """
    left, found = count, {}
    by_size = sorted(sizes.items(), key=lambda pair: (pair[1], pair[0]))
    for place, (kind, size) in enumerate(by_size):
        found[kind] = min(size, left // (len(by_size) - place))
        left -= found[kind]
    return found
