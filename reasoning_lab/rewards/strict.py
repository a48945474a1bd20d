"""The metric that no loss ever sees: is this completion right in every respect?"""

from __future__ import annotations

from collections.abc import Sequence

from reasoning_lab.rewards.code_format import program_of
from reasoning_lab.rewards.code_room import judge_all, room_of_measurement
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

    Where the row has tests, the program must pass all of them, and need not stand in a tag. Else
    the answer may stand in `<answer>` or in one `\boxed`; thinking is not required. It reads no
    reward configuration, so a reward that is gamed shows as a gap between the two.
    """
    if completion.finish != "stop" or _FORBIDDEN & set(parse(completion.text).faults):
        return False
    if example.tests:
        return _passes(completion, example)
    if len(final_answer(completion.text).answers) != 1:
        return False
    asked = [turn["content"] for turn in example.prompt if turn["role"] == "user"]
    question = asked[-1] if asked else ""
    if verify(completion.text, example.answer, question=question).verdict is Verdict.CORRECT:
        return True
    return has_scorer(example) and scorer(completion, example) == 1.0


def prepare(rows: Sequence[tuple[Completion, Example]]) -> None:
    """Judge the programs of many completions at once, which `strict` then looks up."""
    cases = [
        (program, example.tests)
        for completion, example in rows
        if example.tests and (program := program_of(completion.text)) is not None
    ]
    if cases:
        judge_all(cases, room_of_measurement(), anew=True)


def _passes(completion: Completion, example: Example) -> bool:
    program = program_of(completion.text)
    if program is None:
        return False
    (result,) = judge_all([(program, example.tests)], room_of_measurement())
    return result.passed == result.total
