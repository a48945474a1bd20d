"""Commands worth trying after a run, typed so that they work from the same place."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from reasoning_lab.report.words import path
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
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
    return [("send the offline run to W&B", f"{program('wandb')} sync {path(folder.path / place)}")]


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
    same = f"stage=grpo reward={run.reward.name}{_choices(run)}"
    return [
        ("a sweep with a table", f"-m {same} stage.num_generations=4,8 seed=0,1"),
        ("measure what came out", _evaluate(run)),
        ("supervised fine-tuning", "stage=sft"),
        _real_model(),
    ]


def _after_sft(run: Run) -> list[Step]:
    return [
        ("reinforce what came out", f"stage=grpo {_made_here(run)}{_data(run)}"),
        ("measure what came out", _evaluate(run)),
        _real_model(),
    ]


def _after_evaluate(run: Run) -> list[Step]:
    return [
        ("train the same model", f"stage=grpo reward=math{_choices(run)}"),
        ("compare models in a table", "-m stage=evaluate model=tiny,tiny_student"),
        _real_model(),
    ]


def _real_model() -> Step:
    return (
        "a real model (a GPU, the hub)",
        "stage=grpo model=qwen2_5_0_5b data=gsm8k peft=lora hardware=gpu stage.learning_rate=1e-5",
    )


def _evaluate(run: Run) -> str:
    return f"stage=evaluate {_made_here(run)}{_data(run)}"


def _made_here(run: Run) -> str:
    return f"model=from_run model.path=run:{run.name}@latest"


def _choices(run: Run) -> str:
    model = "" if run.model.name == "tiny" else f" model={run.model.name}"
    return model + _data(run)


def _data(run: Run) -> str:
    return "" if run.data.name == "chain_sum" else f" data={run.data.name}"
