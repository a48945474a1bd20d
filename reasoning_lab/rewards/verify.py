r"""Is the final answer of a completion the gold answer? A verdict with its reason.

Layers, cheapest first: the same text; the same normal form (`normal.py`); the same exact rational
(`number.py`). There is no tolerance: 41.999 is not 42, 0.3333 is not 1/3. Nothing the model wrote
is evaluated or executed, and lengths and exponents are bounded before any arithmetic, so no
answer can be slow. Symbolic answers (`x(x+1)` for `x^2+x`) are compared by their normal form
only, and the reason says so.

Deliberate choices:
- Percent: `50%` meets `0.5`, and `50` where the bare number is above 1 (there the sign is a unit);
  `0.5%` does not meet `0.5`.
- Units and currency: compared only where both sides state one; never converted (`units.py`).
- A quotient that divides evenly (`84/2`) does not meet an integer gold (`42`): it restates the
  division instead of carrying it out. `2/4` meets `1/2`.
- Commas: `1,234` is a number, `1, 234` and `(1,234)` are lists.
- `x=5` meets `5`; it does not meet `y=5`.
- Several different answers are no answer, unless the gold lists several values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from reasoning_lab.rewards.answer import MAX_ANSWER, final_answer
from reasoning_lab.rewards.normal import normalise
from reasoning_lab.rewards.number import Quantity, TooLargeError, quantity
from reasoning_lab.text.example import Verdict
from reasoning_lab.text.grammar import Fault

_NAME = re.compile(
    r"([A-Za-z](?:_(?:\w|\{\w{1,8}\}))?|[A-Za-z]{2,20}(?: [A-Za-z]{2,20}){0,2})=(.+)"
)
_TAGS = ("<think>", "</think>", "<answer>", "</answer>")
_TEXT_ONLY = "differs as normalised text (symbolic forms are compared as text only)"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, why, and the answer it is about (None if the completion gives none)."""

    verdict: Verdict
    reason: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold answer, parsed once: its normal form, the name before `=` ("" if none), what is
    left without the name, the exact number it spells, and what is wrong with it ("" if sound).
    """

    text: str
    form: str
    name: str
    body: str
    number: Quantity | None
    problem: str


@lru_cache(maxsize=16)
def verify(text: str, gold: str) -> Judged:
    """Judge the final answer of the completion `text` against `gold`. Never raises.

    >>> verify("<think>6 * 7</think><answer>42.0</answer>", "42").verdict.value
    'correct'
    """
    target = parse_gold(gold)
    if target.problem:
        return Judged(Verdict.BAD_GOLD, target.problem, None)
    final = final_answer(text)
    if not final.answers:
        hedged = final.fault == Fault.ANSWER_AMBIGUOUS.value
        return Judged(Verdict.WRONG if hedged else Verdict.UNPARSABLE, final.fault, None)
    answer = ", ".join(final.answers)
    if len(final.answers) > 1 and "," not in target.form:
        if all(compare(each, gold).verdict is Verdict.CORRECT for each in final.answers):
            return Judged(Verdict.CORRECT, "the same number in several spellings", answer)
        return Judged(Verdict.WRONG, "several different answers", answer)
    return compare(answer, gold)


def compare(answer: str, gold: str) -> Judged:
    """Judge a bare `answer` (no tags, no box) against `gold`. Never raises."""
    target = parse_gold(gold)
    if target.problem:
        return Judged(Verdict.BAD_GOLD, target.problem, answer)
    if answer in (target.text, gold):
        return Judged(Verdict.CORRECT, "same text", answer)
    if len(answer) > MAX_ANSWER:
        reason = f"guard: longer than {MAX_ANSWER} characters and not the same text"
        return Judged(Verdict.UNPARSABLE, reason, answer)
    return _compare(answer, gold)


@lru_cache(maxsize=8192)
def _compare(answer: str, gold: str) -> Judged:
    """`compare` past the guards: by normal form, then by value."""
    target, form = parse_gold(gold), normalise(answer)
    if not form:
        return Judged(Verdict.UNPARSABLE, "an empty answer", answer)
    if form == target.form:
        return Judged(Verdict.CORRECT, "same normalised text", answer)
    verdict, reason = _compare_bodies(form, target)
    return Judged(verdict, reason, answer)


@lru_cache(maxsize=65536)
def parse_gold(gold: str) -> Gold:
    """Parse a gold answer; `problem` says why it can judge nothing, if so. Never raises."""
    text, problem = gold.strip(), ""
    if not text:
        problem = "the gold answer is empty"
    elif len(text) > MAX_ANSWER:
        problem = f"the gold answer has more than {MAX_ANSWER} characters"
    elif any(tag in text for tag in _TAGS):
        problem = "the gold answer holds think or answer tags"
    else:
        # A gold must be found again when a completion gives it, letter by letter.
        final = final_answer(f"<answer>{text}</answer>")
        if len(final.answers) == 1:
            text = final.answers[0]
        else:
            problem = "the gold answer cannot be given: " + (final.fault or "it has several boxes")
    form = "" if problem else normalise(text)
    if not form and not problem:
        problem = "the gold answer is empty"
    name, body = _split_name(form)
    try:
        number = quantity(body)
    except TooLargeError:
        number = None
    return Gold(text, form, name, body, number, problem)


def _split_name(form: str) -> tuple[str, str]:
    """`x=5` → ("x", "5"); a leading `=` is dropped; anything else → ("", form)."""
    match = _NAME.fullmatch(form)
    if match is None or "=" in match[2]:
        return "", form.removeprefix("=") or form
    return match[1], match[2]


def _compare_bodies(form: str, gold: Gold) -> tuple[Verdict, str]:
    """Compare by value where both are numbers, else by text, the names before `=` aside."""
    name, body = _split_name(form)
    if name and gold.name and name != gold.name:
        return Verdict.WRONG, "another variable"
    if body == gold.body:
        return Verdict.CORRECT, "same normalised text"
    try:
        number = quantity(body)
    except TooLargeError as guard:
        return Verdict.UNPARSABLE, f"guard: {guard}"
    if gold.number is None:
        return Verdict.WRONG, _TEXT_ONLY
    if number is None:
        return Verdict.WRONG, "not a single number; " + _TEXT_ONLY
    if number.unit and gold.number.unit and number.unit != gold.number.unit:
        return Verdict.WRONG, f"another unit ({number.unit}, not {gold.number.unit})"
    if not same_value(number, gold.number):
        return Verdict.WRONG, "another number"
    if number.division and gold.number.value.denominator == 1 and not gold.number.division:
        return Verdict.WRONG, "restates a division instead of carrying it out"
    return Verdict.CORRECT, "same number"


def same_value(left: Quantity, right: Quantity) -> bool:
    """Whether two numbers are equal, exactly; see the module's docstring for percent."""
    if left.percent == right.percent:
        return left.value == right.value
    percent, bare = (left, right) if left.percent else (right, left)
    if bare.unit:
        return False
    as_unit = percent.value == bare.value and abs(bare.value) > 1
    return as_unit or percent.value / Fraction(100) == bare.value
