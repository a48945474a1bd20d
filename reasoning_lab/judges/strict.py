"""The metric that no loss ever sees: is this completion right in every respect, and if not, why?"""

from __future__ import annotations

from collections.abc import Sequence

from reasoning_lab.judges.code.fenced import program_of
from reasoning_lab.judges.code.room import judge_all, room_of_measurement
from reasoning_lab.judges.math.answer import final_answer
from reasoning_lab.judges.math.verify import verify
from reasoning_lab.judges.task import has_scorer, task_score
from reasoning_lab.text.example import Completion, Example, Verdict
from reasoning_lab.text.grammar import Fault, parse

# What a right answer may not come with; that it was not thought about is no fault of the answer.
_FORBIDDEN = frozenset(Fault) - {Fault.ANSWER_MISSING}


def strict(completion: Completion, example: Example) -> bool | None:
    r"""Right by the verifier or by the task's own scorer (full marks), stated once, all tags
    closed and in order, and the turn ended by the model itself.

    Where the row has tests, the program must pass all of them, and need not stand in a tag. Else
    the answer may stand in `<answer>` or in one `\boxed`; thinking is not required. It reads no
    reward configuration, so a reward that is gamed shows as a gap between the two. None where the
    sandbox failed, which says nothing of the completion.
    """
    verdict = strict_verdict(completion, example)
    return None if verdict is None else verdict is Verdict.CORRECT


def strict_verdict(completion: Completion, example: Example) -> Verdict | None:
    """`CORRECT` for what is `strict`; else what the judge of the answer says.

    `UNPARSABLE` without an answer or a program, `WRONG` where one stands in a turn that is not
    whole; None where the sandbox failed.
    """
    whole = completion.finish == "stop" and not _FORBIDDEN & set(parse(completion.text).faults)
    if example.tests:
        return _program(completion, example, whole)
    final = final_answer(completion.text)
    if len(final.answers) != 1:
        several = final.answers or final.fault == Fault.ANSWER_AMBIGUOUS.value
        return Verdict.WRONG if several else Verdict.UNPARSABLE
    return _answer(completion, example) if whole else Verdict.WRONG


def prepare(rows: Sequence[tuple[Completion, Example]]) -> None:
    """Judge the programs of many completions at once, which `strict` then looks up."""
    cases = [
        (program, example.tests)
        for completion, example in rows
        if example.tests and (program := program_of(completion.text)) is not None
    ]
    if cases:
        judge_all(cases, room_of_measurement(), anew=True)


def _program(completion: Completion, example: Example, whole: bool) -> Verdict | None:
    program = program_of(completion.text)
    if program is None:
        return Verdict.UNPARSABLE
    if not whole:
        return Verdict.WRONG
    (result,) = judge_all([(program, example.tests)], room_of_measurement())
    return result.verdict if result.judged else None


def _answer(completion: Completion, example: Example) -> Verdict:
    asked = [turn["content"] for turn in example.prompt if turn["role"] == "user"]
    question = asked[-1] if asked else ""
    verdict = verify(completion.text, example.answer, question=question).verdict
    if verdict is Verdict.CORRECT or not has_scorer(example):
        return verdict
    if task_score(completion, example) == 1.0:
        return Verdict.CORRECT
    # Many tasks have no gold that the verifier reads; their own scorer has judged.
    return Verdict.WRONG if verdict is Verdict.BAD_GOLD else verdict
