"""Whether this machine has a GPU, told without importing torch."""

from __future__ import annotations

import os
from pathlib import Path

DEVICES = ("nvidiactl", "nvidia[0-9]*", "nvmap", "kfd", "dxg")
"""Under /dev: NVIDIA's driver, its small boards, AMD's driver, and Windows' for Linux."""


def has_gpu() -> bool:
    """Whether a driver's device is here for CUDA or ROCm, and the user does not hide it."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    return any(any(Path("/dev").glob(name)) for name in DEVICES)
