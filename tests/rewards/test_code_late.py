"""Programs that the wall clock stopped are judged once more, alone; endless loops are not."""

import time
from typing import Any

import pytest

from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.sandbox.limits import Limits
from rewards.rows import judge_all

ROOM = Room(limits=Limits(cpu_seconds=2.0, wall_seconds=1.0), seconds=1.5)
CALL = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
CODE = [{"type": "assert", "code": "assert f(2) == 4"}]
STDIO = [{"type": "stdio", "stdin": "2", "stdout": "4"}]
TWICE = "def f(x): return 2 * x\nif __name__ == '__main__': print(f(int(input())))"


pytestmark = pytest.mark.usefixtures("code_sandbox")


# As a program does on a busy machine: it computes, but gets half of the time.
SLOW = """import time
while {condition}:
    end = time.process_time() + 0.02
    while time.process_time() < end: pass
    time.sleep(0.02)
"""


def until(moment: float) -> str:
    """A program that gets nowhere before a moment comes."""
    return SLOW.replace("{condition}", f"time.time() < {moment}") + TWICE


@pytest.mark.parametrize("tests", [CALL, CODE, STDIO, []], ids=["call", "code", "stdio", "run"])
def test_a_late_program_is_judged_again(tests: list[dict[str, Any]]) -> None:
    program = until(time.time() + 1.5) if tests else until(time.time() + 1.5).partition("if ")[0]
    with Sandboxes() as own:
        (result,) = own.judge([(program, tests)], ROOM)
        (used,) = own.used()
    assert result.reason == "passed"
    assert not result.late
    assert (used.judged, used.again, used.in_time) == (1, 1, 1)


@pytest.mark.parametrize("tests", [CALL, CODE, STDIO, []], ids=["call", "code", "stdio", "run"])
@pytest.mark.parametrize(
    ("program", "late"),
    [
        (SLOW.replace("{condition}", "True"), True),
        ("import time\ntime.sleep(99)", False),
        ("while True: pass", False),
    ],
    ids=["slow", "asleep", "loop"],
)
def test_what_is_late(tests: list[dict[str, Any]], program: str, late: bool) -> None:
    loops = program == "while True: pass"
    limits = Limits(cpu_seconds=0.3 if loops else 2.0, wall_seconds=9.0 if loops else 1.0)
    room = Room(limits=limits, seconds=20)
    (result,) = judge_all([(program, tests)], room)
    assert (result.reason, result.late) == ("timeout", late)
    assert result.outcomes[0].detail.startswith("more than ")


@pytest.mark.parametrize(("line", "late"), [(SLOW, True), ("import time\ntime.sleep(99)\n", False)])
def test_a_batch_of_late_ones_is_not_judged_twice(line: str, late: bool) -> None:
    cases = [(f"{line.replace('{condition}', 'True')}# {n}", CALL) for n in range(8)]
    room = Room(limits=Limits(wall_seconds=0.3), seconds=0.6)
    with Sandboxes() as own:
        results = own.judge(cases, room)
        (used,) = own.used()
    assert [result.late for result in results] == [late] * 8
    assert used.again in ([1, 2, 3] if late else [0])


@pytest.mark.parametrize(
    "tests",
    [[{"type": "call", "fn": "f", "args": [n], "expected": n} for n in range(9)],
     [{"type": "assert", "code": f"assert f({n}) == {n}"} for n in range(9)]],
    ids=["call", "assert"],
)  # fmt: skip
def test_every_test_may_use_the_whole_limit_of_computing_time(tests: list[dict[str, Any]]) -> None:
    program = (
        "import time\ndef f(x):\n    end = time.process_time() + 0.2\n"
        "    while time.process_time() < end: pass\n    return x"
    )
    room = Room(limits=Limits(cpu_seconds=1.0, wall_seconds=60.0), seconds=120.0)
    (result,) = judge_all([(program, tests)], room)
    assert result.passed == 9, result


@pytest.mark.parametrize("tests", [CALL, CODE], ids=["call", "code"])
def test_a_program_that_loads_until_its_time_is_over(tests: list[dict[str, Any]]) -> None:
    ends = [0.48 + 0.002 * step for step in range(14)]
    cases = [(f"import time\ntime.sleep({end})\n{TWICE}", tests) for end in ends]
    results = judge_all(cases, Room(limits=Limits(wall_seconds=2.0), seconds=0.5))
    assert {result.reason for result in results} <= {"passed", "timeout"}


@pytest.mark.parametrize("test", [CALL[0], CODE[0], STDIO[0]], ids=["call", "code", "stdio"])
def test_all_tests_of_a_program_share_its_time(test: dict[str, Any]) -> None:
    program = "while True: pass" if test is STDIO[0] else "def f(x):\n    while True: pass"
    room = Room(limits=Limits(cpu_seconds=0.3, wall_seconds=9.0), seconds=1.0)
    (result,) = judge_all([(program, [test] * 12)], room)
    assert {outcome.reason for outcome in result.outcomes} == {"timeout"}
    assert "computing" in result.outcomes[0].detail
    assert "no time left" in result.outcomes[-1].detail


@pytest.mark.parametrize(
    "program",
    [
        "def f(x):\n    print('x' * 10_000)\n    return x",
        "kept = []\ndef f(x):\n    kept.append(bytearray(50 << 20))\n    return x",
    ],
    ids=["output", "memory"],
)
@pytest.mark.parametrize("kind", ["call", "assert"])
def test_a_test_has_the_whole_limit_whatever_came_before(program: str, kind: str) -> None:
    tests: dict[str, Any] = {
        "call": [{"type": "call", "fn": "f", "args": [n], "expected": n} for n in range(12)],
        "assert": [{"type": "assert", "code": f"assert f({n}) == {n}"} for n in range(12)],
    }
    (result,) = judge_all([(program, tests[kind])], Room(seconds=30))
    assert (result.passed, result.total) == (12, 12), result
