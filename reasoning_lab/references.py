"""What a checked run refers to: another run, reward functions, a tracker's key, a GPU.

Looked at before any folder is made, so that a mistake is told at once and not by the worker.
Nothing heavy is imported, but a reward file under `experiments/` is, and may bring what it likes.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from reasoning_lab.errors import ArtifactError, ConfigError, LabError, Problem
from reasoning_lab.runs import outside, source
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.kinds import check_kind
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.schema.tools import Tool

MODELS = ("model", "adapter")
REWARDED = ("grpo", "score", "audit", "replay")
"""Stages that ask the reward anything."""
LAB = "reasoning_lab."
KINDS = ("float", "int", "bool", "str")
DEVICES = ("nvidiactl", "nvidia[0-9]*", "nvmap", "kfd", "dxg")
"""Under /dev: NVIDIA's driver, its small boards, AMD's driver, and Windows' for Linux."""


def check_references(run: Run) -> None:
    """Raise ConfigError with everything the run refers to and that is not there."""
    found = [*_tool(run)] if isinstance(run.stage, Tool) else [*_model(run), *_tracker(run)]
    if run.stage.kind in REWARDED:
        found += _reward(run.reward)
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


def has_gpu() -> bool:
    """Whether a driver's device is here for CUDA or ROCm, told without importing torch."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    return any(any(Path("/dev").glob(name)) for name in DEVICES)


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
            near = sorted(other.name for other in path.parent.glob("*.jsonl"))
            yield Problem("score.path", f"{path} {what}", did_you_mean(path.name, near))
        yield from outside.problems(run.score)
    for key, section in (("replay", run.replay), ("samples", run.samples)):
        if section is None or section.path is None:
            continue
        try:
            source.find(section.path, Path(run.output))
        except ArtifactError as error:
            for problem in error.problems:
                yield Problem(f"{key}.path", f"{problem.where}: {problem.what}", problem.cure)


def _tracker(run: Run) -> Iterator[Problem]:
    """W&B is to be online and there is no key."""
    if run.tracker.kind != "wandb" or run.tracker.mode != "online":
        return
    from reasoning_lab.track.wandb import choose_mode

    try:
        choose_mode("online")
    except ConfigError as error:
        yield from error.problems


def _reward(reward: Reward) -> Iterator[Problem]:
    """Functions that are not there or not allowed, and parameters that they do not take."""
    from reasoning_lab.rewards.term import check_signature, resolve

    for name, term in reward.terms.items():
        key = f"reward.terms.{name}"
        try:
            fn = resolve(term.fn, key)
        except LabError as error:
            yield from error.problems
            continue
        except (ImportError, SyntaxError) as error:
            yield Problem(f"{key}.fn", f"{term.fn} cannot be imported: {error}", "mend the file")
            continue
        wrong = check_signature(fn, term.params, key)
        wrong = wrong or [p for n, v in term.params.items() for p in _kind(fn, key, n, v)]
        if not wrong and term.fn.startswith(LAB):
            wrong = _range(fn, key, term.params)
        yield from wrong


def _kind(fn: Callable[..., object], key: str, name: str, value: object) -> list[Problem]:
    """The problem of a value of another kind than the function's annotation says."""
    argument = inspect.signature(fn).parameters.get(name)
    kind = argument.annotation if argument else None
    kind = kind.__name__ if isinstance(kind, type) else kind
    return check_kind(f"{key}.params.{name}", str(kind), value) if kind in KINDS else []


def _range(fn: Callable[..., object], key: str, params: dict[str, object]) -> list[Problem]:
    """What a lab function says to parameters out of range: it raises ValueError at once."""
    if not params:
        return []
    from reasoning_lab.text.example import Completion, Example

    completion = Completion(text="<think>\n1\n</think>\n<answer>1</answer>", tokens=8)
    try:
        fn(completion, Example(id="probe", prompt=(), answer="1"), **params)
    except ValueError as error:
        named = [name for name in params if str(error).startswith(f"{name} ")]
        where = f"{key}.params.{named[0]}" if named else f"{key}.params"
        what = str(error).removeprefix(f"{named[0]} ") if named else str(error)
        return [Problem(where, what)]
    return []
