"""What a checked run refers to: another run, data, reward functions, a tracker's key, a GPU.

Looked at before any folder is made, so that a mistake is told at once and not by the worker.
Nothing heavy is imported, but a reward file under `experiments/` is, and may bring what it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reasoning_lab.errors import ArtifactError, ConfigError, DataError, Problem
from reasoning_lab.runs import outside, source
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.runs.gpu import has_gpu
from reasoning_lab.schema.data import Data, Procedural
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.tool import Tool
from reasoning_lab.schema.suggest import did_you_mean

MODELS = ("model", "adapter")
REWARDED = ("grpo", "score", "audit", "replay")
"""Stages that ask the reward anything."""


def check_references(run: Run) -> None:
    """Raise ConfigError with everything the run refers to and that is not there."""
    found = [*_tool(run)] if isinstance(run.stage, Tool) else [*_model(run), *_tracker(run)]
    found += _made(run.data)
    if run.stage.kind in REWARDED:
        from reasoning_lab.rewards.door import problems as reward_problems

        found += reward_problems(run)
    if found:
        raise ConfigError(*found)


def check_machine(hardware: Hardware) -> None:
    """Raise ConfigError when the run needs a GPU and this machine, where it is to run, has none."""
    shared = hardware.num_processes > 1 and hardware.device == "auto"
    if not (hardware.device == "cuda" or shared) or has_gpu():
        return
    cure = "use hardware=cpu"
    if hardware.num_processes > 1:
        cure += f" hardware.strategy=ddp hardware.num_processes={hardware.num_processes}"
    raise ConfigError.one("hardware", "needs a GPU, and this machine has none", cure)


def _model(run: Run) -> Iterator[Problem]:
    """The run that this one starts from did not finish, or is none."""
    if not run.model.path.startswith("run:"):
        return
    try:
        resolve(run.model.path, MODELS, Path(run.output))
    except ArtifactError as error:
        for problem in error.problems:
            yield Problem("model.path", f"{problem.where}: {problem.what}", problem.cure)


def _tool(run: Run) -> Iterator[Problem]:
    """The file or the run that a tool reads is not there."""
    if run.score is not None and run.score.path is not None:
        path = Path(run.score.path).expanduser()
        if not path.is_file():
            what = "is a folder, not a file" if path.is_dir() else "does not exist"
            folder = path if path.is_dir() else path.parent
            near = sorted(other.name for other in folder.glob("*.jsonl*") if other.is_file())
            yield Problem("score.path", f"{path} {what}", did_you_mean(path.name, near))
        else:
            yield from outside.problems(run.score)
    for key, section in (("replay", run.replay), ("samples", run.samples)):
        if section is None:
            continue
        try:
            source.find(section.path, Path(run.output))
        except ArtifactError as error:
            for problem in error.problems:
                yield Problem(f"{key}.path", f"{problem.where}: {problem.what}", problem.cure)


def _made(data: Data) -> Iterator[Problem]:
    """Parameters that the lab's own task cannot be made with; the schema knows those of others."""
    if isinstance(data, Procedural) and data.task in OWN_TASKS:
        from reasoning_lab.data.procedural import own_maker

        try:
            own_maker(data)
        except DataError as error:
            yield from error.problems


def _tracker(run: Run) -> Iterator[Problem]:
    """W&B is to be online and there is no key."""
    if run.tracker.kind != "wandb" or run.tracker.mode != "online":
        return
    from reasoning_lab.track.wandb import choose_mode

    try:
        choose_mode("online")
    except ConfigError as error:
        yield from error.problems
