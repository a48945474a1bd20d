"""Stopping and killing a run loses nothing: what is continued ends in the very same weights."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SMALL = [
    "stage=grpo",
    "reward=math",
    "name=small",
    "tracker=none",
    "hardware=cpu",
    "data.train_size=40",
    "data.heldout_size=20",
    "stage.max_steps=6",
    "stage.warmup_steps=1",
    "stage.save_steps=2",
    "stage.per_device_train_batch_size=8",
    "stage.num_generations=4",
    "stage.max_completion_length=40",
    "stage.evaluation.problems=10",
    "stage.evaluation.problems_during=5",
    "stage.evaluation.every=3",
]
TIMEOUT = 240  # seconds; a run takes about 15


def _start(output: Path, *overrides: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "reasoning_lab", *SMALL, f"output={output}", *overrides],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # its own process group, so that a kill takes the worker along
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )


def _finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=TIMEOUT)
    return process.returncode, said


def _only_run(output: Path) -> Path:
    (manifest,) = output.glob("small/*/*/run.json")
    return manifest.parent


def _result(folder: Path) -> set[str]:
    """A hash of the final weights, and every metric by step, without those of the clock."""
    weights = hashlib.sha256((folder / "model" / "model.safetensors").read_bytes()).hexdigest()
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    metrics = [
        f"{row['step']} {key} {value!r}"
        for row in rows
        for key, value in row.items()
        if key != "step" and not key.startswith("perf/")
    ]
    assert len(set(metrics)) == len(metrics)
    return {f"weights {weights}", *metrics}


def _wait_for(pattern: str, output: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not list(output.glob(f"small/*/*/{pattern}")):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("whole")
    status, said = _finish(_start(output))
    assert status == 0, said
    return _only_run(output)


def test_a_whole_run_leaves_everything_it_promises(uninterrupted: Path) -> None:
    for name in ("run.json", "manifest.json", "metrics.jsonl", "samples.jsonl", "report.html"):
        assert (uninterrupted / name).stat().st_size > 0, name
    assert len((uninterrupted / "problems.jsonl").read_text().splitlines()) == 10
    assert len((uninterrupted / "samples.jsonl").read_text().splitlines()) == 6 * 8


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_stopped_run_continues_to_the_same_weights(
    number: signal.Signals, tmp_path: Path, uninterrupted: Path
) -> None:
    process = _start(tmp_path)
    _wait_for("checkpoints/checkpoint-2/COMPLETE", tmp_path, process)
    os.killpg(process.pid, number)
    status, said = _finish(process)
    assert status == (143 if number == signal.SIGTERM else -signal.SIGKILL), said
    folder = _only_run(tmp_path)
    assert not (folder / "manifest.json").exists()
    if number == signal.SIGTERM:
        assert "resume=auto" in said

    status, said = _finish(_start(tmp_path, "resume=auto"))
    assert status == 0, said
    assert _only_run(tmp_path) == folder
    assert _result(folder) == _result(uninterrupted)


def test_the_worker_repeats_a_finished_run_bit_for_bit(uninterrupted: Path) -> None:
    worker = subprocess.run(
        [sys.executable, "-m", "reasoning_lab.worker", str(uninterrupted)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert worker.returncode == 0, worker.stdout + worker.stderr
    repeat = uninterrupted.with_name(f"{uninterrupted.name}.repeat1")
    assert _result(repeat) == _result(uninterrupted)


def test_a_full_disk_while_saving_leaves_the_earlier_checkpoint(tmp_path: Path) -> None:
    """The file-size limit of the process stands in for a full disk, which needs root to make."""
    process = _start(tmp_path, "stage.save_steps=2")
    _wait_for("checkpoints/checkpoint-2/COMPLETE", tmp_path, process)
    worker = _worker_of(process)
    subprocess.run(["prlimit", f"--pid={worker}", "--fsize=1000000"], check=True)
    status, said = _finish(process)
    assert status == 2, said
    assert "Traceback" not in said
    assert "checkpoint-2 is intact" in said
    folder = _only_run(tmp_path)
    assert (folder / "checkpoints" / "checkpoint-2" / "COMPLETE").exists()
    assert not (folder / "manifest.json").exists()


def _worker_of(process: subprocess.Popen[str]) -> int:
    """The process id of the worker that the command started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0])
