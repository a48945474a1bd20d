"""A run: everything the worker needs, resolved and checked."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.data import Data
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model
from reasoning_lab.schema.peft import Peft
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.stages.tool import Audit, Replay, Samples, Score
from reasoning_lab.schema.stages.training import Stage
from reasoning_lab.schema.tracker import Tracker

T = TypeVar("T")


def _section() -> Any:
    """A section that stands in the configuration only where its stage was chosen."""
    return Field(default=None, exclude_if=lambda value: value is None)


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
    score: Score | None = _section()
    audit: Audit | None = _section()
    replay: Replay | None = _section()
    samples: Samples | None = _section()


def section(value: T | None) -> T:
    """A tool's own section; the door has seen that it is there."""
    if value is None:
        raise ValueError("the section of the chosen stage is missing")
    return value
