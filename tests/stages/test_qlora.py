"""QLoRA on a CPU: what was measured after training is what is loaded later (complaint A7)."""

from pathlib import Path

import pytest
from small_run import lab

from reasoning_lab.model.adapters import QUANTIZED_BASE
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read

SMALL = "tracker=none hardware=cpu stage.evaluation.problems=30".split()
TRAINED = "peft=qlora peft.r=4 max_steps=6 learning_rate=3e-3 data.train_size=200".split()


@pytest.mark.slow
def test_it_learns_over_rounded_weights_and_is_merged_into_these(tmp_path: Path) -> None:
    done = lab("stage=sft", "name=rounded", *TRAINED, *SMALL, f"output={tmp_path}")
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = tmp_path.glob("rounded/*/*/manifest.json")
    trained = read(RunFolder(file.parent))
    assert trained.kind == "adapter"
    assert (file.parent / "model" / QUANTIZED_BASE).is_file()
    again = ["model=from_run", "model.path=run:rounded@latest", "name=again"]
    done = lab("stage=evaluate", *again, *SMALL, f"output={tmp_path}")
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = tmp_path.glob("again/*/*/manifest.json")
    measured = read(RunFolder(file.parent)).metrics
    for way in ("greedy", "sampled"):
        before, after = (trained.metrics[f"{when}/{way}/tokens"] for when in ("before", "after"))
        assert measured[f"{way}/tokens"] == after != before
        assert measured[f"{way}/pass@1"] == trained.metrics[f"after/{way}/pass@1"]
