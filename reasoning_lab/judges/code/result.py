"""What came of judging a program by its tests."""

from dataclasses import dataclass
from typing import Literal

from reasoning_lab.sandbox.outcome import ASLEEP, FROM_OUTSIDE, Outcome, Reply
from reasoning_lab.text.example import Verdict

Reason = Literal[
    "passed", "wrong", "error", "syntax", "exit", "timeout", "memory", "output", "denied", "killed",
    "skipped", "infrastructure",
]  # fmt: skip
Kind = Literal["call", "assert", "check", "stdio", "run"]
_VERDICTS = {"passed": Verdict.CORRECT, "timeout": Verdict.TIMEOUT, "syntax": Verdict.UNPARSABLE}
_SYNTAX = frozenset(("SyntaxError", "IndentationError", "TabError"))
_NEARLY = 0.99  # of the wall-clock limit: what is stopped from here on was stopped by that clock
_SHOWN = 200  # characters of what a program said


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What came of one test.

    `reason`: `passed`; `wrong` (another result, or a failed assertion); `error` (an exception);
    `syntax` (no program at all); `exit` (the process left before it answered); `timeout`,
    `memory`, `output`, `denied`, `killed` (what the sandbox stopped, or did not allow); `skipped`
    (an earlier test failed and all were wanted); `infrastructure` (the sandbox failed, which says
    nothing of the program). All but `passed` and `wrong` are hints for counting and for readers:
    a program can fake an exception, and earns nothing by it. `detail` is in words, for people.
    `late`: a `timeout` by the wall clock of a program that was computing, which a busy machine
    brings about too, and not by the limit of computing time.
    """

    kind: Kind
    reason: Reason
    detail: str = ""
    late: bool = False

    @property
    def passed(self) -> bool:
        """Whether it counts."""
        return self.reason == "passed"


@dataclass(frozen=True, slots=True)
class CodeResult:
    """A judged program: how many of how many tests it passed, and each outcome in order.

    `outcomes` has one for each test; `seconds` is the wall-clock time that judging it took. True in
    a condition only if all tests are passed.

    >>> from reasoning_lab import judge_code
    >>> said = ("assert f(2) == 4", "assert f(3) == 9")
    >>> tests = [{"type": "assert", "code": code} for code in said]
    >>> result = judge_code("def f(x): return 2 * x", tests)
    >>> result.share, [one.reason for one in result.outcomes], bool(result)
    (0.5, ['passed', 'wrong'], False)
    """

    outcomes: tuple[TestOutcome, ...]
    seconds: float = 0.0

    @property
    def passed(self) -> int:
        """How many tests it passed."""
        return sum(outcome.passed for outcome in self.outcomes)

    def __bool__(self) -> bool:
        """Whether every test is passed: `if judge_code(program, tests):`."""
        return self.verdict is Verdict.CORRECT

    @property
    def total(self) -> int:
        """How many tests there are."""
        return len(self.outcomes)

    @property
    def judged(self) -> bool:
        """Whether the sandbox worked throughout; if not, nothing is known of the program."""
        return all(outcome.reason != "infrastructure" for outcome in self.outcomes)

    @property
    def late(self) -> bool:
        """Whether the wall clock stopped it, and the limit of computing time never did."""
        over = [outcome.late for outcome in self.outcomes if outcome.reason == "timeout"]
        return bool(over) and all(over)

    @property
    def share(self) -> float:
        """The share of tests passed; 0 without any."""
        return self.passed / self.total if self.total else 0.0

    @property
    def reason(self) -> Reason:
        """`passed` if all tests are, else what became of the first that is not."""
        return next((one.reason for one in self.outcomes if not one.passed), "passed")

    @property
    def verdict(self) -> Verdict:
        """`CORRECT` if all tests are passed; a program that was never one is `UNPARSABLE`."""
        return _VERDICTS.get(self.reason, Verdict.WRONG)


def reason_of(reply: Reply | Outcome) -> Reason:
    """Why there is no result, of a call or a run whose status is not `ok`."""
    if reply.status == "killed" and _why(reply) == FROM_OUTSIDE:
        return "infrastructure"
    if reply.status in ("timeout", "memory", "output", "killed"):
        return reply.status
    kind, _, _ = reply.reason.partition(":") if isinstance(reply, Outcome) else (reply.kind, "", "")
    if kind == "MemoryError":
        return "memory"
    if kind in ("denied", "PermissionError"):
        return "denied"
    if kind in _SYNTAX:
        return "syntax"
    if kind in ("Ended", "SystemExit") or kind.startswith("exit status"):
        return "exit"
    return "error"


def _why(reply: Reply | Outcome) -> str:
    return reply.reason if isinstance(reply, Outcome) else reply.error


def said(reply: Reply | Outcome) -> str:
    """What became of a call or a run, in words."""
    text = _why(reply)
    if isinstance(reply, Reply) and reply.kind != "Ended":  # how it ended is no exception
        text = f"{reply.kind}: {text}"
    text = text.removeprefix("denied: ")  # which is the outcome's own word
    return " ".join(text.encode("utf-8", "replace").decode().split())[:_SHOWN].strip(" :")


def failed(kind: Kind, reply: Reply | Outcome, seconds: float) -> TestOutcome:
    """The outcome of a call or a run that is not `ok`, and had `seconds` of wall clock.

    >>> failed("run", Outcome("timeout", seconds=5.01), 5.0).late
    True
    """
    late = reply.status == "timeout" and reply.seconds >= _NEARLY * seconds
    late = late and not _why(reply).endswith(ASLEEP)  # with the machine to itself it sleeps, too
    return TestOutcome(kind, reason_of(reply), said(reply), late)
