"""Judging the completions of held-out problems by the strict metric."""

from collections.abc import Sequence

from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.strict import strict_verdicts
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Completion, Example, Verdict


def judge(
    rows: Sequence[Sequence[Completion]],
    examples: Sequence[Example],
    sandboxes: Sandboxes,
    evaluation: Evaluation,
) -> list[list[Verdict | None]]:
    """The verdict on each completion of each example; None where the sandbox failed."""
    batch = [(one, example) for row, example in zip(rows, examples, strict=True) for one in row]
    judged = iter(strict_verdicts(batch, sandboxes, room_of_measurement(evaluation)))
    return [[next(judged) for _ in row] for row in rows]


def room_of_measurement(evaluation: Evaluation) -> Room:
    """How held-out programs are run: with the limits of the lab, whatever the reward's are."""
    return Room(evaluation.isolation, evaluation.modules)
