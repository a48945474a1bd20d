"""The measurement before training, kept in the run's folder: a resumed run does not repeat it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, cast

from reasoning_lab.measure.measured import Measured, problems_of
from reasoning_lab.records.answer import Answer, Problem, read_problems, write_problems
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Completion, Example, Verdict


def keep(path: Path, measured: Measured) -> None:
    """Write every answer of a measurement to `path`, in one step."""
    write_problems(path, problems_of(measured))


def kept(path: Path, examples: Sequence[Example], evaluation: Evaluation) -> Measured | None:
    """What `keep` wrote; None where there is nothing, or it is not of these very problems and ways.

    Its figures are those of the measurement itself, but for `seconds`, which are 0. Raises
    ArtifactError for a file that is not one of the lab's.
    """
    problems = read_problems(path)
    if not problems or not _is_of(problems, examples, evaluation):
        return None
    ways = evaluation.ways
    rows = {way: [problem.after.answers[way] for problem in problems] for way in ways}
    return Measured(
        examples,
        {way: [[*map(_completion, row)] for row in rows[way]] for way in ways},
        {way: [[*map(_verdict, row)] for row in rows[way]] for way in ways},
        {name: evaluation.longest(way) for name, way in ways.items()},
        0.0,
    )


def _is_of(
    problems: Sequence[Problem], examples: Sequence[Example], evaluation: Evaluation
) -> bool:
    asked = [(one.id, one.prompt[-1]["content"], one.answer) for one in examples]
    wanted = {name: way.samples for name, way in evaluation.ways.items()}
    return [(one.id, one.question, one.answer) for one in problems] == asked and all(
        _counts(problem.after.answers) == wanted for problem in problems
    )


def _counts(answers: Mapping[str, Sequence[Answer]]) -> dict[str, int]:
    return {way: len(row) for way, row in answers.items()}


def _completion(answer: Answer) -> Completion:
    finish = cast(Literal["stop", "length"], answer.finish)
    return Completion(answer.text, cast(int, answer.tokens), finish)


def _verdict(answer: Answer) -> Verdict | None:
    return None if answer.verdict is None else Verdict(answer.verdict)
