"""The code reward as a user runs it: train on small functions, grade saved programs, attack it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reasoning_lab.runs import manifest
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("code_sandbox"),
]

GRPO = [
    "stage=grpo",
    "model=tiny",
    "hardware=cpu",
    "hardware.threads=1",
    "stage.max_steps=2",
    "stage.warmup_steps=0",
    "stage.logging_steps=1",
    "stage.per_device_train_batch_size=8",
    "stage.max_completion_length=16",
    "stage.evaluation.max_completion_length=16",
    "stage.evaluation.problems=8",
    "stage.evaluation.problems_during=4",
    "data.train_size=40",
    "data.heldout_size=20",
]
DOUBLES = {"type": "call", "fn": "f", "args": [2], "expected": 4}
SAVED = [
    ("```python\ndef f(x): return 2 * x\n```", 1.0),
    ("```python\ndef f(x): return x\n```", 0.0),
    ("```python\nimport os\nos._exit(0)\n```", 0.0),
]


def lab(output: Path, name: str, *arguments: str) -> tuple[Path, Manifest]:
    """Run a stage; its folder and its manifest, which names the isolation level."""
    command = [sys.executable, "-m", "reasoning_lab", f"output={output}", f"name={name}",
               "reward=code", "tracker=none"]  # fmt: skip
    done = subprocess.run(
        [*command, *arguments], cwd=output, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    said = " ".join(done.stdout.split())
    assert said.count("sandbox namespaces, ") == 1
    assert said.index("sandbox namespaces, ") < said.index("result:"), "said when it begins"
    assert "worker" in said
    assert "no network" in said
    (folder,) = output.glob(f"{name}/*/0")
    found = manifest.read(RunFolder(folder))
    assert any("in the sandbox at level `namespaces`" in note for note in found.notes)
    return folder, found


def test_training_on_small_functions(tmp_path: Path) -> None:
    folder, _ = lab(tmp_path, "trained", "data=tiny_code", *GRPO)
    metrics = (folder / "metrics.jsonl").read_text(encoding="utf-8")
    assert "code/timeout_rate" in metrics
    first = json.loads((folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["task"] == "code"
    assert first["parts"]["code"] == 0.0  # the model writes sums, not programs


def test_grading_saved_programs(tmp_path: Path) -> None:
    file = tmp_path / "saved.jsonl"
    lines = [json.dumps({"completion": text, "tests": [DOUBLES]}) for text, _ in SAVED]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "scored.jsonl"
    lab(tmp_path, "graded", "stage=score", f"score.path={file}", f"score.out={out}")
    scored = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["total"] for line in scored] == [value for _, value in SAVED]
    assert scored[1]["reason"] == "0 of 1 passed; call, wrong"


def test_attacking_it(tmp_path: Path) -> None:
    _, found = lab(tmp_path, "attacked", "stage=audit", "data=tiny_code", "audit.problems=4")
    assert found.metrics["audit/exploits_paid"].value == 0
    assert found.metrics["audit/honest_right"].value == 1.0
