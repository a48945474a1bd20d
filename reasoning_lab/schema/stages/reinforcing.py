"""What every reinforcement has: groups of completions, sampled from the policy and paid."""

from typing import ClassVar, Literal

from pydantic import Field

from reasoning_lab.schema.stages.training import Training
from reasoning_lab.schema.stages.verb import Group

Advantages = Literal["group", "batch", "none", "leave_one_out"]


class Reinforcing(Training):
    """Settings that all trainings on a reward share."""

    reads: ClassVar[frozenset[Group]] = Training.reads | {"reward"}

    num_generations: int = Field(ge=2, le=4096)
    max_completion_length: int = Field(ge=1, le=1_000_000)
    temperature: float = Field(gt=0, le=5)
    beta: float = Field(ge=0)

    def advantages(self) -> Advantages | None:
        """How rewards become advantages (see `rewards/advantage.py`), for what is written down and
        replayed; None for a way that is not known there.
        """
        return None
