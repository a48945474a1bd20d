"""Two processes train one model on the CPU, and leave one run behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def test_two_ranks_leave_one_whole_run(tmp_path: Path) -> None:
    small = [
        *["stage.max_steps=2", "stage.warmup_steps=0", "stage.save_steps=1"],
        *["stage.per_device_train_batch_size=4", "stage.num_generations=4"],
        *["stage.evaluation.problems=6", "stage.evaluation.problems_during=4"],
        *["stage.evaluation.every=1", "data.train_size=40", "data.heldout_size=20"],
    ]
    grouped = ["+reward/term@reward.terms.length_group=length_group"]
    ranks = ["hardware=ddp", "hardware.device=cpu", "hardware.num_processes=2"]
    place = [f"output={tmp_path}", "name=ranks", "hardware.threads=1", "tracker=none"]
    done = subprocess.run(
        [sys.executable, "-m", "reasoning_lab", *ranks, *small, *grouped, *place],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "WANDB_MODE": "offline"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Only the first rank speaks.
    for said in ("loading tiny", "measuring before training", "step 0, held out"):
        assert done.stdout.count(said) == 1, done.stdout
    assert "WANDB" not in done.stdout
    assert "find_unused_parameters" not in done.stderr
    (manifest,) = tmp_path.glob("ranks/*/*/manifest.json")
    assert json.loads(manifest.read_text())["hardware"]["processes"] == 2
    folder = manifest.parent
    # One line a problem and a rank's own share of the rollouts: nothing is written twice.
    assert len((folder / "problems.jsonl").read_text().splitlines()) == 6
    samples = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    assert [(row["step"], row["group"]) for row in samples] == [(1, 0)] * 4 + [(2, 0)] * 4
    assert sum(row["advantage"] for row in samples) == pytest.approx(0, abs=1e-6)
    measured = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in measured if "heldout/greedy/pass@1" in row] == [0, 1, 2]
