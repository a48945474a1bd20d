r"""Is the final answer of a completion the gold answer? A verdict with its reason.

Layers, cheapest first: the same text; the same normal form (`normal.py`); words, dates and choices
(`words.py`); exact numbers with units (`number.py`, `units.py`); expressions by own bounded
arithmetic (`expression.py`) and structures of these (`structure.py`); and math-verify in killable
workers for the few formulas that these cannot decide. No text makes it raise, hang, or evaluate
anything as code: lengths, depths, powers and factorials are bounded before any arithmetic.

What is equal, in short (MATH.md says it in full, with what differs from math-verify):
- Exact where the gold is exact: 41.999 is not 42. A gold decimal of three places or more is met by
  what rounds to it; an irrational or periodic gold by six or more digits correctly rounded.
- A number as gold wants a value: `84/2` or `3+4` restates a calculation; `2^{10}`, `\sqrt{16}` and
  `5!` are closed forms. An expression that stands in the question is an echo.
- Percent: `50%` meets `0.5`, and `50` where the bare number is above 1. Units and currency are
  compared only where both sides state one, and never converted.
- `(1,2)`, `[1,2]` and `\{1,2\}` differ; sets and bare lists have no order, tuples and matrices do.
- Expressions, equations and inequalities: as identities, wherever both sides are defined.
- Several different answers are no answer, unless the gold lists several values.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reasoning_lab.judges.math.answer import final_answer
from reasoning_lab.judges.math.choices import VALUE_OF_CHOICE, with_value
from reasoning_lab.judges.math.compare import (
    SECONDS,
    Judged,
    Question,
    ask,
    compare,
    compare_quickly,
)
from reasoning_lab.judges.math.doubled import as_single
from reasoning_lab.judges.math.equations import body_of
from reasoning_lab.judges.math.gold import parse_gold
from reasoning_lab.judges.math.normal import normalise
from reasoning_lab.judges.math.restated import echoes, may_echo, stands_in
from reasoning_lab.judges.math.scalar import VALUE_OF_CALCULATION, without_unit
from reasoning_lab.judges.math.shape import shape
from reasoning_lab.text.example import Verdict
from reasoning_lab.text.grammar import Fault

__all__ = ["Item", "Judged", "compare", "parse_gold", "verify", "verify_batch"]

# What a question with options says itself, and is right all the same.
_MAY_STAND_THERE = ("same text", "same normalised text", VALUE_OF_CHOICE)


@dataclass(frozen=True, slots=True)
class Item:
    """A completion to judge. `marks`: further places of an answer, `hashes` (`#### x`) and
    `phrase` ("the answer is x"); `question`: what was asked, for the echo rule ("": not known).
    """

    text: str
    gold: str
    marks: tuple[str, ...] = ()
    question: str = ""


def verify(text: str, gold: str, *, marks: tuple[str, ...] = (), question: str = "") -> Judged:
    r"""Judge the final answer of the completion `text` against `gold`. Never raises on any text.

    Raises SandboxError where math-verify's workers cannot be started.

    >>> verify("<think>6 * 7</think><answer>42.0</answer>", "42").verdict.value
    'correct'
    >>> verify("\\boxed{x(x+1)}", "x^2+x").reason
    'same value'
    """
    return verify_batch([Item(text, gold, marks, question)])[0]


def verify_batch(items: Sequence[Item], *, seconds: float = SECONDS) -> list[Judged]:
    """Judge many completions, in their order; those for math-verify run together.

    `seconds` is the wall-clock limit of one pair there; beyond it the verdict is `timeout`.
    """
    quick = [_judge(item) for item in items]
    asked = [one for each in quick if not isinstance(each, Judged) for one in each]
    if not asked:
        return [each for each in quick if isinstance(each, Judged)]
    said = iter(ask([one for one in asked if isinstance(one, Question)], seconds))
    return [
        each
        if isinstance(each, Judged)
        else _all_right([one if isinstance(one, Judged) else next(said) for one in each], item)
        for item, each in zip(items, quick, strict=True)
    ]


def _judge(item: Item) -> Judged | tuple[Judged | Question, ...]:
    """The verdict, or the comparisons that all must hold, some of them open."""
    target = parse_gold(item.gold)
    if target.problem:
        return Judged(Verdict.BAD_GOLD, target.problem, None)
    final = final_answer(item.text, item.marks)
    if not final.answers:
        hedged = final.fault == Fault.ANSWER_AMBIGUOUS.value
        return Judged(Verdict.WRONG if hedged else Verdict.UNPARSABLE, final.fault, None)
    answers = final.answers
    if len(answers) > 1 and target.several:
        answers = (", ".join(answers),)
    if len(answers) == 1:
        one = compare_quickly(answers[0], item.gold)
        if final.doubled:
            one = replace(one, doubled=True)
        if isinstance(one, Question):
            return (one,)
        return _not_echoed(one, item) if item.question else one
    found = tuple(compare_quickly(each, item.gold) for each in answers)
    if any(isinstance(each, Question) for each in found):
        return found
    return _all_right([each for each in found if isinstance(each, Judged)], item)


def _all_right(found: list[Judged], item: Item) -> Judged:
    """One verdict from those of a completion's answers, of which nearly all have one."""
    if len(found) > 1:
        answer = ", ".join(each.answer or "" for each in found)
        if all(each.verdict is Verdict.CORRECT for each in found):
            return Judged(Verdict.CORRECT, "the same value in several spellings", answer)
        return Judged(Verdict.WRONG, "several different answers", answer)
    (judged,) = found
    return _not_echoed(judged, item) if item.question else judged


def _not_echoed(judged: Judged, item: Item) -> Judged:
    """The verdict, where a right answer must not be what the question itself said."""
    if judged.verdict is not Verdict.CORRECT or judged.reason in _MAY_STAND_THERE:
        return judged
    answer = judged.answer or ""
    handed_back = judged.reason == VALUE_OF_CALCULATION and stands_in(answer, item.question)
    echo = may_echo(answer) and any(
        echoes(one, item.gold, item.question) for one in _bodies(answer)
    )
    if handed_back or echo:
        return Judged(Verdict.WRONG, "an echo of the question", judged.answer)
    return judged


def _bodies(answer: str) -> list[str]:
    """The answer, and what it says without its label, name, braces or unit: `(A) 2^{10}`."""
    form = normalise(as_single(answer) or answer)
    outer, labelled = shape(form), with_value(form)
    found = [answer, form, without_unit(form), labelled[1] if labelled else "", body_of(form) or ""]
    return [*found, outer.parts[0]] if outer.kind == "set" and len(outer.parts) == 1 else found
