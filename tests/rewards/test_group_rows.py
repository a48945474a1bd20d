"""Groups that several processes would cut in two, and what is said of them."""

from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.errors import ConfigError
from reasoning_lab.rewards.door import cut_groups
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.door import check

ADDED = "+reward/term@reward.terms.length_group=length_group"


@pytest.mark.parametrize(
    ("batch", "accumulation", "processes", "trl", "rows"),
    [
        (8, 1, 2, {}, 8),
        (8, 4, 2, {}, 32),
        (8, 4, 2, {"steps_per_generation": 2}, 16),
        (8, 4, 2, {"generation_batch_size": 128}, 64),
        (8, 4, 2, {"generation_batch_size": None, "steps_per_generation": None}, 32),
    ],
)
def test_rows_of_a_rank(
    batch: int, accumulation: int, processes: int, trl: dict[str, Any], rows: int
) -> None:
    assert Batch.said(batch, accumulation, processes, 8, trl).rank_rows == rows


@pytest.mark.parametrize(
    ("group", "batch", "rows", "processes", "cure"),
    [
        (8, 8, 8, 2, ""),
        (8, 4, 8, 2, ""),
        (8, 12, 12, 1, ""),
        (8, 12, 12, 2, "batch_size=8 or stage.per_device_train_batch_size=16"),
        (8, 4, 4, 2, "stage.per_device_train_batch_size=8; or stage.num_generations=4"),
        (8, 3, 6, 4, "stage.per_device_train_batch_size=4; or stage.num_generations=6"),
    ],
)
def test_cut_groups(group: int, batch: int, rows: int, processes: int, cure: str) -> None:
    made = Batch(batch, rows // batch, processes, group)
    assert made.rank_rows == rows
    found = cut_groups(["length"], made)
    assert bool(found) == bool(cure)
    assert cut_groups([], made) == []
    for problem in found:
        assert cure in problem.cure


@pytest.mark.parametrize(("batch", "refused"), [(4, True), (8, False)])
def test_refused_before_a_folder_is_made(batch: int, refused: bool) -> None:
    ranks = ["hardware=ddp", "hardware.device=cpu", "hardware.num_processes=2", "tracker=none"]
    run = check(compose([ADDED, *ranks, f"stage.per_device_train_batch_size={batch}"]))
    if not refused:
        run = preflight(run)
        return
    with pytest.raises(ConfigError, match=r"length_group compares the 8 completions.*cut in two"):
        run = preflight(run)
