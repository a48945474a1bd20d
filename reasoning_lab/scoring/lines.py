"""Scored and broken lines as they are written, and what is said of a file without a good one."""

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from reasoning_lab.data.saved import Broken, Needs
from reasoning_lab.errors import Problem
from reasoning_lab.scoring.judging import ADDED, FOR_TESTS, Judging, Scored

NAMED = 5  # broken lines named in an error
READ = 1000  # broken lines in which it looks for different reasons


def scored_line(row: Scored) -> bytes:
    """The line with its score: its own text is kept to the letter, but for fields replaced."""
    line, score = row.line, row.score
    values = (
        None if score.verdict is None else score.verdict.value,
        score.reason,
        score.parts,
        score.total,
        round(row.ms, 3),
    )
    added = dict(zip(ADDED, values, strict=True))
    if line.fields.keys() & added.keys():
        kept = {name: value for name, value in line.fields.items() if name not in added}
        return _json({**kept, **added}) + b"\n"
    return line.text[:-1].rstrip().encode() + b", " + _json(added)[1:] + b"\n"


def broken_line(broken: Broken) -> bytes:
    """A broken line's number and reason."""
    return _json({"line": broken.number, "reason": broken.reason}) + b"\n"


def _json(value: dict[str, Any]) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only JSON's escapes can hold
        return json.dumps(value).encode()


def named(path: Path, broken: list[Broken]) -> list[Problem]:
    """The first broken lines as problems."""
    found = [Problem(f"{path}:{one.number}", one.reason) for one in broken[:NAMED]]
    return _cured(found, "mend or drop such lines, or use score.strict=false to pass them over")


def _cured(found: list[Problem], cure: str) -> list[Problem]:
    """The same with a cure of them all, told with the last one."""
    return [*found[:-1], replace(found[-1], cure=cure)]


def nothing(path: Path, place: Path, count: int, cure: str) -> list[Problem]:
    """Why a file gave nothing at all; `place` holds its broken lines."""
    if not count:
        return [Problem(str(path), "holds no line", cure)]
    with place.open("rb") as file:
        rows = [json.loads(line) for line in islice(file, READ)]
    told = ""
    if all(row["reason"].endswith(f"({FOR_TESTS})") for row in rows):
        cure, told = FOR_TESTS, f" ({FOR_TESTS})"
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row["reason"].removesuffix(told), row["line"])
    found = [Problem(f"{path}:{line}", why) for why, line in islice(first.items(), NAMED)]
    if count > 1:
        none = f"none of its {count:,} lines can be scored"
        found[0] = replace(found[0], what=f"{found[0].what}; {none}")
    return _cured(found, cure)


def such_as(judging: Judging, needs: Needs) -> str:
    """What a line looks like that can be scored."""
    columns = judging.settings.columns
    test = {"type": "call", "fn": "f", "args": [2], "expected": 4}
    judges: dict[str, dict[str, Any]] = {
        "answer": {columns.answer: "42"},
        "tests": {columns.tests: [test]},
        "completion": {},
    }
    line = json.dumps({columns.completion: "...", **judges[needs]})
    return f"a line is a JSON object such as {line}; score.columns.NAME=FIELD renames a field"
