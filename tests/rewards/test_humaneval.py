"""All of HumanEval: every canonical solution passes, every broken one earns nothing.

REASONING_LAB_HUMANEVAL names the file (HumanEval.jsonl or .jsonl.gz); without it this is skipped.
"""

import os
import re
from pathlib import Path

import pytest

from reasoning_lab.data import code_readers, files
from reasoning_lab.judges.code.room import Room
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.text.example import Example
from rewards.rows import judge_all

NAME = "REASONING_LAB_HUMANEVAL"
FILE = os.environ.get(NAME, "")
pytestmark = [
    pytest.mark.skipif(not FILE, reason=f"SKIPPED: {NAME} names no HumanEval.jsonl.gz"),
    pytest.mark.slow,
]
ROOM = Room()
SHORT = Room(limits=Limits(cpu_seconds=1.0), seconds=5.0, all_wanted=True)


@pytest.fixture(scope="module")
def rows() -> list[Example]:
    read = [
        code_readers.humaneval(row, str(row["task_id"]))
        for _, row in files.read(Path(FILE))
        if isinstance(row, dict)
    ]
    assert len(read) == 164
    return read


def test_every_canonical_solution_passes(rows: list[Example]) -> None:
    results = judge_all([(row.answer, row.tests) for row in rows], ROOM)
    failed = {
        row.id: result.outcomes
        for row, result in zip(rows, results, strict=True)
        if result.share < 1.0
    }
    assert not failed


def broken(row: Example, way: int) -> str:
    """The function asked for, broken in one of four ways."""
    entry = row.tests[0]["entry_point"]
    head = f"def {entry}(*args, **kwargs):\n"
    ways = {
        0: head + "    return None",
        1: head + "    return 'no such result'",
        2: re.sub(r"\bdef \w+\(", "def (", row.answer),
        3: head + "    while True:\n        pass",
    }
    return ways[way % 4]


def test_every_broken_solution_earns_nothing(rows: list[Example]) -> None:
    cases = [(broken(row, way), row.tests) for way, row in enumerate(rows)]
    results = judge_all(cases, SHORT)
    assert [row.id for row, result in zip(rows, results, strict=True) if result.passed] == []
    assert all(result.judged for result in results)
    assert {result.reason for result in results} >= {"wrong", "syntax", "timeout"}
