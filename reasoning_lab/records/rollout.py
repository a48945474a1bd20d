"""Completions that a training stored: `samples.jsonl`, and older ones in compressed parts.

    samples.1.jsonl.gz, samples.2.jsonl.gz, …   older steps, oldest first
    samples.jsonl                               the newest steps

Each line is one completion. `training.rollouts` writes them; see there what is kept of a long run.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError

Line = tuple[str, bytes, dict[str, Any]]
"""Where it stands (`file:number`), the line as it is written, and what it says."""

UNJUDGED = "unjudged"
"""Stands for the verdict of a completion that no term judges."""

_PART = re.compile(r"\.(\d+)\.jsonl\.gz")
_BROKEN = (OSError, EOFError, zlib.error)
_OLD = "it was stored by another version of the lab: train again with this one"


@dataclass(frozen=True, slots=True)
class Rollout:
    """One stored completion with all that was decided about it.

    `step` counts from 1; `group` is the same for the completions of one prompt in one step;
    `advantage` is what the completion was weighed with. `verdict`, `answer` and `group` are None
    where there are none; `where` is its place, `file:line`.
    """

    step: int
    id: str
    question: str
    gold: str
    text: str
    tokens: int
    finish: str
    parts: dict[str, float | None]
    total: float | None
    verdict: str | None
    answer: str | None = None
    task: str | None = None
    group: int | str | None = None
    reason: str = ""
    advantage: float | None = None
    where: str = ""


_NEEDED = ("step", "id", "question", "gold", "text", "tokens", "finish", "parts", "total")


def part_files(samples: Path) -> list[Path]:
    """The compressed parts that stand beside `samples` (`…/samples.jsonl`), oldest first."""
    return sorted(samples.parent.glob(f"{samples.stem}.*.jsonl.gz"), key=part_number)


def part_number(part: Path) -> int:
    """The N of `samples.N.jsonl.gz`; 0 for a file of another name."""
    match = _PART.search(part.name)
    return int(match[1]) if match else 0


def has_any(samples: Path) -> bool:
    """Whether a completion is stored there."""
    return bool(part_files(samples)) or (samples.is_file() and samples.stat().st_size > 0)


def rollouts(samples: Path) -> Iterator[Rollout]:
    """All stored completions, oldest first, without those that a kill left in two files.

    A torn last line, which a killed run may leave, is passed over.

    Raises ArtifactError for a line that the lab did not write, and for a damaged part.
    """
    first = next((row["step"] for _, _, row in lines(samples)), math.inf)
    for part in part_files(samples):
        for where, _, row in lines(part):
            # A kill between writing a part and emptying the file leaves these steps in both.
            if row["step"] < first:
                yield _rollout(where, row)
    for where, _, row in lines(samples):
        yield _rollout(where, row)


def lines(file: Path) -> Iterator[Line]:
    """The whole lines of one file, plain or compressed; none if it is missing.

    Raises ArtifactError for a line that is not a JSON object, and for a damaged part.
    """
    if not file.is_file():
        return
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as opened:
        number = 0
        while True:
            try:
                raw = opened.readline()
            except _BROKEN as error:
                raise ArtifactError.one(
                    str(file), f"is damaged: {error}", "remove it; the other parts can be read"
                ) from error
            if not raw.endswith(b"\n"):
                return
            number += 1
            yield f"{file}:{number}", raw, _object(f"{file}:{number}", raw)


def _object(where: str, raw: bytes) -> dict[str, Any]:
    try:
        row = json.loads(raw)
    except ValueError as error:
        raise ArtifactError.one(where, f"is not JSON: {error}", "delete the line") from error
    if not isinstance(row, dict) or not isinstance(row.get("step"), int):
        raise ArtifactError.one(where, "is not a stored completion", "delete the line")
    return row


def _rollout(where: str, row: dict[str, Any]) -> Rollout:
    missing = [name for name in _NEEDED if name not in row]
    if missing:
        raise ArtifactError.one(where, f"has no {', '.join(missing)}", _OLD)
    try:
        return Rollout(
            step=row["step"],
            id=str(row["id"]),
            question=str(row["question"]),
            gold=str(row["gold"]),
            text=str(row["text"]),
            tokens=int(row["tokens"]),
            finish=str(row["finish"]),
            parts={str(name): _number(value) for name, value in row["parts"].items()},
            total=_number(row["total"]),
            verdict=row.get("verdict"),
            answer=row.get("answer"),
            task=row.get("task"),
            group=row.get("group"),
            reason=str(row.get("reason") or ""),
            advantage=_number(row.get("advantage")),
            where=where,
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise ArtifactError.one(where, f"is not a stored completion: {error}", _OLD) from error


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
