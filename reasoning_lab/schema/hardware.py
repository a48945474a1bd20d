"""Where the run computes (`conf/hardware/*.yaml`)."""

from typing import Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict


class Hardware(Strict):
    """Device, processes and precision."""

    name: str
    device: Literal["auto", "cpu", "cuda", "mps"]
    num_processes: int = Field(ge=1, le=4096)
    strategy: Literal["single", "ddp", "fsdp2", "zero3"]
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    threads: int | None = Field(ge=1, le=1024, description="CPU threads; null: all cores")
    gradient_checkpointing: bool
