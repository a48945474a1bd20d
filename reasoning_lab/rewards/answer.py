r"""Which part of a completion is its final answer.

After thinking has closed: the content of `<answer>…</answer>`, else of the last `\boxed{…}`.
Nothing else counts: not an answer inside the think block, not a box or tag that never closes, not
several different answers, from which the reader could pick the right one.
"""

from __future__ import annotations

from dataclasses import dataclass

from reasoning_lab.rewards.normal import normalise
from reasoning_lab.text.grammar import Fault, boxed, parse

MAX_TEXT = 2**20  # characters; a completion of 100,000 tokens has about half as many
MAX_ANSWER = 10_000  # characters; longer answers are only compared letter by letter
MAX_BOXES = 64  # differently spelled boxes; with more, the completion lists rather than answers
_BOX = "\\boxed"


@dataclass(frozen=True, slots=True)
class Final:
    """A completion's final answer, or why there is none.

    `answers` holds the distinct answers in order: one, or none, or several boxes (a hedge, unless
    the gold itself has several values). `fault` is "" exactly when `answers` is not empty.
    """

    answers: tuple[str, ...]
    fault: str = ""


def final_answer(text: str) -> Final:
    r"""Find the final answer of a completion.

    >>> final_answer("<think>41?</think> so \\boxed{42}").answers
    ('42',)
    >>> final_answer("<think>\\boxed{42}").fault
    'think block never closed'
    """
    if len(text) > MAX_TEXT:
        return Final((), f"guard: the completion has more than {MAX_TEXT} characters")
    parsed = parse(text)
    for fault in (Fault.THINK_UNCLOSED, Fault.ANSWER_UNCLOSED, Fault.ANSWER_EMPTY):
        if fault in parsed.faults:
            return Final((), fault.value)
    if Fault.ANSWER_AMBIGUOUS in parsed.faults:
        return Final((), Fault.ANSWER_AMBIGUOUS.value)
    if _BOX not in parsed.after:
        if parsed.answer is None:
            return Final((), "no <answer> and no \\boxed after thinking")
        return Final((parsed.answer,))
    return _with_boxes(parsed.answer, parsed.after)


def _with_boxes(tagged: str | None, after: str) -> Final:
    """The answer where there are boxes; a tagged answer and every box must agree."""
    boxes = boxed(after)
    if after.count(_BOX) != len(boxes) + sum(box.count(_BOX) for box in boxes):
        return Final((), "a \\boxed that never closes")
    found = dict.fromkeys(box.strip() for box in boxes)
    if tagged is not None and _BOX not in tagged:
        found[tagged] = None
    if len(found) > MAX_BOXES:
        return Final((), Fault.ANSWER_AMBIGUOUS.value)
    distinct = {normalise(each) if len(each) <= MAX_ANSWER else each: each for each in found}
    if "" in distinct:
        return Final((), "an empty \\boxed")
    return Final(tuple(distinct.values()))
