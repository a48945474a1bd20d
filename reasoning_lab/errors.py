"""Every error the lab raises on purpose.

A `LabError` is a message for the user: what is wrong, where, and the cure. The entry point
prints it without a traceback and exits with status 2. Anything else that escapes is a bug and
keeps its traceback.
"""

from dataclasses import dataclass
from typing import Self

REFUSED = 2
"""Exit status of what was refused: the input, machine or artifact has to be mended."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input.

    `where` is the full configuration key or file (`stage.num_generations`), `what` says what is
    wrong with it, `cure` how to mend it (may be empty).

    >>> Problem("seed", "must be at least 0, got -1", "use seed=0").line()
    'seed: must be at least 0, got -1 (use seed=0)'
    """

    where: str
    what: str
    cure: str = ""

    def line(self) -> str:
        """The problem as one line of plain text."""
        return f"{self.where}: {self.what}" + (f" ({self.cure})" if self.cure else "")


class LabError(Exception):
    """The user's input, machine or artifact is wrong; carries one or more `Problem`s."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.line() for problem in problems))

    @classmethod
    def one(cls, where: str, what: str, cure: str = "") -> Self:
        """An error with a single problem."""
        return cls(Problem(where, what, cure))


class ConfigError(LabError):
    """The composed configuration is not a valid run."""


class DataError(LabError):
    """A data set is missing, malformed, or lacks a column that the run needs."""


class ArtifactError(LabError):
    """A model, adapter, checkpoint or manifest is missing, broken or of the wrong kind."""


class RewardError(LabError):
    """A reward function broke its contract (raised, returned NaN or the wrong type)."""


class SandboxError(LabError):
    """Model-written code cannot be run safely here."""


class ParamsError(ValueError):
    """What a function of the lab says to parameters out of range: all of it, each `Problem.where` a
    key below `params` (`limits.cpu_seconds`).
    """

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.line() for problem in problems))

    def below(self, key: str) -> list[Problem]:
        """The same with the key of the parameters, `reward.terms.NAME.params`, in front."""
        return [Problem(f"{key}.{each.where}", each.what, each.cure) for each in self.problems]


def a_kind(value: object) -> str:
    """What a value is, for a message.

    >>> a_kind(1), a_kind("x"), a_kind(None)
    ('an int', 'a str', 'None')
    """
    name = type(value).__name__
    if value is None:
        return "None"
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"
