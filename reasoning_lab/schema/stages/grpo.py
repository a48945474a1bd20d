"""`stage=grpo` (`conf/stage/grpo.yaml`)."""

from typing import ClassVar, Literal

from reasoning_lab.schema.stages.reinforcing import Advantages, Reinforcing


class Grpo(Reinforcing):
    """Group relative policy optimisation on verifiable rewards (arXiv:2402.03300)."""

    trl_config: ClassVar[str | None] = "GRPOConfig"

    kind: Literal["grpo"]
    loss_type: Literal["grpo", "bnpo", "dr_grpo", "dapo"]
    scale_rewards: Literal["group", "batch", "none"]

    def advantages(self) -> Advantages | None:
        """By the group's mean and `scale_rewards`, unless TRL is told to normalise each reward."""
        ways = self.trl.get("multi_objective_aggregation", "sum_then_normalize")
        return self.scale_rewards if ways == "sum_then_normalize" else None
