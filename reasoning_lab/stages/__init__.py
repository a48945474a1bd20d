"""Stages: one verb a file, loaded by name; the lab's only lazy import.

The table of verbs is `schema/stages`: what a verb does stands here in the file of its name.
"""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.launch import is_rank
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages import VERBS

StageFn = Callable[[Run, RunFolder], Manifest]


def load(kind: str) -> StageFn:
    """The function `run` of the verb `kind`, in the file of its name.

    For a training this imports torch and the trainer. Raises KeyError for a kind that is not in the
    schema's table of verbs, which the door makes impossible.
    """
    if kind not in VERBS:
        raise KeyError(kind)
    with redirect_stdout(io.StringIO()) as said:
        stage: StageFn = import_module(f"{__name__}.{kind}").run
    # transformers says this of any tracker, and once in each process.
    lines = said.getvalue().splitlines(keepends=True)
    sys.stdout.writelines(line for line in lines if "WANDB offline mode" not in line)
    return _together(stage) if is_rank() else stage


def _together(stage: StageFn) -> StageFn:
    """The stage in a rank of several, which begins when all of them are there."""

    def begin(run: Run, folder: RunFolder) -> Manifest:
        import_module("reasoning_lab.model.ranks").meet(run.hardware)
        return stage(run, folder)

    return begin
