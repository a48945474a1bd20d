"""Where the completions of a problem are when several ranks share a batch.

TRL 1.16 repeats each prompt `num_generations` times in a row, and accelerate gives each rank the
next `per_device_train_batch_size x steps_per_generation` of those rows. So a rank holds whole
groups if and only if that number is a multiple of `num_generations`; otherwise some group is cut
in two. TRL puts the rewards together again, but a term that compares the completions of a problem
must see them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from typing import Any

from reasoning_lab.errors import Problem

GROUP = "stage.num_generations"
BATCH = "stage.per_device_train_batch_size"


def rows_of_a_rank(batch: int, accumulation: int, processes: int, trl: Mapping[str, Any]) -> int:
    """Completions that one rank scores in one call; `batch` per device, `trl` as `stage.trl`."""
    if whole := trl.get("generation_batch_size"):
        return int(whole) // processes
    return batch * int(trl.get("steps_per_generation") or accumulation)


def cut_groups(
    terms: Sequence[str], group: int, batch: int, rows: int, processes: int
) -> list[Problem]:
    """The problem of terms that judge groups where a rank holds parts of groups.

    `terms` are their names, `rows` what `rows_of_a_rank` says.
    """
    if not terms or processes == 1 or rows % group == 0:
        return []
    steps = max(1, rows // batch)
    unit = group // gcd(group, steps)
    below = batch // unit * unit
    batches = " or ".join(f"{BATCH}={n}" for n in (below, below + unit) if n > 0)
    groups = [n for n in range(2, rows + 1) if rows % n == 0]
    near = min(groups, key=lambda n: (abs(n - group), n), default=None)
    what = (
        f"{', '.join(terms)} compares the {group} completions of a problem, but each of "
        f"{processes} processes scores {rows} rows, which is no multiple of {group}: "
        "some groups would be cut in two"
    )
    cure = f"use {batches}" + (f"; or {GROUP}={near}" if near else "")
    return [Problem(BATCH, what, cure)]
