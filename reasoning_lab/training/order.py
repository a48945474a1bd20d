"""The order in which training sees its rows, fixed before it starts.

The trainer's own samplers restart their random generator on resume, so a run that is stopped in
its second epoch would continue on other rows. Here the whole run is one epoch over an explicit
list of row numbers; skipping the first N batches is then exact.
"""

import random
from collections.abc import Mapping, Sequence


def row_order(rows: int, wanted: int, seed: int) -> list[int]:
    """`wanted` row numbers: fresh permutations of range(rows) one after another.

    >>> sorted(row_order(3, 6, seed=0)[:3])
    [0, 1, 2]
    """
    rng = random.Random(seed)
    order: list[int] = []
    while len(order) < wanted:
        order.extend(rng.sample(range(rows), rows))
    return order[:wanted]


def by_length(
    order: Sequence[int],
    lengths: Sequence[int] | Mapping[int, int],
    batch: int,
    seed: int,
    window: int = 16,
) -> list[int]:
    """The same rows with batches of like length, to spend little on padding.

    Each window of `window` batches is sorted by length (tokens), cut into batches, and the
    batches are shuffled; so no row moves further than a window.
    """
    rng = random.Random(seed)
    result: list[int] = []
    for start in range(0, len(order), batch * window):
        chunk = sorted(order[start : start + batch * window], key=lambda row: lengths[row])
        batches = [chunk[i : i + batch] for i in range(0, len(chunk), batch)]
        rng.shuffle(batches)
        result.extend(row for rows in batches for row in rows)
    return result
