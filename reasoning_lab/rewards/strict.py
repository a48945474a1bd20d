"""The metric that no loss ever sees: is this completion right in every respect?"""

from __future__ import annotations

from reasoning_lab.rewards.scorer import has_scorer, scorer
from reasoning_lab.rewards.verifier.answer import final_answer
from reasoning_lab.rewards.verifier.verify import verify
from reasoning_lab.text.example import Completion, Example, Verdict
from reasoning_lab.text.grammar import Fault, parse

# What a right answer may not come with; that it was not thought about is no fault of the answer.
_FORBIDDEN = frozenset(Fault) - {Fault.ANSWER_MISSING}


def strict(completion: Completion, example: Example) -> bool:
    r"""Right by the verifier or by the task's own scorer (full marks), stated once, all tags
    closed and in order, and the turn ended by the model itself.

    The answer may stand in `<answer>` or in one `\boxed`; thinking is not required. It reads no
    reward configuration, so a reward that is gamed shows as a gap between the two.
    """
    if completion.finish != "stop" or _FORBIDDEN & set(parse(completion.text).faults):
        return False
    if len(final_answer(completion.text).answers) != 1:
        return False
    asked = [turn["content"] for turn in example.prompt if turn["role"] == "user"]
    question = asked[-1] if asked else ""
    if verify(completion.text, example.answer, question=question).verdict is Verdict.CORRECT:
        return True
    return has_scorer(example) and scorer(completion, example) == 1.0
