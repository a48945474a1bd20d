"""A run: everything the worker needs, resolved and checked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.data import Data
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model
from reasoning_lab.schema.peft import Peft
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.stage import Stage
from reasoning_lab.schema.tracker import Tracker


class Run(Strict):
    """One run of one stage; `run.json` is this model, written in full."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
    seed: int = Field(ge=0, lt=2**31)
    output: str = Field(min_length=1, description="folder that holds all runs")
    group: str | None = Field(description="tracker group; in a sweep the sweep folder's name")
    resume: Literal["never", "auto"]
    model: Model
    data: Data
    reward: Reward
    stage: Stage
    peft: Peft
    hardware: Hardware
    tracker: Tracker
