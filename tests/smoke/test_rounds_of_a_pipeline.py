"""Rounds of self-improvement as a user runs them: real samples, real training, tiny sizes."""

import csv
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from user import only

from reasoning_lab.records.dataset import read_card
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, read

# Five processes that import torch; generous, for a machine busy with other work.
pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

SMALL = (
    "pipeline=self_improve_tiny pipeline.rounds.most=2 tracker=none hardware=cpu "
    "hardware.threads=1 data.heldout_size=12 before.data.train_size=40 sample.data.train_size=40 "
    "sample.stage.problems=24 sample.stage.samples=4 learn.stage.max_steps=6 "
    "learn.stage.save_steps=2 learn.stage.per_device_train_batch_size=8 "
    "learn.stage.gradient_accumulation_steps=1 learn.stage.warmup_steps=1"
).split()


def start(output: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "reasoning_lab", *SMALL, f"output={output}", *more],
        cwd=output,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=1500)
    return process.returncode, said


def run_of(output: Path, name: str) -> RunFolder:
    """The one run of a step: two would be a step that was repeated."""
    return RunFolder(only(output / f"self_improve_tiny_{name}", "*/0"))


def weights(output: Path, number: int) -> str:
    path = run_of(output, f"learn_{number}").model / "model.safetensors"
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("whole")
    status, said = finish(start(output))
    assert status == 0, said
    return output


def rows(output: Path) -> list[dict[str, str]]:
    with only(output, "self_improve_tiny/*/rounds.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_round_stands_on_the_runs_of_its_own_steps(undisturbed: Path) -> None:
    found = rows(undisturbed)
    assert [row["round"] for row in found] == [str(n) for n in range(len(found))]
    assert len(found) > 1
    for row in found[1:]:
        sample = read(run_of(undisturbed, f"sample_{row['round']}"))
        learn = read(run_of(undisturbed, f"learn_{row['round']}"))
        assert learn.id == row["run"]
        assert (sample.id, sample.content) in {(one.id, one.content) for one in learn.parents}
        assert float(row["yield"]) == sample.metrics["reject/yield"].value
        assert row["greedy/pass@1/n"] == "12"
        assert float(row["distance"]) > 0
    page = only(undisturbed, "self_improve_tiny/*/report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 4
    assert "<script" not in page


def test_what_is_kept_is_of_the_problems_that_train_and_is_right(undisturbed: Path) -> None:
    card = read_card(run_of(undisturbed, "sample_1").path / "dataset")
    assert card.problems == 24
    assert 0 < card.kept <= card.sampled


def test_the_same_command_again_skips_everything(undisturbed: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in undisturbed.glob("*/*/0/manifest.json")}
    status, said = finish(start(undisturbed))
    assert status == 0, said
    assert said.count("skipped: finished with the same hash") == len(before)
    after = {path: path.stat().st_mtime_ns for path in undisturbed.glob("*/*/0/manifest.json")}
    assert after == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_stopped_at_every_step_it_ends_in_the_same_weights(
    number: signal.Signals, tmp_path: Path, undisturbed: Path
) -> None:
    marks = (
        "self_improve_tiny_before/*/0/run.json",
        "self_improve_tiny_sample_1/*/0/sampled/samples.jsonl",
        "self_improve_tiny_sample_1/*/0/manifest.json",
        "self_improve_tiny_learn_1/*/0/checkpoints/checkpoint-2/COMPLETE",
        "self_improve_tiny_learn_1/*/0/manifest.json",
    )
    for mark in marks:
        process = start(tmp_path)
        end = time.monotonic() + 600
        while not [*tmp_path.glob(mark)]:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end
            time.sleep(0.05)
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
        status, said = finish(process)
        assert status in (-number, 128 + number), said
    status, said = finish(start(tmp_path))
    assert status == 0, said
    made = len(rows(undisturbed))
    assert len(rows(tmp_path)) == made
    for one in range(1, made):
        assert weights(tmp_path, one) == weights(undisturbed, one)
        assert _figures(tmp_path, one) == _figures(undisturbed, one)


def _figures(output: Path, number: int) -> dict[str, float]:
    """Every figure of a round's two runs but those of the clock."""
    manifests: list[Manifest] = [
        read(run_of(output, f"{one}_{number}")) for one in ("sample", "learn")
    ]
    return {
        key: value.value
        for one in manifests
        for key, value in one.metrics.items()
        if not key.startswith("perf/")
    }
