"""What a stage says while it works; of several processes only the first one speaks."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console

from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.records.answer import WAYS
from reasoning_lab.report.run.live import Live
from reasoning_lab.report.text.output import Output
from reasoning_lab.runs.launch import is_main
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.training import Training

_PLAIN: dict[str, Any] = {"highlight": False, "markup": False}


def start(sandboxes: Sandboxes, rooms: Iterable[Room]) -> None:
    """Start the sandboxes of a run's programs, and say what each guarantees and what not.

    Raises SandboxError, before anything else was done, where a level cannot be had here.
    """
    started = {(room.isolation, room.modules): sandboxes.ready(room) for room in rooms}
    for sandbox in started.values():
        level = sandbox.level
        many = f"{sandbox.workers} worker{'s' if sandbox.workers > 1 else ''}"
        _console().print(f"sandbox {level.name}, {many}: {level.kept}", **_PLAIN)
        if level.gaps:
            _console().print(f"not guaranteed: {level.gaps}", style="yellow", **_PLAIN)


def say(lines: Iterable[str]) -> None:
    """Say each line, which is not to be overlooked."""
    for line in lines:
        _console().print(line, style="yellow", soft_wrap=True, **_PLAIN)


def training(run: Run, stage: Training, start: int) -> Live:
    """The progress of a training that continues from step `start`."""
    return Live(stage.max_steps, _title(run), _console(), start=start)


def measuring(run: Run, completions: int) -> Live:
    """The progress of a measurement of so many completions."""
    return Live(completions, _title(run), _console(), unit="completion")


def held_out_line(step: int, metrics: dict[str, float]) -> str:
    """One line for the screen, short enough for 80 columns.

    >>> shares = {"greedy/pass@1": 0.615, "sampled/pass@1": 0.6, "greedy/thinking": 1.0}
    >>> held_out_line(40, {f"heldout/{key}": value for key, value in shares.items()})
    'step 40, held out: pass@1 61.5 % greedy, 60.0 % sampled; thinking 100.0 % greedy'
    """
    parts = []
    for what in ("pass@1", "thinking"):
        ways = [(way, metrics.get(f"heldout/{way}/{what}")) for way in WAYS]
        said = [f"{100 * value:.1f} % {way}" for way, value in ways if value is not None]
        if what == "thinking" and len(said) == 2:
            said = [one.rpartition(" ")[0] for one in said]  # in the order of those before
        parts += [f"{what} {', '.join(said)}"] if said else []
    return f"step {step}, held out: " + "; ".join(parts)


def _title(run: Run) -> str:
    return f"{run.stage.kind} {run.model.name}"


def _console() -> Console:
    return Output(quiet=not is_main())
