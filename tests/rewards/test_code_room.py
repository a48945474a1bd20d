"""Results are kept for a while, and what is asked for is never among the forgotten."""

from __future__ import annotations

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.rewards import code_room
from reasoning_lab.rewards.code_room import Room, judge_all, ready

TESTS = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]


@pytest.fixture(scope="module", autouse=True)
def _sandbox() -> None:
    try:
        ready(Room())
    except SandboxError as error:
        pytest.skip(f"NO SANDBOX HERE, kept results not tried: {error}")


def test_a_batch_that_forgets_what_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_room, "KEPT", 2)
    cases = [(f"def f(x): return {n}", TESTS) for n in range(3, 9)]
    (first,) = judge_all(cases[:1], Room())
    results = judge_all([*cases, cases[0]], Room())
    assert [result.passed for result in results] == [0, 1, 0, 0, 0, 0, 0]
    assert results[0] is results[-1] is first
