"""What every reinforcement has: groups of completions, sampled from the policy and paid."""

from __future__ import annotations

from pydantic import Field

from reasoning_lab.schema.stages.training import Training


class Reinforcing(Training):
    """Settings that all trainings on a reward share."""

    num_generations: int = Field(ge=2, le=4096)
    max_completion_length: int = Field(ge=1, le=1_000_000)
    temperature: float = Field(gt=0, le=5)
    beta: float = Field(ge=0)
