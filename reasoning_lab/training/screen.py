"""What a stage says while it works; of several processes only the first one speaks."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from rich.console import Console

from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.report.run.live import Live
from reasoning_lab.report.text.output import Output
from reasoning_lab.runs.launch import is_main
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.training import Training

PATIENCE = 2.0
"""Seconds of preparation that nothing is said of."""
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


@contextmanager
def preparing(what: str, rows: int) -> Iterator[Callable[[int], None]]:
    """For work on so many rows before anything is trained: its function is told of rows as they are
    done, and shows `what` is done and how far it is, unless all are done within `PATIENCE`.
    """
    shown: list[Live] = []
    began: list[float] = []
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        began[:] = began or [time.monotonic()]
        if not shown and time.monotonic() - began[0] > PATIENCE:
            shown.append(stack.enter_context(Live(rows, what, _console(), start=done, unit="row")))
            shown[0].note(f"{what}: {rows:,} rows")
        for live in shown:
            live.update(done, {})

    with ExitStack() as stack:
        yield told


def learning_words(rows: int) -> None:
    """Say that a tokenizer is being learned, which shows no progress of its own."""
    _console().print(f"learning a tokenizer from {rows:,} rows", **_PLAIN)


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


def rejecting(run: Run, problems: int) -> Live:
    """The progress of rejection sampling on so many problems."""
    return Live(problems, _title(run), _console(), unit="problem")


def held_out_line(step: int, metrics: dict[str, float]) -> str:
    """One line for the screen: the ways in their order; short enough for 80 columns with two.

    >>> shares = {"greedy/pass@1": 0.615, "sampled/pass@1": 0.6, "greedy/thinking": 1.0}
    >>> held_out_line(40, {f"heldout/{key}": value for key, value in shares.items()})
    'step 40, held out: pass@1 61.5 % greedy, 60.0 % sampled; thinking 100.0 % greedy'
    """
    parts = []
    for what in ("pass@1", "thinking"):
        names = [key.split("/") for key in metrics if key.endswith(f"/{what}")]
        ways = [(way, metrics[f"{first}/{way}/{what}"]) for first, way, _ in names]
        said = [f"{100 * value:.1f} % {way}" for way, value in ways]
        if what == "thinking" and len(said) > 1:
            said = [one.rpartition(" ")[0] for one in said]  # in the order of those before
        parts += [f"{what} {', '.join(said)}"] if said else []
    return f"step {step}, held out: " + "; ".join(parts)


def _title(run: Run) -> str:
    return f"{run.stage.kind} {run.model.name}"


def _console() -> Console:
    return Output(quiet=not is_main())
