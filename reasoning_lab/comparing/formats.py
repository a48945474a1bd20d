"""A file of answers, whoever wrote it: its format is known by what it holds, not by its name."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records import inspect_log, lm_eval
from reasoning_lab.records.answer import Answer, read_problems
from reasoning_lab.records.answered import Answered, Reply
from reasoning_lab.records.comparison import Program
from reasoning_lab.schema.stages.compare import Moment

OWN = frozenset(("id", "question", "answer", "after"))
"""By these a line is known for one of the lab's `problems.jsonl`."""
KNOWN_BY: dict[Program, frozenset[str]] = {
    "lab": OWN,
    "lm-eval": lm_eval.KEYS,
    "inspect": inspect_log.KEYS,
}
CURE = (
    "name a run's problems.jsonl, lm-eval's samples_*.jsonl (written with --log_samples), or a log "
    "of inspect (.eval, .json)"
)


def read_answers(path: Path, side: Moment) -> tuple[Program, list[Answered]]:
    """Who wrote the file, and its problems with their answers; `side` is of the lab's own alone.

    Raises ArtifactError for a file of another kind, a broken one, and one without that side.
    """
    program = _program(path)
    if program == "lab":
        return program, _own(path, side)
    if side == "before":
        what = f"is a file of {program}, which has no answers before a training"
        raise ArtifactError.one(str(path), what, "use side=after, or a list with one for each run")
    reads = lm_eval.read_lm_eval if program == "lm-eval" else inspect_log.read_inspect
    return program, reads(path)


def _program(path: Path) -> Program:
    with path.open("rb") as file:
        first = file.readline()
    if first.startswith(b"PK\x03\x04"):
        return "inspect"
    found = _object(first) or _object(path.read_bytes())
    if found is None:
        what = f"holds no JSON object, it begins with {first[:40]!r}"
        raise ArtifactError.one(str(path), what, CURE)
    for program, keys in KNOWN_BY.items():
        if keys <= found.keys():
            return program
    named = ", ".join(sorted(map(str, found))[:12]) or "nothing"
    what = f"is of no kind that can be compared: its first object holds {named}"
    raise ArtifactError.one(str(path), what, CURE)


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _own(path: Path, side: Moment) -> list[Answered]:
    found = []
    for one in read_problems(path):
        attempt = one.after if side == "after" else one.before
        if attempt is None:
            what = "has no answers before a training: nothing was trained there"
            raise ArtifactError.one(str(path), what, "use side=after, or a list for each run")
        ways = {way: _replies(answers) for way, answers in attempt.answers.items()}
        found.append(Answered(f"{path}:{one.id}", one.id, one.question, one.answer, ways))
    return found


def _replies(answers: Sequence[Answer]) -> list[Reply]:
    return [
        Reply(
            text=one.text,
            score=None if one.correct is None else float(one.correct),
            tokens=one.tokens,
            cut_off=None if one.finish is None else one.finish == "length",
        )
        for one in answers
    ]
