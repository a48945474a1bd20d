"""Which completions to show: one right and one wrong where there are such, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reasoning_lab.report.records import Answer, Problem, Sample

Item = TypeVar("Item")


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
    tokens: int


def from_training(samples: Sequence[Sample], count: int = 3) -> list[Shown]:
    """The newest right one, the newest wrong one, then the newest others."""
    newest = sorted(samples, key=lambda sample: -sample.step)
    return [_rollout(sample) for sample in _mixed(newest, is_right, count)]


def from_problems(problems: Sequence[Problem], count: int = 3) -> list[Shown]:
    """Held-out greedy answers of the trained (or measured) model."""
    pairs = [(one, one.after.greedy) for one in problems if one.after and one.after.greedy]
    return [
        _held_out(problem, answer)
        for problem, answer in _mixed(pairs, lambda pair: pair[1].correct, count)
    ]


def is_right(sample: Sample) -> bool:
    """By the verifier's verdict; where there is none, whether anything was paid."""
    return sample.verdict == "correct" if sample.verdict else (sample.total or 0) > 0


def _mixed(items: Sequence[Item], right: Callable[[Item], bool], count: int) -> list[Item]:
    """The first right, the first wrong, then from the front, at most `count`."""
    first = [
        next((place for place, item in enumerate(items) if right(item) is wanted), None)
        for wanted in (True, False)
    ]
    places = [place for place in first if place is not None]
    places += [place for place in range(len(items)) if place not in places]
    return [items[place] for place in places[:count]]


def _rollout(sample: Sample) -> Shown:
    ending = "" if sample.finish in ("stop", "") else f", cut off ({sample.finish})"
    return Shown(
        head=f"step {sample.step:,} · {sample.verdict or 'paid ' + _paid(sample.total)}{ending}",
        right=is_right(sample),
        question=sample.question,
        gold=sample.gold,
        text=sample.text,
        parts=sample.parts,
        total=sample.total,
        tokens=sample.tokens,
    )


def _held_out(problem: Problem, answer: Answer) -> Shown:
    return Shown(
        head=f"held out, greedy · {'correct' if answer.correct else 'wrong'}",
        right=answer.correct,
        question=problem.question,
        gold=problem.answer,
        text=answer.text,
        parts={},
        total=None,
        tokens=answer.tokens,
    )


def parts_line(shown: Shown) -> str:
    """`reward 1.1 (accuracy 1, format 1) · 41 tokens`; a part that does not apply is a dash."""
    length = f"{shown.tokens:,} tokens"
    if not shown.parts and shown.total is None:
        return length
    parts = ", ".join(f"{name} {_paid(value)}" for name, value in shown.parts.items())
    return f"reward {_paid(shown.total)} ({parts}) · {length}"


def _paid(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
