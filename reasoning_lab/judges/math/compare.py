"""Judge a bare answer against a gold: by text, by normal form, by value; else ask math-verify.

What own arithmetic cannot decide is sent to the pool of killable workers (`symbolic.py`), and
only formulas are: math-verify looks for a number in any sentence, so that `about 42` would pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from reasoning_lab.judges.math.answer import MAX_ANSWER
from reasoning_lab.judges.math.doubled import as_single
from reasoning_lab.judges.math.gold import parse_gold
from reasoning_lab.judges.math.normal import normalise
from reasoning_lab.judges.math.number import same_simple, simple
from reasoning_lab.judges.math.structure import same
from reasoning_lab.text.example import Verdict

SECONDS = 2.0  # wall-clock limit of one pair that math-verify is asked about


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, why, and the answer it is about (None if the completion gives none).

    True in a condition only for `correct`, as the verdict is. `doubled`: the answer's doubled
    backslashes were read as single ones.

    >>> from reasoning_lab import judge_math
    >>> judged = judge_math("<answer>41</answer>", "42")
    >>> str(judged.verdict), judged.reason, judged.answer, bool(judged)
    ('wrong', 'another number', '41', False)
    """

    verdict: Verdict
    reason: str
    answer: str | None
    doubled: bool = False

    def __bool__(self) -> bool:
        return bool(self.verdict)


@dataclass(frozen=True, slots=True)
class Question:
    """A pair of normal forms that only math-verify can decide, and why."""

    answer: str
    form: str
    gold: str
    reason: str
    doubled: bool = False


def compare(answer: str, gold: str, *, seconds: float = SECONDS) -> Judged:
    """Judge a bare `answer` (no tags, no box) against `gold`. Never raises on any text.

    Raises SandboxError where math-verify's workers cannot be started.
    """
    quick = compare_quickly(answer, gold)
    return quick if isinstance(quick, Judged) else ask([quick], seconds)[0]


def compare_quickly(answer: str, gold: str) -> Judged | Question:
    """`compare` by the lab's own layers alone."""
    target = parse_gold(gold)
    if target.problem:
        return Judged(Verdict.BAD_GOLD, target.problem, answer)
    if answer in (target.text, gold):
        return Judged(Verdict.CORRECT, "same text", answer)
    if target.simple is not None and (given := simple(answer)) is not None:
        found = same_simple(given, target.simple)
        if found is not None:
            verdict = Verdict.CORRECT if found else Verdict.WRONG
            return Judged(verdict, "same number" if found else "another number", answer)
    if len(answer) > MAX_ANSWER:
        reason = f"guard: longer than {MAX_ANSWER} characters and not the same text"
        return Judged(Verdict.UNPARSABLE, reason, answer)
    return _compare(answer, gold)


@lru_cache(maxsize=16_384)
def _compare(answer: str, gold: str) -> Judged | Question:
    """`compare_quickly` past the guards: by normal form, then by value."""
    if (single := as_single(answer)) is not None:
        return replace(compare_quickly(single, gold), answer=answer, doubled=True)
    target, form = parse_gold(gold), normalise(answer)
    if not form:
        return Judged(Verdict.UNPARSABLE, "an empty answer", answer)
    verdict, reason = same(form, target.form)
    if verdict is None:
        return Question(answer, form, target.form, reason)
    return Judged(verdict, reason, answer)


def ask(questions: Sequence[Question], seconds: float) -> list[Judged]:
    """What math-verify says of each question; all of them run together."""
    from reasoning_lab.judges.math.symbolic import equal_symbolically

    found = equal_symbolically([(each.form, each.gold) for each in questions], seconds=seconds)
    return [
        Judged(said.verdict, f"math-verify: {said.reason}", each.answer, each.doubled)
        for each, said in zip(questions, found, strict=True)
    ]
