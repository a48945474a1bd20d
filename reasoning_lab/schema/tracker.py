"""Where metrics go (`conf/tracker/*.yaml`); `metrics.jsonl` is always written."""

from typing import Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict


class Tracker(Strict):
    """An experiment tracker."""

    kind: Literal["wandb", "trackio", "tensorboard", "none"]
    mode: Literal["auto", "online", "offline"]
    project: str = Field(min_length=1)
    entity: str | None
    tags: tuple[str, ...]
