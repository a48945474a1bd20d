"""Whether this machine has a GPU, told without importing torch."""

import os
from pathlib import Path

NVIDIA = ("nvidiactl", "nvidia[0-9]*", "nvmap", "dxg")
"""Under /dev: NVIDIA's driver, its small boards, and Windows' driver for Linux."""
AMD = ("kfd",)


def has_gpu() -> bool:
    """Whether a driver's device is here for CUDA or ROCm, and the user does not hide it."""
    return _shown(*NVIDIA, *AMD)


def accelerator() -> bool:
    """Whether `device: auto` will find more than a CPU: a GPU, or Apple's own."""
    apple = os.uname().sysname == "Darwin" and os.uname().machine == "arm64"
    return apple or has_gpu()


def _shown(*devices: str) -> bool:
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    return any(any(Path("/dev").glob(name)) for name in devices)
