"""What stages say on the screen: in which words, and from which process."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from reasoning_lab.report.run.live import Reading
from reasoning_lab.training.screen import held_out_line

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


def test_in_a_pipe_a_file_is_said_to_be_read_every_15_seconds() -> None:
    now, place, file = [0.0], [0], io.StringIO()
    reading = Reading(1000, lambda: place[0], Console(file=file, width=200), lambda: now[0])
    for seconds, read, lines in ((1, 10, 1), (16, 250, 2000), (20, 300, 2500), (31, 500, 4000)):
        now[0], place[0] = seconds, read
        reading.said(lines)
    assert file.getvalue().splitlines() == [
        "2,000 lines done, 25 % of the file, 16 s gone, about 48 s left",
        "4,000 lines done, 50 % of the file, 31 s gone, about 31 s left",
    ]
    terminal = io.StringIO()
    reading = Reading(9, lambda: 1, Console(file=terminal, force_terminal=True), lambda: now[0])
    now[0] = 99.0
    reading.said(1)
    assert not terminal.getvalue()


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
