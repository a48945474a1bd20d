"""Commands worth trying after a run, typed so that they work from the same place."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from reasoning_lab.report.words import path
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.data import Mixture, Procedural
from reasoning_lab.schema.run import Run

Step = tuple[str, str]


def next_steps(run: Run, manifest: Manifest) -> list[Step]:
    """Pairs of (what it does, command), three or four, most useful first."""
    steps = {"grpo": _after_grpo, "sft": _after_sft}.get(manifest.stage, _after_evaluate)
    return [(what, f"{program('python')} -m reasoning_lab {rest}") for what, rest in steps(run)]


def sync(folder: RunFolder, manifest: Manifest) -> list[Step]:
    """The command that sends an offline W&B run to the server; empty where there is none."""
    place = manifest.artifacts.get("wandb")
    if place is None or "offline-run" not in place:
        return []
    last = folder.path / place
    # A resumed run has one folder more each time, all with its id; they are sent together.
    parts = sorted({last, *last.parent.glob(f"offline-run-*-{last.name.rpartition('-')[2]}")})
    sent = " ".join(map(path, parts))
    return [("send the offline run to W&B", f"{program('wandb')} sync {sent}")]


def program(name: str) -> str:
    """How to type `name` of this Python's environment: bare when the shell finds the same one.

    `.venv/bin/python` where the environment is not activated.
    """
    here = Path(sys.executable).parent / name
    found = shutil.which(name)
    if found is not None and os.path.realpath(Path(found).parent) == os.path.realpath(here.parent):
        return name
    return path(here)


def _after_grpo(run: Run) -> list[Step]:
    same = f"stage=grpo reward={run.reward.name}{_model(run)}{_data(run)}"
    return [
        ("a sweep with a table", f"-m {same} stage.num_generations=4,8 seed=0,1"),
        ("measure what came out", f"stage=evaluate{_made_here(run)}{_data(run)}"),
        ("supervised fine-tuning", "stage=sft"),
        _real_model(),
    ]


def _after_sft(run: Run) -> list[Step]:
    return [
        ("reinforce what came out", f"stage=grpo{_reward(run)}{_made_here(run)}{_data(run)}"),
        ("measure what came out", f"stage=evaluate{_made_here(run)}{_data(run)}"),
        _real_model(),
    ]


def _after_evaluate(run: Run) -> list[Step]:
    return [
        ("train the same model", f"stage=grpo{_reward(run)}{_model(run)}{_data(run)}"),
        ("compare models in a table", f"-m stage=evaluate model=tiny,tiny_student{_data(run)}"),
        _real_model(),
    ]


def _real_model() -> Step:
    return (
        "a real model (a GPU, the hub)",
        "stage=grpo model=qwen2_5_0_5b data=gsm8k peft=lora hardware=gpu"
        " hardware.gradient_checkpointing=true stage.learning_rate=1e-5"
        " stage.per_device_train_batch_size=8 stage.gradient_accumulation_steps=8",
    )


def _made_here(run: Run) -> str:
    """The choice of what this run made; `run:` references are looked up below `output`."""
    output = "" if run.output == "multirun" else f" output={shlex.quote(run.output)}"
    return f" model=from_run model.path=run:{run.name}@latest{output}"


def _model(run: Run) -> str:
    if run.model.name == "from_run":
        return f" model=from_run model.path={shlex.quote(run.model.path)}"
    return "" if run.model.name == "tiny" else f" model={run.model.name}"


def _data(run: Run) -> str:
    """The choice of the same data; a mixture is for fine-tuning alone, so then the default."""
    data = run.data
    if isinstance(data, Mixture) or data.name == "chain_sum":
        return ""
    if isinstance(data, Procedural):
        return f" data=reasoning_gym data.task={data.task}"
    place = f" data.path={shlex.quote(data.path)}" if data.path else ""
    return f" data={data.name}{place}"


def _reward(run: Run) -> str:
    other_task = isinstance(run.data, Procedural) and run.data.name != "chain_sum"
    return " reward=scorer" if other_task else " reward=math"
