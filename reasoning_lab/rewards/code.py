"""Code: does the program pass the row's tests? It runs in the sandbox and is judged outside of it.

See `judges.code.judge` for why nothing but right results earns a point, and `judges.code.equal` for
what is right. Where the sandbox itself fails on a program the row is not scored (None), never 0;
more than one such program in a hundred is an error in the log.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from reasoning_lab.errors import ConfigError, DataError, ParamsError, Problem
from reasoning_lab.judges.code.fenced import is_program, program_of
from reasoning_lab.judges.code.judge import crossing
from reasoning_lab.judges.code.result import CodeResult
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.code.settings import room_of
from reasoning_lab.rewards.term import Judgement, Rows, per_batch, row_check, within, yes_no
from reasoning_lab.schema.reward import Reward
from reasoning_lab.text.code_tests import read_tests
from reasoning_lab.text.example import Completion, Example, Verdict

COUNTED = ("timeout", "memory", "output", "denied", "syntax", "exit", "error", "killed", "wrong")
"""Reasons that are logged: the share of programs that failed a test for it."""

_NAME = f"{__name__}:code"


def _row(example: Example) -> str:
    try:
        tests = crossing(read_tests(example.tests))
    except DataError as error:
        where = f"row {example.id!r}"
        found = [Problem(where, f"{one.where}: {one.what}", one.cure) for one in error.problems]
        raise DataError(*found) from None
    return "" if tests else "the row has no tests"


def _asked(example: Example, runs_clean: bool) -> bool:
    """Whether there is something to judge; tests that are none are `_row`'s business."""
    if not example.tests:
        return runs_clean
    try:
        return bool(read_tests(example.tests))
    except DataError:
        return False


def _program(completion: Completion, example: Example) -> str | None:
    """The program that is to be judged; where it only has to run, one that does nothing is none."""
    program = program_of(completion.text)
    return program if program and (example.tests or is_program(program)) else None


def rooms(reward: Reward) -> list[Room]:
    """How the terms of a reward that are `code` run programs; nothing is started.

    Raises ConfigError for settings out of range.
    """
    found: list[Room] = []
    problems: list[Problem] = []
    for name, term in reward.terms.items():
        if term.fn == _NAME:
            try:
                found.append(room_of(term.params))
            except ParamsError as error:
                problems += error.below(f"reward.terms.{name}.params")
    if problems:
        raise ConfigError(*problems)
    return found


def needs(reward: Reward) -> Literal["answer", "tests", "completion"]:
    """What a saved line must hold besides its completion, to be scored by this reward."""
    paid = [term for term in reward.terms.values() if term.weight] or [*reward.terms.values()]
    if not paid or any(list(term.tasks or ()) != ["code"] for term in paid):
        return "answer"
    judged = [term for term in paid if term.fn == _NAME]
    by_tests = judged and not any(term.params.get("runs_clean") for term in judged)
    return "tests" if by_tests else "completion"


def _judged(result: CodeResult | None, partial: bool) -> Judgement:
    """What a program earns by its result, which is None where there is no program."""
    if result is None:
        return Judgement(0.0, Verdict.UNPARSABLE, "no Python block after thinking", _seen(None))
    if not result.judged:
        return Judgement(None, seen=_seen(result), seconds=result.seconds)
    said = f"{result.passed} of {result.total} passed"
    if failed := next((one for one in result.outcomes if not one.passed), None):
        why = f"{failed.reason}: {failed.detail}" if failed.detail else failed.reason
        said += f"; {failed.kind}, {why}"
    value = result.share if partial else float(result.passed == result.total)
    return Judgement(value, result.verdict, said, _seen(result), result.seconds)


def _seen(result: CodeResult | None) -> dict[str, float]:
    reasons = set() if result is None else {outcome.reason for outcome in result.outcomes}
    return {
        "all_passed_rate": float(reasons == {"passed"}),
        "no_program_rate": float(result is None),
        "infrastructure_rate": float("infrastructure" in reasons),
        **{f"{name}_rate": float(name in reasons) for name in COUNTED},
    }


@yes_no(unless="partial")
@per_batch
@row_check(_row)
@within(0.0, 1.0)
def code(
    rows: Rows,
    *,
    partial: bool,
    runs_clean: bool,
    isolation: str,
    modules: Sequence[str],
    completion_seconds: float,
    limits: Mapping[str, float],
    sandboxes: Sandboxes,
) -> list[Judgement | None]:
    """Share of the row's tests that the last Python block after thinking passes; 0.0 without one.

    `partial` false: 1.0 if it passes all of them, else 0.0. A row without tests gives None, or with
    `runs_clean` 1.0 for a program that runs to its end without an error. `isolation`, `modules`
    and `limits` (of a process): see `sandbox.Sandbox` and `sandbox.limits.Limits`;
    `completion_seconds` of wall clock are for all tests of a program together.

    None where the sandbox failed. Range [0, 1]. Logged as `code/NAME_rate`, the share of
    completions with a test that failed for NAME (timeout, memory, output, denied, syntax, exit,
    error, killed, wrong), of those without a program, and of those that passed everything; a rise
    of `denied` or `exit` is the first sign of programs that attack instead of solving (a file that
    is not there for them, or a name that nobody resolves, is an `error`).

    Raises ParamsError for settings out of range, SandboxError where the level cannot be had, or
    has no place for such tests.
    """
    params: dict[str, Any] = {
        "partial": partial,
        "isolation": isolation,
        "modules": modules,
        "completion_seconds": completion_seconds,
        "limits": limits,
    }
    room = room_of(params)
    asked = [_asked(example, runs_clean) for _, example in rows]
    mine = [row for row, to_do in zip(rows, asked, strict=True) if to_do]
    room.require_judge([test for _, example in mine for test in example.tests])
    programs = [_program(*row) for row in mine]
    cases = [(p, e.tests) for p, (_, e) in zip(programs, mine, strict=True) if p is not None]
    results = iter(sandboxes.judge(cases, room) if cases else ())
    judged = iter([_judged(None if p is None else next(results), partial) for p in programs])
    return [next(judged) if to_do else None for to_do in asked]
