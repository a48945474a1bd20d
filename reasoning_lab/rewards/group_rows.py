"""Terms that compare the completions of a problem must see them all; see `schema/batch.py`.

TRL puts the rewards of all processes together again, but each process scores its own rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from reasoning_lab.errors import Problem
from reasoning_lab.schema.batch import Batch

GROUP = "stage.num_generations"
BATCH = "stage.per_device_train_batch_size"


def cut_groups(terms: Sequence[str], batch: Batch) -> list[Problem]:
    """The problem of `terms` that judge groups where a process holds parts of groups."""
    rows, group, processes = batch.rank_rows, batch.group, batch.processes
    if not terms or processes == 1 or rows % group == 0:
        return []
    sizes = batch.nearest_batches(max(1, rows // batch.per_device))
    batches = " or ".join(f"{BATCH}={n}" for n in sizes)
    groups = [n for n in range(2, rows + 1) if rows % n == 0]
    near = min(groups, key=lambda n: (abs(n - group), n), default=None)
    what = (
        f"{', '.join(terms)} compares the {group} completions of a problem, but each of "
        f"{processes} processes scores {rows} rows, which is no multiple of {group}: "
        "some groups would be cut in two"
    )
    cure = f"use {batches}" + (f"; or {GROUP}={near}" if near else "")
    return [Problem(BATCH, what, cure)]
