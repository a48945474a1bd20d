"""Which device computes, and in which precision."""

import os
from typing import Literal

import torch

from reasoning_lab.errors import ArtifactError
from reasoning_lab.schema.hardware import Hardware

_PRECISION = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_DTYPE = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def pick(hardware: Hardware) -> torch.device:
    """The device of `hardware`; `auto` takes CUDA, then Apple's MPS, then the CPU.

    Of several processes each takes its own CUDA device, by the launcher's `LOCAL_RANK`. Raises
    `ArtifactError` when the device asked for is not there.
    """
    present = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    kind: str = hardware.device
    if kind == "auto":
        kind = next(name for name in ("cuda", "mps", "cpu") if present[name])
    if not present[kind]:
        raise ArtifactError.one("hardware.device", f"no {kind} device is here", "use hardware=cpu")
    if kind == "cuda" and hardware.num_processes > 1:
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device(kind)


def precision(hardware: Hardware) -> Literal["fp32", "bf16", "fp16"]:
    """The trainer's precision; `auto` is bf16 on a CUDA device that has it, otherwise fp32."""
    if hardware.precision != "auto":
        return hardware.precision
    has_bf16 = pick(hardware).type == "cuda" and torch.cuda.is_bf16_supported()
    return "bf16" if has_bf16 else "fp32"


def dtype(
    hardware: Hardware, wanted: Literal["auto", "float32", "bfloat16", "float16"]
) -> torch.dtype:
    """The type of the loaded weights: `wanted`, or by `auto` the trainer's precision."""
    return _PRECISION[precision(hardware)] if wanted == "auto" else _DTYPE[wanted]
