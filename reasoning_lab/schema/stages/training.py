"""What a stage choice is (`conf/stage/*.yaml`): a union over `stage.kind`.

Trainer knobs keep TRL's names; any other TRL field goes under `stage.trl` and is checked by
name against the pinned TRL before anything heavy is imported.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.stages.tool import Tool

Isolation = Literal["auto", "namespaces", "process", "remote"]
Importable = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]
Scheduler = Literal["constant", "constant_with_warmup", "linear", "cosine"]


class Evaluation(Strict):
    """Held-out measurement: greedy and sampled pass@1."""

    problems: int | None = Field(ge=2, le=1_000_000)
    samples: int = Field(ge=1, le=1024, description="sampled completions per problem")
    temperature: float = Field(gt=0, le=5)
    max_completion_length: int = Field(ge=1, le=1_000_000)
    batch_size: int = Field(ge=1, le=65_536)
    every: int = Field(ge=0, description="steps between measurements while training; 0: never")
    problems_during: int = Field(ge=2, description="the most problems to measure while training")
    seed: int = Field(ge=0, lt=2**31)
    isolation: Isolation = Field(description="isolation level of held-out programs")
    modules: tuple[Importable, ...] = Field(description="modules that these may import")

    def measured(self, held_out: int | None) -> int | None:
        """Problems measured where `held_out` are held out; None where neither number is known."""
        return held_out if self.problems is None else self.problems

    def measured_during(self, held_out: int | None) -> int:
        """Problems measured while training: at most `problems_during`, and no more than there are.

        Where their number is not known, the most there can be.
        """
        return min(self.problems_during, self.measured(held_out) or self.problems_during)


class Training(Strict):
    """Knobs shared by the training stages."""

    max_steps: int = Field(ge=1, le=10_000_000)
    per_device_train_batch_size: int = Field(ge=1, le=65_536)
    gradient_accumulation_steps: int = Field(ge=1, le=65_536)
    learning_rate: float = Field(gt=0, le=1)
    lr_scheduler_type: Scheduler
    warmup_steps: int = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    save_steps: int = Field(ge=1)
    logging_steps: int = Field(ge=1)
    evaluation: Evaluation
    trl: dict[str, Any] = Field(description="any other field of TRL's config, by its own name")


class Grpo(Training):
    """Group relative policy optimisation on verifiable rewards (arXiv:2402.03300)."""

    kind: Literal["grpo"]
    num_generations: int = Field(ge=2, le=4096)
    max_completion_length: int = Field(ge=1, le=1_000_000)
    temperature: float = Field(gt=0, le=5)
    beta: float = Field(ge=0)
    loss_type: Literal["grpo", "bnpo", "dr_grpo", "dapo"]
    scale_rewards: Literal["group", "batch", "none"]


class Sft(Training):
    """Supervised fine-tuning on worked responses; only assistant tokens carry loss."""

    kind: Literal["sft"]
    max_length: int = Field(ge=8, le=1_048_576)
    packing: bool
    weight_decay: float = Field(ge=0, le=1)


class Evaluate(Strict):
    """Measure a model; train nothing."""

    kind: Literal["evaluate"]
    evaluation: Evaluation


Stage = Annotated[Grpo | Sft | Evaluate | Tool, Field(discriminator="kind")]
