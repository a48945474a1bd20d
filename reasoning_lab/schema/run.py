"""A run: everything the worker needs, resolved and checked."""

from typing import Any, Literal, get_args

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.data import Data
from reasoning_lab.schema.engine import EngineChoice
from reasoning_lab.schema.hardware import Hardware
from reasoning_lab.schema.model import Model
from reasoning_lab.schema.peft import Peft
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.stages import Stage
from reasoning_lab.schema.stages.verb import Group
from reasoning_lab.schema.tracker import Tracker


def _if_read() -> Any:
    """A group that is there if and only if the verb reads it."""
    return Field(default=None, exclude_if=lambda value: value is None)


class Run(Strict):
    """One run of one verb; `run.json` is this model, written in full.

    Of the groups it holds those that `stage.reading()` names; the others are None.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
    seed: int = Field(ge=0, lt=2**31)
    output: str = Field(min_length=1, description="folder that holds all runs")
    group: str | None = Field(description="tracker group; in a sweep the sweep folder's name")
    resume: Literal["never", "auto", "beside"]
    model: Model = _if_read()
    data: Data = _if_read()
    reward: Reward = _if_read()
    stage: Stage
    peft: Peft = _if_read()
    hardware: Hardware = _if_read()
    engine: EngineChoice = _if_read()
    tracker: Tracker = _if_read()

    def as_read(self) -> "Run":
        """The run with what its verb reads, and nothing else."""
        return self.model_copy(update=dict.fromkeys({*get_args(Group)} - self.stage.reading()))
