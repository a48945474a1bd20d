"""What lets a model write (`conf/engine/*.yaml`)."""

from typing import Annotated, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict


class EngineHere(Strict):
    """The run's own model, loaded here."""

    kind: Literal["transformers"]
    batch_tokens: int | None = Field(ge=1, description="most tokens in memory at once")


class EngineServer(Strict):
    """A server that speaks OpenAI's protocol."""

    kind: Literal["server"]
    url: str = Field(pattern=r"^https?://[^\s/]+\S*$")
    model: str = Field(min_length=1, description="the server's name for the model")
    key_variable: str = Field(pattern=r"^[A-Za-z_]\w*$", description="environment variable")
    at_once: int = Field(ge=1, le=4096, description="requests open at a time")
    timeout: float = Field(gt=0, le=86_400, description="seconds")
    retries: int = Field(ge=0, le=100)
    extended: bool


class EngineVllm(Strict):
    """vLLM in this process."""

    kind: Literal["vllm"]
    gpu_memory: float = Field(gt=0, le=1, description="share of the GPU's memory")


EngineChoice = Annotated[EngineHere | EngineServer | EngineVllm, Field(discriminator="kind")]
