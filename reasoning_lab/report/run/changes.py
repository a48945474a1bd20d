"""What training changed, problem by problem: which it fixed and which it broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reasoning_lab.records.answer import Answer, Problem


@dataclass(frozen=True, slots=True)
class Change:
    """One problem whose greedy answer went from wrong to right, or the other way."""

    problem: Problem
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class Changes:
    """Greedy answers of the same problems before and after, sorted by what became of them."""

    fixed: list[Change]
    broken: list[Change]
    both_right: int
    both_wrong: int

    @property
    def total(self) -> int:
        """Problems answered both before and after."""
        return len(self.fixed) + len(self.broken) + self.both_right + self.both_wrong


def changes(problems: Sequence[Problem]) -> Changes | None:
    """The changes of greedy answers that were judged, or None where there is no before."""
    both = [
        Change(one, one.before.greedy, one.after.greedy)
        for one in problems
        if one.before and one.before.greedy and one.after.greedy
    ]
    pairs = [pair for pair in both if None not in (pair.before.correct, pair.after.correct)]
    if not pairs:
        return None
    return Changes(
        fixed=[pair for pair in pairs if pair.after.correct and not pair.before.correct],
        broken=[pair for pair in pairs if pair.before.correct and not pair.after.correct],
        both_right=sum(bool(pair.before.correct and pair.after.correct) for pair in pairs),
        both_wrong=sum(not pair.before.correct and not pair.after.correct for pair in pairs),
    )
