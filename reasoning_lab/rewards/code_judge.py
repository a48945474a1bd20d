"""The judge of programs: their tests are decided here, outside of the process that runs them.

What enters the program's process is its own text, the arguments of calls, and standard input;
what comes out is bytes, read as plain data or as text. Expected results stay here (`call`,
`stdio`) or go to a second sandboxed process (`assert`, `check`), which runs the test's code and
reaches the program's functions through proxies that pass plain data. An exit status, a printed
mark or an exception proves nothing, and so earns nothing.

Not covered, and failed although the program may be right: arguments changed in place; results of a
class of the program's own, and `Decimal`, `Fraction`, dates and deques; functions as arguments or
results; instances that keep a state between calls; exceptions of a class of its own; tests that
read a constant of the program. Only plain data crosses. A program sees the arguments of its earlier
calls, and may answer later ones by them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from reasoning_lab.errors import SandboxError
from reasoning_lab.rewards.code_equal import same, same_output
from reasoning_lab.rewards.code_names import needed
from reasoning_lab.rewards.code_result import CodeResult, Reason, TestOutcome, reason_of, said
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.outcome import Reply
from reasoning_lab.sandbox.program import Program
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.text.code_tests import AssertTest, CallTest, CheckTest, StdioTest, Test

_LEAST = 0.05  # seconds left of a program's time, below which no further test is begun
# Raised by a program's function, these would end the test's own loops: `all(map(f, xs))` is true.
_ENDS_LOOPS = ("StopIteration", "StopAsyncIteration", "GeneratorExit")
_KINDS: dict[type, Any] = {
    CallTest: "call",
    AssertTest: "assert",
    CheckTest: "check",
    StdioTest: "stdio",
}


def judge(
    sandbox: Sandbox,
    program: str,
    tests: Sequence[Test],
    limits: Limits,
    *,
    seconds: float,
    all_wanted: bool = False,
) -> CodeResult:
    """Judge one program. `limits` hold for each process that runs it, their wall-clock limit for
    each test, and `seconds` for all tests together.

    With `all_wanted` nothing is run after a test that failed. A failure of the sandbox is an
    outcome `infrastructure`, tried once more.
    """
    for last in (False, True):
        began = time.monotonic()
        with Trial(sandbox, program, limits, began + seconds) as trial:
            try:
                outcomes = trial.run(tests, all_wanted)
            except (SandboxError, OSError) as error:
                if not last:
                    continue
                outcomes = [_outcome(test, "infrastructure", str(error)) for test in tests]
        return CodeResult(tuple(outcomes), time.monotonic() - began)
    raise AssertionError


def _outcome(test: Test, reason: Reason, detail: str = "") -> TestOutcome:
    return TestOutcome(_KINDS[type(test)], reason, detail)


class Trial:
    """One program before its tests: the process it runs in, and the test code's."""

    def __init__(self, sandbox: Sandbox, code: str, limits: Limits, until: float) -> None:
        self.sandbox = sandbox
        self.code = code
        self.limits = limits
        self.until = until
        self._open = ExitStack()
        self._program: Program | None = None
        self._judge: Program | None = None
        self._broken: Reply | None = None  # why the program cannot be opened

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, tests: Sequence[Test], all_wanted: bool) -> list[TestOutcome]:
        """The outcome of every test."""
        found: list[TestOutcome] = []
        for test in tests:
            if all_wanted and any(not outcome.passed for outcome in found):
                found.append(_outcome(test, "skipped"))
            elif self._left() < _LEAST:
                found.append(_outcome(test, "timeout", "no time left of all its tests'"))
            else:
                found.append(self._one(test))
        return found

    def _left(self) -> float:
        return self.until - time.monotonic()

    def _limits(self) -> Limits:
        return replace(self.limits, wall_seconds=min(self.limits.wall_seconds, self._left()))

    def _one(self, test: Test) -> TestOutcome:
        if isinstance(test, StdioTest):
            return self._stdio(test)
        program = self._opened()
        if program is None:
            assert self._broken is not None
            return _outcome(test, reason_of(self._broken), said(self._broken))
        if isinstance(test, CallTest):
            return self._call(program, test)
        return self._code(program, test)

    def _stdio(self, test: StdioTest) -> TestOutcome:
        self._close()  # this thread holds one worker at most, or threads would wait for each other
        outcome = self.sandbox.run(self.code, stdin=test.stdin, limits=self._limits())
        if outcome.status != "ok":
            return _outcome(test, reason_of(outcome), said(outcome))
        right = same_output(outcome.stdout, test.stdout)
        return _outcome(test, "passed" if right else "wrong")

    def _opened(self) -> Program | None:
        """The program's process, a new one if the last has ended; None if it cannot be had."""
        if self._program is None and self._broken is None:
            program = self._open.enter_context(self.sandbox.open(self.code, self._limits()))
            if program.loaded.status == "ok":
                self._program = program
            else:
                self._broken = program.loaded
                self._close()
        return self._program

    def _close(self) -> None:
        """End both processes: the program's holds a worker, which the next one needs."""
        self._open.close()
        self._program, self._judge = None, None

    def _call(self, program: Program, test: CallTest) -> TestOutcome:
        seconds = self._limits().wall_seconds
        reply = program.call(test.fn, test.args, test.kwargs, seconds=seconds)
        if reply.status == "ok":
            right = same(reply.value, test.expected, exact=test.exact)
            return _outcome(test, "passed" if right else "wrong")
        if _ended(reply):
            self._close()
        return _outcome(test, reason_of(reply), said(reply))

    def _code(self, program: Program, test: AssertTest | CheckTest) -> TestOutcome:
        names, modules = needed(test.code)
        code = "".join(f"import {name}\n" for name in modules) + test.code
        if isinstance(test, CheckTest):
            names, code = (test.entry_point,), f"{code}\ncheck({test.entry_point})"
        ended: list[Reply] = []

        def relay(name: str, args: list[Any], kwargs: dict[str, Any]) -> Reply:
            reply = program.call(name, args, kwargs, seconds=max(_LEAST, until - time.monotonic()))
            if reply.status != "ok" and _ended(reply):
                ended.append(reply)
            return replace(reply, kind="RuntimeError") if reply.kind in _ENDS_LOOPS else reply

        if self._judge is None:
            self._judge = self._open.enter_context(self.sandbox.open_judge("", self.limits))
        seconds = self._limits().wall_seconds
        until = time.monotonic() + seconds
        self._judge.proxies(names)
        # A little longer than the program has, so that a slow program is found slow itself.
        reply = self._judge.execute(code, seconds=seconds + _LEAST, relay=relay)
        if ended or (reply.status != "ok" and _ended(reply)):
            self._close()
        if ended:
            return _outcome(test, reason_of(ended[0]), said(ended[0]))
        if reply.status == "ok":
            return _outcome(test, "passed")
        wrong = reply.kind == "AssertionError"
        return _outcome(test, "wrong" if wrong else reason_of(reply), said(reply))


def _ended(reply: Reply) -> bool:
    """Whether the process behind a failed reply is gone, or to be given up."""
    return reply.status != "error" or reply.kind in ("Ended", "SystemExit")
