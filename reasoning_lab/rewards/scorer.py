"""The task's own scorer: reasoning-gym's judgement of a final answer."""

from __future__ import annotations

from reasoning_lab.data.scoring import check, score
from reasoning_lab.rewards.answer import final_answer
from reasoning_lab.rewards.term import row_check
from reasoning_lab.text.example import Completion, Example


def has_scorer(example: Example) -> bool:
    """Whether the row comes from a reasoning-gym task, which knows how to score it."""
    return isinstance(example.meta.get("task"), str)


def _row(example: Example) -> str:
    if has_scorer(example):
        check(example)
        return ""
    return "the row comes from no reasoning-gym task (its meta names no `task`)"


@row_check(_row)
def scorer(completion: Completion, example: Example) -> float | None:
    """The task's score of the final answer, in [0, 1]; 0.0 for none, for a hedge, and for an
    answer given only while thinking; None for a row of no reasoning-gym task.

    Some tasks pay part of the score for an answer that is near; see the task. Source:
    reasoning-gym's `score_answer` (arXiv:2505.24760).
    """
    if not has_scorer(example):
        return None
    answers = final_answer(completion.text).answers
    return score(answers[0], example) if len(answers) == 1 else 0.0
