"""`stage=probe` (`conf/stage/probe.yaml`)."""

from typing import ClassVar, Literal

from pydantic import Field

from reasoning_lab.schema.data import Data, of_training_part
from reasoning_lab.schema.stages.verb import Group, Verb


class Probe(Verb):
    """Tell before a training whether the model can learn from the reward on these data."""

    reads: ClassVar[frozenset[Group]] = frozenset(("model", "data", "reward", "hardware"))
    device: ClassVar[bool] = True
    alone: ClassVar[bool] = True

    kind: Literal["probe"]
    problems: int = Field(ge=2, le=100_000, description="training problems that are tried")
    samples: int = Field(ge=4, le=1024, description="sampled completions per problem")
    temperature: float = Field(gt=0, le=5)
    max_completion_length: int = Field(ge=1, le=1_000_000)
    batch_size: int = Field(ge=1, le=65_536)
    seed: int = Field(ge=0, lt=2**31)
    step_completions: int = Field(ge=2, description="completions in one step of the training")
    max_steps: int = Field(ge=1, description="steps of the training")

    def few(self, source: Data) -> Data:
        """The data with no more problems made on the fly than are tried."""
        return of_training_part(source, self.problems)

    def group_sizes(self) -> list[int]:
        """Sizes of groups whose signal can be told: 4, 8, 16, 32 and 64, as far as samples go."""
        return [size for size in (4, 8, 16, 32, 64) if size <= self.samples]
