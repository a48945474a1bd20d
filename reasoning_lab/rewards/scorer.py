"""The task's own scorer: reasoning-gym's judgement of a final answer."""

from reasoning_lab.judges.task import has_scorer, task_score, unscored
from reasoning_lab.rewards.term import row_check, within
from reasoning_lab.text.example import Completion, Example


@row_check(unscored)
@within(0.0, 1.0)
def scorer(completion: Completion, example: Example) -> float | None:
    """The task's score of the final answer, in [0, 1]; 0.0 for none, for a hedge, and for an
    answer given only while thinking; None for a row of no reasoning-gym task.

    Some tasks pay part of the score for an answer that is near; see the task. An answer that holds
    the gold among other words or numbers gets 0.0, whatever the task pays, unless it is the gold in
    another spelling. Source:
    reasoning-gym's `score_answer` (arXiv:2505.24760).
    """
    return task_score(completion, example) if has_scorer(example) else None
