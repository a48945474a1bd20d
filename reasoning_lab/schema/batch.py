"""How many rows a step, a device, a call to the reward and a whole run take: asked here only.

TRL 1.16 generates for several optimiser steps at once: `steps_per_generation` batches of every
process, or `generation_batch_size` rows. It repeats each prompt once for each completion of its
group, in a row, and accelerate gives each process the next rows of that list. So a process holds
whole groups if and only if its rows are a multiple of the group.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, gcd
from typing import Any

from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.training import Training


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of training: completions where there are groups, else worked responses.

    `per_device` rows are computed at once on each of `processes` devices, `accumulation` times
    before an optimiser step; `group` completions answer one problem (1: no groups). `steps` and
    `size` are TRL's `steps_per_generation` and `generation_batch_size`, where they are set.
    """

    per_device: int
    accumulation: int
    processes: int
    group: int = 1
    steps: int | None = None
    size: int | None = None

    @classmethod
    def of(cls, stage: Training, processes: int) -> "Batch":
        """The batch of a training on so many processes."""
        rows, accumulation = stage.per_device_train_batch_size, stage.gradient_accumulation_steps
        group = stage.num_generations if isinstance(stage, Reinforcing) else 1
        return cls.said(rows, accumulation, processes, group, stage.trl)

    @classmethod
    def said(
        cls, per_device: int, accumulation: int, processes: int, group: int, trl: Mapping[str, Any]
    ) -> "Batch":
        """The same from single settings, `trl` as `stage.trl`."""
        steps, size = trl.get("steps_per_generation"), trl.get("generation_batch_size")
        return cls(per_device, accumulation, processes, group, steps, size)

    @property
    def step_rows(self) -> int:
        """Rows that one optimiser step learns from, on all devices."""
        return self.per_device * self.accumulation * self.processes

    @property
    def together(self) -> int:
        """Rows that one device computes at once, times the devices."""
        return self.per_device * self.processes

    @property
    def generated(self) -> int:
        """Completions that are generated at once, on all devices."""
        return self.size or self.together * self.generations

    @property
    def generations(self) -> int:
        """Batches that one generation is for."""
        return self.steps or self.accumulation

    @property
    def rank_rows(self) -> int:
        """Completions that one process scores in one call of the reward."""
        return self.size // self.processes if self.size else self.per_device * self.generations

    def run_rows(self, steps: int) -> int:
        """Rows of a run of so many optimiser steps."""
        return steps * self.step_rows

    def run_problems(self, steps: int) -> int:
        """Problems that a run of so many steps asks."""
        return ceil(self.run_rows(steps) / self.group)

    def nearest_groups(self) -> list[int]:
        """The group sizes below and above this one that divide what is generated at once."""
        fitting = [n for n in range(2, self.generated + 1) if self.generated % n == 0]
        return around(self.group, fitting)

    def nearest_batches(self, steps: int) -> list[int]:
        """The sizes per device below and above this one of which `steps` hold whole groups."""
        unit = self.group // gcd(self.group, steps)
        below = self.per_device // unit * unit
        return [n for n in (below, below + unit) if n > 0]

    def words(self) -> Iterator[str]:
        """What the generation batch is made of: `64 per device`, ` x 2 processes`."""
        yield f"{self.per_device} per device"
        for number, what in ((self.processes, "processes"), (self.generations, "steps")):
            if number > 1:
                yield f" x {number} {what}"


def around(wanted: int, fitting: list[int]) -> list[int]:
    """The fitting numbers next below and next above the wanted one."""
    below = [n for n in fitting if n < wanted][-1:]
    return below + [n for n in fitting if n > wanted][:1]
