"""What a run needs of the world outside its configuration, group by group, and is not there.

Asked for every run by `preflight`, and of a refused one for what its mistakes do not concern: so
nothing is imported at the top that a refusal need not wait for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from reasoning_lab.errors import LabError, Problem
from reasoning_lab.runs.gpu import has_gpu
from reasoning_lab.schema import door
from reasoning_lab.schema.data import Mixture, Procedural
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.schema.run import Run

FOR_A_CPU = 1e8
"""Weights above which a step on a CPU takes minutes: no cure for a missing GPU."""


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


def _outside(run: Run) -> Iterable[Problem]:
    """What the verb reads and writes outside of all runs."""
    return run.stage.outside()


def _made(run: Run) -> Iterable[Problem]:
    """Parameters that the lab's own task cannot be made with; the schema knows those of others."""
    if isinstance(run.data, Procedural):
        tasks = {run.data.task}
    elif isinstance(run.data, Mixture):
        tasks = {part.task for part in run.data.parts.values()}
    else:
        return ()
    if tasks & OWN_TASKS.keys():
        from reasoning_lab.data.procedural import own_makers

        own_makers(run.data)
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
    if "peft" in run.stage.reads and run.peft.kind == "qlora" and hardware.device == "mps":
        yield Problem("peft", "4-bit weights need a CPU or CUDA, not mps", "use hardware=cpu")
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
