"""Real models: their commands pass the door with settings of their own, not the tiny model's."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.schema.door import check
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.vocabulary import choices, conf_dir

ROOT = Path(__file__).resolve().parents[2]
EMBEDDED = ("tiny", "tiny_student", "tiny_scratch", "small_scratch", "from_run")
ON_A_CPU = ("smollm2_135m",)  # its settings are tried by `make test-real`
REAL = [name for name in choices("model") if name not in (*EMBEDDED, *ON_A_CPU)]
COMMAND = re.compile(r"^(?:#\s+(\w+):\s+|    )python -m reasoning_lab (.*)$", re.MULTILINE)


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """(label, overrides) of each command; of a sweep, its first job."""
    for label, command in COMMAND.findall(text):
        words = [word for word in shlex.split(command, comments=True) if word != "-m"]
        yield label, [word.split(",")[0].replace("FOLDER", str(ROOT)) for word in words]


def check_sizes(run: Run) -> None:
    """Settings that a real model can be trained with by GRPO, on one GPU or several."""
    stage: Any = run.stage
    assert stage.learning_rate == (1e-6 if run.peft.kind == "none" else 1e-5)
    assert stage.per_device_train_batch_size <= 8
    assert stage.per_device_train_batch_size * stage.gradient_accumulation_steps == 64
    assert run.hardware.device == "cuda"
    assert run.hardware.gradient_checkpointing
    assert stage.evaluation.batch_size <= 64


@pytest.mark.parametrize("name", REAL)
def test_the_commands_in_a_head_fit_a_real_model(name: str) -> None:
    text = (conf_dir() / "model" / f"{name}.yaml").read_text(encoding="utf-8")
    found = dict(commands(text))
    assert set(found) == {"run", "sweep", "full"}
    for label, overrides in found.items():
        run = check(compose(overrides))
        assert run.model.name == name
        assert run.peft.kind == ("none" if label == "full" else "lora")
        check_sizes(run)


def test_the_commands_of_the_readme_pass_the_door() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text[text.index("## Real models") : text.index("## Sweeps")]
    found = [overrides for _, overrides in commands(part)]
    assert len(found) >= 6
    for overrides in found:
        run = check(compose(overrides))
        assert run.model.name in REAL
        if run.stage.kind == "grpo":
            check_sizes(run)


@pytest.mark.parametrize("stage", ["grpo", "sft", "evaluate"])
@pytest.mark.parametrize("name", [*REAL, *EMBEDDED])
def test_lengths_follow_the_model(name: str, stage: str) -> None:
    run = check(compose([f"model={name}", f"stage={stage}"]))
    longest = run.model.max_completion_length
    kind: Any = run.stage
    assert kind.evaluation.max_completion_length == longest
    assert getattr(kind, "max_completion_length", longest) == longest
    assert getattr(kind, "max_length", run.model.max_length) == run.model.max_length
    assert (longest == 96) == (name in EMBEDDED and name != "small_scratch")


def test_a_length_given_to_the_stage_wins_and_is_measured_with() -> None:
    run = check(compose(["model=qwen2_5_0_5b", "stage.max_completion_length=300"]))
    kind: Any = run.stage
    assert (kind.max_completion_length, kind.evaluation.max_completion_length) == (300, 300)


def test_the_tiny_model_keeps_the_defaults_that_were_measured() -> None:
    kind: Any = check(compose([])).stage
    assert (kind.max_completion_length, kind.evaluation.max_completion_length) == (96, 96)
    assert (kind.learning_rate, kind.per_device_train_batch_size) == (1e-4, 64)
    assert (kind.gradient_accumulation_steps, kind.max_steps) == (1, 100)


@pytest.mark.parametrize("name", REAL)
def test_a_real_model_is_told_where_the_answer_goes(name: str) -> None:
    prompt = check(compose([f"model={name}"])).model.system_prompt or ""
    tags = all(tag in prompt for tag in ("<think>", "</think>", "<answer>", "</answer>"))
    assert tags or "\\boxed{}" in prompt
