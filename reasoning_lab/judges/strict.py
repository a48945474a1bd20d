"""The metric that no loss ever sees: is a completion right in every respect, and if not, why?"""

from collections.abc import Sequence

from reasoning_lab.judges.code.fenced import program_of
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.math.answer import final_answer
from reasoning_lab.judges.math.verify import verify
from reasoning_lab.judges.task import has_scorer, task_score
from reasoning_lab.text.example import Completion, Example, Verdict
from reasoning_lab.text.grammar import Fault, parse

VERSION = "strict 1"
"""Says that verdicts may differ where it does; raise it with any change of what is right."""
# What a right answer may not come with; that it was not thought about is no fault of the answer.
_FORBIDDEN = frozenset(Fault) - {Fault.ANSWER_MISSING}


def strict_verdicts(
    rows: Sequence[tuple[Completion, Example]], sandboxes: Sandboxes, room: Room
) -> list[Verdict | None]:
    r"""`CORRECT` for what is right by the verifier or by the task's own scorer (full marks), stated
    once, all tags closed and in order, in a turn that the model itself ended; else what the judge
    of the answer says.

    Where a row has tests, the program must pass all of them, and need not stand in a tag; programs
    run in `sandboxes` as `room` says. Else the answer may stand in `<answer>` or in one `\boxed`;
    thinking is not required. `UNPARSABLE` without an answer or a program, `WRONG` where one stands
    in a turn that is not whole; None where the sandbox failed, which says nothing of the answer.

    It asks no term of the reward, so a reward that is gamed shows as a gap between the two.
    """
    programs = [program_of(c.text) if e.tests and is_whole(c) else None for c, e in rows]
    cases = [(p, e.tests) for p, (_, e) in zip(programs, rows, strict=True) if p is not None]
    results = iter(sandboxes.judge(cases, room) if cases else ())
    verdicts: list[Verdict | None] = []
    for program, (completion, example) in zip(programs, rows, strict=True):
        if program is not None:
            result = next(results)
            verdicts.append(result.verdict if result.judged else None)
        elif example.tests:
            written = program_of(completion.text) is not None
            verdicts.append(Verdict.WRONG if written else Verdict.UNPARSABLE)
        else:
            verdicts.append(_answer(completion, example))
    return verdicts


def is_whole(completion: Completion) -> bool:
    """Whether the turn ended by itself, with its tags in order."""
    return completion.finish == "stop" and not _FORBIDDEN & set(parse(completion.text).faults)


def _answer(completion: Completion, example: Example) -> Verdict:
    final = final_answer(completion.text)
    if len(final.answers) != 1:
        several = final.answers or final.fault == Fault.ANSWER_AMBIGUOUS.value
        return Verdict.WRONG if several else Verdict.UNPARSABLE
    if not is_whole(completion):
        return Verdict.WRONG
    asked = [turn["content"] for turn in example.prompt if turn["role"] == "user"]
    question = asked[-1] if asked else ""
    verdict = verify(completion.text, example.answer, question=question).verdict
    if verdict is Verdict.CORRECT or not has_scorer(example):
        return verdict
    if task_score(completion, example) == 1.0:
        return Verdict.CORRECT
    # Many tasks have no gold that the verifier reads; their own scorer has judged.
    return Verdict.WRONG if verdict is Verdict.BAD_GOLD else verdict
