"""One way of measuring a model (`conf/way/*.yaml`): how its answers are drawn."""

from typing import Annotated, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict

WAYS = "stage.evaluation.ways"
"""Where the ways of a run stand, by name."""
GROUP = "way"
"""The group in `conf/` that they are chosen from."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
"""The name of a way, which its metrics begin with: `greedy/pass@1`."""
Mode = Literal["think", "no_think"]


class Way(Strict):
    """How one answer is drawn, and how many of them.

    Every field is said, so that nothing of a model's own generation config decides. `top_p` 1 and
    `top_k` 0 leave the distribution whole. `mode` puts `/think` or `/no_think` into the prompt
    (None: neither). Lengths are in tokens; None means no limit of its own.
    """

    temperature: float = Field(ge=0, le=5, description="0: the likeliest token each time")
    samples: int = Field(ge=1, le=1024, description="answers per problem")
    top_p: float = Field(gt=0, le=1)
    top_k: int = Field(ge=0, le=1_000_000)
    mode: Mode | None
    max_think_tokens: int | None = Field(ge=1, le=1_000_000)
    max_completion_length: int | None = Field(ge=1, le=1_000_000)
    stop: tuple[Annotated[str, Field(min_length=1)], ...]

    @property
    def is_greedy(self) -> bool:
        """Whether the likeliest token is taken each time, so that all answers are alike."""
        return self.temperature == 0
