"""`problems.jsonl`: the held-out problems, one a line, with every answer that was given.

Each way of measuring that the run had (`conf/way/`) has its answers, under the way's name.
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
GREEDY = "greedy"
"""The way that speaks for a whole run where it was measured; else the run's first one does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One held-out completion, judged by the strict metric; not (None) where the sandbox failed.

    `tokens` (its length) and `finish` (`stop`, or `length` where it was cut off) are None where
    nobody said them. `vote`: the normal form of its final answer; None where it gives none.
    """

    text: str
    correct: bool | None
    verdict: str | None
    tokens: int | None
    finish: str | None
    vote: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """All completions of one model for one problem, by way of measuring."""

    answers: Mapping[str, Sequence[Answer]]

    @property
    def leading_way(self) -> str | None:
        """The way that speaks for all: greedy, or the first; None where there is no answer."""
        given = [way for way, answers in self.answers.items() if answers]
        return GREEDY if GREEDY in given else next(iter(given), None)

    @property
    def leading(self) -> Answer | None:
        """The first answer in the leading way."""
        way = self.leading_way
        return None if way is None else self.answers[way][0]

    def score(self) -> float | None:
        """Share of correct answers in the leading way, in [0, 1]; None where one was not judged."""
        way = self.leading_way
        judged = [] if way is None else [one.correct for one in self.answers[way]]
        return None if not judged or None in judged else sum(map(bool, judged)) / len(judged)


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
        tokens=None if row["tokens"] is None else int(row["tokens"]),
        finish=None if row["finish"] is None else str(row["finish"]),
        vote=row.get("vote"),
    )
