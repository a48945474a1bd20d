"""A problem with the answers that were given to it, in one form for the logs of any program.

Programs write down different things. What a log does not say is None here, never a guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reasoning_lab.text.grammar import parse


@dataclass(frozen=True, slots=True)
class Reply:
    """One completion.

    `score`: how right it is, in [0, 1], mostly 0 or 1; None: it was not judged. `tokens`: its
    length; None: not known. `cut_off`: whether it ended at the limit; None: not known.
    """

    text: str
    score: float | None
    tokens: int | None = None
    cut_off: bool | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is answered: there is no text after thinking."""
        return not parse(self.text).after.strip()


@dataclass(frozen=True, slots=True)
class Answered:
    """One problem; `ways` holds its replies by what the log calls a way of getting or judging them.

    `where`: the place in the log, `FILE:LINE` or `FILE:ID`. `question` or `gold` is empty where the
    log does not hold it.
    """

    where: str
    id: str
    question: str
    gold: str
    ways: Mapping[str, Sequence[Reply]]
