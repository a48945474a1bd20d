"""What a completion votes for: the normal form of its one final answer.

Majority voting needs answers that can be equal. Completions that the strict metric holds right are
one class, whatever their spelling; others are equal where their normal form is (`judges/math`).
Programs have no such form, so they do not vote.
"""

from reasoning_lab.judges.code.fenced import program_of
from reasoning_lab.judges.math.answer import MAX_ANSWER, final_answer
from reasoning_lab.judges.math.normal import normalise
from reasoning_lab.judges.strict import is_whole
from reasoning_lab.text.example import Completion, Example


def votes(example: Example) -> bool:
    """Whether answers to this problem can be counted: those to a problem with tests cannot."""
    return not example.tests


def vote(completion: Completion, example: Example) -> str | None:
    r"""The normal form of the final answer; None where there is not exactly one, in a whole turn.

    >>> row = Example("a", ({"role": "user", "content": "1 / 2?"},), "0.5")
    >>> vote(Completion("\\boxed{\\frac{1}{2}}", 9), row), vote(Completion("half", 1), row)
    ('\\frac{1}{2}', None)
    """
    if not votes(example) or not is_whole(completion):
        return None
    answers = final_answer(completion.text).answers
    if len(answers) != 1:
        return None
    return normalise(answers[0]) if len(answers[0]) <= MAX_ANSWER else answers[0]


def answers(completion: Completion, example: Example) -> bool:
    """Whether it answers in the asked form: one final answer, or a program, in a whole turn."""
    if example.tests:
        return is_whole(completion) and program_of(completion.text) is not None
    return vote(completion, example) is not None
