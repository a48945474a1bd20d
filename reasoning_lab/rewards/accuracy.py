"""Accuracy: 1 for a right final answer, else 0."""

from __future__ import annotations

from reasoning_lab.rewards.term import judged_by, row_check
from reasoning_lab.rewards.verify import Judged, parse_gold, verify
from reasoning_lab.text.example import Completion, Example, Verdict

_OTHERS = frozenset(("code", "chat"))  # tasks whose answers are not a text to compare


def _judge(completion: Completion, example: Example) -> Judged | None:
    if example.task in _OTHERS:
        return None
    return verify(completion.text, example.answer)


def _row(example: Example) -> str:
    return "" if example.task in _OTHERS else parse_gold(example.answer).problem


@judged_by(_judge)
@row_check(_row)
def accuracy(completion: Completion, example: Example) -> float | None:
    """1.0 if the verifier says `correct`, 0.0 for `wrong`, `unparsable` and `timeout`.

    None for tasks without a text answer (`code`, `chat`) and for a bad gold, which `Composer.check`
    refuses when the data is loaded. Range {0, 1}. Source: the accuracy reward of DeepSeek-R1
    (arXiv:2501.12948, section 2.2.2).
    """
    judged = _judge(completion, example)
    if judged is None or judged.verdict is Verdict.BAD_GOLD:
        return None
    return 1.0 if judged.verdict is Verdict.CORRECT else 0.0
