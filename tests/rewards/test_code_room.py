"""The sandboxes of a run: results are kept for a while, programs counted, and modules missed."""

import threading
from typing import Any

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.judges.code import result as code_result
from reasoning_lab.judges.code import room as code_room
from reasoning_lab.judges.code import sandboxes
from reasoning_lab.judges.code.missing import Missing
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Counts, Sandboxes
from reasoning_lab.report.text.sandboxes import sandbox_notes
from reasoning_lab.statistics.sandbox_use import SandboxUse

TESTS = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]


pytestmark = pytest.mark.usefixtures("code_sandbox")


def test_a_batch_that_forgets_what_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [(f"def f(x): return {n}", TESTS) for n in range(3, 9)]
    monkeypatch.setattr(sandboxes, "KEPT", 3)
    with Sandboxes() as own:
        (first,) = own.judge(cases[:1], Room())
        results = own.judge([*cases, cases[0]], Room())
        assert [result.passed for result in results] == [0, 1, 0, 0, 0, 0, 0]
        assert results[0] is results[-1] is first
        assert [one.judged for one in own.used()] == [6], "the one that was kept is not run again"


def test_as_many_programs_at_once_as_there_are_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the others before it is judged: one after another none would be."""
    own = Sandboxes()
    workers = own.ready(Room()).workers
    if workers < 2:
        pytest.skip("NOT TESTED HERE: one core")
    together = threading.Barrier(workers, timeout=60)

    def judge(*words: Any, **settings: Any) -> code_result.CodeResult:
        together.wait()
        return usual(*words, **settings)

    usual = code_room.judge
    monkeypatch.setattr(code_room, "judge", judge)
    cases = [(f"def f(x): return {n} + x  # at once", TESTS) for n in range(2 * workers)]
    with own:
        passed = [result.passed for result in own.judge(cases, Room())]
    assert passed == [int(n == 2) for n in range(2 * workers)]


@pytest.mark.parametrize(("failed", "of", "told"), [(1, 100, 0), (2, 100, 1), (9, 1000, 0)])
def test_the_alarm_is_for_more_than_one_in_a_hundred(
    failed: int, of: int, told: int, caplog: pytest.LogCaptureFixture
) -> None:
    counts = Counts()
    for number in range(of):
        reason: code_result.Reason = "infrastructure" if number >= of - failed else "passed"
        outcome = code_result.TestOutcome("call", reason)
        counts.add(code_result.CodeResult((outcome,), 0.0))
    assert [record.levelname for record in caplog.records] == ["ERROR"] * told


def test_the_alarm_hears_a_sandbox_that_fails_late_and_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts = Counts()
    for good, bad in ((20_000, 200), (2000, 200)):
        for number in range(good + bad):
            reason: code_result.Reason = "infrastructure" if number >= good else "passed"
            outcome = code_result.TestOutcome("call", reason)
            counts.add(code_result.CodeResult((outcome,), 0.0))
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2


def test_what_programs_miss_is_counted_once_and_told_with_a_setting_that_offers_it() -> None:
    run = [{"type": "stdio", "stdin": "", "stdout": "1"}]
    cases = [
        ("import numpy as np\ndef f(x): return 2 * x", TESTS),
        ("def f(x):\n    from numpy.linalg import norm\n    return norm", TESTS),
        ("def f(x):\n    import no_such_module_here\n", TESTS),
        ("import numpy\nprint(1)  # a whole run", run),
        ("def f(x): raise ModuleNotFoundError('numpy')", TESTS),
    ]
    with Sandboxes() as own:
        own.judge([*cases, cases[0]], Room())
        own.judge(cases, Room())
        (used,) = own.used()
        (result,) = own.judge(cases[:1], Room(modules=("numpy",)))
        assert result.passed == 1
        _, offered = own.used()
    assert (used.missing, used.absent) == ({"numpy": 3}, {"no_such_module_here": 1})
    assert (offered.modules, offered.missing) == (("numpy",), {})
    _, first, second = sandbox_notes([used])
    setting = "reward.terms.code.params.modules=[numpy]"
    assert f"'{setting}'" in first
    assert "no_such_module_here" in second
    params = compose(["reward=code", setting])["reward"]["terms"]["code"]["params"]
    assert params["modules"] == ["numpy"]


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
    here, nowhere = missing.counts()
    _, *notes = sandbox_notes([used(modules=tuple(offered), missing=here, absent=nowhere)])
    assert len(notes) == len(told)
    assert all(said in note for said, note in zip(told, notes, strict=True))


def used(**fields: Any) -> SandboxUse:
    """A sandbox in which nothing happened, but for `fields`."""
    words = dict.fromkeys(("kept", "by", "gaps"), "")
    counts = dict.fromkeys(("judged", "failed", "again", "in_time"), 0)
    rest: dict[str, Any] = {"modules": (), "missing": {}, "absent": {}}
    return SandboxUse(**{"level": "process", **words, **counts, **rest, **fields})


def test_one_program_is_not_called_several() -> None:
    said = list(sandbox_notes([used(judged=1, failed=1, again=1)]))
    assert any("failed on 1 of 1 program: their" in note for note in said)
    assert any(note.startswith("1 program that the wall clock stopped was") for note in said)


def test_a_level_is_named_once_with_its_gaps_and_programs_are_told_together() -> None:
    both = [used(judged=3, failed=1, gaps="files are seen"), used(judged=1, gaps="files are seen")]
    level, failed = sandbox_notes(both)
    assert level.endswith("at level `process`, NOT guaranteed: files are seen")
    whole, _ = sandbox_notes([used(failed=1, kept="no network", by="seccomp")], whole=True)
    assert whole.endswith("at level `process`: no network, by seccomp")
    assert "1 of 4 programs" in failed
    assert list(sandbox_notes([])) == []
