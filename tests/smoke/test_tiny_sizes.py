"""`debug=smoke` runs, with every verb that computes and with what reads such runs."""

import json
from pathlib import Path

import pytest
from user import lab, only

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read

# Several processes import torch one after another; generous, for a machine busy with other work.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SMOKE = ["debug=smoke", "hardware=cpu", "hardware.threads=1"]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("runs")
    done = lab(output, *SMOKE, "stage=grpo")
    assert done.returncode == 0, done.stdout + done.stderr
    return output


@pytest.mark.parametrize(
    ("line", "name", "kind"),
    [
        ("", "smoke_grpo", "model"),
        ("stage=rloo peft=lora", "smoke_rloo", "adapter"),
        ("experiment=tiny_base", "smoke_sft", "model"),
        ("stage=evaluate model=from_run model.path=run:smoke_grpo@latest", "smoke_evaluate", ""),
        ("stage=audit", "smoke_audit", ""),
        ("stage=samples samples.path=run:smoke_grpo@latest", "smoke_samples", ""),
        ("stage=replay replay.path=run:smoke_grpo@latest", "smoke_replay", ""),
        (
            "stage=compare a=run:smoke_grpo@latest b=run:smoke_grpo@latest side=[before,after]",
            "smoke_compare",
            "",
        ),
    ],
)
def test_it_runs(output: Path, line: str, name: str, kind: str) -> None:
    if line:
        done = lab(output, *SMOKE, *line.split())
        # An audit of so few problems may find what does not pass.
        assert done.returncode == 0 or name == "smoke_audit", done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
    folder = RunFolder(only(output, f"{name}/*/0"))
    manifest = read(folder)
    assert manifest.kind == (kind or "report")
    if kind:
        steps = [line for line in folder.metrics.read_text().splitlines() if "train/loss" in line]
        assert len(steps) == 2


def test_rows_that_are_too_long_are_counted_in_the_manifest(output: Path) -> None:
    rows = [{"question": f"{n} + {n}?", "answer": str(2 * n)} for n in range(60)]
    rows += [{"question": f"{n}, " * 400, "answer": str(n)} for n in range(20)]
    place = output / "own.jsonl"
    place.write_text("\n".join(map(json.dumps, rows)))
    own = ["stage=sft", "data=local", f"data.path={place}", "name=long", "max_steps=20"]
    done = lab(output, *SMOKE, *own, "stage.evaluation.problems=null")
    assert done.returncode == 0, done.stdout + done.stderr
    notes = read(RunFolder(only(output, "long/*/0"))).notes
    dropped = [note for note in notes if "data.too_long=drop" in note]
    assert any("training rows" in note for note in dropped)
    assert all("own-train-" in note or "own-test-" in note for note in dropped)
    refused = lab(output, *SMOKE, *own, "name=refused", "data.too_long=refuse")
    assert refused.returncode == 2
    assert "data.too_long=drop" in refused.stdout + refused.stderr
