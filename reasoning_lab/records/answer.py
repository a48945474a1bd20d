"""What a run leaves in its folder about single completions, read back: samples and problems.

A run may be killed while it writes a line, so an unfinished last line is passed over; any other
malformed line is an `ArtifactError`. A missing file is an empty list: a stage that takes no
samples writes none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from reasoning_lab.errors import ArtifactError

Record = TypeVar("Record")
_TAIL_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """One held-out completion; `correct` and `verdict` by the strict metric.

    `correct` is None where the sandbox failed; `verdict` and `finish` are empty where the run did
    not write them.
    """

    text: str
    correct: bool | None
    tokens: int
    verdict: str = ""
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """All completions of one model for one problem."""

    greedy: Answer | None
    sampled: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One held-out problem; `before` is missing where nothing was trained."""

    id: str
    question: str
    answer: str
    before: Attempt | None
    after: Attempt | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One rollout of training with its reward parts.

    `answer` is what the verifier read out of the text, `gold` what is right; both may be empty.
    """

    step: int
    id: str
    question: str
    text: str
    tokens: int
    finish: str
    parts: dict[str, float | None]
    total: float | None
    verdict: str
    answer: str
    gold: str


def read_problems(path: Path) -> list[Problem]:
    """Rows of `problems.jsonl`."""
    return list(_read(path, _problem))


def read_samples(path: Path) -> list[Sample]:
    """The last rows (8 MiB) of `samples.jsonl`."""
    return list(_read(path, _sample, tail=_TAIL_BYTES))


def _read(
    path: Path, build: Callable[[dict[str, Any]], Record], tail: int | None = None
) -> Iterator[Record]:
    if not path.is_file():
        return
    with path.open("rb") as file:
        if tail is not None and os.fstat(file.fileno()).st_size > tail:
            file.seek(-tail, os.SEEK_END)
            file.readline()
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            if line.strip():
                yield _row(path, number, line, build)


def _row(path: Path, number: int, line: bytes, build: Callable[[dict[str, Any]], Record]) -> Record:
    try:
        return build(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError.one(
            f"{path}:{number}",
            f"not a row that the lab writes ({type(error).__name__}: {error})",
            "delete the line or run again",
        ) from error


def _answer(row: dict[str, Any]) -> Answer:
    said, ended = str(row.get("verdict") or ""), str(row.get("finish") or "")
    correct = None if row["correct"] is None else bool(row["correct"])
    return Answer(str(row["text"]), correct, int(row["tokens"]), said, ended)


def _attempt(row: dict[str, Any] | None) -> Attempt | None:
    if row is None:
        return None
    greedy = row.get("greedy") or ()
    one = greedy[0] if isinstance(greedy, list) else greedy
    return Attempt(
        greedy=_answer(one) if one else None,
        sampled=tuple(_answer(one) for one in row.get("sampled") or ()),
    )


def _problem(row: dict[str, Any]) -> Problem:
    return Problem(
        id=str(row["id"]),
        question=str(row.get("question", "")),
        answer=str(row.get("answer", "")),
        before=_attempt(row.get("before")),
        after=_attempt(row.get("after")),
    )


def _sample(row: dict[str, Any]) -> Sample:
    parts = {str(name): _value(value) for name, value in (row.get("parts") or {}).items()}
    return Sample(
        step=int(row["step"]),
        id=str(row.get("id", "")),
        question=str(row.get("question", "")),
        text=str(row["text"]),
        tokens=int(row.get("tokens", 0)),
        finish=str(row.get("finish", "")),
        parts=parts,
        total=_value(row.get("total")),
        verdict=str(row.get("verdict") or ""),
        answer=str(row.get("answer") or ""),
        gold=str(row.get("gold") or ""),
    )


def _value(value: Any) -> float | None:
    return None if value is None else float(value)
