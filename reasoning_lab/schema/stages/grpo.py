"""`stage=grpo` (`conf/stage/grpo.yaml`)."""

from __future__ import annotations

from typing import ClassVar, Literal

from reasoning_lab.schema.stages.reinforcing import Reinforcing


class Grpo(Reinforcing):
    """Group relative policy optimisation on verifiable rewards (arXiv:2402.03300)."""

    trl_config: ClassVar[str | None] = "GRPOConfig"

    kind: Literal["grpo"]
    loss_type: Literal["grpo", "bnpo", "dr_grpo", "dapo"]
    scale_rewards: Literal["group", "batch", "none"]
