"""What happens between the steps of a trainer: logs are passed on, the model is measured, a stop is
obeyed.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import torch
from transformers import (
    PrinterCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from reasoning_lab.report.run.live import Live
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.stop import Stopped, stop
from reasoning_lab.track import Tracking
from reasoning_lab.training.screen import held_out_line

# Log keys of the trainer that measure the clock, or count from where the process started; they go
# under `perf/` so that everything under `train/` repeats exactly, resumed or not.
CLOCK = ("step_time", "runtime", "per_second", "total_flos", "num_tokens")
# The most telling first: a narrow terminal shows as many as it has room for.
LIVE = {
    "accuracy": "train/rewards/accuracy/mean",
    "thinking": "train/rewards/share_thinking",
    "reward": "train/rewards/total/mean",
    "loss": "train/loss",
}


@dataclass
class Pace:
    """Tokens per second between the first log and the last one of this process."""

    first: tuple[float, float] | None = None
    last: tuple[float, float] | None = None

    def add(self, tokens: float) -> None:
        """Note that `tokens` have been seen in all by now."""
        self.last = (perf_counter(), tokens)
        self.first = self.first or self.last

    def tokens_per_second(self) -> float | None:
        """None before the second log."""
        if self.first is None or self.last is None or self.first == self.last:
            return None
        return (self.last[1] - self.first[1]) / (self.last[0] - self.first[0])


@dataclass
class LabCallback(TrainerCallback):
    """Carries the trainer's logs to the tracker and the screen, measures, and obeys a stop.

    `measure` is called every `every` steps and returns held-out metrics. `watch` sees what every
    step logs and gives a sentence for the screen, or "".
    """

    tracking: Tracking
    live: Live
    every: int
    measure: Callable[[], dict[str, float]]
    watch: Callable[[Mapping[str, float]], str] = lambda metrics: ""
    pace: Pace = field(default_factory=Pace)

    def on_log(  # noqa: D102
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        if not state.is_world_process_zero or not logs:
            return
        named = {metric_name(key): value for key, value in logs.items()}
        if "train_runtime" in logs:
            # The closing summary averages over this process alone: a resumed run's would differ.
            named = {key: value for key, value in named.items() if key.startswith("perf/")}
        if "perf/num_tokens" in named:
            self.pace.add(named["perf/num_tokens"])
        self.tracking.log(named, state.global_step)
        shown = {label: named[key] for label, key in LIVE.items() if key in named}
        self.live.update(state.global_step, shown)
        if said := self.watch(named):
            self.live.note(said)

    def on_train_begin(  # noqa: D102
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        # The stop that this run resumes from may have cut off the measurement of its last step.
        if state.global_step > 0:
            self.examine(state)

    def on_step_end(  # noqa: D102
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        agree_to_stop(args.device)
        if not stop.requested:
            self.examine(state)
        if stop.requested:
            control.should_save = True
            control.should_training_stop = True

    def examine(self, state: TrainerState) -> None:
        """Measure if it is time to; a stop in mid-measurement ends it without a trace.

        Every rank measures the same: where weights are sharded, a forward pass needs them all.
        """
        if self.due(state):
            with suppress(Stopped):
                metrics = self.measure()
                self.tracking.log(metrics, state.global_step)
                self.live.note(held_out_line(state.global_step, metrics))

    def due(self, state: TrainerState) -> bool:
        """Whether to measure now; the last step is measured in full after training."""
        step = state.global_step
        return self.every > 0 and step % self.every == 0 and step < state.max_steps


def agree_to_stop(device: torch.device) -> None:
    """Let every rank know of a stop that one rank was told of: they step together or not at all."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return
    told = torch.tensor([stop.requested is not None], dtype=torch.int32, device=device)
    torch.distributed.all_reduce(told, op=torch.distributed.ReduceOp.MAX)
    if told.item() and stop.requested is None:
        stop.requested = "SIGTERM"


def metric_name(key: str) -> str:
    """The lab's name for a key of the trainer's log.

    >>> metric_name("rewards/format/mean"), metric_name("train_runtime")
    ('train/rewards/format/mean', 'perf/runtime')
    """
    key = key.removeprefix("train_")
    return f"perf/{key}" if any(mark in key for mark in CLOCK) else f"train/{key}"


def train(trainer: Any, folder: RunFolder) -> float:
    """Train from the last whole checkpoint, or from the start; return the loop's seconds.

    Raises `Stopped` when asked to stop.
    """
    checkpoint = folder.last_checkpoint()
    # It would print every row of metrics that the tracker already has.
    trainer.remove_callback(PrinterCallback)
    started = perf_counter()
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if stop.requested:
        raise Stopped(stop.requested)
    return perf_counter() - started
