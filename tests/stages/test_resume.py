"""Stopping and killing a run loses nothing: what is continued ends in the very same weights."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from small_run import finish, lab, only_run, start, wait_for, weights

pytestmark = pytest.mark.slow

GRPO = (
    "stage=grpo reward=math stage.max_steps=6 stage.warmup_steps=1 stage.save_steps=2 "
    "stage.evaluation.problems=10 stage.evaluation.problems_during=5 stage.evaluation.every=3"
).split()


def _result(folder: Path) -> set[str]:
    """A hash of the final weights, and every metric by step, without those of the clock."""
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    metrics = [
        f"{row['step']} {key} {value!r}"
        for row in rows
        for key, value in row.items()
        if key != "step" and not key.startswith("perf/")
    ]
    assert len(set(metrics)) == len(metrics)
    return {f"weights {weights(folder)}", *metrics}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("whole")
    status, said = finish(start(output, *GRPO))
    assert status == 0, said
    return only_run(output)


def test_a_whole_run_leaves_everything_it_promises(uninterrupted: Path) -> None:
    for name in ("run.json", "manifest.json", "metrics.jsonl", "samples.jsonl", "report.html"):
        assert (uninterrupted / name).stat().st_size > 0, name
    assert len((uninterrupted / "problems.jsonl").read_text().splitlines()) == 10
    assert len((uninterrupted / "samples.jsonl").read_text().splitlines()) == 6 * 8


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_stopped_run_continues_to_the_same_weights(
    number: signal.Signals, tmp_path: Path, uninterrupted: Path
) -> None:
    process = start(tmp_path, *GRPO)
    wait_for("checkpoints/checkpoint-2/COMPLETE", tmp_path, process)
    os.killpg(process.pid, number)
    status, said = finish(process)
    assert status == (143 if number == signal.SIGTERM else -signal.SIGKILL), said
    folder = only_run(tmp_path)
    assert not (folder / "manifest.json").exists()
    if number == signal.SIGTERM:
        assert said.index("stopping: ") < said.index("Stopped by ")

    status, said = finish(start(tmp_path, *GRPO, "resume=auto"))
    assert status == 0, said
    assert only_run(tmp_path) == folder
    assert _result(folder) == _result(uninterrupted)


@pytest.mark.long
def test_a_storm_of_kills_at_any_moment_ends_in_the_same_weights(
    tmp_path: Path, uninterrupted: Path
) -> None:
    """The command is killed and started again at once, while the worker that it left still saves.

    What is waited for before each kill is there at the latest after the one before: an orphan
    finishes its step and saves.
    """
    chance = random.Random(11)
    seen = ["run.json", "before.jsonl", "checkpoints/checkpoint-*/COMPLETE"]
    left = []
    for number, pattern in enumerate(seen):
        process = start(tmp_path, *GRPO, "resume=auto")
        wait_for(pattern, tmp_path, process)
        time.sleep(chance.uniform(0, 0.5))  # six steps take a few seconds
        if number == 1:  # the worker too: nothing more is saved
            os.kill(_worker_of(process), signal.SIGKILL)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        left.append(process)
    status, said = finish(start(tmp_path, *GRPO, "resume=auto"))
    assert status == 0, said
    assert "measuring before training" not in said
    assert "measured before training" in said
    folder = only_run(tmp_path)
    assert _result(folder) == _result(uninterrupted)
    assert not (folder / "before.jsonl").exists()
    for process in left:
        process.communicate()


def test_the_worker_repeats_a_finished_run_bit_for_bit(uninterrupted: Path) -> None:
    worker = lab(str(uninterrupted), module="reasoning_lab.worker")
    assert worker.returncode == 0, worker.stdout + worker.stderr
    repeat = uninterrupted.with_name(f"{uninterrupted.name}.repeat1")
    assert _result(repeat) == _result(uninterrupted)


def test_a_full_disk_while_saving_leaves_the_earlier_checkpoint(tmp_path: Path) -> None:
    """The file-size limit of the process stands in for a full disk, which needs root to make."""
    process = start(tmp_path, *GRPO)
    wait_for("checkpoints/checkpoint-2/COMPLETE", tmp_path, process)
    worker = _worker_of(process)
    subprocess.run(["prlimit", f"--pid={worker}", "--fsize=1000000"], check=True)
    status, said = finish(process)
    assert status == 2, said
    assert "Traceback" not in said
    assert "checkpoint-2 is intact" in said
    folder = only_run(tmp_path)
    assert (folder / "checkpoints" / "checkpoint-2" / "COMPLETE").exists()
    assert not (folder / "manifest.json").exists()


def _worker_of(process: subprocess.Popen[str]) -> int:
    """The process id of the worker that the command started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0])
