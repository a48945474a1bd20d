"""Stages: one verb a file. The table below is the lab's only lazy import."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reasoning_lab.runs.folder import RunFolder
    from reasoning_lab.runs.manifest import Manifest
    from reasoning_lab.schema.run import Run

    StageFn = Callable[[Run, RunFolder], Manifest]

STAGES: dict[str, str] = {
    "audit": "reasoning_lab.stages.audit:run",
    "evaluate": "reasoning_lab.stages.evaluate:run",
    "grpo": "reasoning_lab.stages.grpo:run",
    "replay": "reasoning_lab.stages.replay:run",
    "samples": "reasoning_lab.stages.samples:run",
    "score": "reasoning_lab.stages.score:run",
    "sft": "reasoning_lab.stages.sft:run",
}


def load(kind: str) -> StageFn:
    """The function that runs stage `kind`; for a training stage this imports torch and the trainer.

    Raises KeyError for a kind that the schema does not know, which the door makes impossible.
    """
    module, name = STAGES[kind].split(":")
    with redirect_stdout(io.StringIO()) as said:
        stage: StageFn = getattr(import_module(module), name)
    # transformers says this of any tracker, and once in each process.
    lines = said.getvalue().splitlines(keepends=True)
    sys.stdout.writelines(line for line in lines if "WANDB offline mode" not in line)
    return stage
