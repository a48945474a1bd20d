"""Results are kept for a while, and what is asked for is never among the forgotten."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from reasoning_lab.rewards import code_result, code_room
from reasoning_lab.rewards.code_room import Room, judge_all

TESTS = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]


pytestmark = pytest.mark.usefixtures("code_sandbox")


def test_a_batch_that_forgets_what_it_asks_for() -> None:
    cases = [(f"def f(x): return {n}", TESTS) for n in range(3, 9)]
    (first,) = judge_all(cases[:1], Room())
    for number in range(code_room.KEPT - 1):  # the next result that is kept puts the first one out
        code_room._RESULTS.put(f"another program {number}", first)
    results = judge_all([*cases, cases[0]], Room())
    assert [result.passed for result in results] == [0, 1, 0, 0, 0, 0, 0]
    assert results[0] is results[-1] is first


def test_as_many_programs_at_once_as_there_are_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the others before it is judged: one after another none would be."""
    workers = code_room.ready(Room()).workers
    if workers < 2:
        pytest.skip("NOT TESTED HERE: one core")
    together = threading.Barrier(workers, timeout=60)

    def judge(*words: Any, **settings: Any) -> code_result.CodeResult:
        together.wait()
        return usual(*words, **settings)

    usual = code_room.judge
    monkeypatch.setattr(code_room, "judge", judge)
    cases = [(f"def f(x): return {n} + x  # at once", TESTS) for n in range(2 * workers)]
    assert [result.passed for result in judge_all(cases, Room())] == [
        int(n == 2) for n in range(2 * workers)
    ]


@pytest.mark.parametrize(("failed", "of", "told"), [(1, 100, 0), (2, 100, 1), (9, 1000, 0)])
def test_the_alarm_is_for_more_than_one_in_a_hundred(
    failed: int, of: int, told: int, caplog: pytest.LogCaptureFixture
) -> None:
    counts = code_room._Counts()
    for number in range(of):
        reason: code_result.Reason = "infrastructure" if number >= of - failed else "passed"
        outcome = code_result.TestOutcome("call", reason)
        counts.add(code_result.CodeResult((outcome,), 0.0), None)
    assert [record.levelname for record in caplog.records] == ["ERROR"] * told
