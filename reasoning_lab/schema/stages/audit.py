"""`stage=audit` (`conf/stage/audit.yaml`)."""

from typing import ClassVar, Literal

from pydantic import Field

from reasoning_lab.schema.data import Data, of_training_part
from reasoning_lab.schema.stages.verb import Group, Verb

SPARE = 4
"""Problems made on the fly for each that an audit attacks, so that the seed has a choice."""


class Audit(Verb):
    """Attack a reward with exploits and with changed honest completions."""

    reads: ClassVar[frozenset[Group]] = frozenset(("data", "reward"))

    kind: Literal["audit"]
    problems: int = Field(ge=2, le=100_000, description="rows of the data that are attacked")
    margin: float = Field(ge=0, description="an exploit may earn this much above honest and wrong")

    def few(self, source: Data) -> Data:
        """The data with no more problems to be made on the fly than an audit chooses from.

        A sudoku takes a tenth of a second to make, and some tasks know only a few hundred problems.
        """
        return of_training_part(source, max(2, SPARE * self.problems))
