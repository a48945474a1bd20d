"""Stored rollouts survive a kill in mid-line, a resume and a size cap."""

from __future__ import annotations

import json
from pathlib import Path

from reasoning_lab.stages.rollouts import Rollouts


def _steps(path: Path) -> list[int]:
    return [json.loads(line)["step"] for line in path.read_text().splitlines()]


def test_resume_forgets_what_lies_past_the_checkpoint_and_half_lines(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    Rollouts(path, None).append([{"step": step, "text": "é\n"} for step in (1, 2, 3)])
    with path.open("a") as file:
        file.write('{"step": 4, "te')
    Rollouts(path, tmp_path / "checkpoint-2")
    assert _steps(path) == [1, 2]


def test_a_fresh_start_forgets_everything(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    Rollouts(path, None).append([{"step": 1, "text": "x"}])
    Rollouts(path, None)
    assert _steps(path) == []


def test_the_file_is_capped_and_keeps_the_last_steps(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    rollouts = Rollouts(path, None, cap=2000)
    for step in range(1, 200):
        rollouts.append([{"step": step, "text": "x" * 20}])
        assert path.stat().st_size <= 2000
    assert _steps(path)[-1] == 199
