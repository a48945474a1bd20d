"""What training changed, problem by problem, and which completions to show.

These are one problem before and after, then one right and one wrong where there are such, the
newest first, and no problem twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from reasoning_lab.records.answer import Answer, Problem
from reasoning_lab.records.rollout import UNJUDGED, Rollout
from reasoning_lab.report.text.completion import figure
from reasoning_lab.report.text.words import counted

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Change:
    """One problem whose leading answer went from wrong to right, or back."""

    problem: Problem
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class Changes:
    """Leading answers (greedy, where there are such) of the same problems before and after, sorted
    by what became of them."""

    fixed: list[Change]
    broken: list[Change]
    both_right: int
    both_wrong: int

    @property
    def total(self) -> int:
        """Problems answered both before and after."""
        return len(self.fixed) + len(self.broken) + self.both_right + self.both_wrong


def changes(problems: Sequence[Problem]) -> Changes | None:
    """The changes of leading answers that were judged, or None where there is no before."""
    both = [
        Change(one, one.before.leading, one.after.leading)
        for one in problems
        if one.before and one.before.leading and one.after.leading
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


@dataclass(frozen=True, slots=True)
class Shown:
    """A completion with what to say of it. All texts are foreign: clean or escape them."""

    head: str
    right: bool
    question: str
    gold: str
    text: str
    parts: dict[str, float | None]
    total: float | None
    tokens: int | None


def from_training(samples: Sequence[Rollout], count: int = 3) -> list[Shown]:
    """The newest right one, the newest wrong one, then the newest others."""
    newest = sorted(samples, key=lambda sample: -sample.step)
    found = _mixed(newest, is_right, lambda sample: sample.question or sample.text, count)
    return [_rollout(sample) for sample in found]


def from_problems(
    problems: Sequence[Problem], count: int = 3, *, but: Problem | None = None
) -> list[Shown]:
    """Held-out leading answers of the trained (or measured) model, to others than `but`."""
    pairs = [(one, one.after.leading) for one in problems if one.after.leading and one is not but]
    found = _mixed(pairs, lambda pair: bool(pair[1].correct), lambda pair: pair[0].question, count)
    return [
        _held_out(problem, answer, f"held out, {problem.after.leading_way}")
        for problem, answer in found
    ]


def moved(problems: Sequence[Problem]) -> Change | None:
    """The first problem that training fixed, else the first that it broke; None for neither."""
    found = changes(problems)
    return None if found is None else next(iter(found.fixed + found.broken), None)


def before_and_after(change: Change) -> list[Shown]:
    """The same problem's leading answers before and after; the question stands in the first."""
    before = _held_out(change.problem, change.before, "held out, before training")
    after = _held_out(change.problem, change.after, "the same, after training")
    return [before, replace(after, question="")]


def is_right(sample: Rollout) -> bool:
    """By the verifier's verdict; where there is none, whether anything was paid."""
    return sample.verdict == "correct" if sample.verdict else (sample.total or 0) > 0


def _mixed(
    items: Sequence[Item],
    right: Callable[[Item], bool],
    problem: Callable[[Item], str],
    count: int,
) -> list[Item]:
    """The first right, the first wrong, then from the front, at most `count`, of as many problems.

    Where all wrong ones are of the right one's problem, one of them is shown all the same.
    """
    first = next((item for item in items if right(item)), None)
    wrong = [item for item in items if not right(item)]
    others = [item for item in wrong if first is None or problem(item) != problem(first)]
    found = [item for item in (first, next(iter(others or wrong), None)) if item is not None]
    seen = {problem(item) for item in found}
    for item in items:
        if problem(item) not in seen:
            seen.add(problem(item))
            found.append(item)
    return found[:count]


def _rollout(sample: Rollout) -> Shown:
    verdict = sample.verdict or f"paid {figure(sample.total)}"
    return Shown(
        head=f"step {sample.step:,} · {verdict}{_ending(sample.finish)}",
        right=is_right(sample),
        question=sample.question,
        gold=sample.gold,
        text=sample.text,
        parts=sample.parts,
        total=sample.total,
        tokens=sample.tokens,
    )


def _ending(finish: str | None) -> str:
    return "" if finish in ("stop", "", None) else f", cut off ({finish})"


def _held_out(problem: Problem, answer: Answer, when: str) -> Shown:
    said = {True: "correct", False: "wrong", None: UNJUDGED}[answer.correct]
    return Shown(
        head=f"{when} · {answer.verdict or said}{_ending(answer.finish)}",
        right=bool(answer.correct),
        question=problem.question,
        gold=problem.answer,
        text=answer.text,
        parts={},
        total=None,
        tokens=answer.tokens,
    )


def parts_line(shown: Shown) -> str:
    """`reward 1.1 (accuracy 1, format 1) · 41 tokens`; a part that does not apply is a dash."""
    length = "length not said" if shown.tokens is None else counted(shown.tokens, "token")
    if not shown.parts and shown.total is None:
        return length
    parts = ", ".join(f"{name} {figure(value)}" for name, value in shown.parts.items())
    return f"reward {figure(shown.total)} ({parts}) · {length}"
