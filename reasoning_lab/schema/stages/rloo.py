"""`stage=rloo` (`conf/stage/rloo.yaml`)."""

from typing import ClassVar, Literal

from reasoning_lab.schema.stages.reinforcing import Advantages, Reinforcing


class Rloo(Reinforcing):
    """REINFORCE with a leave-one-out baseline on verifiable rewards (arXiv:2402.14740)."""

    trl_config: ClassVar[str | None] = "RLOOConfig"

    kind: Literal["rloo"]
    normalize_advantages: bool

    def advantages(self) -> Advantages | None:
        """Leave one out, where nothing but the rewards goes in: no KL term, no cut, no scaling."""
        plain = self.beta == 0 and not self.normalize_advantages
        return "leave_one_out" if plain and not self.trl.get("reward_clip_range") else None
