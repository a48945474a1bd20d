"""Accuracy: 1 for a right final answer, else 0."""

from __future__ import annotations

from collections.abc import Sequence

from reasoning_lab.judges.math.answer import MARKS
from reasoning_lab.judges.math.verify import Item, Judged, parse_gold, verify, verify_batch
from reasoning_lab.rewards.term import judged_by, prepared_by, row_check, yes_no
from reasoning_lab.text.example import Completion, Example, Verdict

_OTHERS = frozenset(("code", "chat"))  # tasks whose answers are not a text to compare


def _item(completion: Completion, example: Example) -> Item:
    asked = [turn["content"] for turn in example.prompt if turn["role"] == "user"]
    return Item(completion.text, example.answer, _marks(example), asked[-1] if asked else "")


def _marks(example: Example) -> tuple[str, ...]:
    """Further places of an answer, where the row's source allows them: meta `answer_marks`."""
    stated = example.meta.get("answer_marks", ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _judge(completion: Completion, example: Example) -> Judged | None:
    if example.task in _OTHERS:
        return None
    item = _item(completion, example)
    return verify(item.text, item.gold, marks=item.marks, question=item.question)


def _prepare(rows: Sequence[tuple[Completion, Example]]) -> None:
    """Judge a batch at once, so that its slow pairs run side by side; the verdicts are kept."""
    verify_batch([_item(*row) for row in rows if row[1].task not in _OTHERS])


def _row(example: Example) -> str:
    if example.task in _OTHERS:
        return ""
    if unknown := [mark for mark in _marks(example) if mark not in MARKS]:
        return f"meta.answer_marks names {unknown[0]!r}, known are {', '.join(MARKS)}"
    return parse_gold(example.answer).problem


@yes_no()
@judged_by(_judge)
@prepared_by(_prepare)
@row_check(_row)
def accuracy(completion: Completion, example: Example) -> float | None:
    """1.0 if the verifier says `correct`, 0.0 for `wrong`, `unparsable` and `timeout`.

    None for tasks without a text answer (`code`, `chat`) and for a bad gold, which `Composer.check`
    refuses when the data is loaded. A row may allow answers as `#### x` or "the answer is x" by
    meta `answer_marks: [hashes, phrase]`. An expression that stands in the row's question is an
    echo and wrong. Range {0, 1}. Source: the accuracy reward of DeepSeek-R1 (arXiv:2501.12948,
    section 2.2.2).
    """
    judged = _judge(completion, example)
    if judged is None or judged.verdict is Verdict.BAD_GOLD:
        return None
    return 1.0 if judged.verdict is Verdict.CORRECT else 0.0
