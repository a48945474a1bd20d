"""The judgement of a row's own reasoning-gym task.

About half of those scorers pay for an answer that merely holds the gold: in full ("not 84" in
gsm_symbolic), or by its share of the letters ("41 or 42" in chain_sum). Such answers get nothing.
"""

import re

from reasoning_lab.data.scoring import check, score
from reasoning_lab.judges.math.answer import final_answer
from reasoning_lab.judges.math.verify import compare
from reasoning_lab.text.example import Completion, Example, Verdict


def has_scorer(example: Example) -> bool:
    """Whether the row comes from a reasoning-gym task, which knows how to score it."""
    return isinstance(example.meta.get("task"), str)


def unscored(example: Example) -> str:
    """Why the row has no scorer, or ""; raises DataError where that does not pay the row's gold."""
    if not has_scorer(example):
        return "the row comes from no reasoning-gym task (its meta names no `task`)"
    check(example)
    return ""


def task_score(completion: Completion, example: Example) -> float:
    """The task's score of the one final answer, in [0, 1]; 0.0 for none, for several, and for one
    that holds the gold among other words or numbers.

    Raises DataError for a row that comes from no such task.
    """
    answers = final_answer(completion.text).answers
    if len(answers) != 1:
        return 0.0
    value = score(answers[0], example)
    return 0.0 if value and _holds_gold(answers[0], example.answer, value) else value


def _holds_gold(answer: str, gold: str, value: float) -> bool:
    """Whether a paid answer is the gold with something else beside it."""
    held, wanted = answer.strip().lower(), gold.strip().lower()
    if not wanted or held == wanted:
        return False
    if value < 1.0:
        # Some scorers drop commas first, and so find 12 in "1,20".
        return wanted.replace(",", "") in held.replace(",", "")
    # Paid in full: "UUL" may well stand in "UULR", a longer solution, and "3" in "3.0".
    apart = re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(wanted)}(?!\w)(?![.,]\d)", held)
    if apart is None or not re.search(r"\w", held[: apart.start()] + held[apart.end() :]):
        return False
    return compare(answer, gold).verdict is not Verdict.CORRECT
