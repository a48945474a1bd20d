"""A sweep as a user runs it: real jobs, their tracker runs, the table, and going on with it."""

import csv
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from user import lab, only

from reasoning_lab.runs import manifest
from reasoning_lab.runs.folder import RunFolder

# Each job is a process that imports torch; generous, for a machine busy with other work.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SWEEP = ["-m", "stage=grpo", "reward=math", "peft=lora", "peft.r=4,8", "stage.num_generations=4,8"]
SMALL = (
    "hardware=cpu hardware.threads=1 tracker=wandb tracker.mode=offline stage.max_steps=2 "
    "stage.warmup_steps=0 stage.per_device_train_batch_size=8 stage.max_completion_length=24 "
    "stage.evaluation.problems=8 stage.evaluation.problems_during=4 data.train_size=40 "
    "data.heldout_size=20"
).split()
VARIED = [("4", "4"), ("4", "8"), ("8", "4"), ("8", "8")]


@dataclass(frozen=True)
class Sweep:
    """A sweep that has run: where, and what its command said."""

    output: Path
    said: str

    @property
    def folder(self) -> Path:
        return only(self.output, "grpo/*")

    def jobs(self) -> list[RunFolder]:
        return [RunFolder(self.folder / str(number)) for number in range(4)]

    def table(self) -> list[dict[str, str]]:
        with (self.folder / "table.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def tracked(self) -> list[dict[str, Any]]:
        """The one W&B run of each job, as its offline file holds it."""
        return [_wandb_file().read_run(only(job.wandb, "offline-run-*")) for job in self.jobs()]


def sweep(output: Path, *overrides: str) -> Sweep:
    done = lab(output, *SWEEP, *SMALL, *overrides)
    assert done.returncode == 0, done.stdout + done.stderr
    return Sweep(output, done.stdout)


def _wandb_file() -> ModuleType:
    """The reader of `.wandb` files that the tracker's own tests use."""
    path = Path(__file__).parents[1] / "track" / "wandb_file.py"
    spec = importlib.util.spec_from_file_location("wandb_file", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return sweep(tmp_path_factory.mktemp("runs"))


def test_each_job_has_a_folder_a_manifest_and_a_row(swept: Sweep) -> None:
    assert sorted(path.parent.name for path in swept.folder.glob("*/run.json")) == list("0123")
    assert [manifest.read(job).kind for job in swept.jobs()] == ["adapter"] * 4
    rows = swept.table()
    assert [(row["peft.r"], row["stage.num_generations"]) for row in rows] == VARIED
    assert {row["status"] for row in rows} == {"finished"}
    assert all(row["after/greedy/pass@1/n"] == "8" for row in rows)


def test_each_job_is_a_tracker_run_of_its_own_in_one_group(swept: Sweep) -> None:
    runs = swept.tracked()
    assert {run["group"] for run in runs} == {swept.folder.name}
    assert len({run["id"] for run in runs}) == 4
    assert {run["exit"] for run in runs} == {0}
    for run, (rank, generations) in zip(runs, VARIED, strict=True):
        config = run["config"]
        assert str(config["peft"]["r"]) == rank
        assert str(config["stage"]["num_generations"]) == generations
        assert any("train/loss" in row for row in run["history"])
        assert "after/greedy/pass@1" in run["summary"]


def test_a_sweep_that_was_cut_off_goes_on_where_it_was(swept: Sweep) -> None:
    done, cut = swept.jobs()[:2], swept.jobs()[2:]
    before = [job.manifest.read_bytes() for job in done]
    cut[0].manifest.unlink()  # stopped at the end of its training
    shutil.rmtree(cut[1].path)  # never started
    again = sweep(swept.output, "resume=auto")
    assert again.folder == swept.folder
    assert "2 of 4 jobs have finished" in again.said
    assert again.said.count("resume=auto: this job has finished already; skipped") == 2
    assert [job.manifest.read_bytes() for job in done] == before
    assert all(job.finished for job in cut)
    assert [row["status"] for row in again.table()] == ["finished"] * 4
