"""Numbers with their uncertainty: every reported rate has an interval and its n."""

from __future__ import annotations

from reasoning_lab.statistics.interval import (
    Bounds,
    Estimate,
    difference_interval,
    distinguishable,
    mean_interval,
    paired_difference,
    proportion,
)
from reasoning_lab.statistics.passk import pass_at_k

__all__ = [
    "Bounds",
    "Estimate",
    "difference_interval",
    "distinguishable",
    "mean_interval",
    "paired_difference",
    "pass_at_k",
    "proportion",
]
