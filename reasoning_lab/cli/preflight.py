"""The last look before a run is started: what it refers to and needs is there, and is pinned.

Single runs, every job of a sweep and every step of a pipeline pass here after the door, before any
folder is made, so that a mistake is told at once and not by the worker. Nothing heavy is imported,
but a reward file under `experiments/` is, and may bring what it likes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoning_lab.cli.measured import held_out
from reasoning_lab.errors import ConfigError, LabError, Problem
from reasoning_lab.runs import source
from reasoning_lab.runs.artifacts import pin
from reasoning_lab.runs.gpu import has_gpu, has_nvidia
from reasoning_lab.schema import door
from reasoning_lab.schema.data import Procedural
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.schema.reference import PREFIX, Reference, references, replaced
from reasoning_lab.schema.run import Run

FOR_A_CPU = 1e8
"""Weights above which a step on a CPU takes minutes: no cure for a missing GPU."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A run that may be started, and how many problems its data hold out, where that is known."""

    run: Run
    held_out: int | None


def preflight(run: Run) -> Run:
    """The run to start: `run` with every `run:` reference pinned (see `runs/artifacts.py`).

    Raises ConfigError with everything that it refers to or needs and that is not there.
    """
    return look(run).run


def look(run: Run) -> Ready:
    """The same with what was counted on the way, for the plan."""
    problems: list[Problem] = []
    count: int | None = None
    pins: dict[str, str] = {}
    for one in references(run):
        try:
            pins[one.key] = pinned(one, Path(run.output))
        except LabError as error:
            told = error.problems
            problems += [Problem(one.key, f"{each.where}: {each.what}", each.cure) for each in told]
    for finds in FINDERS:
        try:
            problems += list(finds(run))
        except LabError as error:
            problems += error.problems
    try:
        count = held_out(run)
    except LabError as error:
        problems += error.problems
    if problems:
        raise ConfigError(*dict.fromkeys(problems))
    return Ready(replaced(run, pins), count)


def besides(plain: Mapping[str, Any], found: Iterable[Problem]) -> list[Problem]:
    """What a run that the door refuses refers to or needs besides and that is not there.

    Looked at are the groups that no problem found so far is about.
    """
    told = [*found]
    spoilt = {problem.where.partition(".")[0] for problem in told}
    more: list[Problem] = []
    run = door.partly(plain)
    for finds, groups in FINDERS.items():
        if run is not None and spoilt.isdisjoint(groups):
            try:
                more += finds(run)
            except LabError as error:
                more += error.problems
    return [problem for problem in more if problem not in told]


def pinned(reference: Reference, output: Path) -> str:
    """The value of a reference that means one run only; names are looked up under `output`.

    Raises ArtifactError where there is no such run.
    """
    if not reference.refers.stored:
        return pin(reference.value, reference.refers.kinds, output)
    found = source.find(reference.value, output)
    if not found.finished:  # it is still writing: there is nothing to pin yet
        return reference.value
    by_folder = f"{PREFIX}{found.folder.path.resolve()}"
    named = reference.value if reference.value.startswith(PREFIX) else by_folder
    return pin(named, reference.refers.kinds, output, stored=True)


def _outside(run: Run) -> Iterable[Problem]:
    """What the verb reads and writes outside of all runs."""
    return run.stage.outside()


def _made(run: Run) -> Iterable[Problem]:
    """Parameters that the lab's own task cannot be made with; the schema knows those of others."""
    if isinstance(run.data, Procedural) and run.data.task in OWN_TASKS:
        from reasoning_lab.data.procedural import own_maker

        own_maker(run.data)
    return ()


def _reward(run: Run) -> Iterable[Problem]:
    """Functions, parameters and tasks of the reward."""
    if "reward" not in run.stage.reads:
        return ()
    from reasoning_lab.rewards.door import problems as reward_problems

    return reward_problems(run)


def _tracker(run: Run) -> Iterable[Problem]:
    """W&B is to be online and there is no key."""
    tracker = run.tracker
    if "tracker" in run.stage.reads and (tracker.kind, tracker.mode) == ("wandb", "online"):
        from reasoning_lab.track.wandb import choose_mode

        choose_mode("online")
    return ()


def _machine(run: Run) -> Iterator[Problem]:
    """The run needs a GPU and this machine, where it is to run, has none."""
    hardware = run.hardware
    if not run.stage.device:
        return
    if (
        "peft" in run.stage.reads
        and run.peft.kind == "qlora"
        and not (hardware.device == "cuda" or (hardware.device == "auto" and has_nvidia()))
    ):
        where = "this machine has no NVIDIA GPU"
        where = where if hardware.device == "auto" else f"not on {hardware.device}"
        what = f"qlora needs CUDA and the extra `qlora`; {where}"
        yield Problem("peft", what, "use peft=lora, or hardware=gpu on a machine with one")
    shared = hardware.num_processes > 1 and hardware.device == "auto"
    if (hardware.device == "cuda" or shared) and not has_gpu():
        cure = "use hardware=cpu"
        if run.model is not None and run.model.parameters > FOR_A_CPU:
            cure = (
                f"{run.model.parameters / 1e9:.2g} B weights want one: start it on a machine with a"
                " GPU; what a CPU can do, to try a command: model=tiny data=chain_sum peft=none"
                " hardware=cpu"
            )
        elif hardware.num_processes > 1:
            cure += f" hardware.strategy=ddp hardware.num_processes={hardware.num_processes}"
        yield Problem("hardware", "needs a GPU, and this machine has none", cure)


FINDERS: dict[Callable[[Run], Iterable[Problem]], tuple[str, ...]] = {
    _outside: ("stage",),
    _made: ("data",),
    _reward: ("reward", "data", "stage", "hardware"),
    _tracker: ("tracker",),
    _machine: ("hardware", "peft"),
}
"""What looks for what is not there, and the groups of the run whose settings it looks at."""
