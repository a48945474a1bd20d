"""`stage=sft` (`conf/stage/sft.yaml`)."""

from typing import ClassVar, Literal

from pydantic import Field

from reasoning_lab.schema.stages.training import Training


class Sft(Training):
    """Supervised fine-tuning on worked responses; only assistant tokens carry loss."""

    rows: ClassVar[Literal["problems", "responses"]] = "responses"
    trl_config: ClassVar[str | None] = "SFTConfig"

    kind: Literal["sft"]
    max_length: int = Field(ge=8, le=1_048_576)
    packing: bool
    weight_decay: float = Field(ge=0, le=1)
