"""The verbs on a real language model, SmolLM2-135M from `make smollm2`: `make test-real`."""

from pathlib import Path

import pytest
from user import lab, only

from reasoning_lab.cli.compose import compose
from reasoning_lab.model import load
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.stream import sample_prompts
from reasoning_lab.sampling.transformers_engine import TransformersEngine
from reasoning_lab.schema.door import check

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "models" / "smollm2_135m"
pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
HERE = ["model=smollm2_135m", f"model.path={FOLDER}", "hardware=cpu", "tracker=none"]


def test_it_knows_what_it_was_taught() -> None:
    run = check(compose(["stage=evaluate", *HERE]))
    loaded = load.load(run.model, run.hardware, output=Path("multirun"), seed=0)
    asked = [{"role": "user", "content": "What is the capital of France?"}]
    params = Params(
        temperature=0.0,
        top_p=1.0,
        top_k=0,
        max_completion_length=24,
        seed=0,
        stop=(),
        max_think_tokens=None,
    )
    ((said,),) = sample_prompts([asked], TransformersEngine(loaded, slots=4), params)
    assert "Paris" in said.text
    assert sum(weight.numel() for weight in loaded.model.parameters()) == 134_515_008


def test_it_is_measured(tmp_path: Path) -> None:
    sizes = ["stage.evaluation.problems=4", "stage.evaluation.max_completion_length=16"]
    done = lab(tmp_path, "stage=evaluate", *HERE, *sizes)
    assert done.returncode == 0, done.stdout + done.stderr
    metrics = read(RunFolder(only(tmp_path, "evaluate/*/*"))).metrics
    assert metrics["greedy/pass@1"].n == 4


def test_it_is_probed_and_does_not_know_the_form(tmp_path: Path) -> None:
    sizes = "stage.problems=2 stage.samples=4 stage.max_completion_length=24".split()
    done = lab(tmp_path, "stage=probe", *HERE, *sizes)
    assert done.returncode == 0, done.stdout + done.stderr
    metrics = read(RunFolder(only(tmp_path, "probe/*/*"))).metrics
    assert metrics["probe/format"].value == 0
    assert "Hardly" in done.stdout


@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_it_trains(stage: str, tmp_path: Path) -> None:
    done = lab(tmp_path, f"stage={stage}", *HERE, "peft=lora", "debug=smoke", "stage.max_steps=1")
    assert done.returncode == 0, done.stdout + done.stderr
    manifest = read(RunFolder(only(tmp_path, f"smoke_{stage}/*/*")))
    assert manifest.kind == "adapter"
    assert manifest.peak_memory_mb < 6 * 1024


def test_it_writes_and_only_what_is_right_is_kept(tmp_path: Path) -> None:
    sizes = "stage.problems=3 stage.samples=2 stage.max_completion_length=24".split()
    done = lab(tmp_path, "stage=reject", *HERE, *sizes)
    assert done.returncode == 0, done.stdout + done.stderr
    metrics = read(RunFolder(only(tmp_path, "reject/*/*"))).metrics
    assert metrics["reject/yield"].n == 3
    assert 3 <= metrics["reject/sampled"].value <= 6
