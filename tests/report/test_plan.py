import io
from pathlib import Path

import pytest
from rich.console import Console
from sample_run import make_folder, make_run

from reasoning_lab.report.run import plan
from reasoning_lab.report.run.estimate import estimate_seconds, why_unknown
from reasoning_lab.runs.folder import COMPLETE, RunFolder
from reasoning_lab.runs.manifest import read

CPU = "hardware=cpu"


def printed(*overrides: str, output: Path, counted: int | None = None, width: int = 110) -> str:
    console = Console(record=True, width=width, file=io.StringIO())
    folder = RunFolder(output / "run" / "0")
    plan.show(make_run(*overrides, output=output), folder, console, counted)
    return " ".join(console.export_text().replace("│", " ").split())


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["stage=grpo", CPU], ["embedded:tiny", "8 prompts x 8 generations", "cpu · float32"]),
        (["stage=grpo"], ["1 x accuracy + 0.1 x format if accuracy paid", "resume=auto"]),
        (["reward.terms.format.weight=0"], ["measured only: format"]),
        (["stage.per_device_train_batch_size=4", "stage.gradient_accumulation_steps=4"], ["of 2 "]),
        (["stage.num_generations=64"], ["of 1 prompt x 64 generations, at most"]),
        (["hardware.threads=1", CPU], ["1 thread "]),
        (["stage=sft"], ["200 steps of 32 rows", "all weights", "before and after"]),
        (["stage=evaluate"], ["nothing is trained", "500 held-out problems, greedy and one"]),
        (["data.heldout_size=8"], ["8 held out", "8 held-out problems", "after; 8 every 25 steps"]),
        (["data=gsm8k"], ["all held out", "all held-out problems", "at most 200 every 25 steps"]),
        (["stage=evaluate", "data=humaneval"], ["a test set, all held out"]),
        (["stage=audit", "data=humaneval"], ["a test set to choose from"]),
        (["peft=lora", "peft.r=4"], ["lora adapter · r=4"]),
        (["data=gsm8k"], ["openai/gsm8k · all training problems", "unknown here"]),
        (["tracker=none"], ["metrics.jsonl always"]),
        (["seed=7"], ["seed 7"]),
        (
            ["stage=audit", "audit.problems=8"],
            ["chain_sum · 32 problems made to choose from", "attacks 8 problems"],
        ),
        (["stage=audit", "data=gsm8k"], ["gsm8k · all training problems to choose from"]),
        (["stage.max_steps=1", "stage.warmup_steps=0"], ["grpo · 1 step of"]),
        (["stage.save_steps=1", "stage.evaluation.every=1"], ["every step)", "200 every step"]),
        ([CPU, "hardware.strategy=ddp", "hardware.num_processes=2"], ["2 processes (ddp)"]),
        (["stage=grpo", "name=mine"], ["plan: grpo · mine", "chain_sum · 4,000 training"]),
        (["model=tiny_scratch", "stage=sft", "data=tiny_base"], ["float32"]),
        (["hardware=gpu"], ["cuda", "unknown here: depends on the GPU"]),
    ],
)
def test_the_plan_says(tmp_path: Path, overrides: list[str], said: list[str]) -> None:
    text = printed(*overrides, output=tmp_path)
    assert [part for part in said if part not in text] == []
    assert str(tmp_path / "run" / "0") in text.replace(" ", "")


def test_the_plan_counts_the_rows_that_are_here(tmp_path: Path) -> None:
    text = printed("stage=evaluate", "data=humaneval", output=tmp_path, counted=164)
    assert "a test set, 164 held out" in text
    assert "164 held-out problems" in text


def test_the_plan_names_the_very_run_that_latest_means(tmp_path: Path) -> None:
    make_folder(make_run(output=tmp_path), tmp_path / "grpo" / "early" / "0")
    last = make_folder(make_run(output=tmp_path), tmp_path / "grpo" / "2025-hash" / "0")
    late = read(last).model_copy(update={"finished": "2026-01-01T00:00:00.000000+00:00"})
    late.write(last)
    for folder in (tmp_path / "grpo").glob("*/0"):
        (folder / "model").mkdir()
        adapted = read(RunFolder(folder)).model_copy(update={"artifacts": {"model": "model"}})
        adapted.write(RunFolder(folder))
    measure = ["stage=evaluate", "model=from_run"]
    text = printed(*measure, output=tmp_path, width=300)
    assert f"run:grpo@latest = {last.path}" in text
    assert "trained with" not in text
    text = printed(*measure, "model.max_length=200", output=tmp_path, width=300)
    assert "it was trained with model.max_length=256; here it is not" in text
    text = printed("stage=samples", "samples.path=run:grpo@latest", output=tmp_path, width=300)
    assert f"completions of run:grpo@latest = {last.path}" in text


def test_a_resumed_run_says_where_it_goes_on(tmp_path: Path) -> None:
    checkpoint = RunFolder(tmp_path / "run" / "0").checkpoints / "checkpoint-50"
    checkpoint.mkdir(parents=True)
    (checkpoint / COMPLETE).touch()
    assert "at step 50 of 200" in printed("stage=sft", output=tmp_path)


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
    assert longer > less
