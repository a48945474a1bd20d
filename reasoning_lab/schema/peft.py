"""What is trained (`conf/peft/*.yaml`): all weights, or an adapter."""

from typing import Annotated, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict


class NoAdapter(Strict):
    """Train every weight."""

    kind: Literal["none"]


class Lora(Strict):
    """Train a low-rank adapter: LoRA, rank-stabilised LoRA, DoRA, or LoRA over a 4-bit model."""

    kind: Literal["lora", "rslora", "dora", "qlora"]
    r: int = Field(ge=1, le=1024)
    alpha: float = Field(gt=0, le=4096)
    dropout: float = Field(ge=0, lt=1)
    target_modules: tuple[str, ...] = Field(min_length=1)


Peft = Annotated[NoAdapter | Lora, Field(discriminator="kind")]
