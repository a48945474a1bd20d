"""Results are kept for a while, and what is asked for is never among the forgotten."""

from __future__ import annotations

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
