"""`stage=reject` (`conf/stage/reject.yaml`)."""

import sys
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.data import Data, of_training_part
from reasoning_lab.schema.stages.verb import Group, Verb

Choose = Literal["shortest", "median", "random", "unlike"]
"""Which of several verified completions of a problem are kept first."""


class ScreenRules(Strict):
    """What a right completion is refused for all the same; None: not looked at."""

    cut_off: bool
    repetition: float | None = Field(ge=0, lt=1, description="share of repeated n-grams")
    repetition_words: int = Field(ge=1, le=100, description="the n of these")
    language: float | None = Field(gt=0, le=1, description="share of the main language")
    near_duplicate: float | None = Field(gt=0, le=1, description="likeness with one that is kept")


class Reject(Verb):
    """Sample completions of training problems, verify them, keep some to learn from."""

    reads: ClassVar[frozenset[Group]] = frozenset(("model", "data", "reward", "hardware", "engine"))
    makes: ClassVar[Literal["model", "dataset", "report"]] = "dataset"
    device: ClassVar[bool] = True
    alone: ClassVar[bool] = True

    kind: Literal["reject"]
    problems: int | None = Field(ge=1, le=10_000_000, description="training problems; None: all")
    samples: int = Field(ge=1, le=1024, description="the most samples of a problem")
    looks: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        description="samples after which a problem that has enough is left, growing"
    )
    keep: int = Field(ge=1, le=1024, description="the most kept completions of a problem")
    choose: Choose
    min_reward: float | None = Field(description="least total reward of what is kept")
    hint: Literal["none", "gold"]
    mode: Literal["think", "no_think"] | None
    temperature: float = Field(ge=0, le=5)
    top_p: float = Field(gt=0, le=1)
    top_k: int = Field(ge=0)
    max_completion_length: int = Field(ge=1, le=1_000_000)
    batch_size: int = Field(ge=1, le=65_536)
    seed: int = Field(ge=0, lt=2**31)
    screens: ScreenRules

    def few(self, source: Data) -> Data:
        """The data with no more problems made on the fly than are asked."""
        return of_training_part(source, self.problems or sys.maxsize)

    def waves(self) -> tuple[int, ...]:
        """Samples of a problem at each look: those before the last one, and all of them."""
        return (*(look for look in self.looks if look < self.samples), self.samples)
