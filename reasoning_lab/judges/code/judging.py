"""The judge of programs for anybody: `reasoning_lab.judge_code`. Nothing here imports torch."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from reasoning_lab.errors import a_kind
from reasoning_lab.judges.code.fenced import program_of
from reasoning_lab.judges.code.result import CodeResult, TestOutcome
from reasoning_lab.judges.code.room import Room, judge_batch
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.sandbox import Sandbox

__all__ = ["CodeResult", "Limits", "TestOutcome", "judge_code", "judge_code_batch", "program_of"]

_FENCE = re.compile(r"^[ \t]*```", re.MULTILINE)
_FENCED = "a ``` fence is no Python: of a completion give reasoning_lab.program_of(completion)"


def judge_code(
    program: str,
    tests: Sequence[Mapping[str, Any]],
    *,
    limits: Limits | None = None,
    isolation: str = "auto",
    modules: Sequence[str] = (),
) -> CodeResult:
    r"""Which of `tests` a program passes; it runs in the sandbox and is judged outside of it.

    A test is one of {"type": "call", "fn": "f", "args": [2], "expected": 4}, {"type": "assert",
    "code": "assert f(2) == 4"}, {"type": "stdio", "stdin": "2\n", "stdout": "4\n"} and {"type":
    "check", "code": "def check(candidate): ...", "entry_point": "f"}; without tests the one outcome
    says whether the program runs to its end. `limits`: what each process may use. `isolation`:
    `auto`, `namespaces`, `process` or `remote`, the level of the sandbox; only the weakest,
    `process`, has to be asked for. `modules`: what it may import besides the standard library.

    A whole completion is no program: what the reward takes out of one is `program_of(completion)`,
    None where there is none. Raises DataError for a test that is none, TypeError for what is no
    program, and SandboxError where the level cannot be had on this machine.

    >>> tests = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
    >>> judge_code("def f(x): return 2 * x", tests).passed
    1
    """
    return judge_code_batch(
        [(program, tests)], limits=limits, isolation=isolation, modules=modules
    )[0]


def judge_code_batch(
    cases: Sequence[tuple[str, Sequence[Mapping[str, Any]]]],
    *,
    limits: Limits | None = None,
    isolation: str = "auto",
    modules: Sequence[str] = (),
) -> list[CodeResult]:
    """What `judge_code` says of each (program, tests), in order; equal ones are run once.

    >>> tests = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
    >>> right, wrong = "def f(x): return 2 * x", "def f(x): return 3 * x"
    >>> [one.share for one in judge_code_batch([(right, tests), (wrong, tests)])]
    [1.0, 0.0]
    """
    if limits is not None and not isinstance(limits, Limits):
        raise TypeError(f"limits: {a_kind(limits)}; give reasoning_lab.Limits(cpu_seconds=1.0, …)")
    if isinstance(modules, str):
        raise TypeError(f"modules: text; give a list of names, such as [{modules!r}]")
    for program, tests in cases:
        if not isinstance(program, str):
            raise TypeError(f"program: {a_kind(program)}; give its text")
        if isinstance(tests, (str, bytes, Mapping)) or not isinstance(tests, Sequence):
            raise TypeError(f"tests: {a_kind(tests)}; give a list of tests, each a dict")
    if not cases:
        return []
    room = Room(isolation, tuple(modules), limits or Limits())
    keyed = {room.key(case): case for case in cases}
    found = judge_batch(_warm(room.isolation, room.modules), keyed, room).results
    return [_hinted(case, found[room.key(case)]) for case in cases]


@cache
def _warm(isolation: str, modules: tuple[str, ...]) -> Sandbox:
    """One sandbox for all calls from outside of a run; it keeps processes, and no results."""
    return Sandbox(isolation, modules=modules)


def _hinted(case: tuple[str, Sequence[Mapping[str, Any]]], result: CodeResult) -> CodeResult:
    """The result, and where the program is fenced text, as completions are, a word about it."""
    if result.reason != "syntax" or not _FENCE.search(case[0]):
        return result
    outcomes = [replace(one, detail=f"{one.detail} ({_FENCED})") for one in result.outcomes]
    return replace(result, outcomes=tuple(outcomes))
