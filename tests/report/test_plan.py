from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from sample_run import make_run

from reasoning_lab.report import plan
from reasoning_lab.report.estimate import estimate_seconds, why_unknown
from reasoning_lab.runs.folder import RunFolder

CPU = "hardware=cpu"


def printed(*overrides: str, output: Path) -> str:
    console = Console(record=True, width=110, file=io.StringIO())
    plan.show(make_run(*overrides, output=output), RunFolder(output / "run" / "0"), console)
    return " ".join(console.export_text().replace("│", " ").split())


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["stage=grpo", CPU], ["embedded:tiny", "8 prompts x 8 generations", "cpu · fp32"]),
        (["stage=grpo"], ["1 x accuracy + 0.1 x format if accuracy paid", "resume=auto"]),
        (["reward.terms.format.weight=0"], ["measured only: format"]),
        (["stage.per_device_train_batch_size=4", "stage.gradient_accumulation_steps=4"], ["of 2 "]),
        (["stage=sft"], ["200 steps of 32 rows", "all weights", "before and after"]),
        (["stage=evaluate"], ["nothing is trained", "500 held-out problems, greedy and one"]),
        (["peft=lora", "peft.r=4"], ["lora adapter · r=4"]),
        (["data=gsm8k"], ["openai/gsm8k · all training problems", "unknown here"]),
        (["tracker=none"], ["metrics.jsonl always"]),
        (["seed=7"], ["seed 7"]),
        (["hardware=gpu"], ["cuda", "unknown here: depends on the GPU"]),
    ],
)
def test_the_plan_says(tmp_path: Path, overrides: list[str], said: list[str]) -> None:
    text = printed(*overrides, output=tmp_path)
    assert [part for part in said if part not in text] == []
    assert str(tmp_path / "run" / "0") in text.replace(" ", "")


def test_an_evaluation_has_nothing_to_resume_or_reward(tmp_path: Path) -> None:
    text = printed("stage=evaluate", output=tmp_path)
    assert "reward" not in text
    assert "resume" not in text


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ([CPU], None),
        (["stage=evaluate", CPU], None),
        (["hardware=gpu"], "depends on the GPU"),
        ([CPU, "data=gsm8k"], "depends on how long these rows are"),
        ([CPU, "model.parameters=5e8"], "depends on the machine"),
        ([CPU, "hardware.num_processes=2"], "depends on the devices"),
    ],
)
def test_time_is_only_told_where_it_was_measured(
    tmp_path: Path, overrides: list[str], reason: str | None
) -> None:
    run = make_run(*overrides, output=tmp_path)
    known = estimate_seconds(run)
    assert (known is None) == (reason is not None)
    assert (why_unknown(run) or "").startswith(reason or "")


@pytest.mark.parametrize(
    "more",
    [
        "stage.max_steps=240",
        "stage.per_device_train_batch_size=128",
        "stage.max_completion_length=192",
        "stage.beta=0.1",
        "stage.evaluation.problems=1000",
        "stage.evaluation.samples=4",
        "stage.evaluation.every=10",
        "model.parameters=5e6",
        "hardware.threads=1",
    ],
)
def test_more_work_or_fewer_cores_take_longer(tmp_path: Path, more: str) -> None:
    base = ["stage=grpo", CPU, "hardware.threads=2"]
    less = estimate_seconds(make_run(*base, output=tmp_path))
    longer = estimate_seconds(make_run(*base, more, output=tmp_path))
    assert less is not None
    assert longer is not None
    assert longer > less
