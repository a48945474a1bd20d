"""One round of self-improvement: what was measured after it, and what that means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reasoning_lab.report.text.words import verdict
from reasoning_lab.statistics.interval import Estimate

PASS = "pass@1"
NO_GAIN, MOST = "no gain", "most rounds"


@dataclass(frozen=True, slots=True)
class Round:
    """One round, 0 for the base, by way of measuring.

    `scores` are shares of right answers in [0, 1], `over_base` and `over_best` the differences to
    the base and to the best round before, paired by problem; both are empty of the base. `logged`
    are figures of its steps, None where a step has none of that name. `distance`: how far its
    weights are from the base's, over the base's length. `built_on`: the number of the round whose
    model it was trained from. `seconds` are those of all of its steps.
    """

    seed: int
    number: int
    run: str
    folder: str
    way: str
    scores: Mapping[str, Estimate]
    over_base: Mapping[str, Estimate]
    over_best: Mapping[str, Estimate]
    best_before: int | None
    built_on: int | None
    logged: Mapping[str, Estimate | None]
    distance: float | None
    seconds: float

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `not distinguishable` or `unchanged` than the best; "" of the base."""
        return verdict(self.over_best[self.way]) if self.over_best else ""


def best_of(rounds: Sequence[Round]) -> Round:
    """The last round that was better than the best one before it; the base where none was.

    One that was worse, or cannot be told from the best, is not it, whatever its score.
    """
    return next((one for one in reversed(rounds) if one.verdict == "better"), rounds[0])


def why_stopped(rounds: Sequence[Round], most: int) -> str | None:
    """Why no further round is made: `NO_GAIN` or `MOST`; None where one is.

    A round that is worse than the best does not end them: the next one builds on the best again.
    """
    if rounds[-1].number and rounds[-1].verdict not in ("better", "worse"):
        return NO_GAIN
    return MOST if rounds[-1].number >= most else None
