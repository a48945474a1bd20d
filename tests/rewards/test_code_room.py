"""Results are kept for a while, and what is asked for is never among the forgotten."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.judges.code import result as code_result
from reasoning_lab.judges.code import room as code_room
from reasoning_lab.judges.code.missing import Missing
from reasoning_lab.judges.code.room import Room, judge_all

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


def test_the_alarm_hears_a_sandbox_that_fails_late_and_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts = code_room._Counts()
    for good, bad in ((20_000, 200), (2000, 200)):
        for number in range(good + bad):
            reason: code_result.Reason = "infrastructure" if number >= good else "passed"
            outcome = code_result.TestOutcome("call", reason)
            counts.add(code_result.CodeResult((outcome,), 0.0), None)
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2


def test_what_programs_miss_is_told_once_with_the_setting_that_offers_it() -> None:
    code_room.begin()
    run = [{"type": "stdio", "stdin": "", "stdout": "1"}]
    cases = [
        ("import numpy as np\ndef f(x): return 2 * x", TESTS),
        ("def f(x):\n    from numpy.linalg import norm\n    return norm", TESTS),
        ("def f(x):\n    import no_such_module_here\n", TESTS),
        ("import numpy\nprint(1)  # a whole run", run),
        ("def f(x): raise ModuleNotFoundError('numpy')", TESTS),
    ]
    judge_all([*cases, cases[0]], Room())
    judge_all(cases, Room())
    first, second = [note for note in code_room.notes() if "failed for want of" in note]
    setting = "reward.terms.code.params.modules=[numpy]"
    assert first == (
        "3 programs failed for want of numpy, which the sandbox does not offer: "
        f"'{setting}' (of reward=code) does"
    )
    assert second == (
        "1 program failed for want of no_such_module_here, which is not installed here"
    )
    params = compose(["reward=code", setting])["reward"]["terms"]["code"]["params"]
    assert params["modules"] == ["numpy"]
    (result,) = judge_all(cases[:1], Room(modules=("numpy",)))
    assert result.passed == 1
    code_room.begin()
    assert not [note for note in code_room.notes() if "for want of" in note]


@pytest.mark.parametrize(
    ("details", "offered", "told"),
    [
        ([], [], []),
        (["ImportError: No module named 'numpy'", "ValueError: numpy"], [], []),
        (["ModuleNotFoundError: No module named 'tkinter'"], [], []),  # Python's own, left out
        (
            ["ModuleNotFoundError: No module named 'numpy.linalg'"],
            ["yaml"],
            ["'reward.terms.code.params.modules=[yaml,numpy]'"],
        ),
        (
            [f"ModuleNotFoundError: No module named 'none_{n}'" for n in range(5)],
            [],
            ["5 programs failed for want of none_0 (1), none_1 (1), none_2 (1) and 2 more"],
        ),
    ],
)
def test_which_modules_are_named(details: list[str], offered: list[str], told: list[str]) -> None:
    missing = Missing()
    for detail in details:
        outcome = code_result.TestOutcome("call", "error", detail)
        missing.add(code_result.CodeResult((outcome,)))
    notes = missing.notes(offered)
    assert len(notes) == len(told)
    assert all(said in note for said, note in zip(told, notes, strict=True))


def test_one_program_is_not_called_several() -> None:
    code_room.begin()
    code_room._COUNTS.judged = code_room._COUNTS.failed = code_room._COUNTS.again = 1
    said = code_room.notes()
    assert any("failed on 1 of 1 program: their" in note for note in said)
    assert any(note.startswith("1 program that the wall clock stopped was") for note in said)
    code_room.begin()
