"""What stages say on the screen: in which words, and from which process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reasoning_lab.stages.screen import held_out_line

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({"greedy/pass@1": 0.5}, "step 25, held out: pass@1 50.0 % greedy"),
        (
            {"greedy/pass@1": 1, "greedy/thinking": 1, "sampled/pass@1": 1, "sampled/thinking": 1},
            "step 25, held out: pass@1 100.0 % greedy, 100.0 % sampled; thinking 100.0 %, 100.0 %",
        ),
    ],
)
def test_a_measurement_is_one_line(metrics: dict[str, float], said: str) -> None:
    assert held_out_line(25, {f"heldout/{key}": value for key, value in metrics.items()}) == said


def test_loading_a_stage_says_nothing_of_a_tracker() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from reasoning_lab.stages import load; load('evaluate')"],
        cwd=ROOT,
        env={"WANDB_MODE": "offline", "HF_HUB_OFFLINE": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
