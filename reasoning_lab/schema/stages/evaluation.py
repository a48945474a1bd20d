"""How a model is measured on held-out problems (`conf/stage/evaluation/*.yaml`)."""

from typing import Annotated, Literal

from pydantic import Field

from reasoning_lab.schema.base import Strict
from reasoning_lab.schema.way import Name, Way

Isolation = Literal["auto", "namespaces", "process", "remote"]
Importable = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]


class Evaluation(Strict):
    """Held-out measurement: in which ways, of how many problems, how often.

    `samples` is what ways that draw answers take unless they say their own number.
    """

    problems: int | None = Field(ge=2, le=1_000_000)
    ways: dict[Name, Way] = Field(min_length=1)
    samples: int = Field(ge=1, le=1024, description="answers per problem, where they are drawn")
    max_completion_length: int = Field(ge=1, le=1_000_000)
    batch_size: int = Field(ge=1, le=65_536)
    every: int = Field(ge=0, description="steps between measurements while training; 0: never")
    problems_during: int = Field(ge=2, description="the most problems to measure while training")
    seed: int = Field(ge=0, lt=2**31)
    isolation: Isolation = Field(description="isolation level of held-out programs")
    modules: tuple[Importable, ...] = Field(description="modules that these may import")

    def measured(self, held_out: int | None) -> int | None:
        """Problems measured where `held_out` are held out; None where neither number is known."""
        return held_out if self.problems is None else self.problems

    def measured_during(self, held_out: int | None) -> int:
        """Problems measured while training: at most `problems_during`, and no more than there are.

        Where their number is not known, the most there can be.
        """
        return min(self.problems_during, self.measured(held_out) or self.problems_during)

    def longest(self, way: Way) -> int:
        """The longest completion of a way, in tokens."""
        return way.max_completion_length or self.max_completion_length

    def completions(self, problems: int) -> int:
        """Completions that a measurement of so many problems writes, in all ways."""
        return problems * sum(way.samples for way in self.ways.values())
