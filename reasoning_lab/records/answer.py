"""`problems.jsonl`: the held-out problems, one a line, with every answer that was given.

Each way of decoding has its answers: the one that is likeliest (`greedy`), and what sampling gave.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.lines import json_lines

PROBLEMS = "problems.jsonl"
GREEDY, SAMPLED = "greedy", "sampled"
WAYS = (GREEDY, SAMPLED)
"""The ways of decoding, as metrics and records name them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One held-out completion, judged by the strict metric; not (None) where the sandbox failed."""

    text: str
    correct: bool | None
    verdict: str | None
    tokens: int
    finish: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """All completions of one model for one problem, by way of decoding."""

    answers: Mapping[str, Sequence[Answer]]

    @property
    def greedy(self) -> Answer | None:
        """The answer that was decoded greedily, if one was."""
        return next(iter(self.answers.get(GREEDY, ())), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One held-out problem; `before` is missing where nothing was trained."""

    id: str
    question: str
    answer: str
    after: Attempt
    before: Attempt | None = None


def write_problems(path: Path, problems: Sequence[Problem]) -> None:
    """Replace the file by `problems`, in one step."""
    write_text(path, "\n".join(map(_line, problems)) + "\n")


def read_problems(path: Path) -> list[Problem]:
    """All whole lines; none if there is no file. Raises ArtifactError for a line that is none."""
    return [_problem(where, row) for where, _, row in json_lines(path)]


def _line(one: Problem) -> str:
    row = {"id": one.id, "question": one.question, "answer": one.answer, "after": _row(one.after)}
    if one.before is not None:
        row["before"] = _row(one.before)
    return json.dumps(row, ensure_ascii=False)


def _row(attempt: Attempt) -> dict[str, Any]:
    return {way: [asdict(one) for one in answers] for way, answers in attempt.answers.items()}


def _problem(where: str, row: dict[str, Any]) -> Problem:
    try:
        return Problem(
            id=str(row["id"]),
            question=str(row["question"]),
            answer=str(row["answer"]),
            after=_attempt(row["after"]),
            before=_attempt(row["before"]) if "before" in row else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"is not a problem that the lab writes ({type(error).__name__}: {error})"
        raise ArtifactError.one(where, what, "delete the line or run again") from error


def _attempt(row: dict[str, Any]) -> Attempt:
    return Attempt({way: tuple(map(_answer, answers)) for way, answers in row.items()})


def _answer(row: dict[str, Any]) -> Answer:
    return Answer(
        text=str(row["text"]),
        correct=None if row["correct"] is None else bool(row["correct"]),
        verdict=row["verdict"],
        tokens=int(row["tokens"]),
        finish=str(row["finish"]),
    )
