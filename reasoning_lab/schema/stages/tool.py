"""The sections of the stages that train nothing and load no model: score, audit, replay, samples.

Each stands at the top of the configuration under its stage's own name (`score.path`), and only
when that stage was chosen.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.data import Data, Procedural
from reasoning_lab.schema.reference import Refers

TOOLS = ("score", "audit", "replay", "samples")
"""The kinds of `Tool`, which are also the names of their sections."""

SPARE = 4
"""Problems made on the fly for each that an audit attacks, so that the seed has a choice."""

STORED = Refers(("model", "adapter"), stored=True)

Verdicts = Literal["correct", "wrong", "unparsable", "timeout", "bad_gold"]


class Tool(Strict):
    """A stage that reads text and rewards only; its settings are the section of its name."""

    kind: Literal["score", "audit", "replay", "samples"]


class Columns(Strict):
    """Names of the fields of a line to be scored."""

    completion: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    task: str = Field(min_length=1)
    tests: str = Field(min_length=1)
    prompt: str = Field(min_length=1)
    tokens: str = Field(min_length=1)


class Score(Strict):
    """Grade saved completions: one JSON object a line in, the same with its score out."""

    path: str | None
    out: str | None = Field(description="null: beside the input, as NAME.scored.jsonl")
    columns: Columns
    prefix: str = Field(description="what the prompt opened of the model's turn, such as <think>")
    answer_marks: tuple[Literal["hashes", "phrase"], ...]
    strict: bool = Field(description="refuse a file with a broken line")


class Audit(Strict):
    """Attack a reward with exploits and with changed honest completions."""

    problems: int = Field(ge=2, le=100_000, description="rows of the data that are attacked")
    margin: float = Field(ge=0, description="an exploit may earn this much above honest and wrong")

    def few(self, source: Data) -> Data:
        """The data with no more problems to be made on the fly than an audit chooses from.

        A sudoku takes a tenth of a second to make, and some tasks know only a few hundred problems.
        """
        if not isinstance(source, Procedural):
            return source
        size = min(source.train_size, max(2, SPARE * self.problems))
        return source.model_copy(update={"train_size": size, "heldout_size": 1})


class Replay(Strict):
    """Recompute the rewards of stored rollouts under other terms or weights."""

    path: Annotated[str | None, STORED] = Field(
        description="a run: `run:NAME@latest`, or its folder"
    )


class Samples(Strict):
    """Show stored completions with the parts of their reward."""

    path: Annotated[str | None, STORED] = Field(
        description="a run: `run:NAME@latest`, or its folder"
    )
    verdict: Verdicts | None
    count: int = Field(ge=1, le=100_000)
