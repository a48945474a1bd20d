"""Code: does the program pass the row's tests? It runs in the sandbox and is judged outside of it.

See `code_judge` for why nothing but right results earns a point, and `code_equal` for what is
right. Where the sandbox itself fails on a program the row is not scored (None), never 0; more than
one such program in a hundred is an error in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from reasoning_lab.errors import ConfigError, DataError, ParamsError, Problem
from reasoning_lab.judges.code.fenced import is_program, program_of
from reasoning_lab.judges.code.judge import crossing
from reasoning_lab.judges.code.result import CodeResult
from reasoning_lab.judges.code.room import Room, judge_all, ready
from reasoning_lab.judges.code.settings import room_of
from reasoning_lab.judges.math.compare import Judged
from reasoning_lab.rewards.term import (
    judged_by,
    measured_by,
    prepared_by,
    row_check,
    timed_by,
    within,
    yes_no,
)
from reasoning_lab.sandbox.remote import no_judge
from reasoning_lab.schema.reward import Reward
from reasoning_lab.text.code_tests import read_tests
from reasoning_lab.text.example import Completion, Example, Verdict

COUNTED = ("timeout", "memory", "output", "denied", "syntax", "exit", "error", "killed", "wrong")
"""Reasons that are logged: the share of programs that failed a test for it."""

_NAME = f"{__name__}:code"
Rows = Sequence[tuple[Completion, Example]]


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


def _needs_judge(example: Example) -> bool:
    return any(test.get("type") in ("assert", "check") for test in example.tests)


def _results(rows: Rows, params: Mapping[str, Any], anew: bool = False) -> list[CodeResult | None]:
    """The result of each row, None for a row without a program or without anything to judge."""
    runs_clean = params["runs_clean"]
    programs = [_program(c, e) if _asked(e, runs_clean) else None for c, e in rows]
    cases = [(p, e.tests) for p, (_, e) in zip(programs, rows, strict=True) if p is not None]
    found = iter(judge_all(cases, room_of(params), anew))
    return [None if program is None else next(found) for program in programs]


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


def _prepare(rows: Rows, **params: Any) -> None:
    """Judge a batch at once.

    Raises SandboxError where the level asked for cannot be had, or has no place for such tests.
    """
    if any(_asked(example, params["runs_clean"]) for _, example in rows):
        room = room_of(params)
        ready(room)
        if room.isolation == "remote" and any(_needs_judge(example) for _, example in rows):
            raise no_judge()
        _results(rows, params, anew=True)


def _judge(completion: Completion, example: Example, **params: Any) -> Judged | None:
    if not _asked(example, params["runs_clean"]):
        return None
    program = _program(completion, example)
    if program is None:
        return Judged(Verdict.UNPARSABLE, "no Python block after thinking", None)
    (result,) = judge_all([(program, example.tests)], room_of(params))
    if not result.judged:
        return None
    failed = next((one for one in result.outcomes if not one.passed), None)
    if failed is None:
        return Judged(result.verdict, f"{result.passed} of {result.total} passed", None)
    why = f"{failed.reason}: {failed.detail}" if failed.detail else failed.reason
    said = f"{result.passed} of {result.total} passed; {failed.kind}, {why}"
    return Judged(result.verdict, said, None)


def _measure(rows: Rows, **params: Any) -> list[dict[str, float] | None]:
    """Of each completion that was to be judged, which of the reasons it met; see `code`."""
    asked = [_asked(example, params["runs_clean"]) for _, example in rows]
    if not any(asked):
        return [None] * len(rows)
    results = _results(rows, params)
    return [_seen(result) if to_do else None for result, to_do in zip(results, asked, strict=True)]


def _seen(result: CodeResult | None) -> dict[str, float]:
    reasons = {outcome.reason for outcome in result.outcomes} if result else set()
    return {
        "all_passed_rate": float(reasons == {"passed"}),
        "no_program_rate": float(result is None),
        "infrastructure_rate": float("infrastructure" in reasons),
        **{f"{name}_rate": float(name in reasons) for name in COUNTED},
    }


def _timed(rows: Rows, **params: Any) -> list[float | None]:
    """Seconds of each program from its first test to its last; a batch is run side by side."""
    return [None if result is None else result.seconds for result in _results(rows, params)]


@yes_no(unless="partial")
@measured_by(_measure)
@timed_by(_timed)
@judged_by(_judge)
@prepared_by(_prepare)
@row_check(_row)
@within(0.0, 1.0)
def code(
    completion: Completion,
    example: Example,
    *,
    partial: bool,
    runs_clean: bool,
    isolation: str,
    modules: Sequence[str],
    completion_seconds: float,
    limits: Mapping[str, float],
) -> float | None:
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

    Raises ParamsError for settings out of range, SandboxError where the level cannot be had.
    """
    params = {
        "partial": partial,
        "runs_clean": runs_clean,
        "isolation": isolation,
        "modules": modules,
        "completion_seconds": completion_seconds,
        "limits": limits,
    }
    room = room_of(params)
    if not _asked(example, runs_clean):
        return None
    program = program_of(completion.text)
    if program is None:
        return 0.0
    (result,) = judge_all([(program, example.tests)], room)
    if not result.judged:
        return None
    return result.share if partial else float(result.passed == result.total)
