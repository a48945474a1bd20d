"""The code reward as a user runs it: train on small functions, grade saved programs, attack it.

Every run says what its isolation level guarantees, and what not, on screen and in its manifest.
"""

import json
from pathlib import Path

import pytest
from user import lab, only

from reasoning_lab.runs import manifest
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.sandbox import levels

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("code_sandbox"),
]

GRPO = (
    "stage=grpo model=tiny hardware=cpu hardware.threads=1 stage.max_steps=2 stage.warmup_steps=0 "
    "stage.logging_steps=1 stage.per_device_train_batch_size=8 stage.max_completion_length=16 "
    "stage.evaluation.max_completion_length=16 stage.evaluation.problems=8 "
    "stage.evaluation.problems_during=4 data.train_size=40 data.heldout_size=20"
).split()
DOUBLES = {"type": "call", "fn": "f", "args": [2], "expected": 4}
SAVED = [
    ("```python\ndef f(x): return 2 * x\n```", 1.0),
    ("```python\ndef f(x): return x\n```", 0.0),
    ("```python\nimport os\nos._exit(0)\n```", 0.0),
]


def isolated(
    output: Path, name: str, *arguments: str, isolation: str = "namespaces"
) -> tuple[Path, Manifest]:
    """Run a stage that says which isolation level it has; its folder and its manifest."""
    level = levels.choose(isolation)
    done = lab(output, f"name={name}", "reward=code", "tracker=none", *arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    said = " ".join(done.stdout.split())
    assert said.count(f"sandbox {level.name}, ") == 1
    assert said.index(f"sandbox {level.name}, ") < said.index("result:"), "said when it begins"
    assert "worker" in said
    assert f": {level.kept}" in said
    assert ("not guaranteed: " in said) == bool(level.gaps)
    assert level.gaps in said
    folder = only(output, f"{name}/*/0")
    found = manifest.read(RunFolder(folder))
    (used,) = found.sandboxes
    assert (used.level, used.kept, used.by, used.gaps) == (
        level.name, level.kept, level.by, level.gaps,
    )  # fmt: skip
    told = " ".join(done.stdout.replace("│", " ").split())
    assert (f"level `{level.name}`, NOT guaranteed: {level.gaps}" in told) == bool(level.gaps)
    return folder, found


def test_training_on_small_functions(tmp_path: Path) -> None:
    folder, _ = isolated(tmp_path, "trained", "data=tiny_code", *GRPO)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "at level `namespaces`: no network" in page
    metrics = (folder / "metrics.jsonl").read_text(encoding="utf-8")
    assert "code/timeout_rate" in metrics
    first = json.loads((folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["task"] == "code"
    assert first["parts"]["code"] == 0.0  # the model writes sums, not programs


@pytest.mark.parametrize("isolation", ["namespaces", "process"])
def test_grading_saved_programs(tmp_path: Path, isolation: str) -> None:
    if why := levels.detect()[isolation]:
        pytest.skip(f"NOT TESTED HERE: {isolation}: {why}")
    file = tmp_path / "saved.jsonl"
    lines = [json.dumps({"completion": text, "tests": [DOUBLES]}) for text, _ in SAVED]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "scored.jsonl"
    asked = f"reward.terms.code.params.isolation={isolation}"
    files = f"score.path={file}", f"score.out={out}"
    _, found = isolated(tmp_path, "graded", "stage=score", asked, *files, isolation=isolation)
    (used,) = found.sandboxes
    assert (used.level, used.judged, used.failed) == (isolation, 3, 0)
    assert bool(used.gaps) == (isolation == "process")
    scored = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["total"] for line in scored] == [value for _, value in SAVED]
    assert scored[1]["reason"] == "0 of 1 passed; call, wrong"


def test_attacking_it(tmp_path: Path) -> None:
    _, found = isolated(tmp_path, "attacked", "stage=audit", "data=tiny_code", "audit.problems=4")
    assert found.metrics["audit/exploits_paid"].value == 0
    assert found.metrics["audit/honest_right"].value == 1.0
