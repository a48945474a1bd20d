"""The judge of programs: their tests are decided here, outside of the process that runs them.

What enters the program's process is its own text, the arguments of calls, and standard input;
what comes out is bytes, read as plain data or as text. Expected results stay here (`call`,
`stdio`) or go to a second sandboxed process (`assert`, `check`), which runs the test's code and
reaches the program's functions through proxies that pass plain data. An exit status, a printed
mark or an exception proves nothing, and so earns nothing.

Not covered, and failed although the program may be right: arguments changed in place; results of a
class of the program's own, a Counter or a named tuple (they come as a dict or a tuple), views of a
dict and iterators of itertools; functions as arguments or results; instances that keep a state
between calls; tests that name an exception of the program's, or read a constant of it; tests that
compare by a function which they forgot to import. Of the functions that a test calls every one is
the program's that is neither defined, imported nor a builtin there. Only plain data
crosses, and an exception as the nearest of Python's own. A program sees the arguments of its
earlier calls, and may answer later ones by them. A test that calls no function of the program would
pay every program, and so pays none.
"""

import builtins
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from reasoning_lab.errors import DataError, Problem, SandboxError
from reasoning_lab.judges.code.equal import same_output
from reasoning_lab.judges.code.json_equal import same_result
from reasoning_lab.judges.code.names import Unclear, modules_used, needed, tests_nothing
from reasoning_lab.judges.code.result import CodeResult, Kind, Reason, TestOutcome, failed, said
from reasoning_lab.judges.code.usual_imports import with_usual_imports
from reasoning_lab.sandbox import plain
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.outcome import Outcome, Reply
from reasoning_lab.sandbox.program import Program
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.text.code_tests import AssertTest, CallTest, CheckTest, StdioTest, Test

_LEAST = 0.05  # seconds left of a program's time, below which no further test is begun
# Equal values may be longer packed, `1` and a Decimal of 28 digits 20 times; not any longer.
_LONGER, _ROOM = 64, 4096
# Raised by a program's function, these would end the test's own loops: `all(map(f, xs))` is true.
_ENDS_LOOPS = ("StopIteration", "StopAsyncIteration", "GeneratorExit")
# What an earlier test defined is no part of the next one.
_FORGET = "for _ in [_ for _ in globals() if not _.startswith('__')]:\n    del globals()[_]\n"
_KINDS: dict[type, Kind] = {
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

    Without tests the one outcome says whether the program runs to its end. With `all_wanted`
    nothing is run after a test that failed. A failure of the sandbox is an outcome
    `infrastructure`, tried once more.
    """
    if any(test.imports for test in tests):
        program = with_usual_imports(program)
    for last in (False, True):
        began = time.monotonic()
        with Trial(sandbox, program, limits, sandbox.now() + seconds) as trial:
            try:
                outcomes = trial.run(tests, all_wanted) if tests else [trial.alone()]
            except (SandboxError, OSError) as error:
                kinds: list[Kind] = [_KINDS[type(test)] for test in tests] or ["run"]
                outcomes = [TestOutcome(kind, "infrastructure", str(error)) for kind in kinds]
        result = CodeResult(tuple(outcomes), time.monotonic() - began)
        if result.judged or last:
            return result
    raise AssertionError


def crossing(tests: Sequence[Test]) -> tuple[Test, ...]:
    """The tests, all of whose arguments and results can cross to a program and back.

    Raises DataError for others, and for test code that plainly tests nothing: no program could
    pass them.
    """
    problems = []
    for number, test in enumerate(tests):
        if isinstance(test, CallTest):
            for name, value in (("args", [test.args, test.kwargs]), ("expected", test.expected)):
                try:
                    plain.dumps(value)
                except plain.NotPlain as error:
                    problems.append(Problem(f"tests[{number}].{name}", f"cannot cross: {error}"))
        elif not isinstance(test, StdioTest) and (why := tests_nothing(test)):
            problems.append(Problem(f"tests[{number}].code", why))
    if problems:
        raise DataError(*problems)
    return tuple(tests)


def _outcome(test: Test, reason: Reason, detail: str = "", late: bool = False) -> TestOutcome:
    return TestOutcome(_KINDS[type(test)], reason, detail, late)


def _failed(test: Test, reply: Reply | Outcome, seconds: float) -> TestOutcome:
    return failed(_KINDS[type(test)], reply, seconds)


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
        self._opening = 0.0  # seconds that it had for it

    def __enter__(self) -> "Trial":
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
                found.append(_outcome(test, "timeout", "no time left of all its tests'", late=True))
            else:
                found.append(self._one(test))
        return found

    def alone(self) -> TestOutcome:
        """Whether the program runs to its end, with nothing to read."""
        limits = self._limits()
        outcome = self.sandbox.run(self.code, limits=limits)
        if outcome.status == "ok":
            return TestOutcome("run", "passed")
        return failed("run", outcome, limits.wall_seconds)

    def _left(self) -> float:
        return self.until - self.sandbox.now()

    def _limits(self) -> Limits:
        left = max(_LEAST, self._left())  # what came before may have used up more than was left
        return replace(self.limits, wall_seconds=min(self.limits.wall_seconds, left))

    def _one(self, test: Test) -> TestOutcome:
        if isinstance(test, StdioTest):
            return self._stdio(test)
        used = self._program is not None
        outcome = self._asked(test)
        spent = outcome.reason in ("timeout", "memory", "output") and not outcome.late
        if used and spent and self._left() > _LEAST:
            # Its process had run for earlier tests too; this one is to have the whole limit.
            self._close()
            outcome = self._asked(test)
        return outcome

    def _asked(self, test: CallTest | AssertTest | CheckTest) -> TestOutcome:
        """The outcome of a test that calls the program's functions."""
        program = self._opened()
        if program is None:
            assert self._broken is not None
            return _failed(test, self._broken, self._opening)
        if isinstance(test, CallTest):
            return self._call(program, test)
        return self._code(program, test)

    def _stdio(self, test: StdioTest) -> TestOutcome:
        self._close()  # this thread holds one worker at most, or threads would wait for each other
        limits = self._limits()
        room = len(test.stdout.encode("utf-8", "surrogatepass")) + _ROOM
        limits = replace(limits, output_bytes=max(limits.output_bytes, room))
        outcome = self.sandbox.run(self.code, stdin=test.stdin, limits=limits)
        if outcome.status != "ok":
            return _failed(test, outcome, limits.wall_seconds)
        right = same_output(outcome.stdout, test.stdout, test.tolerance)
        return _outcome(test, "passed" if right else "wrong")

    def _opened(self) -> Program | None:
        """The program's process, a new one if the last has ended; None if it cannot be had."""
        if self._program is None and self._broken is None:
            limits = self._limits()
            self._opening = limits.wall_seconds
            program = self._open.enter_context(self.sandbox.open(self.code, limits))
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
        program.most = _longest(test.expected)
        reply = program.call(test.fn, test.args, test.kwargs, seconds=seconds)
        if reply.status == "ok":
            return _outcome(test, "passed" if same_result(reply.value, test) else "wrong")
        if _ended(reply):
            self._close()
        return _failed(test, reply, seconds)

    def _code(self, program: Program, test: AssertTest | CheckTest) -> TestOutcome:
        try:
            setup, names, code = _prepared(test)
        except Unclear as error:
            return _outcome(test, "error", str(error))
        ended: list[tuple[Reply, float]] = []
        calls: list[str] = []

        def relay(name: str, arguments: bytes) -> Reply:
            calls.append(name)
            left = max(_LEAST, until - self.sandbox.now())
            reply = program.pass_on(name, arguments, seconds=left)
            if reply.status != "ok" and _ended(reply):
                ended.append((reply, left))
            if reply.kind in _ENDS_LOOPS or reply.base in _ENDS_LOOPS:
                return replace(reply, kind="RuntimeError", base="RuntimeError")
            return reply

        if self._judge is None:
            self._judge = self._open.enter_context(self.sandbox.open_judge("", self.limits))
        self._judge.beside = self._program
        seconds = self._limits().wall_seconds
        until = self.sandbox.now() + seconds
        self._judge.execute(_FORGET, seconds=seconds)
        self._judge.proxies(names)
        if setup:
            self._judge.execute(setup, seconds=seconds)
        # A little longer than the program has, so that a slow program is found slow itself.
        reply = self._judge.execute(code, seconds=seconds + _LEAST, relay=relay)
        if ended or (reply.status != "ok" and _ended(reply)):
            self._close()
        return _failed(test, *ended[0]) if ended else _told(test, reply, seconds, bool(calls))


def _told(test: Test, reply: Reply, seconds: float, called: bool) -> TestOutcome:
    """The outcome by what became of the test's own lines, and whether they called the program."""
    if reply.status == "ok":
        # A test that calls nothing would pay every program.
        why = "" if called else "the test calls no function of the program"
        return _outcome(test, "passed" if called else "error", why)
    wrong = reply.kind == "AssertionError"
    return _outcome(test, "wrong", said(reply)) if wrong else _failed(test, reply, seconds)


def _longest(expected: Any) -> int:
    """Bytes of a result that may be the expected one: no program chooses how long this reads."""
    try:
        return _ROOM + _LONGER * len(plain.dumps(expected))
    except plain.NotPlain:  # nothing that crosses equals it
        return _ROOM


def _prepared(test: AssertTest | CheckTest) -> tuple[str, tuple[str, ...], str]:
    """Lines that come first, the program's functions that are called, and the test's lines."""
    if isinstance(test, AssertTest):
        names, modules = needed(test.code)
        return _imports(modules), names, test.code
    entry = test.entry_point
    setup, candidate = _imports(modules_used(test.code)), f"globals()[{entry!r}]"
    if hasattr(builtins, entry):  # the test's own lines may use the builtin of that name
        setup, candidate = f"{setup}__candidate__ = globals().pop({entry!r})\n", "__candidate__"
    return setup, (entry,), f"{test.code}\ncheck({candidate})"


def _imports(modules: Sequence[str]) -> str:
    return "".join(f"import {name}\n" for name in modules)


def _ended(reply: Reply) -> bool:
    """Whether the process behind a failed reply is gone, or to be given up."""
    return reply.status != "error" or reply.kind in ("Ended", "SystemExit")
