"""What every training has.

Trainer settings keep TRL's names; any other field of TRL goes under `stage.trl` and is checked by
name against the pinned TRL before anything heavy is imported.
"""

from typing import Any, ClassVar, Literal

from pydantic import Field

from reasoning_lab.schema.stages.verb import Group, Measuring

Scheduler = Literal["constant", "constant_with_warmup", "linear", "cosine"]


class Training(Measuring):
    """Settings that all trainings share."""

    reads: ClassVar[frozenset[Group]] = frozenset(("model", "data", "peft", "hardware", "tracker"))
    makes: ClassVar[Literal["model", "dataset", "report"]] = "model"

    max_steps: int = Field(ge=1, le=10_000_000)
    per_device_train_batch_size: int = Field(ge=1, le=65_536)
    gradient_accumulation_steps: int = Field(ge=1, le=65_536)
    learning_rate: float = Field(gt=0, le=1)
    lr_scheduler_type: Scheduler
    warmup_steps: int = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    save_steps: int = Field(ge=1)
    logging_steps: int = Field(ge=1)
    trl: dict[str, Any] = Field(description="any other field of TRL's config, by its own name")
