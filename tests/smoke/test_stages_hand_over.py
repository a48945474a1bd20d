"""sft, grpo and evaluate as a user runs them, each starting from what the one before left."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from user import lab as run_lab
from user import only

from reasoning_lab.runs import manifest
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest

# Three processes import torch one after another; generous, for a machine busy with other work.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ALWAYS = ["hardware=cpu", "hardware.threads=1", "tracker=none", "stage.evaluation.problems=8"]
TRAINING = (
    "stage.max_steps=2 stage.warmup_steps=0 stage.save_steps=1 stage.logging_steps=1 "
    "stage.per_device_train_batch_size=4 stage.evaluation.every=1 "
    "stage.evaluation.problems_during=4"
).split()
SFT = ["stage=sft", "name=taught", "model=tiny_scratch", "model.scratch.num_hidden_layers=1"]
SUMS = ["model=from_run", "data=chain_sum", "data.train_size=40", "data.heldout_size=20"]
SHORT = "max_completion_length=16"


class Lab:
    """Runs commands with one output folder, and reads what they leave there."""

    def __init__(self, output: Path) -> None:
        self.output = output

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_lab(self.output, *ALWAYS, *arguments)

    def folder(self, name: str) -> Path:
        return only(self.output, f"{name}/*/0")

    def manifest(self, name: str) -> Manifest:
        return manifest.read(RunFolder(self.folder(name)))

    def rows(self, name: str, file: str) -> list[dict[str, Any]]:
        lines = (self.folder(name) / file).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """After all three stages."""
    lab = Lab(tmp_path_factory.mktemp("runs"))
    small = ["data=tiny_base", "data.train_size=100", "data.heldout_size=20"]
    grpo = ["stage=grpo", "name=reinforced", f"stage.{SHORT}", "stage.num_generations=2"]
    measure = ["stage=evaluate", "name=measured", f"stage.evaluation.{SHORT}"]
    for command in (
        [*SFT, *small, *TRAINING, f"stage.evaluation.{SHORT}"],
        [*grpo, *SUMS, *TRAINING, "model.path=run:taught@latest"],
        [*measure, *SUMS, "model.path=run:reinforced@latest"],
    ):
        result = lab(*command)
        assert result.returncode == 0, result.stdout + result.stderr
    return lab


def test_each_knows_where_it_came_from(lab: Lab) -> None:
    parents = {
        name: [Path(parent.path).resolve() for parent in lab.manifest(name).parents]
        for name in ("taught", "reinforced", "measured")
    }
    assert parents == {
        "taught": [],
        "reinforced": [lab.folder("taught").resolve()],
        "measured": [lab.folder("reinforced").resolve()],
    }
    taught, reinforced = lab.manifest("taught"), lab.manifest("reinforced")
    assert reinforced.parents[0].config_hash == taught.config_hash


@pytest.mark.parametrize(
    ("name", "kind"), [("taught", "model"), ("reinforced", "model"), ("measured", "report")]
)
def test_every_promised_file_is_there(lab: Lab, name: str, kind: str) -> None:
    folder, found = lab.folder(name), lab.manifest(name)
    assert found.kind == kind
    for path in ["run.json", "report.html", "metrics.jsonl", *found.artifacts.values()]:
        assert (folder / path).exists(), path
    assert not list(folder.rglob("*.partial"))


def test_what_was_saved_is_what_was_trained(lab: Lab) -> None:
    """The model measured in memory after GRPO writes the same, loaded from its run."""
    in_memory = lab.rows("reinforced", "problems.jsonl")
    from_disk = lab.rows("measured", "problems.jsonl")
    assert len(in_memory) == 8
    assert [(row["id"], row["after"]) for row in in_memory] == [
        (row["id"], row["after"]) for row in from_disk
    ]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("taught", {"train/loss", "heldout/greedy/pass@1"}),
        (
            "reinforced",
            {"train/loss", "heldout/greedy/pass@1", "heldout/sampled/thinking"}
            | {f"train/rewards/{term}/mean" for term in ("accuracy", "format", "total")},
        ),
    ],
)
def test_metrics_carry_their_names(lab: Lab, name: str, keys: set[str]) -> None:
    rows = lab.rows(name, "metrics.jsonl")
    assert keys <= set().union(*rows)
    steps = [row["step"] for row in rows]
    assert steps == sorted(steps)
    assert steps[-1] == 2


def test_gains_carry_intervals(lab: Lab) -> None:
    for way in ("greedy", "sampled"):
        gain = lab.manifest("reinforced").metrics[f"gain/{way}/pass@1"]
        assert gain.n == 8
        assert gain.low <= gain.value


def test_an_unknown_run_is_refused(lab: Lab) -> None:
    result = lab("stage=evaluate", "name=lost", *SUMS, "model.path=run:tought@latest")
    assert result.returncode == 2
    assert "taught" in result.stdout + result.stderr, "did you mean"
    assert "Traceback" not in result.stderr
    assert not (lab.output / "lost").exists()
